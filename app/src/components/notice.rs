//! Sentences on top of a page or a panel: banners, and what the last request left to say.

use leptos::prelude::*;

use super::{badge::Tone, icon::Icon};
use crate::flash;

/// A sentence with an icon. Bad news interrupts screen readers, the rest waits its turn.
#[component]
pub fn Banner(
    /// How it is meant.
    #[prop(optional)]
    tone: Tone,
    /// The sentence, and perhaps a link or button.
    children: Children,
) -> impl IntoView {
    let (class, icon, role) = match tone {
        Tone::Good => ("banner banner-ok", "ok", "status"),
        Tone::Plain | Tone::Accent | Tone::Off | Tone::Busy => ("banner", "info", "status"),
        Tone::Warning => ("banner banner-warn", "warn", "status"),
        Tone::Bad => ("banner banner-bad", "fail", "alert"),
    };
    view! { <p class=class role=role><Icon name=icon /><span>{children()}</span></p> }
}

/// What the last request left to say. `Page` and `GatePage` hold it already.
#[component]
pub fn Flashes() -> impl IntoView {
    flash::take().notice.map(|notice| {
        view! { <div class="flashes"><Banner tone=notice.tone>{notice.text}</Banner></div> }
    })
}
