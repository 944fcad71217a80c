//! Refusals and failures in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.
//!
//! Whose fault it is was decided in `gateway`; here it only gets OpenAI's words and a status.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::refusal::Refusal;
use gateway::call::{CallError, KeyProblem, Timing, openai_error_body};
use http::{HeaderValue, Method, StatusCode, header};

use super::stream;

/// An answer of `/v1` that is not a success.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    /// Seconds.
    retry_after: Option<u32>,
    /// Where the time went, when a call has begun.
    timing: Option<Timing>,
    body: Bytes,
}

impl ApiError {
    fn new(status: StatusCode, kind: &str, param: Option<&str>, code: &str, message: &str) -> Self {
        Self {
            status,
            retry_after: None,
            timing: None,
            body: openai_error_body(message, kind, param, code),
        }
    }

    fn invalid(status: StatusCode, code: &str, message: &str) -> Self {
        Self::new(status, "invalid_request_error", None, code, message)
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

    /// More than one `Authorization` header.
    pub fn two_keys() -> Self {
        Self::invalid(
            StatusCode::BAD_REQUEST,
            "duplicate_authorization",
            "You sent more than one Authorization header. Send one, with one API key.",
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

    /// A range of time that cannot be told.
    pub fn invalid_range(message: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            Some("from"),
            "invalid_range",
            message,
        )
    }

    /// Something failed here; the log knows what.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            None,
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
        Self {
            status: StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            retry_after: error.retry_after,
            timing: error.timing,
            body: error.openai_body(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(value) = self.timing.and_then(stream::server_timing) {
            headers.insert("server-timing", value);
        }
        response
    }
}

#[cfg(test)]
mod tests;
