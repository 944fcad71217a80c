//! Good calls get Anthropic's shapes, the same each time, and usage that a test can compute.

use serde_json::{Value, json};
use tests::client::Call;
use tests::upstream::anthropic::answer::{SEALED, THOUGHT, proof};
use tests::upstream::{DEFAULT_KEY, Upstream};

use super::{hello, plain, told, with};

fn tools() -> Value {
    let tool = |name: &str| json!({"name": name, "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}});
    json!([tool("weather"), tool("traffic"), {"name": "now", "input_schema": {"type": "object"}}])
}

fn user(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}]})
}

/// A stream says what a plain answer says, block for block and count for count.
async fn both(upstream: &Upstream, body: Value) -> Value {
    let whole = plain(upstream, body.clone()).await;
    let streamed = told(upstream, body).await.message;
    for name in ["content", "stop_reason", "stop_sequence", "model", "role"] {
        assert_eq!(streamed[name], whole[name], "{name}");
    }
    for name in [
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "output_tokens_details",
    ] {
        assert_eq!(streamed["usage"][name], whole["usage"][name], "{name}");
    }
    whole
}

#[tokio::test]
async fn an_answer_echoes_and_counts() {
    let upstream = Upstream::start().await.unwrap();
    let answer = both(&upstream, hello("claude-haiku-4-5")).await;
    assert_eq!(
        answer["content"],
        json!([{"type": "text", "text": "You said: Hello out there"}])
    );
    assert_eq!(
        (&answer["stop_reason"], &answer["usage"]["input_tokens"]),
        (&json!("end_turn"), &json!(7))
    );
    assert_eq!(answer["usage"]["output_tokens"], 5);
    let told = told(&upstream, hello("claude-haiku-4-5")).await;
    assert_eq!(told.names.first().map(String::as_str), Some("message_start"));
    assert_eq!(upstream.violations(), [""; 0]);
}

#[tokio::test]
async fn ends_of_every_kind() {
    let upstream = Upstream::start().await.unwrap();
    for (more, reason, text) in [
        (json!({"max_tokens": 2}), "max_tokens", "You said: "),
        (json!({"stop_sequences": ["out"]}), "stop_sequence", "You said: Hello "),
        (user("no [refusal]"), "refusal", "You said: no [refusal]"),
        (user("write 3 words"), "end_turn", "word1 word2 word3"),
    ] {
        let answer = both(&upstream, with(hello("claude-haiku-4-5"), more)).await;
        assert_eq!(
            (&answer["stop_reason"], &answer["content"][0]["text"]),
            (&json!(reason), &json!(text))
        );
    }
    // To fill a cache, without an answer, which is no stream.
    let answer = plain(&upstream, with(hello("claude-haiku-4-5"), json!({"max_tokens": 0}))).await;
    assert_eq!(answer["content"], json!([]));
}

#[tokio::test]
async fn tools_are_called_and_answered() {
    let upstream = Upstream::start().await.unwrap();
    let body = with(hello("claude-haiku-4-5"), json!({"tools": tools()}));
    let answer = both(&upstream, body.clone()).await;
    let names: Vec<&str> = answer["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        (names, &answer["stop_reason"]),
        (vec!["weather", "traffic", "now"], &json!("tool_use"))
    );
    assert_eq!(
        (&answer["content"][0]["input"], &answer["content"][2]["input"]),
        (&json!({"city": "Zürich 東京"}), &json!({}))
    );
    let one = both(
        &upstream,
        with(
            body.clone(),
            json!({"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}),
        ),
    )
    .await;
    assert_eq!(one["content"].as_array().unwrap().len(), 1);
    let named = both(
        &upstream,
        with(body.clone(), json!({"tool_choice": {"type": "tool", "name": "now"}})),
    )
    .await;
    assert_eq!(named["content"][0]["name"], "now");
    let results: Vec<Value> = answer["content"].as_array().unwrap().iter()
        .map(|call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": [{"type": "text", "text": call["name"]}]}))
        .collect();
    let messages = json!([body["messages"][0], {"role": "assistant", "content": answer["content"]}, {"role": "user", "content": results}]);
    let last = both(&upstream, with(body, json!({ "messages": messages }))).await;
    assert_eq!(last["content"][0]["text"], "The tools said: weather; traffic; now");
}

#[tokio::test]
async fn thoughts_have_proofs_that_are_wanted_back() {
    let upstream = Upstream::start().await.unwrap();
    let body = with(
        hello("claude-opus-4-6"),
        json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}),
    );
    let answer = both(&upstream, body.clone()).await;
    let thought = json!({"type": "thinking", "thinking": THOUGHT, "signature": proof(THOUGHT)});
    assert_eq!(answer["content"][0], thought);
    assert_eq!(
        answer["usage"]["output_tokens_details"],
        json!({"thinking_tokens": 256})
    );
    assert_eq!(answer["usage"]["output_tokens"], 5 + 256);
    let again = json!([body["messages"][0], {"role": "assistant", "content": answer["content"]}, {"role": "user", "content": "And?"}]);
    assert_eq!(
        both(&upstream, with(body, json!({ "messages": again }))).await["content"][1]["text"],
        "You said: And?"
    );
    // The newest show nothing unless they are asked to.
    let hidden = both(&upstream, hello("claude-opus-5-5")).await;
    assert_eq!(
        hidden["content"][0],
        json!({"type": "thinking", "thinking": "", "signature": proof(THOUGHT)})
    );
    let sealed = both(&upstream, with(hello("claude-opus-5-5"), user("x [redacted]"))).await;
    assert_eq!(
        sealed["content"][0],
        json!({"type": "redacted_thinking", "data": SEALED})
    );
}

#[tokio::test]
async fn schemas_files_citations_and_searches() {
    let upstream = Upstream::start().await.unwrap();
    let schema = json!({"type": "object", "additionalProperties": false, "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let form = json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}});
    let answer = both(&upstream, with(hello("claude-haiku-4-5"), form)).await;
    assert_eq!(answer["content"][0]["text"], "{\"n\":7}");
    let files = json!({"messages": [{"role": "user", "content": [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
        {"type": "text", "text": "What?"},
    ]}]});
    let answer = both(&upstream, with(hello("claude-haiku-4-5"), files)).await;
    assert_eq!(
        answer["content"][0]["text"],
        "You said: What? I see 1 image. I see 1 document."
    );
    assert_eq!(answer["usage"]["input_tokens"], 4 + 1 + 2 * 85);
    let answer = both(&upstream, with(hello("claude-haiku-4-5"), user("x [cite]"))).await;
    assert_eq!(answer["content"][0]["citations"][0]["type"], "char_location");
    let search = json!({"tools": [{"type": "web_search_20260318", "name": "web_search"}]});
    let answer = plain(&upstream, with(hello("claude-haiku-4-5"), search)).await;
    assert_eq!(answer["usage"]["server_tool_use"]["web_search_requests"], 1);
}

#[tokio::test]
async fn the_cache_is_counted_beside_the_input() {
    let upstream = Upstream::start().await.unwrap();
    let with_mark = |system: &str, ttl: &str| {
        let mark = json!({"type": "ephemeral", "ttl": ttl});
        with(
            hello("claude-haiku-4-5"),
            json!({"system": [{"type": "text", "text": system, "cache_control": mark}]}),
        )
    };
    let usage = async |body| both(&upstream, body).await["usage"].clone();
    let written = usage(with_mark("one two three", "5m")).await;
    assert_eq!(
        (
            &written["input_tokens"],
            &written["cache_creation"]["ephemeral_5m_input_tokens"]
        ),
        (&json!(7), &json!(3))
    );
    let hour = usage(with_mark("one two three", "1h")).await;
    assert_eq!(
        hour["cache_creation"],
        json!({"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 3})
    );
    let read = usage(with_mark("one two [cached]", "1h")).await;
    assert_eq!(
        (&read["cache_read_input_tokens"], &read["cache_creation_input_tokens"]),
        (&json!(3), &json!(0))
    );
}

#[tokio::test]
async fn tokens_are_counted_before() {
    let upstream = Upstream::start().await.unwrap();
    let mut body = hello("claude-haiku-4-5");
    body.as_object_mut().unwrap().remove("max_tokens");
    let call = Call::post(upstream.address(), "/v1/messages/count_tokens", &body)
        .header("x-api-key", DEFAULT_KEY)
        .header("anthropic-version", "2023-06-01");
    assert_eq!(call.json().await.unwrap().1, json!({"input_tokens": 7}));
}
