//! What the pages before the console begin with: the gate, a heading, a sentence.

use leptos::prelude::*;

use crate::components::gate::GateArt;

/// The gate, the heading, and what the page is about.
#[component]
pub fn Head(
    /// The heading.
    title: &'static str,
    /// A sentence, or whose page it is.
    #[prop(optional, into)]
    text: Option<String>,
) -> impl IntoView {
    view! {
        <GateArt />
        <div><h1>{title}</h1>{text.map(|text| view! { <p class="soft break">{text}</p> })}</div>
    }
}
