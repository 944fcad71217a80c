//! Small facts beside other things: badges, states with an icon and a word, counts.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{format, icon::Icon};
use crate::text::use_language;

/// How a badge, a state or a sentence is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Needs a look.
    Warning,
    /// Broken.
    Bad,
    /// Switched off.
    Off,
    /// Under way.
    Busy,
    /// Ours, or chosen.
    Accent,
}

/// A word in a frame.
#[component]
pub fn Badge(
    /// How it is meant.
    #[prop(optional)]
    tone: Tone,
    /// The word.
    #[prop(into)]
    text: String,
    /// An icon before the word.
    #[prop(optional, into)]
    icon: Option<String>,
) -> impl IntoView {
    let class = match tone {
        Tone::Good => "badge badge-ok",
        Tone::Warning | Tone::Busy => "badge badge-warn",
        Tone::Bad => "badge badge-bad",
        Tone::Accent => "badge badge-accent",
        Tone::Off => "badge badge-line",
        Tone::Plain => "badge",
    };
    view! { <span class=class>{icon.map(|name| view! { <Icon name=name /> })}{text}</span> }
}

/// A state: an icon and a word, never a colour alone.
#[component]
pub fn Status(
    /// How it is meant; decides the icon.
    tone: Tone,
    /// The word.
    #[prop(into)]
    text: String,
    /// A quieter word after it.
    #[prop(optional, into)]
    note: Option<String>,
) -> impl IntoView {
    let (class, icon) = match tone {
        Tone::Good => ("status status-ok", "ok"),
        Tone::Warning => ("status status-warn", "warn"),
        Tone::Bad => ("status status-bad", "fail"),
        Tone::Busy => ("status status-busy", "busy"),
        Tone::Off => ("status status-off", "off"),
        Tone::Plain | Tone::Accent => ("status", "todo"),
    };
    view! {
        <span class=class>
            <Icon name=icon />
            {text}
            {note.map(|note| view! { " "<small class="muted">{note}</small> })}
        </span>
    }
}

/// A number with separators; an en dash where there is none.
#[component]
pub fn Count(
    /// The number.
    #[prop(into)]
    of: Option<u64>,
) -> impl IntoView {
    match of {
        Some(number) => format::count(number).into_any(),
        None => view! { <span class="muted" aria-label=use_language().pick("none", "无")>"–"</span> }.into_any(),
    }
}
