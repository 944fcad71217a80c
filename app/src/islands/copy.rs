//! A button that copies a text. Without scripts it is not shown (`script-only`); where the clipboard is closed, as on plain
//! http, it selects the text instead, so that the person can copy by hand.

#![expect(missing_docs, reason = "the island macro makes structs of its own")]

use leptos::prelude::*;

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
    /// What it says once the text is copied.
    #[prop(into)]
    done: String,
) -> impl IntoView {
    let (copied, set_copied) = signal(false);
    let with_word = word.is_some();
    let button = NodeRef::<leptos::html::Button>::new();
    let press = move |_| {
        #[cfg(feature = "hydrate")]
        browser::copy(text.clone(), button, set_copied);
        #[cfg(not(feature = "hydrate"))]
        let _ = (&text, button, set_copied);
    };
    let shown = {
        let done = done.clone();
        move || match (&word, copied.get()) {
            (Some(_), true) => done.clone(),
            (Some(word), false) => word.clone(),
            (None, _) => String::new(),
        }
    };
    let spoken = move || if copied.get() { done.clone() } else { String::new() };
    view! {
        <button
            class=class + " script-only"
            type="button"
            node_ref=button
            aria-label=label.clone()
            title=label
            data-copied=move || copied.get().then_some("true")
            on:click=press
        >
            <svg class="icon" aria-hidden="true">
                <use_ href=move || if copied.get() { "/icons.svg#i-check" } else { "/icons.svg#i-copy" }></use_>
            </svg>
            {shown}
        </button>
        <span class="visually-hidden" role="status">{move || if with_word { String::new() } else { spoken() }}</span>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{html::Button, prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::HtmlInputElement;

    /// How long the button says that it worked.
    const SHOWN: Duration = Duration::from_secs(2);

    /// Copies, or selects the neighbouring text where the browser does not let us.
    pub(super) fn copy(text: String, button: NodeRef<Button>, set_copied: WriteSignal<bool>) {
        let secure = window().is_secure_context();
        spawn_local(async move {
            let written = secure
                && JsFuture::from(window().navigator().clipboard().write_text(&text))
                    .await
                    .is_ok();
            if written {
                set_copied.set(true);
                set_timeout(move || set_copied.set(false), SHOWN);
            } else {
                select_neighbour(button);
            }
        });
    }

    /// Selects the field or the code that the button belongs to.
    fn select_neighbour(button: NodeRef<Button>) -> Option<()> {
        let frame = button
            .get_untracked()?
            .closest(".secret-box, .copy-line, .code, .id")
            .ok()??;
        let target = frame.query_selector("input, pre, code").ok()??;
        if let Some(field) = target.dyn_ref::<HtmlInputElement>() {
            let _ = field.focus();
            field.select();
        } else {
            window().get_selection().ok()??.select_all_children(&target).ok()?;
        }
        Some(())
    }
}
