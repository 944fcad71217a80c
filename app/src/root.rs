//! The document around every page. The routes are in `pages.rs`.

use leptos::{children::ToChildren, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{FlatRoutes, RouteChildren, Router};

use crate::{
    context::{Stranded, Visitor},
    pages,
    text::{Theme, use_language},
};

/// The document: head, scripts of the islands (with the nonce of the request), and the app.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let language = use_language();
    let theme = use_context::<Visitor>()
        .and_then(|visitor| visitor.theme)
        .map(Theme::as_str);
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href="/pkg/hub.css" />
                <HydrationScripts options=options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Every page of the console; the page for unknown paths where the server says that the request leads to none.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    if use_context::<Stranded>().is_some() {
        return view! { <Router><pages::missing::MissingPage /></Router> }.into_any();
    }
    view! {
        <Router>
            <FlatRoutes fallback=pages::missing::MissingPage children=RouteChildren::to_children(pages::routes) />
        </Router>
    }
    .into_any()
}
