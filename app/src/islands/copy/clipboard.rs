//! The clipboard, and what to do where it is closed. In the browser only.

use std::time::Duration;

use leptos::{html::Button, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use super::Copied;

/// How long it is said that it worked, and what is left to do.
const SHOWN: Duration = Duration::from_secs(2);
const SHOWN_HINT: Duration = Duration::from_secs(6);

/// What is selected, by what the button stands in. The innermost comes first.
const BESIDE: [(&str, &str); 5] = [
    (".secret-box", "input"),
    (".copy-line, .row-nowrap", "code"),
    (".code", "pre"),
    (".peek-head", "h2"),
    (".msg", ":scope > .msg-text"),
];

/// Copies, or selects the text that the button belongs to.
pub(super) fn copy(text: String, button: NodeRef<Button>, copied: RwSignal<Copied>) {
    spawn_local(async move {
        let outcome = if write(&text).await {
            Copied::Done
        } else if select_beside(button).is_some() {
            Copied::Selected
        } else {
            return;
        };
        copied.set(outcome);
        let shown = if outcome == Copied::Done { SHOWN } else { SHOWN_HINT };
        // What was pressed may be gone by then.
        let over = move || {
            let _ = copied.try_set(Copied::No);
        };
        set_timeout(over, shown);
    });
}

/// Whether the clipboard took it. On plain http, and where an administrator wants none, there is no clipboard.
async fn write(text: &str) -> bool {
    let navigator = window().navigator();
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

fn select_beside(button: NodeRef<Button>) -> Option<()> {
    let button = button.get_untracked()?;
    let target = BESIDE.into_iter().find_map(|(around, what)| {
        let around = button.closest(around).ok()??;
        around.query_selector(what).ok()?
    })?;
    if let Some(field) = target.dyn_ref::<HtmlInputElement>() {
        field.focus().ok()?;
        field.select();
    } else {
        window().get_selection().ok()??.select_all_children(&target).ok()?;
    }
    Some(())
}
