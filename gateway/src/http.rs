//! The way out: the clients for every upstream, and which headers may pass in either direction.
//!
//! Clients reach only what provider rows name: no redirects, no proxy from the environment, no cookies. HTTP/1.1, one
//! connection a running call: cancelling a call closes its connection and touches no other, and no provider's limit of
//! parallel HTTP/2 streams makes calls wait for each other.

mod calls;
mod passing;
mod trust;

use std::time::Duration;

use ::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER, USER_AGENT},
};
use domain::provider::Timeouts;

use crate::{secrets::Marks, wire::speech::Speech};
pub use calls::{Calls, Noted, Sent};
pub use passing::{Passing, passing};

/// The client could not be made, which no surroundings cause: certificates are read when a connection needs them.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The library's reason.
    #[error("the client for upstreams could not be made: {0}")]
    Client(#[from] reqwest::Error),
    /// TLS's reason.
    #[error("TLS for upstreams could not be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// How long an unused connection is kept. Shorter than what servers and their load balancers usually allow.
const IDLE: Duration = Duration::from_secs(55);
/// How long a connection may be silent before the other side is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Two clients with one set of rules.
#[derive(Clone, Debug)]
pub struct Clients {
    /// For calls, of which there are many.
    pub calls: Calls,
    /// For the questions that an admin asks of a provider.
    pub questions: reqwest::Client,
}

/// Clients with this limit on making connections. The other limits are kept by `call`, which knows what it waits for.
///
/// # Errors
/// [`ClientError`].
pub fn clients(timeouts: &Timeouts) -> Result<Clients, ClientError> {
    let limit = Duration::from_millis(timeouts.connect_ms.into());
    let tls = trust::config()?;
    Ok(Clients {
        questions: questions(tls.clone(), limit)?,
        calls: Calls::new(tls, limit),
    })
}

/// A client for identity providers, whose addresses admins name too: some seconds for a connection, some for an answer.
///
/// # Errors
/// [`ClientError`].
pub(crate) fn identities() -> Result<reqwest::Client, ClientError> {
    questions(trust::config()?, Duration::from_secs(5))
}

fn questions(tls: rustls::ClientConfig, limit: Duration) -> Result<reqwest::Client, ClientError> {
    #[expect(clippy::disallowed_methods, reason = "this is the place that the ban names")]
    let builder = reqwest::Client::builder();
    Ok(builder
        .connect_timeout(limit)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .user_agent(AGENT)
        .tls_backend_preconfigured(tls)
        .http1_only()
        .tcp_nodelay(true)
        .tcp_keepalive(KEEPALIVE)
        .pool_idle_timeout(IDLE)
        .build()?)
}

/// A client for addresses that strangers name: whatever a name leads to is asked of `lookup`, which lets through what may be reached.
/// Redirects are followed by hand, as each is another such address.
///
/// # Errors
/// [`ClientError`].
pub(crate) fn guarded(lookup: impl reqwest::dns::Resolve + 'static) -> Result<reqwest::Client, ClientError> {
    #[expect(clippy::disallowed_methods, reason = "this is the place that the ban names")]
    let builder = reqwest::Client::builder();
    Ok(builder
        .dns_resolver(std::sync::Arc::new(lookup))
        .connect_timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .user_agent(AGENT)
        .tls_backend_preconfigured(trust::config()?)
        .http1_only()
        // Nobody may find a connection that was made for somebody else.
        .pool_max_idle_per_host(0)
        .build()?)
}

const AGENT: &str = concat!("aigne-hub/", env!("CARGO_PKG_VERSION"));

/// Every header that goes upstream beside `Authorization` (the provider's, never the caller's), `Host` and the length.
/// Nothing that a client sends is among them.
#[must_use]
pub fn request_headers(stream: bool) -> HeaderMap {
    let accept = if stream {
        "text/event-stream"
    } else {
        "application/json"
    };
    // Room for these, the credential, and what hyper adds.
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    // Compressed pieces would have to be unpacked to be listened to, and delay streams.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

/// What a client may see of an upstream's headers. Cookies, the operator's organisation and its limits stay out.
const ANSWER_HEADERS: [HeaderName; 4] = [
    CONTENT_TYPE,
    HeaderName::from_static("openai-processing-ms"),
    HeaderName::from_static("openai-version"),
    HeaderName::from_static("openai-model"),
];

/// The headers of an upstream's answer that go to the client, but for one with the credential in it. An answer that is told anew
/// has none of them.
#[must_use]
pub(crate) fn answer_headers(upstream: &HeaderMap, speech: Speech, credential: Option<&Marks>) -> HeaderMap {
    if !speech.passes() {
        return HeaderMap::new();
    }
    let tells = |value: &HeaderValue| credential.is_some_and(|marks| marks.are_in(value.as_bytes()));
    let known = |name: &HeaderName| {
        let value = upstream.get(name).filter(|value| !tells(value))?;
        Some((name.clone(), value.clone()))
    };
    ANSWER_HEADERS.iter().filter_map(known).collect()
}

/// The upstream's own id of the request, for asking its support; cut to 200 characters.
#[must_use]
pub fn upstream_request_id(headers: &HeaderMap) -> Option<String> {
    let names = ["x-request-id", "request-id", "x-generation-id", "x-tt-logid"];
    let id = names.into_iter().find_map(|name| headers.get(name))?.to_str().ok()?;
    Some(id.chars().take(200).collect())
}

/// After how many seconds the upstream wants to be asked again; at most a day. Dates are not understood.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let number = |name: &HeaderName| {
        headers
            .get(name)?
            .to_str()
            .ok()?
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|number| *number >= 0.0)
    };
    let seconds = number(&RETRY_AFTER)
        .or_else(|| number(&HeaderName::from_static("retry-after-ms")).map(|milliseconds| milliseconds / 1000.0))?;
    // The cast saturates, and the value lies within a day.
    Some(seconds.ceil().min(86_400.0) as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_listed_headers_come_back() {
        let mut upstream = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/json"),
            ("openai-processing-ms", "12"),
            ("set-cookie", "a=b"),
            ("openai-organization", "org-1"),
            ("openai-project", "proj-1"),
            ("x-ratelimit-remaining-requests", "5"),
            ("content-length", "7"),
            ("content-encoding", "gzip"),
            ("transfer-encoding", "chunked"),
            ("connection", "keep-alive"),
            ("server", "x"),
        ] {
            upstream.insert(name, HeaderValue::from_static(value));
        }
        let passed = answer_headers(&upstream, Speech::OPENAI, None);
        let mut names: Vec<&str> = passed.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "openai-processing-ms"]);
    }

    #[test]
    fn waits_are_rounded_up_to_seconds() {
        let wait = |name: &'static str, value: &'static str| {
            retry_after(&HeaderMap::from_iter([(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]))
        };
        assert_eq!(wait("retry-after", "7"), Some(7));
        assert_eq!(wait("retry-after", "0.2"), Some(1));
        assert_eq!(wait("retry-after-ms", "1500"), Some(2));
        assert_eq!(wait("retry-after", "1e99"), Some(86_400));
        for refused in ["-1", "NaN", "Wed, 21 Oct 2026 07:28:00 GMT", ""] {
            assert_eq!(wait("retry-after", refused), None);
        }
    }

    proptest! {
        /// Whatever an upstream writes there: no number, or one within a day that is not shorter than what it says.
        #[test]
        fn any_wait_is_within_a_day(
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
            number in proptest::num::f64::ANY,
            milliseconds in any::<bool>(),
        ) {
            let name = if milliseconds { "retry-after-ms" } else { "retry-after" };
            let wait = |value: &[u8]| {
                let value = HeaderValue::from_bytes(value).ok()?;
                retry_after(&HeaderMap::from_iter([(HeaderName::from_static(name), value)]))
            };
            prop_assert!(wait(&bytes).is_none_or(|seconds| seconds <= 86_400));
            let told = wait(number.to_string().as_bytes());
            let asked = if milliseconds { number / 1000.0 } else { number };
            prop_assert_eq!(told.is_some(), asked >= 0.0, "{}", number);
            prop_assert!(told.is_none_or(|seconds| f64::from(seconds) >= asked.min(86_400.0)), "{} {:?}", number, told);
        }

        /// An upstream's own id of a request, whatever it is, is cut.
        #[test]
        fn any_id_of_an_upstream_is_short(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let value = HeaderValue::from_bytes(&bytes);
            let headers = value.ok().map(|value| HeaderMap::from_iter([(HeaderName::from_static("x-request-id"), value)]));
            let id = headers.and_then(|headers| upstream_request_id(&headers));
            prop_assert!(id.is_none_or(|id| id.len() <= 200));
        }
    }
}
