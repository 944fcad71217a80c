//! A button that copies a text. Without scripts it is not shown (`script-only`); where the clipboard is closed, as on plain
//! http, it selects the text instead and says so, so that the person can copy by hand.

#![expect(missing_docs, reason = "the island macro makes structs of its own")]

#[cfg(feature = "hydrate")]
mod clipboard;
mod said;

use leptos::{html::Button, prelude::*};

use crate::text::Language;
pub use said::{Copied, Said};

/// Copies `text` when pressed.
#[island]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// The classes of the button.
    #[prop(into)]
    class: String,
    /// The word on the button; without one it is an icon alone.
    #[prop(optional, into)]
    word: Option<String>,
    /// What the button says to screen readers when it has no word.
    #[prop(optional, into)]
    label: Option<String>,
    /// In which language it says that it worked.
    language: Language,
) -> impl IntoView {
    let copied = RwSignal::new(Copied::No);
    let with_word = word.is_some();
    let button = NodeRef::<Button>::new();
    let shown = move || match (&word, copied.get()) {
        (Some(_), Copied::Done) => Copied::Done.sentence(language).to_owned(),
        (Some(word), _) => word.clone(),
        (None, _) => String::new(),
    };
    view! {
        <button
            class=class + " script-only"
            type="button"
            node_ref=button
            aria-label=label.clone()
            title=label
            data-copied=move || (copied.get() == Copied::Done).then_some("true")
            on:click=move |_| press(text.clone(), button, copied)
        >
            <Sign copied/>
            {shown}
        </button>
        <Said copied language silent=with_word/>
    }
}

/// The icon of a button that copies.
#[component]
pub fn Sign(copied: RwSignal<Copied>) -> impl IntoView {
    let icon = move || match copied.get() {
        Copied::Done => "/icons.svg#i-check",
        Copied::No | Copied::Selected => "/icons.svg#i-copy",
    };
    view! { <svg class="icon" aria-hidden="true"><use_ href=icon></use_></svg> }
}

/// Copies, or selects what the button belongs to where the browser does not let us. On the server it does nothing.
pub fn press(text: String, button: NodeRef<Button>, copied: RwSignal<Copied>) {
    #[cfg(feature = "hydrate")]
    clipboard::copy(text, button, copied);
    #[cfg(not(feature = "hydrate"))]
    let _ = (text, button, copied);
}
