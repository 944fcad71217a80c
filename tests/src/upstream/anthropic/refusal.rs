//! An error as Anthropic sends it: a status and `{"type":"error","error":{"type","message"},"request_id"}`; and those that a
//! fault asks for.

use http::StatusCode;
use serde_json::{Value, json};

use crate::upstream::fault::Fault;

/// One refusal, before it is put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// `error.type`.
    pub kind: &'static str,
    /// `error.message`.
    pub message: String,
}

impl Refusal {
    /// A refusal with this status and type.
    #[must_use]
    pub fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
        }
    }

    /// A 400 of type `invalid_request_error`.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// The body on the wire.
    #[must_use]
    pub fn body(&self, serial: u64) -> Value {
        json!({
            "type": "error",
            "error": {"details": null, "type": self.kind, "message": self.message},
            "request_id": format!("req_fake{serial:08}"),
        })
    }
}

/// The refusal that a fault asks for, with the types of the page "Errors".
pub(super) fn of_fault(fault: Fault, key: &str, quote: &str) -> Option<Refusal> {
    let status = |status: u16| StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let of = |code: u16, kind, message: &str| Some(Refusal::new(status(code), kind, message));
    match fault {
        Fault::RateLimited | Fault::RateLimitedBare => of(
            429,
            "rate_limit_error",
            "This request would exceed the rate limit for your organization (org-operator-secret) of 50 requests per minute.",
        ),
        Fault::QuotaSpent => of(
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        ),
        Fault::PaymentRequired => of(
            402,
            "billing_error",
            "There is an issue with your billing or payment information.",
        ),
        Fault::ServerError => of(500, "api_error", "Internal server error"),
        Fault::Overloaded => of(529, "overloaded_error", "Overloaded"),
        Fault::Unauthorized => of(401, "authentication_error", "invalid x-api-key"),
        Fault::EchoCredential => of(
            401,
            "authentication_error",
            &format!("invalid x-api-key: you sent x-api-key: {key}"),
        ),
        Fault::Forbidden => of(
            403,
            "permission_error",
            "Your API key does not have permission to use the specified resource.",
        ),
        Fault::TooLarge => of(413, "request_too_large", "Request exceeds the maximum size"),
        Fault::Unprocessable => of(422, "invalid_request_error", "Input should be less than or equal to 2"),
        Fault::QuoteRefused => of(400, "invalid_request_error", quote),
        Fault::QuoteFailed => of(500, "api_error", quote),
        _ => None,
    }
}
