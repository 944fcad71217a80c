//! The frame of every page: sidebar, top bar, what the last request left to say, and the content.
//!
//! [`page`] turns a future into a whole page or into the error page that its refusal asks for; [`Page`] draws the frame.

mod failure;
mod looking;
mod place;
mod purse;
mod sidebar;
mod topbar;

use std::future::Future;

use leptos::prelude::*;
use leptos_meta::Body;

pub use failure::failure;
pub use place::Place;
pub use topbar::{LanguageSwitch, ThemeSwitch};

use self::{looking::LookingBanner, sidebar::Sidebar, topbar::Topbar};
use super::{icon::Icon, notice::Flashes, tab::TabTitle};
use crate::{error::AppError, flash, text::use_language};

/// Runs a page. A refusal becomes the sign-in page, or a page with the status 403, 404 or 500.
pub fn page<View, Content>(content: Content) -> impl IntoView
where
    View: IntoView + 'static,
    Content: Future<Output = Result<View, AppError>> + Send + 'static,
{
    Suspend::new(async move {
        flash::receive().await;
        purse::fill().await;
        match content.await {
            Ok(view) => view.into_any(),
            Err(error) => failure(&error).into_any(),
        }
    })
}

/// The frame around the content of a signed-in page.
#[component]
pub fn Page(
    /// The title of the browser's tab.
    #[prop(into)]
    title: String,
    /// The entry of the navigation that is marked.
    place: Place,
    /// At most 60 rem wide, for forms and texts.
    #[prop(optional)]
    narrow: bool,
    /// Without padding, for the playground.
    #[prop(optional)]
    flush: bool,
    /// `<aside class="peek">` beside the content, when the address opens one.
    #[prop(optional)]
    aside: Option<AnyView>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let class = match (narrow, flush) {
        (true, _) => "main main-narrow",
        (false, true) => "main main-flush",
        (false, false) => "main",
    };
    // Rendered here and not with the rest: by then nobody listens any more who could write the class into the document.
    let _ = view! { <Body attr:class="shell" /> }.to_html();
    let content = children();
    view! {
        <TabTitle title=title />
        <SkipLink />
        <Sidebar place=place />
        <Topbar />
        <main class=class id="main" tabindex="-1">
            <LookingBanner />
            <Flashes />
            {content}
        </main>
        {aside}
    }
}

/// The first stop of the Tab key.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! { <a class="skip-link" href="#main">{use_language().pick("Skip to content", "跳到内容")}</a> }
}

/// The mark and the name of the product.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <Mark />
            "AIGNE Hub"
        </a>
    }
}

/// The mark alone.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M2.25 4.75c6.5 0 5.25 7.25 11.75 7.25M2.25 19.25c6.5 0 5.25-7.25 11.75-7.25M2.25 12h19.5"></path>
            <path class="mark-gate" d="M16.5 3.5v4.75M16.5 15.75v4.75"></path>
        </svg>
    }
}

/// The top of a page: where it lies, its name, what can be done here.
#[component]
pub fn PageHead(
    /// The page's heading.
    #[prop(into)]
    title: String,
    /// A quiet word beside the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// A sentence under the heading.
    #[prop(optional, into)]
    sub: Option<String>,
    /// The pages above this one: address and word, from the top.
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
    /// A logo before the heading.
    #[prop(optional)]
    logo: Option<AnyView>,
    /// A badge beside the heading.
    #[prop(optional)]
    beside: Option<AnyView>,
    /// Buttons and links.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let language = use_language();
    let links: Vec<_> = crumbs
        .into_iter()
        .enumerate()
        .map(|(index, (href, word))| {
            let arrow = (index > 0).then(|| view! { <Icon name="right" /> });
            view! { {arrow}<a href=href>{word}</a> }
        })
        .collect();
    let crumbs = (!links.is_empty())
        .then(|| view! { <nav class="crumbs" aria-label=language.pick("Breadcrumb", "当前位置")>{links}</nav> });
    view! {
        <header class="page-head">
            {crumbs}
            <div class="page-title">
                {logo}
                <h1>{title}</h1>
                {note.map(|note| view! { <span class="muted break">{note}</span> })}
                {beside}
            </div>
            {sub.map(|sub| view! { <p class="page-sub">{sub}</p> })}
            {actions.map(|actions| view! { <div class="page-actions">{actions}</div> })}
        </header>
    }
}
