//! The cookies of pages: language and theme, which hold no secret, and what a browser carries to an identity provider and back, sealed. The
//! session's cookie belongs to `server`.

use domain::access::Viewer;
use gateway::{Begun, Gateway, Preferences};
use http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::visitor::Visitor;
use crate::text::{Language, Theme};

/// The language a person has chosen.
pub(super) const LANGUAGE: &str = "hub_language";
/// The theme a person has chosen.
pub(super) const THEME: &str = "hub_theme";

/// A year, in seconds.
const KEPT: i64 = 31_536_000;

/// The sign-ins that a browser has begun. The prefix makes browsers insist on TLS, on our host alone, and on the path `/`. Other sites send
/// people back with it (`SameSite=Lax`), and nothing else.
pub(super) const fn sign_ins(https: bool) -> &'static str {
    if https { "__Host-hub_sign_in" } else { "hub_sign_in" }
}

/// The value of a cookie, as sent.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Remembers language and theme in this browser. No theme leaves the choice to the system.
pub fn remember(visitor: &Visitor, language: Option<Language>, theme: Option<Option<Theme>>) {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    for line in lines(visitor, language, theme) {
        response.append_header(header::SET_COOKIE, line);
    }
}

/// Leaves with this browser what it must bring back from an identity provider. So whoever goes to one begins no session.
pub fn carry(visitor: &Visitor, begun: &Begun) {
    let line = line(
        visitor,
        sign_ins(visitor.secure),
        begun.carried.expose(),
        Begun::SECONDS,
    );
    if let (Some(response), Some(line)) = (use_context::<ResponseOptions>(), line) {
        response.append_header(header::SET_COOKIE, line);
    }
}

/// Takes that back: whoever signs out leaves nothing that they have begun to the next at this browser.
pub fn carry_nothing(visitor: &Visitor) {
    let line = line(visitor, sign_ins(visitor.secure), "", 0).filter(|_| visitor.sign_ins.is_some());
    if let (Some(response), Some(line)) = (use_context::<ResponseOptions>(), line) {
        response.append_header(header::SET_COOKIE, line);
    }
}

/// The line that sets a cookie for so many seconds.
fn line(visitor: &Visitor, name: &str, value: &str, age: i64) -> Option<HeaderValue> {
    let secure = if visitor.secure { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::from_str(&line).ok()
}

/// The lines that set language and theme.
fn lines(visitor: &Visitor, language: Option<Language>, theme: Option<Option<Theme>>) -> Vec<HeaderValue> {
    let line = |name, value, age| line(visitor, name, value, age);
    let language = language.and_then(|language| line(LANGUAGE, language.tag(), KEPT));
    let theme = theme.and_then(|theme| match theme {
        Some(theme) => line(THEME, theme.as_str(), KEPT),
        None => line(THEME, "", 0),
    });
    [language, theme].into_iter().flatten().collect()
}

/// Brings the choices that an account remembers into this browser, after signing in.
///
/// # Errors
/// The database's.
pub async fn recall(gateway: &Gateway, visitor: &Visitor, viewer: &Viewer) -> Result<(), gateway::Error> {
    let lines = recalled(gateway, visitor, viewer).await?;
    if let Some(response) = use_context::<ResponseOptions>() {
        for line in lines {
            response.append_header(header::SET_COOKIE, line);
        }
    }
    Ok(())
}

/// The same as lines of an answer, for whoever answers without a page.
///
/// # Errors
/// The database's.
pub async fn recalled(
    gateway: &Gateway,
    visitor: &Visitor,
    viewer: &Viewer,
) -> Result<Vec<HeaderValue>, gateway::Error> {
    let Preferences { language, theme } = gateway.users().preferences(viewer).await?;
    let language = language.as_deref().and_then(Language::parse);
    Ok(lines(visitor, language, theme.as_deref().map(Theme::parse)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; hub_theme=dark"));
        headers.append(header::COOKIE, HeaderValue::from_static("hub_language=zh-CN"));
        assert_eq!(cookie(&headers, THEME), Some("dark"));
        assert_eq!(cookie(&headers, LANGUAGE), Some("zh-CN"));
        assert_eq!(cookie(&headers, "hub"), None);
    }
}
