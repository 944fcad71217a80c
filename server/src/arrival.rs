//! The outermost layer: what is known of a request when it arrives, its id, its line in the log, and the net under panics.
//!
//! The log line holds the route as declared, never the query, a header or a body. Handlers read [`Arrival`] as an
//! extension.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use app::text::Language;
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::{id::CallId, time::Timestamp};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::{address, console::plain_page, state::HubState, v1::ApiError};

/// The other end of the connection, as the accept loop knows it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What is known of a request when it arrives.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// On `/v1` the call's own id; elsewhere it only names the request.
    pub id: CallId,
    /// The client, as far as trusted proxies tell.
    pub address: IpAddr,
    /// For measuring.
    pub instant: Instant,
    /// For storing.
    pub at: Timestamp,
}

impl Arrival {
    /// The request's id as the client and the log see it.
    #[must_use]
    pub fn request_id(&self, path: &str) -> String {
        let id = self.id.to_string();
        if is_api(path) {
            id
        } else {
            id.replacen(CallId::PREFIX, "req_", 1)
        }
    }
}

/// Whether a path belongs to machines, which are answered in JSON.
fn is_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// Stamps the request, runs it, names it to the client, writes its line.
pub async fn observe(State(state): State<HubState>, mut request: Request, next: Next) -> Response {
    let instant = Instant::now();
    let peer = request
        .extensions()
        .get::<Peer>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let gateway = state.gateway();
    let arrival = Arrival {
        id: gateway.new_call_id(),
        address: address::client(peer, request.headers(), &state.settings().trusted_proxies),
        instant,
        at: gateway.now(),
    };
    let api = is_api(request.uri().path());
    let request_id = arrival.request_id(request.uri().path());
    let method = request.method().clone();
    // Machines are answered in English, and on their path nothing is read that is not needed.
    let language = if api {
        Language::En
    } else {
        app::context::language(request.headers())
    };
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(arrival);

    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| panicked(api, language, &request_id));
    if let Ok(value) = HeaderValue::try_from(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    if api && !response.headers().contains_key("server-timing") {
        // No provider had a part in this answer: all of the time was ours.
        let timing = format!("overhead;dur={:.3}", instant.elapsed().as_secs_f64() * 1000.0);
        response
            .headers_mut()
            .extend(HeaderValue::try_from(timing).map(|value| (HeaderName::from_static("server-timing"), value)));
    }
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    log(&request_id, &method, route, response.status(), instant.elapsed());
    response
}

/// The panic itself is logged by the hook in `telemetry`; the process goes on.
fn panicked(api: bool, language: Language, request_id: &str) -> Response {
    if api {
        return ApiError::internal().into_response();
    }
    plain_page(
        StatusCode::INTERNAL_SERVER_ERROR,
        language,
        language.pick("Something went wrong on our side", "Hub 内部出错"),
        &match language {
            Language::En => format!("Try again. If it stays, give your admin the request id {request_id}."),
            Language::Zh => format!("请重试。如果问题仍然存在，请把请求编号 {request_id} 告诉管理员。"),
        },
    )
}

fn log(request_id: &str, method: &Method, route: &str, status: StatusCode, duration: Duration) {
    let milliseconds = duration.as_micros() as f64 / 1000.0;
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(target: "hub::request", request_id, %method, route, status = status.as_u16(), duration_ms = milliseconds, "request")
        };
    }
    let quiet = matches!(route, "/healthz" | "/readyz") || route.starts_with("/pkg/") || route.starts_with("/logos/");
    if status.is_server_error() {
        line!(warn);
    } else if quiet {
        line!(debug);
    } else {
        line!(info);
    }
}
