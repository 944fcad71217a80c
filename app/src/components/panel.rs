//! A panel: a hairline frame with a heading, its actions, a body and a foot.

use leptos::prelude::*;

/// A region of a page with a heading of the second level.
#[component]
pub fn Panel(
    /// The heading; also names the region.
    #[prop(into)]
    title: String,
    /// A unique id for the heading, such as `recent`.
    #[prop(into)]
    id: String,
    /// A quiet word beside the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// Buttons at the right of the heading: `actions=view! { … }.into_any()`.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// A line under the body.
    #[prop(optional)]
    foot: Option<AnyView>,
    /// Framed in red: what cannot be undone.
    #[prop(optional)]
    danger: bool,
    /// Wraps the children into `.panel-body`; tables, lists and steps come without.
    #[prop(optional)]
    body: bool,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let class = if danger { "panel panel-danger" } else { "panel" };
    let heading = format!("{id}-title");
    let named = heading.clone();
    view! {
        <section class=class id=id aria-labelledby=named>
            <header class="panel-head">
                <h2 id=heading>{title}</h2>
                {note.filter(|note| !note.is_empty()).map(|note| view! { <p>{note}</p> })}
                {actions.map(|actions| view! { <div class="panel-actions">{actions}</div> })}
            </header>
            {if body { view! { <div class="panel-body">{children()}</div> }.into_any() } else { children().into_any() }}
            {foot.map(|foot| view! { <footer class="panel-foot">{foot}</footer> })}
        </section>
    }
}
