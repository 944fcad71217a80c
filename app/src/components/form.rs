//! Forms that post to a server function, with and without JavaScript alike.

use leptos::{context::Provider, prelude::*};

use super::{button::SubmitButton, field::TextField, icon::Icon};
use crate::{form::FormScope, text::use_language};

/// A form around fields. A refusal of this form appears beside its field, or on top when it concerns no single one.
#[component]
pub fn Form(
    /// `form::action::<TheFunction>()`.
    action: &'static str,
    /// Tells several forms of one function on a page apart (the row's id); the function answers `Back::part` with it.
    #[prop(optional, into)]
    part: Option<String>,
    /// Instead of `form`.
    #[prop(optional, into)]
    class: Option<String>,
    /// Fields and a [`FormFoot`].
    children: Children,
) -> impl IntoView {
    let scope = FormScope::of(action, part.as_deref());
    let general = scope.general_error().map(|sentence| {
        view! { <p class="banner banner-bad" role="alert"><Icon name="fail" /><span>{sentence}</span></p> }
    });
    let class = class.unwrap_or_else(|| "form".to_owned());
    view! {
        <form class=class method="post" action=action>
            {general}
            <Provider value=scope>{children()}</Provider>
        </form>
    }
}

/// The last line of a form: its button, and the way back.
#[component]
pub fn FormFoot(
    /// What the button says; it names the object.
    #[prop(into)]
    submit: String,
    /// Where "Cancel" leads.
    #[prop(optional, into)]
    cancel: Option<String>,
    /// Red, for what cannot be undone: "Cancel" has the focus at first, and Escape goes the same way.
    #[prop(optional)]
    danger: bool,
    /// Further buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let class = if danger { "btn-danger" } else { "btn-primary" };
    let cancel_word = use_language().pick("Cancel", "取消");
    view! {
        <div class="form-foot">
            <SubmitButton class=class>{submit}</SubmitButton>
            {children.map(|children| children())}
            {cancel.map(|href| view! { <a class="btn" href=href autofocus=danger data-escape=danger>{cancel_word}</a> })}
        </div>
    }
}

/// A value that goes along unseen.
#[component]
pub fn Hidden(
    /// The argument's name.
    name: &'static str,
    /// Its value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

/// What the form was filled from: whoever was quicker is not undone unseen. It goes along in `seen` and stays through a refusal, as what was
/// typed does: it belongs to the same look.
#[component]
pub fn Seen(
    /// Stands for what the page shows.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let kept = FormScope::current().typed("seen");
    view! { <Hidden name="seen" value=kept.unwrap_or(value) /> }
}

/// The whole content of a "delete" page: what will happen, and the name to type. The function gets `id` and `typed`.
#[component]
pub fn ConfirmForm(
    /// `form::action::<TheFunction>()`.
    action: &'static str,
    /// The id of what is deleted.
    #[prop(into)]
    id: String,
    /// The name to type.
    #[prop(into)]
    name: String,
    /// The panel's heading, such as "This cannot be undone".
    #[prop(into)]
    title: String,
    /// What will happen, one sentence each.
    consequences: Vec<String>,
    /// What the button says, such as "Delete provider".
    #[prop(into)]
    submit: String,
    /// Where "Cancel" leads.
    #[prop(into)]
    cancel: String,
) -> impl IntoView {
    let language = use_language();
    let label = match language {
        crate::text::Language::En => format!("Type “{name}” to confirm"),
        crate::text::Language::Zh => format!("输入“{name}”以确认"),
    };
    let consequences: Vec<_> = consequences
        .into_iter()
        .map(|sentence| view! { <li>{sentence}</li> })
        .collect();
    view! {
        <section class="panel panel-danger confirm" aria-labelledby="confirm-title">
            <header class="panel-head"><h2 id="confirm-title">{title}</h2></header>
            <div class="panel-body">
                <ul class="consequences">{consequences}</ul>
                <Form action=action>
                    <Hidden name="id" value=id />
                    <TextField name="typed" label=label mono=true autocomplete="off" />
                    <FormFoot submit=submit cancel=cancel danger=true />
                </Form>
            </div>
        </section>
    }
}
