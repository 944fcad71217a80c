//! The bar on top: menu button, the way to any page or id, language, theme, and the person's own menu.

use domain::access::Capability;
use leptos::prelude::*;

use super::{Mark, Place};
use crate::{
    components::{button::PostButton, icon::Icon},
    context,
    form::action,
    islands::palette::Palette,
    pages::{
        account::actions::{SetLanguage, SetTheme, SignOut},
        settings::{ModeBadge, mode_in_words},
    },
    text::{Language, Theme, use_language},
};

/// The bar on top of signed-in pages.
#[component]
pub fn Topbar() -> impl IntoView {
    let language = use_language();
    // Who looks as somebody else can change nothing, not even these.
    let own = context::visitor().is_ok_and(|visitor| visitor.looking.is_none());
    view! {
        <header class="topbar">
            <button class="btn btn-quiet btn-icon topbar-menu" type="button" popovertarget="nav" aria-label=language.pick("Menu", "菜单")>
                <Icon name="menu" />
            </button>
            <a class="brand" href="/" aria-label="AIGNE Hub"><Mark /></a>
            <Jump />
            <div class="topbar-end">
                <ModeChip />
                {own.then(|| view! { <LanguageSwitch /><ThemeSwitch /> })}
                <PersonMenu own=own />
            </div>
        </header>
    }
}

/// The way to anything: the palette, and without scripts the page that searches.
#[component]
fn Jump() -> impl IntoView {
    let language = use_language();
    let viewer = context::viewer().ok()?;
    let pages = Place::hits(language);
    Some(view! { <Palette pages=pages viewer=viewer.id.to_string() language=language /> })
}

/// What the hub is for, so that nobody who runs it mistakes one installation for another.
#[component]
fn ModeChip() -> impl IntoView {
    let language = use_language();
    let shown = context::may(Capability::ReadMoney);
    let mode = context::gateway().ok().filter(|_| shown)?.snapshot().mode();
    let label = language.pick("Mode of the hub: ", "Hub 模式：");
    let word = mode_in_words(mode, language);
    Some(view! {
        <a class="mode-chip wide-only" href="/settings" aria-label=format!("{label}{word}") title=label>
            <ModeBadge mode=mode />
        </a>
    })
}

/// The other language, one press away, wherever the visitor is.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let here = context::visitor().map(|visitor| visitor.path).unwrap_or_default();
    let present = use_language();
    let buttons: Vec<_> = Language::ALL
        .into_iter()
        .map(|language| {
            let current = (language == present).then_some("true");
            // Where there is little room, the language that is spoken already needs no button.
            let class = if current.is_some() { "nowrap wide-only" } else { "nowrap" };
            view! {
                <button class=class type="submit" name="language" value=language.tag() lang=language.tag() aria-current=current>
                    {language.own_name()}
                </button>
            }
        })
        .collect();
    view! {
        <form class="inline-form" method="post" action={action::<SetLanguage>()}>
            <input type="hidden" name="back" value=here />
            <div class="lang-switch" role="group" aria-label=present.pick("Language", "语言")>{buttons}</div>
        </form>
    }
}

/// System, light or dark.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let language = use_language();
    let (here, theme) = context::visitor()
        .map(|visitor| (visitor.path, visitor.theme))
        .unwrap_or_default();
    let offers = [
        (None, "laptop", language.pick("Like the system", "跟随系统")),
        (Some(Theme::Light), "sun", language.pick("Light", "浅色")),
        (Some(Theme::Dark), "moon", language.pick("Dark", "深色")),
    ];
    let buttons: Vec<_> = offers
        .into_iter()
        .map(|(offer, icon, word)| {
            let current = (offer == theme).then_some("true");
            view! {
                <button class="menu-item" type="submit" name="theme" value=offer.map_or("system", Theme::as_str) aria-current=current>
                    <Icon name=icon />
                    {word}
                </button>
            }
        })
        .collect();
    view! {
        <details class="menu">
            <summary class="btn btn-quiet btn-icon" aria-label=language.pick("Theme", "主题") title=language.pick("Theme", "主题")>
                <Icon name="theme" />
            </summary>
            <form class="menu-list" method="post" action={action::<SetTheme>()}>
                <input type="hidden" name="back" value=here />
                {buttons}
            </form>
        </details>
    }
}

#[component]
fn PersonMenu(own: bool) -> impl IntoView {
    let language = use_language();
    let viewer = context::viewer().ok()?;
    let email = viewer.email.to_string();
    let initials: String = email
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .take(2)
        .collect::<String>()
        .to_uppercase();
    let role = language.role(viewer.role);
    let label = match language {
        Language::En => format!("Account of {email}"),
        Language::Zh => format!("{email} 的账号"),
    };
    Some(view! {
        <details class="menu">
            <summary class="btn btn-quiet btn-icon">
                <span class="avatar" aria-hidden="true">{initials}</span>
                <span class="visually-hidden">{label}</span>
            </summary>
            <div class="menu-list">
                <p class="menu-head">{email}" "<small>{role}</small></p>
                <a class="menu-item" href="/account"><Icon name="settings" />{language.pick("Account", "账号")}</a>
                <a class="menu-item" href="/keys"><Icon name="key" />{language.pick("API keys", "API 密钥")}</a>
                {own.then(|| view! {
                    <hr class="menu-sep" />
                    <PostButton action={action::<SignOut>()} class="menu-item" icon="out">{language.pick("Sign out", "退出登录")}</PostButton>
                })}
            </div>
        </details>
    })
}
