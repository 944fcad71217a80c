//! Proves Anthropic's half of the fake: what it refuses (`rejects`), what it answers (`answers`), how it breaks (`faults`).

use serde_json::{Value, json};
use tests::client::Call;
use tests::grammar::messages::{self, Told};
use tests::upstream::{DEFAULT_KEY, Upstream};

use super::with;

mod answers;
mod faults;
mod rejects;

/// A call of Messages with this body, the right credential and the right version.
fn ask(upstream: &Upstream, body: &Value) -> Call {
    Call::post(upstream.address(), "/v1/messages", body)
        .header("x-api-key", DEFAULT_KEY)
        .header("anthropic-version", "2023-06-01")
}

/// The smallest good body for a model.
fn hello(model: &str) -> Value {
    json!({"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": "Hello out there"}]})
}

/// The whole text of a stream.
async fn raw(upstream: &Upstream, body: Value) -> String {
    let answer = ask(upstream, &with(body, json!({"stream": true})))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    answer.text().await.unwrap()
}

/// What a stream says.
async fn told(upstream: &Upstream, body: Value) -> Told {
    messages::check(&raw(upstream, body).await).unwrap()
}

/// What a plain answer says.
async fn plain(upstream: &Upstream, body: Value) -> Value {
    let (status, answer) = ask(upstream, &body).json().await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}
