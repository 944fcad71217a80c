//! What is seldom needed, folded away. It opens without a script.

use leptos::prelude::*;

use super::icon::Icon;

/// A summary, and what lies behind it.
#[component]
pub fn Disclosure(
    /// What is folded away, in a few words.
    #[prop(into)]
    summary: String,
    /// Open at first.
    #[prop(optional)]
    open: bool,
    /// What lies behind it.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=open>
            <summary><Icon name="right" />{summary}</summary>
            <div class="disclosure-body stack">{children()}</div>
        </details>
    }
}
