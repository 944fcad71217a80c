//! Tabs that need no script: a group of radio buttons, and a panel for each that shows while its button is the chosen one.
//! Nothing leaves the page, so what is shown once stays.

use leptos::prelude::*;

/// As many tabs as the style sheet knows (`style/components/tabs.css`).
const MOST: usize = 8;

/// The tabs; the first one is open.
#[component]
pub fn Tabs(
    /// What is chosen between, for screen readers.
    #[prop(into)]
    label: String,
    /// Names the group; once on a page.
    name: &'static str,
    /// The word and the content of each.
    tabs: Vec<(String, AnyView)>,
) -> impl IntoView {
    let (mut words, mut panels) = (Vec::new(), Vec::new());
    for (index, (word, content)) in tabs.into_iter().take(MOST).enumerate() {
        words.push(view! {
            <label class="tab">
                <input class="visually-hidden" type="radio" name=name value=index.to_string() checked=index == 0 autocomplete="off" />
                {word.clone()}
            </label>
        });
        panels.push(view! { <div class="tabset-panel" role="group" aria-label=word>{content}</div> });
    }
    view! {
        <div class="tabset">
            <fieldset class="tabset-bar">
                <legend class="visually-hidden">{label}</legend>
                {words}
            </fieldset>
            {panels}
        </div>
    }
}
