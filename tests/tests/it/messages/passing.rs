//! Anthropic on both sides: the client gets the provider's bytes, and the row every bucket that it counts.

use serde_json::{Value, json};
use tests::stage::{Stage, call_id, on_both, with};

use super::{ask, counted, hello, plain, stage, told, whole};

/// A prompt whose instructions go into the cache for an hour, to a model that thinks.
fn rich(system: &str) -> Value {
    let mark = json!({"type": "ephemeral", "ttl": "1h"});
    json!({
        "model": "claude/claude-opus-4-6", "max_tokens": 1000,
        "system": [{"type": "text", "text": system, "cache_control": mark}],
        "thinking": {"type": "adaptive"}, "output_config": {"effort": "high"},
        "messages": [{"role": "user", "content": "Hello out there"}],
    })
}

#[tokio::test]
async fn every_bucket_is_counted_plain_and_streamed() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        for (system, bucket) in [("one two three", "cache_write_1h"), ("one two [cached]", "cache_read")] {
            let (answer, id) = plain(&stage, &rich(system)).await;
            let wanted = json!({"input_uncached": 7, bucket: 3, "output_text": 5, "output_reasoning": 256});
            let row = stage.row(&id).await;
            assert_eq!(counted(&row), wanted);
            assert_eq!(
                (&row["state"], &row["usage_source"]),
                (&json!("succeeded"), &json!("provider"))
            );
            let raw: Value = serde_json::from_str(row["raw_usage"].as_str().unwrap()).unwrap();
            assert_eq!(raw, answer["usage"]);
            assert_eq!(answer["content"][1]["text"], "You said: Hello out there");

            let (streamed, id) = told(&stage, &rich(system)).await;
            assert_eq!(streamed.message["content"], answer["content"]);
            assert_eq!(counted(&stage.row(&id).await), wanted);
        }
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn the_providers_bytes_come_and_the_clients_bytes_go() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let body = concat!(
            "{ \"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}]},\n",
            " \"model\": \"claude\\/claude-opus-4-6\",\"max_tokens\" : 9e1,\"messages\":[{\"role\":\"user\",\"content\":\"h\\u00e9llo\"}] }",
        );
        let sent = ask(&stage, &Value::Null)
            .body(body)
            .header("anthropic-beta", "context-management-2025-06-27,other-1")
            .header("cookie", "a=b");
        // The provider takes whole numbers only, and says so in its own words.
        let answer = sent.send().await.unwrap();
        let id = call_id(&answer);
        let (status, refused) = whole(answer).await;
        assert_eq!((status, &refused["error"]["type"]), (400, &json!("invalid_request_error")));
        assert_eq!(refused["error"]["message"], "max_tokens: Input should be a valid integer");
        assert!(refused["request_id"].as_str().unwrap().starts_with("req_fake"), "{refused}");
        assert_eq!(stage.row(&id).await["failure"]["fault"], "caller");
        let arrived = stage.upstream.requests_to("/v1/messages").pop().unwrap();
        let wanted = body.replace("claude\\/claude-opus-4-6", "claude-opus-4-6");
        assert_eq!(String::from_utf8_lossy(&arrived.body), wanted);
        assert_eq!(arrived.header("anthropic-beta"), Some("context-management-2025-06-27,other-1"));
        assert_eq!(arrived.header("anthropic-version"), Some("2023-06-01"));
        assert_eq!(arrived.header("x-api-key"), Some(stage.upstream.key()));

        let body = with(hello("claude/claude-haiku-4-5"), json!({"stream": true}));
        let through = ask(&stage, &body).send().await.unwrap().text().await.unwrap();
        let direct = with(hello("claude-haiku-4-5"), json!({"stream": true}));
        let direct = tests::client::Call::post(stage.upstream.address(), "/v1/messages", &direct)
            .header("x-api-key", stage.upstream.key())
            .header("anthropic-version", "2023-06-01");
        let direct = direct.send().await.unwrap().text().await.unwrap();
        let without_number = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
        assert_eq!(without_number(&through), without_number(&direct));
        assert_eq!(stage.upstream.violations(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn thoughts_tools_and_files_pass() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let tool = |name: &str| json!({"name": name, "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}});
        let body = with(rich("x"), json!({"tools": [tool("weather"), tool("traffic")]}));
        let (answer, _) = plain(&stage, &body).await;
        assert_eq!(answer["stop_reason"], "tool_use");
        let calls: Vec<Value> = answer["content"].as_array().unwrap()[1..].to_vec();
        assert_eq!(calls.len(), 2);
        let results: Vec<Value> = calls
            .iter()
            .map(|call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": call["name"]}))
            .collect();
        let messages = json!([
            body["messages"][0],
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": results},
        ]);
        // The provider wants its proof back, to the letter.
        let (again, id) = told(&stage, &with(body, json!({ "messages": messages }))).await;
        assert_eq!(again.text(), "The tools said: weather; traffic");
        assert_eq!(stage.row(&id).await["finish_reason"], "stop");
    })
    .await;
}

#[tokio::test]
async fn refusals_of_the_hub_have_anthropics_shape() {
    on_both(async |kind| {
        let stage: Stage = stage(kind).await;
        let good = || ask(&stage, &hello("claude/claude-haiku-4-5"));
        for (call, status, kind, code) in [
            (
                good().without("x-api-key"),
                401,
                "authentication_error",
                "missing_api_key",
            ),
            (
                good().header("x-api-key", "sk-ant-1"),
                401,
                "authentication_error",
                "invalid_api_key",
            ),
            (
                ask(&stage, &hello("claude/none")),
                404,
                "not_found_error",
                "model_not_found",
            ),
            (good().body("{"), 400, "invalid_request_error", "invalid_json"),
            (
                good().body("{\"messages\":[]}"),
                400,
                "invalid_request_error",
                "missing_model",
            ),
            (
                ask(
                    &stage,
                    &json!({"model": "fake/gpt-4o", "max_tokens": 5, "messages": [{"role": "tool"}]}),
                ),
                400,
                "invalid_request_error",
                "invalid_request",
            ),
        ] {
            let answer = call.send().await.unwrap();
            let request_id = answer.header("x-request-id").unwrap().to_owned();
            let (found, body) = whole(answer).await;
            assert_eq!(found, status, "{body}");
            assert_eq!(
                (&body["type"], &body["error"]["type"]),
                (&json!("error"), &json!(kind)),
                "{body}"
            );
            assert_eq!(body["error"]["details"]["error_code"], code, "{body}");
            assert_eq!(body["request_id"], request_id);
        }
    })
    .await;
}
