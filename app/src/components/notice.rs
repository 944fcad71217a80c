//! Sentences on top of a page or a panel: banners, and what the last request left to say.

use leptos::prelude::*;

use super::{badge::Tone, icon::Icon};
use crate::{flash, text::use_language};

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

/// What the last request left to say, and why a form was refused when no form of the page says it. `Page` and `GatePage`
/// hold it already, and make it after their content: only then it is known what the forms say.
#[component]
pub fn Flashes() -> impl IntoView {
    let notice = flash::take().notice.map(|notice| (notice.tone, notice.text));
    let problem = flash::problem_without_form().map(|problem| (Tone::Bad, problem.error.sentence(use_language())));
    let all: Vec<_> = [notice, problem].into_iter().flatten().collect();
    (!all.is_empty()).then(|| {
        let banners: Vec<_> = all
            .into_iter()
            .map(|(tone, text)| view! { <Banner tone=tone>{text}</Banner> })
            .collect();
        view! { <div class="flashes">{banners}</div> }
    })
}
