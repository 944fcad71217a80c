//! Reads Google's errors: `{"error":{"code","message","status","details"}}`, alone or in a list of one, as a stream without
//! `alt=sse` sends it. How long to wait stands in a detail of type `RetryInfo`.

use std::time::Duration;

use serde_json::Value;

use crate::wire::openai::error::{self, Said};

/// What the error says, and when to try again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// In the words that all wires share; `code` is Google's `status`, or the reason of an `ErrorInfo`.
    pub(crate) said: Said,
    /// How long the provider asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// Longest wait that is believed.
const LONGEST: f64 = 86_400.0;

/// Reads an error body. What is no error of Google's is read as every other provider's is.
pub(crate) fn read(body: &[u8]) -> Refusal {
    let whole: Value = serde_json::from_slice(body).unwrap_or_default();
    let outer = match &whole {
        Value::Array(list) => list.first().unwrap_or(&Value::Null),
        other => other,
    };
    match outer.get("error") {
        Some(error @ Value::Object(_)) => Refusal {
            said: of_error(error),
            retry_after: retry_after(error),
        },
        _ => Refusal {
            said: error::read(body),
            retry_after: None,
        },
    }
}

/// Reads what stands under `error`.
pub(super) fn of_error(error: &Value) -> Said {
    let text = |name: &str| error[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    // A wrong key is INVALID_ARGUMENT like any other fault of a request; only the reason tells them apart.
    let reason = details(error, "ErrorInfo").find_map(|detail| detail["reason"].as_str());
    let code = match reason {
        Some(reason)
            if ["API_KEY_", "SERVICE_", "CONSUMER_"]
                .iter()
                .any(|whose| reason.starts_with(whose)) =>
        {
            Some(reason.to_owned())
        }
        _ => text("status"),
    };
    Said {
        in_shape: true,
        message: text("message").unwrap_or_else(|| error.to_string()),
        code: code.unwrap_or_else(|| error["code"].as_u64().map(|code| code.to_string()).unwrap_or_default()),
        moderated: false,
    }
}

fn details<'a>(error: &'a Value, kind: &'static str) -> impl Iterator<Item = &'a Value> {
    let details = error["details"].as_array().map(Vec::as_slice).unwrap_or_default();
    details
        .iter()
        .filter(move |detail| detail["@type"].as_str().is_some_and(|name| name.ends_with(kind)))
}

/// `"retryDelay": "34.07s"`.
fn retry_after(error: &Value) -> Option<Duration> {
    let delay = details(error, "google.rpc.RetryInfo").find_map(|detail| detail["retryDelay"].as_str())?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    (0.0..=LONGEST)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn errors_are_read_alone_and_in_a_list() {
        let limited = r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[
            {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[]},
            {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}"#;
        for body in [limited.to_owned(), format!("[{limited}\n]")] {
            let refusal = read(body.as_bytes());
            assert_eq!(refusal.said.code, "RESOURCE_EXHAUSTED");
            assert_eq!(refusal.said.message, "You exceeded your current quota");
            assert!(refusal.said.in_shape);
            assert_eq!(refusal.retry_after, Some(Duration::from_millis(34_500)));
        }
        let key = br#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[
            {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#;
        assert_eq!(read(key).said.code, "API_KEY_INVALID");
        let odd = read(br#"{"error":{"code":500}}"#);
        assert_eq!(
            (odd.said.code.as_str(), odd.said.message.as_str()),
            ("500", r#"{"code":500}"#)
        );
        assert!(!read(b"<html>").said.in_shape);
        for delay in ["-1s", "NaNs", "1e99s", "s", "5"] {
            let body =
                format!(r#"{{"error":{{"details":[{{"@type":"google.rpc.RetryInfo","retryDelay":"{delay}"}}]}}}}"#);
            assert_eq!(read(body.as_bytes()).retry_after, None, "{delay}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }
    }
}
