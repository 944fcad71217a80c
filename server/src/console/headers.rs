//! Security headers of the console's answers, and the nonce that its scripts carry.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::state::HubState;

/// The nonce of one answer. Whoever renders the page hands it to leptos.
#[derive(Clone, Debug)]
pub struct PageNonce(pub Arc<str>);

/// Stamps the request with a nonce and the answer with headers.
pub async fn secure(State(state): State<HubState>, mut request: Request, next: Next) -> Response {
    let nonce: Arc<str> = leptos::nonce::Nonce::new().as_inner().clone();
    request.extensions_mut().insert(PageNonce(Arc::clone(&nonce)));
    let mut response = next.run(request).await;
    insert(response.headers_mut(), &nonce, state.settings().is_https());
    response
}

fn insert(headers: &mut HeaderMap, nonce: &str, https: bool) {
    if let Ok(policy) = HeaderValue::try_from(content_policy(nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Forms without JavaScript come back to the Referer, so it must be sent to ourselves.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    // Pages hold what only this person may see.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// What a page may load and run.
fn content_policy(nonce: &str) -> String {
    format!(
        "script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_code_needs_the_nonce() {
        let mut headers = HeaderMap::new();
        insert(&mut headers, "abc", false);
        let policy = headers
            .get(header::CONTENT_SECURITY_POLICY)
            .and_then(|policy| policy.to_str().ok())
            .unwrap_or_default();
        assert!(
            policy.contains("script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval';")
                && !policy.contains("unsafe-inline"),
            "{policy}"
        );
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        insert(&mut headers, "abc", true);
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
