//! What the tests of the single wires share: a provider of a kind, requests, what is counted, and what is the same of every wire
//! when a stream goes wrong. Used by `gemini` and `ollama`.

use serde_json::{Value, json};
use tests::client::Call;
use tests::grammar;
use tests::stage::{Stage, call_id, with};
use tests::upstream::{Fault, Record, Rule};

/// Adds a provider of this kind, with these models, to a hub that does not run yet.
pub(crate) async fn add(stage: &Stage, kind: &str, url: &str, credential: Option<&str>, models: &[&str]) {
    let name = kind.get(..3).unwrap_or(kind);
    let provider = stage.hub.provider(kind, name).at(url).models(models);
    let provider = provider.models(Fault::ALL.iter().map(|fault| fault.model()));
    match credential {
        Some(credential) => provider.credential(credential).add().await,
        None => provider.add().await,
    };
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

/// The bodies that the provider got, in order.
pub(crate) fn sent(stage: &Stage) -> Vec<Value> {
    assert_eq!(stage.upstream.violations(), [""; 0]);
    stage.upstream.requests().iter().map(Record::json).collect()
}

/// Asks as a stream, which must be grammatical: what was said, and the call.
pub(crate) async fn heard(stage: &Stage, ask: Value) -> (grammar::said::Said, String) {
    let answer = stage.chat(&streamed(ask)).send().await.unwrap();
    let id = call_id(&answer);
    let text = answer.text().await.unwrap();
    let said = grammar::chat::check(&text, true).unwrap_or_else(|problem| panic!("{problem:?}: {text}"));
    (said, id)
}

/// The next turn after parallel calls, which gives their results back: of the model that made `calls`.
pub(crate) fn results(ask: &Value, calls: &[Value]) -> Value {
    let mut messages = vec![
        ask["messages"][0].clone(),
        json!({"role": "assistant", "content": null, "tool_calls": calls}),
    ];
    for (call, said) in calls.iter().zip(["21 degrees", "noon"]) {
        messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": said}));
    }
    json!({"model": ask["model"], "messages": messages, "tools": tools()})
}

/// What Anthropic's client asks of a model that thinks and has a tool.
pub(crate) fn thinking(model: &str) -> Value {
    json!({
        "model": model, "max_tokens": 4000, "system": "Be brief.",
        "tools": [{"name": "get_weather", "description": "d", "input_schema": schema()}],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "messages": [{"role": "user", "content": "How is it?"}],
    })
}

/// The next turn in Anthropic's dialect, which gives back all that the model said and the result of its call.
pub(crate) fn result(ask: &Value, answer: &Value) -> Value {
    let content = &answer["content"];
    let mut blocks = content.as_array().unwrap().iter();
    let call = blocks.find(|block| block["type"] == "tool_use").unwrap();
    let result = json!({"type": "tool_result", "tool_use_id": call["id"], "content": "21 degrees"});
    let messages = json!([
        ask["messages"][0],
        {"role": "assistant", "content": content},
        {"role": "user", "content": [result]},
    ]);
    with(ask.clone(), json!({ "messages": messages }))
}

/// The first text of an answer in Anthropic's dialect.
pub(crate) fn text(answer: &Value) -> &Value {
    let mut blocks = answer["content"].as_array().unwrap().iter();
    &blocks.find(|block| block["type"] == "text").unwrap()["text"]
}

/// What a client gets when `model` fails with each of these before the first byte: the status and the code. `wait` is what the
/// provider says beside a limit, if it says anything.
pub(crate) async fn fails_before(stage: &Stage, model: &str, wait: Option<&str>, cases: &[(Fault, u16, &str)]) {
    for (fault, status, code) in cases {
        stage.upstream.clear_faults();
        stage.upstream.add_rule(Rule::new(*fault));
        let answer = stage.chat(&saying(model, "Hello out there")).send().await.unwrap();
        let (got, told) = (answer.status.as_u16(), answer.header("retry-after").map(str::to_owned));
        let text = answer.text().await.unwrap();
        assert!(!text.contains(stage.upstream.key()), "{text}");
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (got, &body["error"]["code"]),
            (*status, &json!(code)),
            "{fault:?}: {body}"
        );
        let wait = wait.filter(|_| *fault == Fault::RateLimited);
        assert_eq!(told.as_deref(), wait, "{fault:?}");
    }
    stage.upstream.clear_faults();
}

/// Each of these in the middle of an answer of `provider` ends it with an error, after what had come.
pub(crate) async fn fails_within(stage: &Stage, provider: &str, faults: &[Fault]) {
    for fault in faults {
        let ask = saying(&format!("{provider}/{}", fault.model()), "Hello out there");
        let (said, id) = heard(stage, ask).await;
        assert!(
            said.error.is_some() && said.text.starts_with("You "),
            "{fault:?}: {}",
            said.text
        );
        let row = stage.row_in_state(&id, "failed").await;
        assert_ne!(row["failure"], Value::Null, "{fault:?}");
    }
}

/// None of these changes what is said and counted.
pub(crate) async fn odd_but_right(stage: &Stage, provider: &str, faults: &[Fault], usage: &Value) {
    for fault in faults {
        let row = said_all(stage, provider, *fault).await;
        assert_eq!(counted(&row), *usage, "{fault:?}");
        assert_eq!(row["usage_source"], "provider", "{fault:?}");
    }
}

/// All is said, and the usage is the hub's estimate.
pub(crate) async fn odd_and_estimated(stage: &Stage, provider: &str, faults: &[Fault]) {
    for fault in faults {
        let row = said_all(stage, provider, *fault).await;
        assert_eq!(row["usage_source"], "estimated", "{fault:?}");
    }
}

async fn said_all(stage: &Stage, provider: &str, fault: Fault) -> Value {
    let ask = saying(&format!("{provider}/{}", fault.model()), "Hello out there");
    let (said, id) = heard(stage, ask).await;
    assert_eq!(said.text, "You said: Hello out there", "{fault:?}");
    stage.row_in_state(&id, "succeeded").await
}
