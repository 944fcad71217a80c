//! What somebody has opened by the palette lately, kept by the browser for as long as its tab lives: names of people and keys are
//! nothing to leave behind on a machine that others use as well. In the browser only.

use leptos::{prelude::window, wasm_bindgen::JsCast as _, wasm_bindgen::JsValue};

use super::hit::Hit;

/// How many are kept.
const KEPT: usize = 6;

/// The recent ones of this person, the last first.
pub(super) fn of(viewer: &str) -> Vec<Hit> {
    let text = storage("sessionStorage", "getItem", &[&name(viewer)]).and_then(|text| text.as_string());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Puts one in front.
pub(super) fn remember(viewer: &str, hit: &Hit) {
    let mut all = of(viewer);
    all.retain(|other| other.href != hit.href);
    all.insert(0, hit.clone());
    all.truncate(KEPT);
    if let Ok(text) = serde_json::to_string(&all) {
        storage("sessionStorage", "setItem", &[&name(viewer), &text]);
    }
}

/// Whether keys of one letter act. They do until somebody has switched them off in this browser.
pub(super) fn letters_act() -> bool {
    let kept = storage("localStorage", "getItem", &[LETTERS]).and_then(|text| text.as_string());
    kept.as_deref() != Some("off")
}

/// Switches them.
pub(super) fn let_letters_act(act: bool) {
    storage("localStorage", "setItem", &[LETTERS, if act { "on" } else { "off" }]);
}

const LETTERS: &str = "hub_letters";

fn name(viewer: &str) -> String {
    format!("hub_recent {viewer}")
}

/// Calls a method of one of the browser's stores; nothing where it has none or refuses. By reflection: the store's own type would
/// be the only user of one more of web-sys' features.
fn storage(store: &str, method: &str, words: &[&str]) -> Option<JsValue> {
    let store = js_sys::Reflect::get(&window(), &store.into()).ok()?;
    let method = js_sys::Reflect::get(&store, &method.into()).ok()?;
    let words: js_sys::Array = words.iter().map(|word| JsValue::from_str(word)).collect();
    method.dyn_into::<js_sys::Function>().ok()?.apply(&store, &words).ok()
}
