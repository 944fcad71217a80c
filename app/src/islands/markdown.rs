//! An answer in Markdown, drawn safely and bit by bit while it arrives. Used by the playground's island.
//!
//! Only what changed since the last piece is drawn anew: blocks that are complete keep their place, their selection and their scroll.

mod link;
pub mod tree;
mod view;

use leptos::prelude::*;

use crate::text::Language;

/// `text` as Markdown. Scripts, raw HTML and images cannot come out of it, see [`tree::Node`].
#[component]
pub fn Markdown(
    /// What the model wrote so far.
    #[prop(into)]
    text: Signal<String>,
    /// For the labels of code and tables.
    language: Language,
) -> impl IntoView {
    let blocks = move || {
        text.with(|text| tree::parse(text))
            .into_iter()
            .enumerate()
            .collect::<Vec<_>>()
    };
    view! { <For each=blocks key=Clone::clone children=move |(_, block)| view::one(block, language)/> }
}
