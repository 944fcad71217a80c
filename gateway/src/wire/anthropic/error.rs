//! Anthropic's error shape as the hub writes it: `{"type":"error","error":{"type","message","details"},"request_id"}`.
//!
//! `details.error_code` is where its SDKs look for a stable word; ours stands there, with the member that is wrong and what
//! the credit came to, the same facts as in every dialect. Called by `call`, and by `stream` for errors after a beginning.

use bytes::Bytes;
use serde::Serialize;

use crate::call::Facts;

/// Anthropic's `type` for an error with this status.
#[must_use]
pub(crate) const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

#[derive(Serialize)]
struct Outer<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Inner<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Inner<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    message: &'a str,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    error_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    #[serde(flatten)]
    facts: Facts<'a>,
}

/// An error's body.
#[must_use]
pub(crate) fn body(
    message: &str,
    code: &str,
    status: u16,
    param: Option<&str>,
    facts: Facts<'_>,
    request_id: Option<&str>,
) -> Bytes {
    let details = Details {
        error_code: code,
        param,
        facts,
    };
    let error = Inner {
        kind: kind(status),
        message,
        details,
    };
    let outer = Outer {
        kind: "error",
        error,
        request_id,
    };
    // A few texts always are JSON.
    serde_json::to_vec(&outer).unwrap_or_default().into()
}

/// An error as the last event of a stream whose status has long been sent.
#[must_use]
pub(crate) fn event(body: &[u8]) -> Bytes {
    [b"event: error\ndata: ", body, b"\n\n"].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_type_of_its_status_and_our_word() {
        let body = body(
            "a \"b\"\n",
            "model_not_found",
            404,
            Some("model"),
            Facts::default(),
            Some("call_1"),
        );
        assert_eq!(
            body,
            r#"{"type":"error","error":{"type":"not_found_error","message":"a \"b\"\n","details":{"error_code":"model_not_found","param":"model"}},"request_id":"call_1"}"#
        );
        let event = event(&body);
        assert!(event.starts_with(b"event: error\ndata: {") && event.ends_with(b"}\n\n"));
    }

    #[test]
    fn every_status_has_its_type() {
        let cases = [
            (400, "invalid_request_error"),
            (401, "authentication_error"),
            (402, "billing_error"),
            (403, "permission_error"),
            (404, "not_found_error"),
            (413, "request_too_large"),
            (422, "invalid_request_error"),
            (429, "rate_limit_error"),
            (500, "api_error"),
            (502, "api_error"),
            (503, "overloaded_error"),
            (504, "timeout_error"),
            (529, "overloaded_error"),
        ];
        for (status, wanted) in cases {
            assert_eq!(kind(status), wanted, "{status}");
        }
    }
}
