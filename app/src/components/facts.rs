//! Names and values in two columns.

use leptos::prelude::*;

/// One name and its value, for [`Facts`].
pub fn fact(name: impl Into<String>, value: impl IntoView + 'static) -> (String, AnyView) {
    (name.into(), value.into_any())
}

/// A definition list: `<Facts of=vec![fact("Model", name), …] />`.
#[component]
pub fn Facts(
    /// The pairs, in order.
    of: Vec<(String, AnyView)>,
    /// Side by side in groups rather than one under the other.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    if wide {
        let pairs: Vec<_> = of
            .into_iter()
            .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
            .collect();
        view! { <dl class="facts-wide">{pairs}</dl> }.into_any()
    } else {
        let pairs: Vec<_> = of
            .into_iter()
            .map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> })
            .collect();
        view! { <dl class="facts">{pairs}</dl> }.into_any()
    }
}
