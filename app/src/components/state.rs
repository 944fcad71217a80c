//! Instead of content: nothing yet, no match, done, not allowed, failed. Each says what to do next.

use leptos::prelude::*;

use super::{button::LinkButton, icon::Icon};
use crate::text::use_language;

/// Why there is no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// There never was any; the next step makes some.
    NothingYet,
    /// The filters leave none; the next step clears them.
    NoMatch,
    /// It is over; nothing is left to do here.
    Done,
    /// Somebody else may see it.
    Forbidden,
    /// It could not be read.
    Failed,
}

/// The place where content would stand.
#[component]
pub fn State(
    /// Why it is empty.
    kind: StateKind,
    /// In a few words.
    #[prop(into)]
    title: String,
    /// What it means and what to do.
    #[prop(into)]
    text: String,
    /// The heading's level: 1 for whole pages, 2 within a page (the default), 3 within a panel that has a heading.
    #[prop(default = 2)]
    level: u8,
    /// The status of a whole page, such as `404`, above the heading.
    #[prop(optional, into)]
    code: Option<String>,
    /// Low, for panels.
    #[prop(optional)]
    small: bool,
    /// Buttons, best one.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let mut class = "state".to_owned();
    if small {
        class.push_str(" state-s");
    }
    match kind {
        StateKind::Failed => class.push_str(" state-bad"),
        StateKind::Done => class.push_str(" state-good"),
        StateKind::NothingYet | StateKind::NoMatch | StateKind::Forbidden => {}
    }
    let picture = match kind {
        StateKind::NothingYet if !small => art().into_any(),
        StateKind::NothingYet => view! { <Icon name="todo" /> }.into_any(),
        StateKind::NoMatch => view! { <Icon name="search" /> }.into_any(),
        StateKind::Done => view! { <Icon name="ok" /> }.into_any(),
        StateKind::Forbidden => view! { <Icon name="lock" /> }.into_any(),
        StateKind::Failed => view! { <Icon name="fail" /> }.into_any(),
    };
    let heading = match level {
        1 => view! { <h1>{title}</h1> }.into_any(),
        2 => view! { <h2>{title}</h2> }.into_any(),
        _ => view! { <h3>{title}</h3> }.into_any(),
    };
    view! {
        <div class=class>
            {picture}
            {code.map(|code| view! { <p class="state-code">{code}</p> })}
            {heading}
            <p>{text}</p>
            {children.map(|buttons| view! { <div class="btn-row">{buttons()}</div> })}
        </div>
    }
}

/// A panel in which nothing stands yet.
#[component]
pub fn Nothing(
    /// In a few words.
    #[prop(into)]
    title: String,
    /// What will stand here, and what brings it about.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <State kind=StateKind::NothingYet title=title text=text level=3 small=true /> }
}

/// A list of which the filters leave nothing, with the way to clear them.
#[component]
pub fn NoMatch(
    /// In a few words.
    #[prop(into)]
    title: String,
    /// Why there is none.
    #[prop(into)]
    text: String,
    /// The list without filters.
    #[prop(into)]
    all: String,
) -> impl IntoView {
    view! {
        <State kind=StateKind::NoMatch title=title text=text>
            <LinkButton href=all>{use_language().pick("Clear filters", "清除筛选")}</LinkButton>
        </State>
    }
}

/// Lines that wait before the gate.
fn art() -> impl IntoView {
    view! {
        <svg class="state-art" viewBox="0 0 160 80" aria-hidden="true">
            <path d="M4 14c58 0 40 26 94 26M4 40h94M4 66c58 0 40-26 94-26"></path>
            <path class="through" d="M98 40h58"></path>
            <path class="gate" d="M107 17v16M107 47v16"></path>
        </svg>
    }
}
