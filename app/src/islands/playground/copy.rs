//! A copy button for what exists in the browser only, such as an answer. What the server renders uses `islands::copy`.

use leptos::{html::Button, prelude::*};

use crate::{
    islands::copy::{Copied, Said, Sign, press},
    text::Language,
};

/// Copies what `text` holds when it is pressed.
#[component]
pub fn CopyText(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What the button says to screen readers.
    label: &'static str,
    /// In which language it says that it worked.
    language: Language,
) -> impl IntoView {
    let copied = RwSignal::new(Copied::No);
    let button = NodeRef::<Button>::new();
    view! {
        <button class="btn btn-icon btn-quiet btn-s" type="button" aria-label=label title=label node_ref=button
            data-copied=move || (copied.get() == Copied::Done).then_some("true")
            on:click=move |_| press(text.get_untracked(), button, copied)>
            <Sign copied/>
        </button>
        <Said copied language/>
    }
}
