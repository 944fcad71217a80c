//! Icons out of one sprite, and the logos of providers.

use leptos::prelude::*;

/// An icon beside a word. It says nothing by itself and is hidden from screen readers; with `label` it speaks.
#[component]
pub fn Icon(
    /// Its name in `public/icons.svg`, without `i-`.
    #[prop(into)]
    name: String,
    /// What it says, where no word stands beside it.
    #[prop(optional, into)]
    label: Option<String>,
    /// Further classes.
    #[prop(optional, into)]
    class: Option<String>,
) -> impl IntoView {
    let class = class.map_or_else(|| "icon".to_owned(), |more| format!("icon {more}"));
    let href = format!("/icons.svg#i-{name}");
    let hidden = label.is_none().then_some("true");
    let role = label.is_some().then_some("img");
    view! { <svg class=class aria-hidden=hidden role=role aria-label=label><use_ href=href></use_></svg> }
}

/// The logos that `public/logos` holds.
const LOGOS: [&str; 13] = [
    "anthropic",
    "deepseek",
    "doubao",
    "generic",
    "google",
    "groq",
    "mistral",
    "ollama",
    "openai",
    "openrouter",
    "poe",
    "simulated",
    "xai",
];

/// A provider's logo, beside its name.
#[component]
pub fn Logo(
    /// The preset, else the kind of the provider (`preset.unwrap_or(kind.as_str())`); unknown words get a neutral sign.
    #[prop(into)]
    of: String,
    /// The large one, beside a page's title.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let file = LOGOS.into_iter().find(|logo| *logo == of).unwrap_or("generic");
    let class = if large { "logo logo-l" } else { "logo" };
    view! { <span class=class><img src=format!("/logos/{file}.svg") alt="" /></span> }
}
