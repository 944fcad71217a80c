//! The outermost layer: what is known of a request when it arrives, its id, its line in the log, and the net under panics.
//!
//! The log line holds the route as declared, never the query, a header or a body. Handlers read [`Arrival`] as an
//! extension.

mod unread;

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use app::text::Language;
use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::{IntoResponse as _, Response},
};
use domain::{call::Dialect, id::CallId, time::Timestamp};
use futures_util::FutureExt as _;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH},
};
use tower::{Layer, Service};
use unread::Rest;

use crate::{
    address,
    admin::{self, AdminError},
    aigne,
    console::plain_page,
    state::HubState,
    v1::{self, ApiError},
};

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
        if is_api(path) && !admin::is_ours(path) {
            id
        } else {
            id.replacen(CallId::PREFIX, "req_", 1)
        }
    }
}

/// Whether a path belongs to machines, which are answered in JSON.
fn is_api(path: &str) -> bool {
    let within = |whole: &str| {
        path.strip_prefix(whole)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within("/v1") || aigne::is_ours(path) || admin::is_ours(path) || path == "/chat/completions"
}

/// In whose shape whoever asks for a path of machines is answered, errors included.
fn dialect(path: &str, headers: &HeaderMap) -> Dialect {
    match aigne::is_ours(path) {
        true => Dialect::AigneChat,
        false => v1::dialect(path, headers),
    }
}

/// Stamps each request, runs it, names it to the client, writes its line. By hand rather than with axum's `from_fn`, which
/// makes a few boxes more for each request.
#[derive(Clone)]
pub struct Observe(pub HubState);

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        let state = self.0.clone();
        Observed { state, inner }
    }
}

/// What is within [`Observe`].
#[derive(Clone)]
pub struct Observed<S> {
    state: HubState,
    inner: S,
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let seen = Seen::of(&self.state, &mut request);
        let rest = Rest::of(&mut request);
        // `CONNECT` names a host and no path; nothing within expects that.
        let has_path = request.uri().path_and_query().is_some();
        let answering = has_path.then(|| AssertUnwindSafe(self.inner.call(request)).catch_unwind());
        Box::pin(async move {
            let Some(answering) = answering else {
                return Ok(seen.answered(StatusCode::METHOD_NOT_ALLOWED.into_response()));
            };
            let mut response = match answering.await {
                Ok(Ok(response)) => response,
                Ok(Err(never)) => match never {},
                Err(_) => panicked(seen.api, seen.language, &seen.request_id),
            };
            if let Some(rest) = rest {
                rest.read_on(&mut response).await;
            }
            Ok(seen.answered(response))
        })
    }
}

/// What is needed of a request when its answer is there.
struct Seen {
    instant: Instant,
    at: Timestamp,
    request_id: String,
    method: Method,
    route: Option<MatchedPath>,
    api: bool,
    /// In whose shape machines are answered.
    dialect: Dialect,
    /// The admin API has errors of its own.
    admin: bool,
    language: Language,
}

impl Seen {
    fn of(state: &HubState, request: &mut Request) -> Self {
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
        let seen = Self {
            instant,
            at: arrival.at,
            request_id: arrival.request_id(request.uri().path()),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            api,
            admin: admin::is_ours(request.uri().path()),
            dialect: match api {
                true => dialect(request.uri().path(), request.headers()),
                false => Dialect::OpenaiChat,
            },
            // Machines are answered in English, and on their path nothing is read that is not needed.
            language: if api {
                Language::En
            } else {
                app::context::language(request.headers())
            },
        };
        request.extensions_mut().insert(arrival);
        seen
    }

    /// Puts an error into the caller's dialect, whoever made it.
    fn translate(&self, response: &mut Response) {
        if self.admin {
            if let Some(error) = response.extensions_mut().remove::<ApiError>() {
                *response.body_mut() = Body::from(AdminError::from(error).body());
                response.headers_mut().remove(CONTENT_LENGTH);
            }
            return;
        }
        if self.dialect == Dialect::OpenaiChat {
            return;
        }
        if let Some(error) = response.extensions_mut().remove::<ApiError>() {
            *response.body_mut() = Body::from(error.body(self.dialect, &self.request_id, &aigne::moment(self.at)));
            response.headers_mut().remove(CONTENT_LENGTH);
            if let Some(told) = error.limit_headers(self.dialect) {
                let headers = response.headers_mut();
                for name in error.limit_headers(Dialect::OpenaiChat).unwrap_or_default().keys() {
                    headers.remove(name);
                }
                headers.extend(told);
            }
        }
    }

    fn answered(self, mut response: Response) -> Response {
        self.translate(&mut response);
        if let Ok(value) = HeaderValue::try_from(&self.request_id) {
            if self.dialect == Dialect::AnthropicMessages {
                // Where its clients look for it.
                response.headers_mut().insert("request-id", value.clone());
            }
            response.headers_mut().insert("x-request-id", value);
        }
        if self.api && !response.headers().contains_key("server-timing") {
            // No provider had a part in this answer: all of the time was ours.
            let timing = format!("overhead;dur={:.3}", self.instant.elapsed().as_secs_f64() * 1000.0);
            response
                .headers_mut()
                .extend(HeaderValue::try_from(timing).map(|value| (HeaderName::from_static("server-timing"), value)));
        }
        if self.dialect == Dialect::AigneChat || self.admin {
            // Sessions of programs that wait for a key, whose credit it is: no answer here is the same a moment later.
            let headers = response.headers_mut();
            headers
                .entry(CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("no-store"));
        }
        let route = self.route.as_ref().map_or("(none)", MatchedPath::as_str);
        let (status, duration) = (response.status(), self.instant.elapsed());
        log(&self.request_id, &self.method, route, status, duration);
        response
    }
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
