//! Proves the fake provider itself: that it refuses what the provider refuses, answers in its shapes, breaks as ordered,
//! and records what it saw. The suites that test the hub rely on this one.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test stops at the first surprise, and its little builders read better with values"
)]

mod answers;
mod anthropic;
mod faults;
mod google;
mod ollama;
mod records;
mod rejects;
mod responses;

use serde_json::{Value, json};
use tests::client::{Answer, Call};
use tests::upstream::{DEFAULT_KEY, Upstream};

/// A chat call with this body and the right credential.
fn chat(upstream: &Upstream, body: &Value) -> Call {
    Call::post(upstream.address(), "/v1/chat/completions", body).bearer(DEFAULT_KEY)
}

/// The smallest good chat body for a model.
fn hello(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "Hello out there"}]})
}

/// The same as a stream with usage.
fn hello_stream(model: &str) -> Value {
    with(
        hello(model),
        json!({"stream": true, "stream_options": {"include_usage": true}}),
    )
}

/// `body` with the fields of `more`.
fn with(mut body: Value, more: Value) -> Value {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

/// The whole text of a stream.
async fn stream(upstream: &Upstream, body: &Value) -> String {
    let answer: Answer = chat(upstream, body).send().await.unwrap();
    assert_eq!(answer.status, 200);
    answer.text().await.unwrap()
}
