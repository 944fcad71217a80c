//! What the tests of the single wires share: a provider of a kind, requests, and what is counted. Used by `gemini` and `ollama`.

use serde_json::{Value, json};
use tests::client::Call;
use tests::stage::Stage;
use tests::upstream::Fault;

/// Adds a provider of this kind, with these models, to a hub that does not run yet.
pub(crate) async fn add(stage: &Stage, kind: &str, url: &str, credential: Option<&str>, models: &[&str]) {
    let name = kind.get(..3).unwrap_or(kind);
    let mut arguments = vec!["provider", "add", "--kind", kind, "--name", name, "--base-url", url];
    let faults: Vec<String> = Fault::ALL.iter().map(|fault| fault.model()).collect();
    for model in models.iter().copied().chain(faults.iter().map(String::as_str)) {
        arguments.extend(["--model", model]);
    }
    if credential.is_some() {
        arguments.push("--credential-stdin");
    }
    stage.hub.json(&arguments, credential.unwrap_or_default()).await;
}

/// Sets the price of a model, in USD per million tokens.
pub(crate) async fn price(stage: &Stage, model: &str, input: &str, output: &str) {
    let arguments = [
        "price",
        "set",
        "--model",
        model,
        "--input-per-million",
        input,
        "--output-per-million",
        output,
    ];
    stage.hub.json(&arguments, "").await;
}

/// A chat in OpenAI's dialect.
pub(crate) fn saying(model: &str, words: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": words}]})
}

/// The same as a stream that asks for its usage.
pub(crate) fn streamed(body: Value) -> Value {
    tests::stage::streamed(body)
}

/// `POST /v1/messages` as Anthropic's clients do it.
pub(crate) fn anthropic(stage: &Stage, body: &Value) -> Call {
    let call = stage.hub.post("/v1/messages", body).header("x-api-key", &stage.key);
    call.header("anthropic-version", "2023-06-01")
}

/// What a model of these tests is to give.
pub(crate) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"city": {"$ref": "#/$defs/city"}},
        "required": ["city"],
        "additionalProperties": false,
        "$defs": {"city": {"type": "string", "minLength": 1}},
    })
}

/// Two tools in OpenAI's dialect.
pub(crate) fn tools() -> Value {
    let one = |name: &str| json!({"type": "function", "function": {"name": name, "parameters": schema()}});
    json!([one("get_weather"), one("get_time")])
}

/// The quantities that are not zero.
pub(crate) fn counted(row: &Value) -> Value {
    let mut usage = row["usage"].clone();
    if let Some(usage) = usage.as_object_mut() {
        usage.retain(|_, count| *count != 0);
    }
    usage
}
