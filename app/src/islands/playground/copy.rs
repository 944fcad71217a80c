//! A copy button for what exists in the browser only, such as an answer. What the server renders uses `islands::copy`.

use leptos::prelude::*;

use crate::text::Language;

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
    let copied = RwSignal::new(false);
    let press = move |_| {
        #[cfg(feature = "hydrate")]
        browser::copy(text.get_untracked(), copied);
        #[cfg(not(feature = "hydrate"))]
        let _ = text;
    };
    let done = language.pick("Copied", "已复制");
    view! {
        <button class="btn btn-icon btn-quiet btn-s" type="button" aria-label=label title=label
            data-copied=move || copied.get().then_some("true") on:click=press>
            <svg class="icon" aria-hidden="true">
                <use_ href=move || if copied.get() { "/icons.svg#i-check" } else { "/icons.svg#i-copy" }></use_>
            </svg>
        </button>
        <span class="visually-hidden" role="status">{move || if copied.get() { done } else { "" }}</span>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{prelude::*, task::spawn_local};
    use wasm_bindgen_futures::JsFuture;

    /// On plain http there is no clipboard; the text can then be selected by hand.
    pub(super) fn copy(text: String, copied: RwSignal<bool>) {
        if !window().is_secure_context() {
            return;
        }
        spawn_local(async move {
            if JsFuture::from(window().navigator().clipboard().write_text(&text))
                .await
                .is_ok()
            {
                copied.set(true);
                set_timeout(move || copied.set(false), Duration::from_secs(2));
            }
        });
    }
}
