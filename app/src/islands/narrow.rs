//! Narrows a long page while somebody types into its search: rows that do not match are put out of sight, and so are groups
//! without one. The form around it does the same by a visit to the server, for whoever runs no scripts.
//!
//! A row is an element with `data-words`, a group one with `data-group`; `#no-setting` says that nothing matches.
#![expect(missing_docs, reason = "the island macro makes structs of its own")]

use leptos::prelude::*;

use crate::text::Language;

/// Listens to the search field of the form that it stands in, and says to screen readers how much is left.
#[island]
pub fn Narrow(
    /// In which language to speak.
    language: Language,
) -> impl IntoView {
    let (said, say) = signal(String::new());
    let place = NodeRef::<leptos::html::Span>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::listen(place, say, language));
    #[cfg(not(feature = "hydrate"))]
    let _ = (say, language);
    view! { <span class="visually-hidden" role="status" node_ref=place>{said}</span> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{
        ev,
        html::Span,
        prelude::*,
        wasm_bindgen::JsCast as _,
        web_sys::{Element, HtmlInputElement},
    };

    use crate::text::Language;

    /// Narrows with every letter.
    pub(super) fn listen(place: NodeRef<Span>, say: WriteSignal<String>, language: Language) -> Option<()> {
        let form = place.get()?.closest("form").ok()??;
        let field = form
            .query_selector("input[type=search]")
            .ok()??
            .dyn_into::<HtmlInputElement>()
            .ok()?;
        let listening = window_event_listener(ev::input, move |event| {
            if event.target().as_ref() != Some(field.as_ref()) {
                return;
            }
            let left = keep(&field.value().to_lowercase());
            say.set(match language {
                Language::En => format!("{left} match"),
                Language::Zh => format!("{left} 项匹配"),
            });
        });
        on_cleanup(move || listening.remove());
        Some(())
    }

    /// Shows what each of these words stands in. Gives how many rows that is.
    fn keep(search: &str) -> usize {
        let words: Vec<&str> = search.split_whitespace().collect();
        let mut left = 0;
        for group in all("[data-group]") {
            let mut seen = false;
            for row in within(&group, "[data-words]") {
                let text = row.get_attribute("data-words").unwrap_or_default();
                let found = words.iter().all(|word| text.contains(word));
                show(&row, found);
                seen |= found;
                left += usize::from(found);
            }
            show(&group, seen);
        }
        if let Ok(Some(none)) = document().query_selector("#no-setting") {
            show(&none, left == 0);
        }
        left
    }

    fn show(element: &Element, seen: bool) {
        let _ = element.toggle_attribute_with_force("hidden", !seen);
    }

    fn all(selector: &str) -> Vec<Element> {
        document()
            .body()
            .map(|body| within(&body, selector))
            .unwrap_or_default()
    }

    /// Read by reflection: the list's own type would be the only user of one more of web-sys' features.
    fn within(element: &Element, selector: &str) -> Vec<Element> {
        let query = js_sys::Reflect::get(element, &"querySelectorAll".into());
        let found = query
            .ok()
            .and_then(|query| query.dyn_into::<js_sys::Function>().ok())
            .and_then(|query| query.call1(element, &selector.into()).ok());
        found
            .map(|list| {
                js_sys::Array::from(&list)
                    .iter()
                    .filter_map(|item| item.dyn_into().ok())
                    .collect()
            })
            .unwrap_or_default()
    }
}
