//! Anthropic's dialect through the hub: to its own provider, where bytes pass, and to another, where they are written anew.

#[path = "messages/broken.rs"]
mod broken;
#[path = "messages/converted.rs"]
mod converted;
#[path = "messages/counting.rs"]
mod counting;
#[path = "messages/listing.rs"]
mod listing;
#[path = "messages/passing.rs"]
mod passing;

use serde_json::{Value, json};
use tests::client::{Answer, Call};
use tests::grammar::messages::{self, Told};
use tests::hub::Kind;
use tests::stage::{Stage, call_id, with};

/// A stage with Anthropic's fake behind it as the provider `claude`, beside OpenAI's as `fake`.
async fn stage(kind: Kind) -> Stage {
    let stage = Stage::prepare(kind).await;
    let (address, key) = (stage.upstream.base_url(), stage.upstream.key().to_owned());
    stage.hub.add_provider_of("anthropic", "claude", &address, &key).await;
    let mut stage = stage;
    stage.hub.serve().await;
    stage
}

/// `POST /v1/messages` as an SDK sends it.
fn ask(stage: &Stage, body: &Value) -> Call {
    stage
        .hub
        .post("/v1/messages", body)
        .header("x-api-key", &stage.key)
        .header("anthropic-version", "2023-06-01")
}

/// The smallest good body for a model.
fn hello(model: &str) -> Value {
    json!({"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": "Hello out there"}]})
}

/// What a stream says, and the id of its call.
async fn told(stage: &Stage, body: &Value) -> (Told, String) {
    let answer = ask(stage, &with(body.clone(), json!({"stream": true})))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    let id = call_id(&answer);
    let text = answer.text().await.unwrap();
    (
        messages::check(&text).unwrap_or_else(|rule| panic!("{rule}\n{text}")),
        id,
    )
}

/// What a plain answer says, and the id of its call.
async fn plain(stage: &Stage, body: &Value) -> (Value, String) {
    let answer = ask(stage, body).send().await.unwrap();
    let id = call_id(&answer);
    let (status, answer) = whole(answer).await;
    assert_eq!(status, 200, "{answer}");
    (answer, id)
}

async fn whole(answer: Answer) -> (u16, Value) {
    let status = answer.status.as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

/// The quantities of a row that are not zero.
fn counted(row: &Value) -> Value {
    let mut usage = row["usage"].clone();
    if let Some(usage) = usage.as_object_mut() {
        usage.retain(|_, count| *count != 0);
    }
    usage
}
