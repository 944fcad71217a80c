//! Good calls get OpenAI's shapes, the same each time, and usage that a test can compute.

use base64::Engine as _;
use serde_json::{Value, json};
use tests::client::{Call, events};
use tests::upstream::Upstream;

use super::{chat, hello, hello_stream, stream, with};

fn weather_tools() -> Value {
    let one = |name: &str| {
        json!({"type": "function", "function": {"name": name, "strict": true, "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "kelvin"]}},
            "required": ["city", "unit"],
            "additionalProperties": false,
        }}})
    };
    json!([one("get_weather"), one("get_time")])
}

/// The text of choice `index`, put together from a stream.
fn joined(events: &[Value], index: usize) -> String {
    let choices = events.iter().flat_map(|event| event["choices"].as_array().unwrap());
    choices
        .filter(|choice| choice["index"] == index)
        .filter_map(|choice| choice["delta"]["content"].as_str())
        .collect()
}

#[tokio::test]
async fn a_plain_answer_echoes_and_counts() {
    let upstream = Upstream::start().await.unwrap();
    let answer = chat(&upstream, &hello("gpt-4o-mini")).send().await.unwrap();
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.headers.contains_key("x-request-id") && answer.headers.contains_key("set-cookie"));
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "gpt-4o-mini");
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"]["content"], "You said: Hello out there");
    assert_eq!(choice["message"]["role"], "assistant");
    assert_eq!(
        (&choice["finish_reason"], &choice["logprobs"]),
        (&json!("stop"), &Value::Null)
    );
    assert_eq!(answer["usage"]["prompt_tokens"], 7);
    assert_eq!(answer["usage"]["completion_tokens"], 5);
    assert_eq!(answer["usage"]["total_tokens"], 12);
}

#[tokio::test]
async fn a_stream_says_the_same_as_a_plain_answer() {
    let upstream = Upstream::start().await.unwrap();
    let text = stream(&upstream, &hello_stream("gpt-4o-mini")).await;
    assert!(text.ends_with("data: [DONE]\n\n"));
    let events = events(&text).unwrap();
    assert_eq!(joined(&events, 0), "You said: Hello out there");
    let (last, ordinary) = events.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["total_tokens"], 12);
    assert!(ordinary.iter().all(|event| event.get("usage") == Some(&Value::Null)));
    assert!(
        events
            .iter()
            .all(|event| event["object"] == "chat.completion.chunk" && event["id"] == last["id"])
    );
    assert_eq!(ordinary.last().unwrap()["choices"][0]["finish_reason"], "stop");

    let unasked = stream(&upstream, &with(hello("gpt-4o-mini"), json!({"stream": true}))).await;
    assert!(!unasked.contains("\"usage\""));
    assert!(unasked.contains("obfuscation"));
    let plain = json!({"stream": true, "stream_options": {"include_obfuscation": false}});
    assert!(
        !stream(&upstream, &with(hello("gpt-4o-mini"), plain))
            .await
            .contains("obfuscation")
    );
}

#[tokio::test]
async fn tools_are_called_in_parallel_and_their_results_repeated() {
    let upstream = Upstream::start().await.unwrap();
    let body = with(hello("gpt-4o"), json!({"tools": weather_tools()}));
    let (_, answer) = chat(&upstream, &body).json().await.unwrap();
    let message = answer["choices"][0]["message"].clone();
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(message["content"], Value::Null);
    assert_eq!(message["tool_calls"].as_array().unwrap().len(), 2);
    let arguments: Value =
        serde_json::from_str(message["tool_calls"][1]["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(arguments, json!({"city": "Zürich 東京", "unit": "celsius"}));

    let mut messages = vec![json!({"role": "user", "content": "How is it?"}), message.clone()];
    for (call, said) in message["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .zip(["21 degrees", "noon"])
    {
        messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": said}));
    }
    let body = json!({"model": "gpt-4o", "messages": messages, "tools": weather_tools()});
    let (status, answer) = chat(&upstream, &body).json().await.unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "The tools said: 21 degrees; noon"
    );

    for (choice, parallel, count) in [
        (json!("none"), true, 0),
        (json!("auto"), false, 1),
        (json!("required"), true, 2),
        (json!({"type": "function", "function": {"name": "get_time"}}), true, 1),
    ] {
        let asked = json!({"tools": weather_tools(), "tool_choice": choice, "parallel_tool_calls": parallel});
        let (_, answer) = chat(&upstream, &with(hello("gpt-4o"), asked)).json().await.unwrap();
        let calls = answer["choices"][0]["message"]["tool_calls"]
            .as_array()
            .map_or(0, Vec::len);
        assert_eq!(calls, count, "{choice}");
    }
}

/// The indexes of the pieces of calls in order, and the arguments put together by index.
async fn streamed_calls(upstream: &Upstream, model: &str) -> (Vec<usize>, [String; 2]) {
    let body = with(hello_stream(model), json!({"tools": weather_tools()}));
    let events = events(&stream(upstream, &body).await).unwrap();
    let mut order = Vec::new();
    let mut arguments = [String::new(), String::new()];
    for call in events
        .iter()
        .filter_map(|event| event.pointer("/choices/0/delta/tool_calls/0"))
    {
        let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
        order.push(index);
        arguments[index].push_str(call["function"]["arguments"].as_str().unwrap());
    }
    (order, arguments)
}

#[tokio::test]
async fn streamed_calls_come_in_turn_or_interleaved() {
    let upstream = Upstream::start().await.unwrap();
    let (order, one) = streamed_calls(&upstream, "gpt-4o").await;
    assert!(order.is_sorted() && order.len() > 8, "{order:?}");
    let (order, other) = streamed_calls(&upstream, "fault-interleaved").await;
    assert_eq!(order[..6], [0, 1, 0, 1, 0, 1]);
    assert_eq!(one, other);
    for text in one {
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["unit"], "celsius");
    }
}

#[tokio::test]
async fn json_answers_conform() {
    let upstream = Upstream::start().await.unwrap();
    let schema = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer", "minimum": 18},
            "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
            "when": {"type": "string", "format": "date"},
            "maybe": {"type": ["string", "null"]},
        },
        "required": ["name", "age", "tags", "when", "maybe"],
        "additionalProperties": false,
        "$defs": {"tag": {"type": "string", "enum": ["red", "blue"]}},
    });
    let format = json!({"type": "json_schema", "json_schema": {"name": "person", "strict": true, "schema": schema}});
    let (_, answer) = chat(&upstream, &with(hello("gpt-4o"), json!({"response_format": format})))
        .json()
        .await
        .unwrap();
    let content: Value = serde_json::from_str(answer["choices"][0]["message"]["content"].as_str().unwrap()).unwrap();
    let expected =
        json!({"name": "Zürich 東京", "age": 18, "tags": ["red"], "when": "2026-01-02", "maybe": "Zürich 東京"});
    assert_eq!(content, expected);

    let body = json!({
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Answer in JSON"}],
        "response_format": {"type": "json_object"},
    });
    let (_, answer) = chat(&upstream, &body).json().await.unwrap();
    let content = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(content).unwrap().is_object());
}

#[tokio::test]
async fn images_reasoning_cache_choices_caps_and_stops() {
    let upstream = Upstream::start().await.unwrap();
    let ask = async |body: Value| {
        let (status, answer) = chat(&upstream, &body).json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let image = |url: &str| json!({"type": "image_url", "image_url": {"url": url, "detail": "low"}});
    let parts = json!([
        {"type": "text", "text": "What is it?"},
        image("https://example.test/a.png"),
        image("data:image/png;base64,iVBORw0KGgo="),
    ]);
    let answer = ask(json!({"model": "gpt-4o", "messages": [{"role": "user", "content": parts}]})).await;
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "You said: What is it? I see 2 images."
    );
    assert_eq!(answer["usage"]["prompt_tokens"], 4 + 3 + 170);

    let answer = ask(with(
        hello("o4-mini"),
        json!({"reasoning_effort": "high", "temperature": 1}),
    ))
    .await;
    assert_eq!(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 256);
    assert_eq!(answer["usage"]["completion_tokens"], 261);

    let long = "word ".repeat(1300);
    let answer = ask(json!({"model": "gpt-4o", "messages": [{"role": "user", "content": long}]})).await;
    assert_eq!(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 1280);

    let answer = ask(with(hello("gpt-4o"), json!({"n": 3}))).await;
    assert_eq!(answer["choices"].as_array().unwrap().len(), 3);
    assert_eq!(
        answer["choices"][2]["message"]["content"],
        "You said: Hello out there (choice 2)"
    );
    let choices = events(&stream(&upstream, &with(hello_stream("gpt-4o"), json!({"n": 2}))).await).unwrap();
    assert_eq!(joined(&choices, 1), "You said: Hello out there (choice 1)");

    let answer = ask(with(hello("gpt-4o"), json!({"max_tokens": 3}))).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["usage"]["completion_tokens"], 3);
    let answer = ask(with(hello("gpt-4o"), json!({"stop": ["out"]}))).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "You said: Hello ");

    let ten = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Please write 10 words"}]});
    assert_eq!(ask(ten).await["usage"]["completion_tokens"], 10);
    let filtered = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "[content_filter] x"}]});
    assert_eq!(ask(filtered).await["choices"][0]["finish_reason"], "content_filter");
}

#[tokio::test]
async fn embeddings_as_floats_and_base64_agree() {
    let upstream = Upstream::start().await.unwrap();
    let ask = async |more: Value| {
        let body = with(json!({"model": "text-embedding-3-small"}), more);
        let call = Call::post(upstream.address(), "/v1/embeddings", &body).bearer(upstream.key());
        let (status, answer) = call.json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let floats = ask(json!({"input": ["one two", "three"], "dimensions": 8})).await;
    assert_eq!(floats["usage"], json!({"prompt_tokens": 3, "total_tokens": 3}));
    assert_eq!(floats["data"][1]["index"], 1);
    let vector: Vec<f64> = floats["data"][0]["embedding"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_f64().unwrap())
        .collect();
    assert_eq!(vector.len(), 8);
    let length: f64 = vector.iter().map(|one| one * one).sum();
    assert!((length - 1.0).abs() < 1e-3);

    let packed = ask(json!({"input": "one two", "dimensions": 8, "encoding_format": "base64"})).await;
    let text = packed["data"][0]["embedding"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let unpacked: Vec<f64> = bytes
        .chunks_exact(4)
        .map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())))
        .collect();
    assert!(vector.iter().zip(&unpacked).all(|(a, b)| (a - b).abs() < 1e-6));

    let ids = ask(json!({"input": [[1, 2, 3], [4]]})).await;
    assert_eq!(ids["usage"]["prompt_tokens"], 4);
    assert_eq!(ids["data"][0]["embedding"].as_array().unwrap().len(), 1536);
}

#[tokio::test]
async fn models_are_listed_and_shown() {
    let upstream = Upstream::start().await.unwrap();
    let get = async |path: &str| {
        Call::get(upstream.address(), path)
            .bearer(upstream.key())
            .json()
            .await
            .unwrap()
            .1
    };
    let list = get("/v1/models").await;
    assert_eq!(list["object"], "list");
    let ids: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    assert!(ids.contains(&"gpt-4o-mini") && ids.contains(&"fault-stall-mid"));
    let one = get("/v1/models/gpt-4o").await;
    assert_eq!((&one["id"], &one["object"]), (&json!("gpt-4o"), &json!("model")));
    let (status, _) = Call::get(upstream.address(), "/v1/models").json().await.unwrap();
    assert_eq!(status, 401);
}
