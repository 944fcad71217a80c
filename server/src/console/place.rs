//! Addresses that name no page, although they look as if they did. Stands around the routes of the console.
//!
//! The app finds its page by the decoded path, the router by the path as it came. So that the two never disagree about
//! what is shown and to whom, only a path that the router knows, letter by letter, may lead to a page.

use app::context::{Stranded, missing};
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::refusal::Thing;
use http::Method;

use super::local_path;

/// Leads on from a slash too many, and has everything else that is no page answered by the page for unknown paths.
pub async fn find(mut request: Request, next: Next) -> Response {
    let known = request.extensions().get::<MatchedPath>().is_some();
    if !known && let Some(address) = without_slash(&request) {
        return Redirect::permanent(&address).into_response();
    }
    // No address of ours needs a percent sign: parts and ids are plain letters, digits, `-` and `_`.
    if !known || request.uri().path().contains('%') {
        request.extensions_mut().insert(Stranded(missing(Thing::Page)));
    }
    next.run(request).await
}

/// The same address without the slashes at its end, for whoever only looks.
fn without_slash(request: &Request) -> Option<String> {
    let path = request.uri().path();
    let shorter = path.trim_end_matches('/');
    if shorter == path || !matches!(*request.method(), Method::GET | Method::HEAD) || !local_path::is_local(shorter) {
        return None;
    }
    Some(match request.uri().query() {
        Some(query) => format!("{shorter}?{query}"),
        None => shorter.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn shorter(method: Method, address: &str) -> Option<String> {
        let request = Request::builder().method(method).uri(address).body(Body::empty());
        without_slash(&request.unwrap())
    }

    #[test]
    fn a_slash_at_the_end_is_left_out_and_leads_nowhere_else() {
        assert_eq!(shorter(Method::GET, "/users/").as_deref(), Some("/users"));
        assert_eq!(shorter(Method::GET, "/users//?q=a").as_deref(), Some("/users?q=a"));
        for stays in ["/users", "//evil.example/", "//", "/"] {
            assert_eq!(shorter(Method::GET, stays), None, "{stays}");
        }
        assert_eq!(shorter(Method::POST, "/users/"), None);
    }
}
