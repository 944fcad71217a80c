//! Back leads to a page as it was left: the link that was followed has the focus again. Where the browser kept the whole page it
//! sees to that itself; a page that is made anew has forgotten it. In the browser only.

use leptos::{
    ev,
    prelude::{document, on_cleanup, window, window_event_listener},
    wasm_bindgen::{JsCast as _, JsValue},
    web_sys::{Element, HtmlElement},
};

/// Remembers with each link of the page that it was followed, and gives the focus back to the one from which somebody returns.
pub(super) fn listen() {
    restore();
    let listening = window_event_listener(ev::click, |event| {
        let at = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = at.and_then(|at| at.closest("main a[href]").ok().flatten());
        if let Some(href) = link.and_then(|link| link.get_attribute("href")) {
            remember(&href);
        }
    });
    on_cleanup(move || listening.remove());
}

fn restore() -> Option<()> {
    let href = js_sys::Reflect::get(&history()?, &"state".into()).ok()?.as_string()?;
    // Whatever has the focus already was given it on purpose.
    let free = document().active_element().is_none_or(|at| at.tag_name() == "BODY");
    // Within quotes, these two would be read as something else.
    let href = href.replace('\\', "\\\\").replace('"', "\\\"");
    let left = document().query_selector(&format!("main a[href=\"{href}\"]")).ok()??;
    let left = left.dyn_into::<HtmlElement>().ok()?;
    if free { left.focus().ok() } else { None }
}

/// In this entry of the history, which goes with its tab.
fn remember(href: &str) -> Option<()> {
    let history = history()?;
    let replace = js_sys::Reflect::get(&history, &"replaceState".into()).ok()?;
    let replace = replace.dyn_into::<js_sys::Function>().ok()?;
    replace.call2(&history, &href.into(), &"".into()).ok().map(drop)
}

/// By reflection: the history's own type would be the only user of one more of web-sys' features.
fn history() -> Option<JsValue> {
    js_sys::Reflect::get(&window(), &"history".into()).ok()
}
