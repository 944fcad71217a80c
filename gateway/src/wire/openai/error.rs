//! OpenAI's error shape: how the hub writes it, and how it reads what providers send instead.

use std::borrow::Cow;

use bytes::Bytes;
use domain::call::Fault;
use serde::Serialize;

use super::super::{
    canonical::Failing,
    json::{self, Value},
};
use crate::{call::Facts, secrets::mask_all};

/// OpenAI's `type` for an error that the hub answers with this status.
#[must_use]
pub const fn kind(fault: Fault, status: u16) -> &'static str {
    match (fault, status) {
        (_, 401) => "authentication_error",
        (_, 403) => "permission_error",
        (_, 402) => "insufficient_quota",
        (Fault::Limit, _) | (_, 429) => "rate_limit_error",
        (_, 400..=499) => "invalid_request_error",
        _ => "server_error",
    }
}

/// The same where only the status is known: an error in a stream that has begun.
pub(in crate::wire) const fn kind_of_status(status: u16) -> &'static str {
    kind(Fault::Hub, status)
}

#[derive(Serialize)]
struct Outer<'a> {
    error: Inner<'a>,
}

/// The members in OpenAI's order.
#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: &'a str,
    /// Ours, and only where credit is missing or a limit is in the way.
    #[serde(flatten)]
    facts: Facts<'a>,
}

/// `{"error":{"message","type","param","code"}}`.
#[must_use]
pub fn body(message: &str, kind: &str, param: Option<&str>, code: &str) -> Bytes {
    body_with(message, kind, param, code, Facts::default())
}

/// The same with what the credit or a limit came to. The only place that writes it.
#[must_use]
pub fn body_with(message: &str, kind: &str, param: Option<&str>, code: &str, facts: Facts<'_>) -> Bytes {
    let error = Inner {
        message,
        kind,
        param,
        code,
        facts,
    };
    // A few texts always are JSON.
    serde_json::to_vec(&Outer { error }).unwrap_or_default().into()
}

/// The same for an error within a stream that has begun.
pub(in crate::wire) fn body_within(failing: &Failing<'_>) -> Bytes {
    let kind = kind_of_status(failing.status);
    body_with(failing.message, kind, None, failing.code, failing.facts)
}

/// An error as the last event of a stream whose status has long been sent.
#[must_use]
pub fn event(body: &Bytes) -> Bytes {
    [b"data: ", &body[..], b"\n\n"].concat().into()
}

/// What a provider said about a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The body is JSON with an `error` member, as this wire has it.
    pub in_shape: bool,
    /// Its words; may hold anything and must be masked before it is kept.
    pub message: String,
    /// `code`, or `type` where there is none; numbers as text.
    pub code: String,
    /// It is about the content of the request: OpenRouter gives the reasons in `metadata`.
    pub moderated: bool,
}

/// Reads the body of an error answer. Understands OpenAI's shape and what stands in for it elsewhere: `error` as a text,
/// `message` or `detail` at the top.
pub(crate) fn read(text: &[u8]) -> Said {
    let plain = || Said {
        message: String::from_utf8_lossy(text.get(..2000).unwrap_or(text)).into_owned(),
        ..Said::default()
    };
    if std::str::from_utf8(text).is_err() {
        return plain();
    }
    match json::read(text) {
        Ok(value) if value.is_object() => read_value(&value).unwrap_or_else(plain),
        _ => plain(),
    }
}

/// Reads an object that may hold an error.
pub(crate) fn read_value(object: &Value<'_>) -> Option<Said> {
    let error = object.member("error").filter(|error| !error.is_null());
    let inner = error.filter(Value::is_object).unwrap_or(*object);
    let word = |name: &str| {
        let value = inner.member(name).filter(|value| !value.is_null())?;
        value
            .as_str()
            .map(Cow::into_owned)
            .or_else(|| value.as_u64().map(|number| number.to_string()))
    };
    let message = error
        .and_then(|error| error.as_str().map(Cow::into_owned))
        .or_else(|| word("message"))
        .or_else(|| word("detail"));
    if error.is_none() && message.is_none() {
        return None;
    }
    Some(Said {
        in_shape: error.is_some(),
        message: message.unwrap_or_else(|| String::from_utf8_lossy(inner.raw()).into_owned()),
        code: word("code").or_else(|| word("type")).unwrap_or_default(),
        moderated: inner
            .member("metadata")
            .is_some_and(|data| data.member("reasons").is_some() || data.member("flagged_input").is_some()),
    })
}

/// The body of an error answer as it came, unless one of its texts holds the credential or what resembles one: then the
/// same, with that masked. `None` when it is not JSON.
pub(crate) fn without_credentials(body: &Bytes, secret: &str) -> Option<Bytes> {
    let mut value: serde_json::Value = serde_json::from_slice(body).ok()?;
    if mask_texts(&mut value, secret) {
        Some(value.to_string().into())
    } else {
        Some(body.clone())
    }
}

/// Masks every text within. Names of members are texts too.
fn mask_texts(value: &mut serde_json::Value, secret: &str) -> bool {
    let mask_one = |text: &mut String| {
        let masked = mask_all(text, &[secret]);
        let changed = masked != *text;
        *text = masked;
        changed
    };
    match value {
        serde_json::Value::String(text) => mask_one(text),
        serde_json::Value::Array(values) => values
            .iter_mut()
            .fold(false, |changed, value| mask_texts(value, secret) | changed),
        serde_json::Value::Object(members) => {
            let mut changed = false;
            let taken = std::mem::take(members);
            members.extend(taken.into_iter().map(|(mut name, mut value)| {
                changed |= mask_one(&mut name) | mask_texts(&mut value, secret);
                (name, value)
            }));
            changed
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_read_in_every_known_shape() {
        let cases: [(&str, bool, &str, &str); 8] = [
            (
                r#"{"error":{"message":"m","type":"t","param":null,"code":"c"}}"#,
                true,
                "m",
                "c",
            ),
            (r#"{"error":{"message":"m","type":"t","code":null}}"#, true, "m", "t"),
            (
                r#"{"error":{"message":"m","code":402,"metadata":{}}}"#,
                true,
                "m",
                "402",
            ),
            (
                r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided"}"#,
                true,
                "Incorrect API key provided",
                "Client specified an invalid argument",
            ),
            (
                r#"{"object":"error","message":"Extra inputs","type":"extra_forbidden","code":null}"#,
                false,
                "Extra inputs",
                "extra_forbidden",
            ),
            (r#"{"detail":"Unauthorized"}"#, false, "Unauthorized", ""),
            ("<html>502</html>", false, "<html>502</html>", ""),
            ("", false, "", ""),
        ];
        for (text, in_shape, message, code) in cases {
            assert_eq!(
                read(text.as_bytes()),
                Said {
                    in_shape,
                    message: message.into(),
                    code: code.into(),
                    moderated: false,
                },
                "{text}"
            );
        }
    }

    #[test]
    fn written_errors_have_all_four_members() {
        let written: serde_json::Value = serde_json::from_slice(&body("a \"b\"\n", "server_error", None, "c")).unwrap();
        assert_eq!(
            written,
            json!({"error": {"message": "a \"b\"\n", "type": "server_error", "param": null, "code": "c"}})
        );
        assert_eq!(
            body("m", "t", Some("p"), "c"),
            r#"{"error":{"message":"m","type":"t","param":"p","code":"c"}}"#
        );
        let event = event(&body("line\nbreak", "server_error", None, "upstream_interrupted"));
        assert!(
            event.starts_with(b"data: {")
                && event.ends_with(b"}\n\n")
                && event.iter().filter(|byte| **byte == b'\n').count() == 2
        );
    }
}
