//! The frame of pages before the console: signing in, first set-up, errors of people who are not signed in.

use leptos::prelude::*;

use super::{
    button::LinkButton,
    frame::{Brand, LanguageSwitch, SkipLink, ThemeSwitch},
    notice::Flashes,
    tab::TabTitle,
};
use crate::text::use_language;

/// A page with a head, a narrow middle and nothing else.
#[component]
pub fn GatePage(
    /// The title of the browser's tab.
    #[prop(into)]
    title: String,
    /// A wider middle, for errors.
    #[prop(optional)]
    wide: bool,
    /// The middle.
    children: Children,
) -> impl IntoView {
    let class = if wide {
        "gatepage-main gatepage-main-wide"
    } else {
        "gatepage-main"
    };
    let content = children();
    view! {
        <TabTitle title=title />
        <SkipLink />
        <div class="gatepage">
            <header class="gatepage-head">
                <Brand />
                <div class="gatepage-tools"><LanguageSwitch /><ThemeSwitch /></div>
            </header>
            <main class=class id="main" tabindex="-1">
                <Flashes />
                {content}
            </main>
        </div>
    }
}

/// A page that anybody may read: the same head, and the whole width for what it shows.
#[component]
pub fn OpenPage(
    /// The title of the browser's tab.
    #[prop(into)]
    title: String,
    /// The content.
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let content = children();
    view! {
        <TabTitle title=title />
        <SkipLink />
        <div class="openpage">
            <header class="gatepage-head openpage-head">
                <Brand />
                <div class="gatepage-tools">
                    <LanguageSwitch />
                    <ThemeSwitch />
                    <LinkButton href="/sign-in">{language.pick("Sign in", "登录")}</LinkButton>
                </div>
            </header>
            <main class="main openpage-main" id="main" tabindex="-1">
                <Flashes />
                {content}
            </main>
        </div>
    }
}

/// Many lines that converge, pass the gate and go on as one.
#[component]
pub fn GateArt() -> impl IntoView {
    view! {
        <svg class="gate-art" viewBox="0 0 352 96" aria-hidden="true">
            <path d="M0 6c120 0 90 42 216 42M0 27c110 0 80 21 216 21M0 48h216M0 69c110 0 80-21 216-21M0 90c120 0 90-42 216-42"></path>
            <path class="through" d="M216 48h136"></path>
            <path class="gate" d="M236 16v24M236 56v24"></path>
        </svg>
    }
}
