//! The cookies of pages: language and theme, which hold no secret, and what a browser carries to an identity provider and back, sealed. The
//! session's cookie belongs to `server`.

use domain::access::Viewer;
use gateway::{Begun, Carried, Gateway, Preferences, SecretText};
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

/// More sign-ins than a browser carries that has begun them here, also where it began several at once.
const SIGN_INS: usize = 16;

/// What the name of a sign-in that a browser has begun starts with. The prefix makes browsers insist on TLS, on our host alone, and on the path `/`. Other
/// sites send people back with it (`SameSite=Lax`), and nothing else.
const fn sign_in(https: bool) -> &'static str {
    if https { "__Host-hub_sign_in_" } else { "hub_sign_in_" }
}

/// The sign-ins that a browser has begun, a cookie for each.
pub(super) fn sign_ins(headers: &HeaderMap, https: bool) -> Vec<Carried> {
    let ours = cookies(headers).filter_map(|(name, value)| {
        let name = name.strip_prefix(sign_in(https))?.to_owned();
        let sealed = SecretText::from(value.to_owned());
        Some(Carried { name, sealed })
    });
    ours.take(SIGN_INS).collect()
}

/// Names and values, as sent.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The value of a cookie, as sent.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = cookies(headers);
    all.find(|(key, _)| *key == name).map(|(_, value)| value)
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

/// Leaves with this browser what it must bring back from an identity provider, and takes back what it has no room for. So whoever goes to one begins no
/// session.
pub fn carry(visitor: &Visitor, begun: &Begun) {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    let name = format!("{}{}", sign_in(visitor.secure), begun.carried.name);
    let line = line(visitor, &name, begun.carried.sealed.expose(), Begun::SECONDS);
    let ended = begun.ended.iter().filter_map(|name| carried_no_longer(visitor, name));
    for line in ended.chain(line) {
        response.append_header(header::SET_COOKIE, line);
    }
}

/// Takes all of that back: whoever signs out leaves nothing that they have begun to the next at this browser.
pub fn carry_nothing(visitor: &Visitor) {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    for carried in &visitor.sign_ins {
        if let Some(line) = carried_no_longer(visitor, &carried.name) {
            response.append_header(header::SET_COOKIE, line);
        }
    }
}

/// The line that takes a sign-in back from this browser, for whoever answers without a page.
#[must_use]
pub fn carried_no_longer(visitor: &Visitor, name: &str) -> Option<HeaderValue> {
    line(visitor, &format!("{}{name}", sign_in(visitor.secure)), "", 0)
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

    #[test]
    fn the_sign_ins_of_a_browser_are_told_by_their_names() {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_static("hub_sign_in_a=1; __Host-hub_sign_in_b=2; hub_sign_in=3; hub_sign_in_c=4");
        headers.append(header::COOKIE, line);
        let names = |headers: &HeaderMap, https| {
            let all = sign_ins(headers, https).into_iter();
            all.map(|one| (one.name, one.sealed.expose().to_owned()))
                .collect::<Vec<_>>()
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(names(&headers, false), [pair("a", "1"), pair("c", "4")]);
        assert_eq!(names(&headers, true), [pair("b", "2")]);
        for number in 0..100 {
            let line = HeaderValue::from_str(&format!("hub_sign_in_{number}=1")).unwrap();
            headers.append(header::COOKIE, line);
        }
        assert_eq!(names(&headers, false).len(), SIGN_INS);
    }
}
