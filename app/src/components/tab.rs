//! The title of the browser's tab. Titles name things by what people have called them.

use leptos::prelude::*;
use leptos_meta::Title;

/// The title, with the hub's name behind it.
#[component]
pub fn TabTitle(
    /// What the page shows.
    title: String,
) -> impl IntoView {
    let text = format!("{title} · AIGNE Hub");
    // It is written into the document as it is.
    let text = html_escape::encode_text(&text).into_owned();
    view! { <Title text=text /> }
}
