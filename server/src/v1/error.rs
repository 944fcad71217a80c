//! Refusals and failures of the API for machines. Whose fault it is was decided in `gateway`; here it only gets a status, and
//! its body in the caller's dialect: OpenAI's unless `arrival` knows better.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{
    call::{Dialect, Fault},
    refusal::Refusal,
};
use gateway::call::{CallError, KeyProblem};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::stream;

/// An answer of `/v1` that is not a success.
#[derive(Clone, Debug)]
pub struct ApiError(Box<CallError>);

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: &str) -> Self {
        let fault = match status.is_server_error() {
            true => Fault::Hub,
            false => Fault::Caller,
        };
        Self(Box::new(CallError::new(fault, status.as_u16(), code, message)))
    }

    pub(crate) fn invalid(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self::new(status, code, message)
    }

    /// The status to answer with.
    pub(crate) fn status(&self) -> u16 {
        self.0.status
    }

    /// A stable word for programs.
    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }

    /// The sentence for the caller.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// In how many seconds to ask again.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// The headers of a limit that is in the way, in a client's dialect.
    pub(crate) fn limit_headers(&self, dialect: Dialect) -> Option<HeaderMap> {
        self.0.limit.as_ref().map(|limit| limit.headers(dialect))
    }

    /// The body in a client's dialect.
    pub fn body(&self, dialect: Dialect, request_id: &str, at: &str) -> Bytes {
        self.0.body_at(dialect, Some(request_id), Some(at))
    }

    /// No such path.
    pub fn no_such_path(method: &Method, path: &str) -> Self {
        let hint = if path.ends_with('/') {
            "Leave out the slash at its end."
        } else {
            "Check the URL and the method."
        };
        let path: String = path.chars().take(200).collect();
        let message = format!("Unknown request URL: {method} {path}. {hint}");
        Self::invalid(StatusCode::NOT_FOUND, "unknown_url", &message)
    }

    /// The path exists, the method does not.
    pub fn method_not_allowed(method: &Method, path: &str) -> Self {
        let message = format!("{path} does not accept {method}. The Allow header lists what it accepts.");
        Self::invalid(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", &message)
    }

    /// The path holds percent signs that stand for no text.
    pub fn unreadable_path() -> Self {
        Self::invalid(
            StatusCode::BAD_REQUEST,
            "invalid_url",
            "The path cannot be read: what its percent signs stand for is not UTF-8. Encode the name's UTF-8 bytes.",
        )
    }

    /// More than one key.
    pub fn two_keys() -> Self {
        Self::invalid(
            StatusCode::BAD_REQUEST,
            "duplicate_authorization",
            "You sent more than one API key. Send one, in one Authorization or x-api-key header.",
        )
    }

    /// The request's body is compressed.
    pub fn encoded_body(encoding: &str) -> Self {
        let encoding: String = encoding.chars().take(40).collect();
        let message = format!(
            "This hub reads request bodies as they are, and this one came with Content-Encoding: {encoding}. Send it uncompressed."
        );
        Self::invalid(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_content_encoding",
            &message,
        )
    }

    /// The request's body is larger than the operator allows.
    pub fn too_large(limit: usize) -> Self {
        let message = format!(
            "The request body is larger than this hub accepts ({limit} bytes). Send less, or ask the operator to raise HUB_BODY_LIMIT."
        );
        Self::invalid(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", &message)
    }

    /// The connection ended within the request's body.
    pub fn broken_body() -> Self {
        Self::invalid(
            StatusCode::BAD_REQUEST,
            "incomplete_body",
            "The request body did not arrive completely.",
        )
    }

    /// The request's body did not arrive within the time that a client has.
    pub fn slow_body(patience: std::time::Duration) -> Self {
        let message = format!("The request body did not arrive within {} seconds.", patience.as_secs());
        Self::invalid(StatusCode::REQUEST_TIMEOUT, "request_timeout", &message)
    }

    /// Nothing of the request's body came for longer than a client may stand still.
    pub fn stalled_body(patience: std::time::Duration) -> Self {
        let message = format!(
            "Nothing of the request body arrived for {} seconds, so the hub stopped waiting.",
            patience.as_secs()
        );
        Self::invalid(StatusCode::REQUEST_TIMEOUT, "request_timeout", &message)
    }

    /// A call that does not exist or belongs to another key.
    pub fn no_such_call() -> Self {
        Self::invalid(
            StatusCode::NOT_FOUND,
            "call_not_found",
            "There is no such call of this key.",
        )
    }

    /// Something of AIGNE Hub's own surface that does not exist.
    pub(crate) fn no_such(what: &str) -> Self {
        Self::invalid(StatusCode::NOT_FOUND, "not_found", &format!("There is no such {what}."))
    }

    /// The key's owner may not do this.
    pub(crate) fn forbidden(refusal: &Refusal) -> Self {
        Self::invalid(StatusCode::FORBIDDEN, "forbidden", &refusal.to_string())
    }

    /// Asked too often.
    pub(crate) fn too_often(seconds: u32) -> Self {
        let message = format!("Too many requests. Try again in {seconds} seconds.");
        let Self(mut error) = Self::invalid(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", &message);
        error.retry_after = Some(seconds);
        Self(error)
    }

    /// A range of time that cannot be told.
    pub fn invalid_range(message: &str) -> Self {
        let Self(mut error) = Self::invalid(StatusCode::BAD_REQUEST, "invalid_range", message);
        error.param = Some("from".to_owned());
        Self(error)
    }

    /// Something failed here; the log knows what.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            &Refusal::Internal.to_string(),
        )
    }
}

impl From<KeyProblem> for ApiError {
    fn from(problem: KeyProblem) -> Self {
        problem.error().into()
    }
}

impl From<gateway::Error> for ApiError {
    fn from(error: gateway::Error) -> Self {
        match error.refusal() {
            Refusal::Internal => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
            Refusal::NotFound { .. } => Self::no_such_call(),
            refusal => Self::invalid(StatusCode::BAD_REQUEST, "refused", &refusal.to_string()),
        }
    }
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        Self(Box::new(error))
    }
}

impl IntoResponse for ApiError {
    /// In OpenAI's shape. The error goes along, so that `arrival` can put it into another dialect's.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Body::from(self.0.body(Dialect::OpenaiChat, None)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(limit) = &self.0.limit {
            headers.extend(limit.headers(Dialect::OpenaiChat));
        }
        if let Some(value) = self.0.timing.and_then(stream::server_timing) {
            headers.insert("server-timing", value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests;
