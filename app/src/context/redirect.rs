//! Where the browser goes next, and with which status a page is answered.

use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Sends the browser to a path of ours. After a form the answer is 303, so that reloading the page repeats nothing.
pub fn redirect(path: &str) {
    let path = local_path(Some(path));
    let from_island = use_context::<Parts>().is_some_and(|parts| asked_by_island(&parts));
    match use_context::<ResponseOptions>() {
        Some(response) if !from_island => {
            if let Ok(location) = HeaderValue::from_str(path) {
                response.insert_header(header::LOCATION, location);
                response.set_status(StatusCode::SEE_OTHER);
            }
        }
        // Its client follows by itself.
        _ => leptos_axum::redirect(path),
    }
}

/// Sends the browser to an identity provider: the one place outside that a form of ours may lead to. `address` was made by
/// the engine of what an admin has named. False when it is none.
#[must_use]
pub fn redirect_away(address: &str) -> bool {
    let web = address.starts_with("https://") || address.starts_with("http://");
    let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(address)) else {
        return false;
    };
    if web {
        response.insert_header(header::LOCATION, location);
        response.set_status(StatusCode::SEE_OTHER);
    }
    web
}

/// A page, or a form without scripts, asks for HTML; an island posts and asks for data.
fn asked_by_island(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    parts.method == Method::POST && !accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Answers this page with a status other than 200.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Asks everybody on the way to leave this page as it is. A page that holds a secret must not be compressed: beside text
/// that somebody else may choose, the length alone would give the secret away, letter by letter.
pub fn keep_plain() {
    if let Some(response) = use_context::<ResponseOptions>() {
        let value = HeaderValue::from_static("no-store, no-transform");
        response.insert_header(header::CACHE_CONTROL, value);
    }
}

/// A path of this console that is safe to follow; `/` for everything else, such as another site's address.
#[must_use]
pub fn local_path(asked: Option<&str>) -> &str {
    let Some(path) = asked else { return "/" };
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let plain = path.len() <= 2000 && path.bytes().all(|byte| byte.is_ascii_graphic());
    if ours && plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_followed() {
        assert_eq!(local_path(Some("/calls?state=failed")), "/calls?state=failed");
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "calls",
            "",
            "/a b",
            "/a\r\nSet-Cookie: x",
            "/中",
        ] {
            assert_eq!(local_path(Some(foreign)), "/", "{foreign:?}");
        }
        assert_eq!(local_path(None), "/");
    }
}
