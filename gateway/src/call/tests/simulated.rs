//! The simulated provider, by the same way as any other.

use domain::call::{CallState, Fault};
use serde_json::{Value, json};

use super::client::{Hub, Setup, messages, whole};

fn ask(model: &str, more: &Value) -> String {
    let mut body = json!({ "model": format!("p/{model}"), "messages": [{ "role": "user", "content": "Hello wide world" }], "simulated": { "pace_ms": 0 } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body.to_string()
}

async fn answered(hub: &Hub, body: &str) -> Value {
    serde_json::from_slice(&whole(hub.chat(body).await.1.unwrap())).unwrap()
}

/// The chunks of a stream, without `[DONE]`, which must be the last.
async fn chunks(hub: &Hub, body: &str) -> Vec<Value> {
    let text = messages(hub.chat(body).await.1.unwrap()).await.concat();
    let mut data: Vec<&str> = text
        .split("\n\n")
        .filter(|event| !event.is_empty())
        .map(|event| event.strip_prefix("data: ").unwrap())
        .collect();
    assert_eq!(data.pop(), Some("[DONE]"));
    data.into_iter()
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn content(chunks: &[Value]) -> String {
    chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect()
}

#[tokio::test]
async fn echo_repeats_whole_and_streamed() {
    let hub = Hub::with(Setup::simulated()).await;
    let whole = answered(&hub, &ask("echo", &json!({}))).await;
    assert_eq!(whole["choices"][0]["message"]["content"], "Hello wide world");
    assert_eq!(
        (whole["system_fingerprint"].as_str(), whole["object"].as_str()),
        (Some("simulated"), Some("chat.completion"))
    );

    let parts = json!({ "stream": true, "messages": [{ "role": "user", "content": [{ "type": "text", "text": "你好，世界。这是一个没有空格的句子" }, { "type": "image_url", "image_url": { "url": "data:," } }] }] });
    assert_eq!(
        content(&chunks(&hub, &ask("echo", &parts)).await),
        "你好，世界。这是一个没有空格的句子"
    );

    let with_usage = chunks(
        &hub,
        &ask(
            "echo",
            &json!({ "stream": true, "stream_options": { "include_usage": true } }),
        ),
    )
    .await;
    assert_eq!(with_usage.last().unwrap()["usage"]["completion_tokens"], 3);
    assert!(
        chunks(&hub, &ask("echo", &json!({ "stream": true })))
            .await
            .iter()
            .all(|chunk| chunk["choices"] != json!([]))
    );
}

#[tokio::test]
async fn text_is_as_long_as_asked_and_the_same_every_time() {
    let hub = Hub::with(Setup::simulated()).await;
    let first = answered(&hub, &ask("text", &json!({ "max_tokens": 5 }))).await;
    assert_eq!(
        first["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .split_whitespace()
            .count(),
        5
    );
    assert_eq!(
        (
            first["choices"][0]["finish_reason"].as_str(),
            first["usage"]["completion_tokens"].as_u64()
        ),
        (Some("length"), Some(5))
    );
    assert_eq!(first, answered(&hub, &ask("text", &json!({ "max_tokens": 5 }))).await);
    assert_eq!(
        answered(&hub, &ask("text", &json!({ "n": 2 }))).await["choices"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn tools_are_called_in_parallel_with_arguments_of_their_schema() {
    let hub = Hub::with(Setup::simulated()).await;
    let tool = |name: &str| json!({ "type": "function", "function": { "name": name, "parameters": { "type": "object", "properties": { "city": { "type": "string" } } } } });
    let tools = json!({ "tools": [tool("weather"), tool("time")] });
    let message = answered(&hub, &ask("tools", &tools)).await["choices"][0].clone();
    assert_eq!(message["finish_reason"], "tool_calls");
    assert_eq!(
        message["message"]["tool_calls"][1]["function"],
        json!({ "name": "time", "arguments": "{\"city\":\"simulated\"}" })
    );

    let mut streamed = tools;
    streamed["stream"] = true.into();
    let mut arguments = [String::new(), String::new()];
    for call in chunks(&hub, &ask("tools", &streamed)).await.iter().flat_map(|chunk| {
        chunk["choices"][0]["delta"]["tool_calls"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }) {
        let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
        arguments[index].push_str(call["function"]["arguments"].as_str().unwrap());
    }
    assert_eq!(arguments, ["{\"city\":\"simulated\"}", "{\"city\":\"simulated\"}"]);
}

#[tokio::test]
async fn json_follows_the_schema() {
    let hub = Hub::with(Setup::simulated()).await;
    let schema =
        json!({ "type": "object", "properties": { "name": { "type": "string" }, "age": { "type": "integer" } } });
    let format =
        json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "person", "schema": schema } } });
    let answer = answered(&hub, &ask("json", &format)).await;
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "{\"name\":\"simulated\",\"age\":1}"
    );
}

#[tokio::test]
async fn embeddings_come_as_numbers_and_as_base64() {
    let hub = Hub::with(Setup::simulated()).await;
    let numbers: Value = serde_json::from_slice(&whole(
        hub.embed(r#"{"model":"p/embed","input":["a b","c"],"dimensions":4}"#)
            .await,
    ))
    .unwrap();
    let vector: Vec<f64> = numbers["data"][1]["embedding"]
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect();
    assert_eq!((vector.len(), numbers["usage"]["prompt_tokens"].as_u64()), (4, Some(3)));
    assert!((vector.iter().map(|number| number * number).sum::<f64>() - 1.0).abs() < 1e-5);
    let text: Value = serde_json::from_slice(&whole(
        hub.embed(r#"{"model":"p/embed","input":"c","dimensions":4,"encoding_format":"base64"}"#)
            .await,
    ))
    .unwrap();
    assert_eq!(text["data"][0]["embedding"].as_str().unwrap().len(), 24);
}

#[tokio::test]
async fn errors_come_on_demand() {
    let hub = Hub::with(Setup::simulated()).await;
    for (model, status, fault) in [
        ("error-400", 400, Fault::Caller),
        ("error-401", 502, Fault::Operator),
        ("error-429", 429, Fault::Limit),
        ("error-500", 502, Fault::Provider),
        ("error-stream", 502, Fault::Provider),
    ] {
        let error = hub.chat(&ask(model, &json!({}))).await.1.unwrap_err();
        assert_eq!((error.status, error.fault), (status, fault), "{model}");
    }
    let (id, answer) = hub.chat(&ask("error-stream", &json!({ "stream": true }))).await;
    let all = messages(answer.unwrap()).await;
    assert!(all.len() > 2 && all.last().unwrap().contains("\"error\""));
    assert_eq!(hub.now(id).await.call.state, CallState::Failed);
    assert_eq!(hub.chat(&ask("embed", &json!({}))).await.1.unwrap_err().status, 400);
}
