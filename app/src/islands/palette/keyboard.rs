//! The keys that act anywhere on a page, and the dialog that lists them. In the browser only.

use leptos::{
    ev::KeyboardEvent,
    prelude::document,
    wasm_bindgen::JsCast as _,
    web_sys::{Element, HtmlElement},
};

use super::recent;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The palette.
    Palette,
    /// The list of keys.
    Shortcuts,
    /// The page's own search.
    Search,
    /// Away from a page that asks before something is lost.
    Leave,
}

/// What this key asks for, if anything: letters only while nobody types, and nothing at all over an open dialog.
pub(super) fn asked(event: &KeyboardEvent) -> Option<Asked> {
    let key = event.key();
    if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key() && key.eq_ignore_ascii_case("k")
    {
        return Some(Asked::Palette);
    }
    if key == "Escape" && !event.is_composing() && !is_covered() {
        return Some(Asked::Leave);
    }
    let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
    if !plain || event.is_composing() || is_typing() || is_covered() || !recent::letters_act() {
        return None;
    }
    match key.as_str() {
        "/" => Some(Asked::Search),
        "?" => Some(Asked::Shortcuts),
        _ => None,
    }
}

/// Puts the cursor into the first search of the page; none has one where there is nothing to search.
pub(super) fn focus_search() -> bool {
    let Ok(Some(field)) = document().query_selector("main [role=search] input[type=search]") else {
        return false;
    };
    field.dyn_into::<HtmlElement>().is_ok_and(|field| field.focus().is_ok())
}

/// Follows the "Cancel" of a page that asks before something is lost; other pages have none.
pub(super) fn leave() -> bool {
    let Ok(Some(cancel)) = document().query_selector("main [data-escape]") else {
        return false;
    };
    cancel.dyn_into::<HtmlElement>().map(|cancel| cancel.click()).is_ok()
}

/// The focus is where letters are typed. A browser may leave it for a moment in a dialog that was closed.
fn is_typing() -> bool {
    let closed = |at: &Element| at.closest("dialog:not([open])").is_ok_and(|within| within.is_some());
    document().active_element().is_some_and(|at| types(&at) && !closed(&at))
}

fn types(at: &Element) -> bool {
    match at.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(
            at.get_attribute("type").as_deref(),
            Some("checkbox" | "radio" | "button" | "submit" | "range" | "file")
        ),
        _ => at.closest("[contenteditable]").is_ok_and(|within| within.is_some()),
    }
}

/// A dialog or a menu lies over the page.
fn is_covered() -> bool {
    [":modal", ":popover-open"]
        .into_iter()
        .any(|over| document().query_selector(over).is_ok_and(|open| open.is_some()))
}
