//! The page on which something is deleted: what will happen, and its name to type.

use leptos::prelude::*;

use super::{
    form::ConfirmForm,
    frame::{Page, PageHead, Place},
};
use crate::text::{Language, use_language};

/// The whole page. Its function gets `id` and `typed`.
#[component]
pub fn DeletePage(
    /// The entry of the navigation that is marked.
    place: Place,
    /// The list that it stands in: address and word.
    list: (&'static str, &'static str),
    /// What it is called.
    #[prop(into)]
    title: String,
    /// The page of what is deleted, where "Cancel" leads.
    #[prop(into)]
    page: String,
    /// `form::action::<TheFunction>()`.
    action: &'static str,
    /// Its id.
    #[prop(into)]
    id: String,
    /// What is typed to confirm.
    #[prop(into)]
    name: String,
    /// What will happen, one sentence each.
    consequences: Vec<String>,
    /// What the button says, such as "Delete provider".
    submit: &'static str,
    /// A logo before the heading.
    #[prop(optional)]
    logo: Option<AnyView>,
) -> impl IntoView {
    let language = use_language();
    let heading = match language {
        Language::En => format!("Delete {title}?"),
        Language::Zh => format!("删除 {title}？"),
    };
    let crumbs = vec![(list.0.to_owned(), list.1.to_owned()), (page.clone(), title)];
    let logo = logo.unwrap_or_else(|| ().into_any());
    view! {
        <Page title=heading.clone() place=place narrow=true>
            <PageHead title=heading crumbs=crumbs logo=logo />
            <ConfirmForm
                action=action
                id=id
                name=name
                title=language.pick("This cannot be undone", "此操作无法撤销")
                consequences=consequences
                submit=submit
                cancel=page
            />
        </Page>
    }
}
