//! Faults that come before the first byte of a good answer: stalls, closed connections, error statuses. They come before
//! the checks, as a provider that is down does not read requests.

use std::io;

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{Call, set, whole};
use crate::upstream::State;
use crate::upstream::fault::Fault;
use crate::upstream::playback::Body;
use crate::upstream::quote;
use crate::upstream::record::Outcome;
use crate::upstream::refusal::Refusal;

/// The answer to a call with such a fault, with the body that `refuse` has for an error status and
/// whether the provider says when to come again; `None` for faults that come later, and after a stall that was released.
///
/// # Errors
/// To make hyper close the connection without an answer.
pub(crate) async fn answer(
    fault: Fault,
    state: &State,
    call: &mut Call,
    refuse: impl FnOnce(Fault) -> Option<(StatusCode, Value, bool)>,
) -> io::Result<Option<Response<Body>>> {
    let answer = match fault {
        Fault::StallBefore => {
            // When the caller leaves, hyper drops this future and with it the call, whose end is then recorded.
            state.gate.place().wait().await;
            return Ok(None);
        }
        Fault::CutBefore | Fault::ResetBefore => {
            if fault == Fault::ResetBefore {
                call.reset.arm();
            }
            call.ending.tell(Outcome::BrokenOff);
            return Err(io::Error::other("closed on demand"));
        }
        Fault::WrongType => {
            let mut answer = whole(
                StatusCode::OK,
                &json!("<html><body>Welcome to the captive portal.</body></html>"),
            );
            answer
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            answer
        }
        Fault::Redirect => {
            let mut answer = whole(StatusCode::FOUND, &json!({}));
            set(&mut answer, HeaderName::from_static("location"), "/v1/elsewhere");
            answer
        }
        _ => match refuse(fault) {
            Some((status, body, has_retry_after)) => {
                let mut answer = whole(status, &body);
                if fault == Fault::RateLimited && has_retry_after {
                    set(&mut answer, HeaderName::from_static("retry-after"), "2");
                }
                answer
            }
            None => return Ok(None),
        },
    };
    call.ending.tell(Outcome::Answered);
    Ok(Some(answer))
}

/// The error bodies, with the types and codes of OpenAI's guide "Error codes".
pub(crate) fn refusal(fault: Fault, key: &str, request: &Value) -> Option<Refusal> {
    let (status, kind, code, message) = match fault {
        Fault::RateLimited | Fault::RateLimitedBare => (
            StatusCode::TOO_MANY_REQUESTS,
            "requests",
            Some("rate_limit_exceeded"),
            "Rate limit reached for this model in organization org-operator-secret on requests per min (RPM): Limit 3, \
             Used 3, Requested 1. Please try again in 2s."
                .to_owned(),
        ),
        Fault::QuotaSpent => (
            StatusCode::TOO_MANY_REQUESTS,
            "insufficient_quota",
            Some("insufficient_quota"),
            "You exceeded your current quota, please check your plan and billing details.".to_owned(),
        ),
        Fault::PaymentRequired => {
            (StatusCode::PAYMENT_REQUIRED, "insufficient_credits", None, "Insufficient balance".to_owned())
        }
        Fault::ServerError => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            None,
            "The server had an error while processing your request. Sorry about that!".to_owned(),
        ),
        Fault::Overloaded => (
            StatusCode::SERVICE_UNAVAILABLE,
            "server_error",
            None,
            "The engine is currently overloaded, please try again later.".to_owned(),
        ),
        Fault::Unauthorized => (
            StatusCode::UNAUTHORIZED,
            "invalid_request_error",
            Some("invalid_api_key"),
            "Incorrect API key provided: sk-fake-********cdef.".to_owned(),
        ),
        Fault::EchoCredential => (
            StatusCode::UNAUTHORIZED,
            "invalid_request_error",
            Some("invalid_api_key"),
            format!("Incorrect API key provided: {key}. You sent Authorization: Bearer {key}"),
        ),
        Fault::Forbidden => (
            StatusCode::FORBIDDEN,
            "invalid_request_error",
            Some("unsupported_country_region_territory"),
            "Country, region, or territory not supported".to_owned(),
        ),
        Fault::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request_error",
            Some("request_entity_too_large"),
            "Request too large. Try again with a smaller payload.".to_owned(),
        ),
        Fault::Unprocessable => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_request_error",
            Some("unprocessable_entity"),
            "Input should be less than or equal to 2".to_owned(),
        ),
        Fault::QuoteRefused => (
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            Some("invalid_prompt"),
            quote::sentence(request),
        ),
        Fault::QuoteFailed => {
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error", None, quote::sentence(request))
        }
        _ => return None,
    };
    Some(Refusal {
        status,
        kind,
        message,
        param: None,
        code,
        is_flat: false,
    })
}
