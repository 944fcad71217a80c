//! Which pages of other origins may call `/v1` from a browser, and what they may read of its answers.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// What a web page may read of an answer's head, beside what every page may: how to name the call, how long to wait, what was
/// left out of the request, and what is left of the limits.
const EXPOSED: [&str; 17] = [
    "x-request-id",
    "server-timing",
    "retry-after",
    "x-aigne-dropped",
    "x-aigne-max-tokens",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
];

/// Lets these web origins come; none where there are none. Keys are sent by hand, never by cookie.
pub(super) fn allow(origins: &[String]) -> Option<CorsLayer> {
    let origin = match origins {
        [] => return None,
        [all] if all == "*" => AllowOrigin::any(),
        some => AllowOrigin::list(some.iter().filter_map(|origin| HeaderValue::from_str(origin).ok())),
    };
    let exposed = EXPOSED.map(HeaderName::from_static);
    let layer = CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(Duration::from_secs(3600));
    Some(layer.vary([header::ORIGIN]))
}
