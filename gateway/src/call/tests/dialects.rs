//! Clients of one dialect and providers of another: what each gets, and what the row says. Bytes pass where both speak the same.

use ::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use domain::{
    call::{CallState, Dialect},
    catalog::ProviderKind,
    usage::{Usage, UsageSource},
};
use serde_json::{Value, json};

use super::{
    client::{Hub, SECRET, Setup, USER, messages, whole},
    upstream::{Step, Upstream, chunk, end, json as answered, stream_head},
};
use crate::call::{Caller, Passing, Room};

const CALLER: Caller = Caller::of_person(USER);
const MESSAGES: &str = r#"{"model":"p/m","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}"#;
const RESPONSES: &str = r#"{"model":"p/m","max_output_tokens":50,"input":"hi"}"#;
const CHAT: &str =
    r#"{"model":"p/m","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}]}"#;

async fn hub(kind: ProviderKind, steps: Vec<Step>) -> (Hub, Upstream) {
    let upstream = Upstream::start(vec![steps]).await;
    let openai = matches!(kind, ProviderKind::Openai | ProviderKind::OpenaiCompatible);
    let base_url = match openai {
        true => upstream.base_url.as_str(),
        // Each kind puts in its own version.
        false => upstream.base_url.trim_end_matches("/v1"),
    };
    let setup = Setup {
        kind,
        preset: None,
        ..Setup::at(base_url)
    };
    (Hub::with(setup).await, upstream)
}

fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn events(list: &[Value]) -> Vec<Step> {
    let event = |event: &Value| {
        let name = event["type"].as_str().unwrap();
        chunk(&format!("event: {name}\ndata: {event}\n\n"))
    };
    let mut steps = vec![stream_head()];
    steps.extend(list.iter().map(event));
    steps.push(end());
    steps
}

fn spoken() -> Vec<Value> {
    let usage =
        json!({"input_tokens": 7, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 0, "output_tokens": 1});
    vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 5}}),
        json!({"type": "message_stop"}),
    ]
}

const COUNTED: Usage = Usage {
    input_uncached: 7,
    cache_read: 3,
    cache_write_5m: 0,
    cache_write_1h: 0,
    input_audio: 0,
    input_image: 0,
    output_text: 5,
    output_reasoning: 0,
    output_audio: 0,
    output_image: 0,
};

#[tokio::test]
async fn a_chat_client_reaches_anthropic_in_a_stream() {
    let (hub, upstream) = hub(ProviderKind::Anthropic, events(&spoken())).await;
    let request = hub.request(
        Dialect::OpenaiChat,
        &CHAT.replace(
            "{\"model\"",
            "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"logit_bias\":{\"1\":1},\"model\"",
        ),
    );
    let id = request.id;
    let answer = hub.gateway.call(request).await.unwrap();
    assert_eq!(answer.dropped, ["logit_bias"]);
    let told = messages(answer).await.concat();

    let asked = upstream.requests().remove(0);
    let head = asked.to_lowercase();
    assert!(head.starts_with("post /v1/messages http/1.1\r\n"), "{asked}");
    assert!(head.contains(&format!("x-api-key: {SECRET}\r\n")) && head.contains("anthropic-version: 2023-06-01\r\n"));
    assert!(!head.contains("authorization:"));
    let asked = body(&asked);
    assert_eq!((&asked["model"], &asked["stream"]), (&json!("m"), &json!(true)));
    assert!(asked["max_tokens"].as_u64().is_some_and(|tokens| tokens > 0), "{asked}");
    assert!(asked["system"].to_string().contains("be brief"));

    let frames: Vec<&str> = told.split("\n\n").filter(|frame| !frame.is_empty()).collect();
    assert_eq!(frames.last(), Some(&"data: [DONE]"));
    let chunks: Vec<Value> = frames[..frames.len() - 1]
        .iter()
        .map(|frame| serde_json::from_str(frame.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    let text: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, "Hello");
    let ends: Vec<&str> = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str())
        .collect();
    assert_eq!(ends, ["stop"]);
    let usage = &chunks.last().unwrap()["usage"];
    assert_eq!(
        (&usage["prompt_tokens"], &usage["completion_tokens"]),
        (&json!(10), &json!(5))
    );

    let row = hub.settled(id).await.call;
    assert_eq!(
        (row.state, row.usage, row.usage_source),
        (CallState::Succeeded, COUNTED, UsageSource::Provider)
    );
    assert_eq!(row.finish_reason.as_deref(), Some("stop"));
}

#[tokio::test]
async fn anthropics_own_clients_get_its_bytes() {
    let (hub, upstream) = hub(ProviderKind::Anthropic, events(&spoken())).await;
    let sent = MESSAGES.replace("{\"model\"", "{ \"stream\":true, \"new_thing\":[1.50], \"model\"");
    let mut request = hub.request(Dialect::AnthropicMessages, &sent);
    let client = HeaderMap::from_iter(
        [
            ("anthropic-version", "2099-01-01"),
            ("anthropic-beta", "a,b"),
            ("x-app", "a;b"),
            ("authorization", "Bearer sk-hub-x"),
            ("x-api-key", "sk-hub-x"),
            ("cookie", "a=b"),
            ("x-stainless-os", "Linux"),
        ]
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))),
    );
    request.headers = crate::http::passing(Dialect::AnthropicMessages, &client, None);
    let id = request.id;
    let answer = hub.gateway.call(request).await.unwrap();
    assert_eq!(answer.dropped, ["x-app"]);
    let told = messages(answer).await.concat();
    let wanted: String = spoken()
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect();
    assert_eq!(told, wanted);

    let asked = upstream.requests().remove(0);
    assert!(asked.ends_with(&sent.replace("p/m", "m")), "{asked}");
    let head = asked.to_lowercase();
    assert!(head.contains("anthropic-version: 2099-01-01\r\n") && head.contains("anthropic-beta: a,b\r\n"));
    assert!(
        !head.contains("2023-06-01")
            && !head.contains("sk-hub-x")
            && !head.contains("cookie")
            && !head.contains("stainless")
            && !head.contains("x-app")
    );
    let row = hub.settled(id).await.call;
    assert_eq!((row.state, row.usage), (CallState::Succeeded, COUNTED));
}

#[tokio::test]
async fn a_messages_client_reaches_openai() {
    let answer = json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "prompt_tokens_details": {"cached_tokens": 3}}});
    let (hub, upstream) = hub(ProviderKind::Openai, answered(200, &answer.to_string())).await;
    let request = hub.request(Dialect::AnthropicMessages, MESSAGES);
    let id = request.id;
    let told: Value = serde_json::from_slice(&whole(hub.gateway.call(request).await.unwrap())).unwrap();
    assert_eq!(
        (&told["type"], &told["role"], &told["stop_reason"]),
        (&json!("message"), &json!("assistant"), &json!("max_tokens"))
    );
    assert_eq!(told["content"], json!([{"type": "text", "text": "Hello"}]));
    assert_eq!(told["model"], "p/m");
    let usage = &told["usage"];
    assert_eq!(
        (
            &usage["input_tokens"],
            &usage["cache_read_input_tokens"],
            &usage["output_tokens"]
        ),
        (&json!(7), &json!(3), &json!(5))
    );
    let asked = upstream.requests().remove(0);
    assert!(asked.starts_with("POST /v1/chat/completions "), "{asked}");
    assert_eq!(body(&asked)["model"], "m");
    let row = hub.settled(id).await.call;
    assert_eq!((row.state, row.usage), (CallState::Succeeded, COUNTED));
}

#[tokio::test]
async fn refusals_and_errors_in_a_stream_come_in_the_clients_words() {
    let refused = answered(
        429,
        r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#,
    );
    let (hub, _upstream) = hub(ProviderKind::Anthropic, refused).await;
    let error = hub
        .gateway
        .call(hub.request(Dialect::OpenaiChat, CHAT))
        .await
        .unwrap_err();
    let told: Value = serde_json::from_slice(&error.body(Dialect::OpenaiChat, None)).unwrap();
    assert_eq!(
        (error.status, &told["error"]["type"]),
        (429, &json!("rate_limit_error"))
    );
    let told: Value = serde_json::from_slice(&error.body(Dialect::AnthropicMessages, Some("call_1"))).unwrap();
    assert_eq!(
        (&told["type"], &told["error"]["type"], &told["request_id"]),
        (&json!("error"), &json!("rate_limit_error"), &json!("call_1"))
    );

    let mut broken = spoken();
    broken.truncate(5);
    broken.push(json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}));
    for (dialect, ask, error_event) in [
        (Dialect::OpenaiChat, CHAT, "data: {\"error\":"),
        (
            Dialect::AnthropicMessages,
            MESSAGES,
            "event: error\ndata: {\"type\":\"error\",",
        ),
    ] {
        let (hub, _upstream) = self::hub(ProviderKind::Anthropic, events(&broken)).await;
        let request = hub.request(dialect, &ask.replace("{\"model\"", "{\"stream\":true,\"model\""));
        let id = request.id;
        let told = messages(hub.gateway.call(request).await.unwrap()).await;
        assert!(told.concat().contains("Hel"));
        let last = told.last().unwrap();
        assert!(last.starts_with(error_event), "{last}");
        assert!(!told.concat().contains("[DONE]") && !told.concat().contains("message_stop"));
        let row = hub.settled(id).await.call;
        assert_eq!((row.state, row.usage_source), (CallState::Failed, UsageSource::Mixed));
        // The prompt as reported, of the answer what was heard.
        assert_eq!(
            (row.usage.input_uncached, row.usage.cache_read, row.usage.output_text),
            (7, 3, 1)
        );
    }
}

#[tokio::test]
async fn what_a_provider_cannot_be_told_is_refused_before_it_is_asked() {
    let (hub, upstream) = hub(ProviderKind::Openai, answered(200, "{}")).await;
    let broken = r#"{"model":"p/m","max_tokens":5,"messages":7}"#;
    let error = hub
        .gateway
        .call(hub.request(Dialect::AnthropicMessages, broken))
        .await
        .unwrap_err();
    assert_eq!(error.status, 400, "{error:?}");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn everybody_reaches_gemini() {
    let told = json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "cachedContentTokenCount": 3, "candidatesTokenCount": 5, "totalTokenCount": 15}, "responseId": "r"});
    for (dialect, ask) in [
        (Dialect::OpenaiChat, CHAT),
        (Dialect::AnthropicMessages, MESSAGES),
        (Dialect::OpenaiResponses, RESPONSES),
    ] {
        let (hub, upstream) = hub(ProviderKind::Google, answered(200, &told.to_string())).await;
        let request = hub.request(dialect, ask);
        let id = request.id;
        let answer = whole(hub.gateway.call(request).await.unwrap());
        assert!(
            String::from_utf8_lossy(&answer).contains("Hello"),
            "{dialect:?}: {answer:?}"
        );
        let asked = upstream.requests().remove(0);
        assert!(asked.starts_with("POST /v1beta/models/m:generateContent "), "{asked}");
        let head = asked.to_lowercase();
        assert!(head.contains(&format!("x-goog-api-key: {SECRET}\r\n")) && !head.contains("authorization"));
        let row = hub.settled(id).await.call;
        assert_eq!(
            (row.state, row.usage, row.usage_source),
            (CallState::Succeeded, COUNTED, UsageSource::Provider),
            "{dialect:?}"
        );

        let stream = vec![stream_head(), chunk(&format!("data: {told}\n\n")), end()];
        let (hub, upstream) = self::hub(ProviderKind::Google, stream).await;
        let request = hub.request(dialect, &ask.replace("{\"model\"", "{\"stream\":true,\"model\""));
        let id = request.id;
        let answer = messages(hub.gateway.call(request).await.unwrap()).await.concat();
        assert!(answer.contains("Hello"), "{answer}");
        assert!(upstream.requests()[0].starts_with("POST /v1beta/models/m:streamGenerateContent?alt=sse "));
        let row = hub.settled(id).await.call;
        assert_eq!((row.state, row.usage), (CallState::Succeeded, COUNTED), "{dialect:?}");
    }
}

#[tokio::test]
async fn everybody_reaches_ollama_and_its_lines() {
    let lines = [
        json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": "Hel"}, "done": false}),
        json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": "lo"}, "done": false}),
        json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 5}),
    ];
    for (dialect, ask) in [
        (Dialect::OpenaiChat, CHAT),
        (Dialect::AnthropicMessages, MESSAGES),
        (Dialect::OpenaiResponses, RESPONSES),
    ] {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let (before, after) = text.split_at(137);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
        let steps = vec![
            super::upstream::send(head),
            chunk(before),
            Step::Wait(5),
            chunk(after),
            end(),
        ];
        let (hub, upstream) = hub(ProviderKind::Ollama, steps).await;
        let request = hub.request(dialect, &ask.replace("{\"model\"", "{\"stream\":true,\"model\""));
        let id = request.id;
        let answer = messages(hub.gateway.call(request).await.unwrap()).await.concat();
        assert!(answer.contains("Hel") && answer.contains("lo"), "{answer}");
        assert!(upstream.requests()[0].starts_with("POST /api/chat "));
        let row = hub.settled(id).await.call;
        let usage = Usage {
            input_uncached: 10,
            output_text: 5,
            ..Usage::default()
        };
        assert_eq!((row.state, row.usage), (CallState::Succeeded, usage), "{dialect:?}");
    }
}

#[tokio::test]
async fn embeddings_are_made_by_every_wire_that_has_them() {
    let ask = r#"{"model":"p/m","input":["a","b"]}"#;
    for (kind, told, path) in [
        (
            ProviderKind::Ollama,
            json!({"model": "m", "embeddings": [[0.5, 1.0], [0.25, 2.0]], "prompt_eval_count": 4}),
            "/api/embed",
        ),
        (
            ProviderKind::Google,
            json!({"embeddings": [{"values": [0.5, 1.0]}, {"values": [0.25, 2.0]}], "usageMetadata": {"promptTokenCount": 4}}),
            "/v1beta/models/m:batchEmbedContents",
        ),
    ] {
        let (hub, upstream) = hub(kind, answered(200, &told.to_string())).await;
        let answer: Value = serde_json::from_slice(&whole(hub.embed(ask).await)).unwrap();
        assert_eq!(
            (&answer["data"][1]["embedding"], &answer["usage"]["prompt_tokens"]),
            (&json!([0.25, 2.0]), &json!(4)),
            "{answer}"
        );
        assert!(
            upstream.requests()[0].starts_with(&format!("POST {path} ")),
            "{}",
            upstream.requests()[0]
        );
    }
    let (hub, upstream) = hub(ProviderKind::Anthropic, answered(200, "{}")).await;
    let error = hub
        .gateway
        .call(hub.request(Dialect::OpenaiEmbeddings, ask))
        .await
        .unwrap_err();
    assert_eq!(
        (error.status, &*error.code, error.param.as_deref()),
        (400, "unsupported_by_provider", Some("model"))
    );
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn responses_pass_where_the_provider_has_them() {
    let events_of = |kinds: &[Value]| -> String {
        kinds
            .iter()
            .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
            .collect()
    };
    let response = json!({"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [],
        "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 15}});
    let list = [
        json!({"type": "response.created", "sequence_number": 0, "response": {"id": "resp_1", "status": "in_progress", "output": []}}),
        json!({"type": "response.output_text.delta", "sequence_number": 1, "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": "Hello"}),
        json!({"type": "response.completed", "sequence_number": 2, "response": response}),
    ];
    let told = events_of(&list);
    let (hub, upstream) = hub(ProviderKind::Openai, vec![stream_head(), chunk(&told), end()]).await;
    let sent = RESPONSES.replace("{\"model\"", "{ \"new\":1.50, \"stream\":true,\"model\"");
    let request = hub.request(Dialect::OpenaiResponses, &sent);
    let id = request.id;
    assert_eq!(messages(hub.gateway.call(request).await.unwrap()).await.concat(), told);
    let asked = upstream.requests().remove(0);
    assert!(
        asked.starts_with("POST /v1/responses ") && asked.ends_with(&sent.replace("p/m", "m")),
        "{asked}"
    );
    let row = hub.settled(id).await.call;
    assert_eq!((row.state, row.usage), (CallState::Succeeded, COUNTED));
}

/// Nobody could fetch it here when it is there, and it counts nothing.
#[tokio::test]
async fn an_answer_that_is_made_later_is_none() {
    for status in ["queued", "in_progress"] {
        let told = json!({"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m", "output": [], "error": null, "usage": null});
        let (hub, _upstream) = hub(ProviderKind::Openai, answered(200, &told.to_string())).await;
        let request = hub.request(Dialect::OpenaiResponses, RESPONSES);
        let id = request.id;
        let error = hub.gateway.call(request).await.unwrap_err();
        assert!(error.status >= 500 && error.message.contains(status), "{error:?}");
        assert_eq!(hub.settled(id).await.call.state, CallState::Failed, "{status}");
    }
    let body = RESPONSES.replace("{", "{\"background\":true,");
    let (hub, upstream) = hub(ProviderKind::Openai, answered(200, "{}")).await;
    let error = hub
        .gateway
        .call(hub.request(Dialect::OpenaiResponses, &body))
        .await
        .unwrap_err();
    assert_eq!(
        (error.status, &*error.code, error.param.as_deref()),
        (400, "unsupported_parameter", Some("background"))
    );
    assert!(upstream.requests().is_empty());
}

/// A kept answer goes on where it lies: with the credential that got it, and for its own person alone.
#[tokio::test]
async fn who_goes_on_with_an_answer_reaches_the_credential_that_got_it() {
    let answer = |id: &str| {
        let told = json!({"id": id, "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [],
            "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}});
        answered(200, &told.to_string())
    };
    let streamed = {
        let list = [
            json!({"type": "response.created", "sequence_number": 0, "response": {"id": "resp_s", "status": "in_progress", "output": []}}),
            json!({"type": "response.completed", "sequence_number": 1, "response": {"id": "resp_s", "status": "completed", "output": [],
                "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}}}),
        ];
        events(&list)
    };
    let scripts = vec![
        answer("resp_1"),
        answer("resp_2"),
        answer("resp_3"),
        answer("resp_4"),
        streamed,
        answer("resp_5"),
    ];
    let upstream = Upstream::start(scripts).await;
    let setup = Setup {
        kind: ProviderKind::Openai,
        preset: None,
        secrets: &["sk-one-0123456789abcdef", "sk-two-0123456789abcdef"],
        ..Setup::at(&upstream.base_url)
    };
    let hub = Hub::with(setup).await;
    let ask = async |more: &str| {
        let body = RESPONSES.replace("\"input\"", &format!("{more}\"input\""));
        hub.gateway.call(hub.request(Dialect::OpenaiResponses, &body)).await
    };
    let credential = |index: usize| {
        let asked = upstream.requests().remove(index).to_lowercase();
        let line = asked.lines().find(|line| line.starts_with("authorization:")).unwrap();
        line.to_owned()
    };
    // Turns: one, two, and then each goes on with the first answer, whoever's turn it is.
    ask("").await.unwrap();
    ask("").await.unwrap();
    assert_ne!(credential(0), credential(1));
    for index in 2..4 {
        ask("\"previous_response_id\":\"resp_1\",").await.unwrap();
        assert_eq!(credential(index), credential(0));
    }
    let answer = ask("\"stream\":true,").await.unwrap();
    assert!(messages(answer).await.concat().contains("resp_s"));
    ask("\"previous_response_id\":\"resp_s\",").await.unwrap();
    assert_eq!(credential(5), credential(4));

    // Somebody else's, or nobody's; and one that was not to be kept.
    let mut foreign = hub.request(
        Dialect::OpenaiResponses,
        &RESPONSES.replace("\"input\"", "\"previous_response_id\":\"resp_1\",\"input\""),
    );
    foreign.caller.user = domain::id::UserId::from_number(2);
    let error = hub.gateway.call(foreign).await.unwrap_err();
    assert_eq!(
        (error.status, &*error.code, error.param.as_deref()),
        (400, "previous_response_not_found", Some("previous_response_id"))
    );
    let error = ask("\"previous_response_id\":\"resp_9\",").await.unwrap_err();
    assert_eq!(error.status, 400);
    ask("\"store\":false,").await.unwrap();
    assert_eq!(upstream.requests().len(), 7);
}

#[tokio::test]
async fn tokens_are_counted_by_the_provider_or_estimated() {
    let ask = Bytes::from_static(br#"{"model":"p/m","messages":[{"role":"user","content":"12345678"}]}"#);
    let (hub, upstream) = hub(ProviderKind::Anthropic, answered(200, r#"{"input_tokens":42}"#)).await;
    let counted = hub
        .gateway
        .count_tokens(CALLER, (ask.clone(), Room::default()), &Passing::default())
        .await
        .unwrap();
    assert_eq!(counted, r#"{"input_tokens":42}"#);
    assert!(upstream.requests()[0].starts_with("POST /v1/messages/count_tokens "));

    let refusal = r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages: no"}}"#;
    let (hub, _upstream) = self::hub(ProviderKind::Anthropic, answered(400, refusal)).await;
    let error = hub
        .gateway
        .count_tokens(CALLER, (ask.clone(), Room::default()), &Passing::default())
        .await
        .unwrap_err();
    assert_eq!(
        (error.status, error.body(Dialect::AnthropicMessages, None)),
        (400, Bytes::from_static(refusal.as_bytes()))
    );

    for (kind, steps) in [
        (ProviderKind::Anthropic, answered(500, "{}")),
        (ProviderKind::Openai, answered(200, "{}")),
    ] {
        let (hub, _upstream) = self::hub(kind, steps).await;
        let counted: Value = serde_json::from_slice(
            &hub.gateway
                .count_tokens(CALLER, (ask.clone(), Room::default()), &Passing::default())
                .await
                .unwrap(),
        )
        .unwrap();
        assert!(
            counted["input_tokens"]
                .as_u64()
                .is_some_and(|tokens| (2..20).contains(&tokens)),
            "{counted}"
        );
    }
    // What somebody else has put there nobody may ask about.
    let named = r#"{"model":"p/m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"file_1"}}]}]}"#;
    let asked = hub
        .gateway
        .count_tokens(
            CALLER,
            (Bytes::from_static(named.as_bytes()), Room::default()),
            &Passing::default(),
        )
        .await;
    assert_eq!(&*asked.unwrap_err().code, "unknown_reference");
    let unknown = hub
        .gateway
        .count_tokens(
            CALLER,
            (Bytes::from_static(br#"{"model":"x","messages":[]}"#), Room::default()),
            &Passing::default(),
        )
        .await;
    assert_eq!(unknown.unwrap_err().status, 404);
}

/// Ollama ends a line before the end of its body, but a proxy may not.
#[tokio::test]
async fn a_last_line_without_its_end_is_a_line() {
    let line = |content: &str, rest: Value| {
        let mut line = json!({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": content}, "done": false});
        line.as_object_mut()
            .unwrap()
            .extend(rest.as_object().cloned().unwrap_or_default());
        line.to_string()
    };
    let last = line(
        "lo",
        json!({"done": true, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 5}),
    );
    let steps = vec![
        super::upstream::send(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n",
        ),
        chunk(&format!("{}\n{last}", line("Hel", json!({})))),
        end(),
    ];
    let (hub, _upstream) = hub(ProviderKind::Ollama, steps).await;
    let request = hub.request(
        Dialect::OpenaiChat,
        &CHAT.replace("{\"model\"", "{\"stream\":true,\"model\""),
    );
    let id = request.id;
    let told = messages(hub.gateway.call(request).await.unwrap()).await.concat();
    assert!(
        told.contains("Hel") && told.contains("lo") && told.ends_with("data: [DONE]\n\n"),
        "{told}"
    );
    let row = hub.settled(id).await.call;
    assert_eq!(
        (row.state, row.usage.output_text, row.usage_source),
        (CallState::Succeeded, 5, UsageSource::Provider)
    );
}

/// What was counted before a client left is all of it only where leaving stops the bill.
#[tokio::test]
async fn who_leaves_a_provider_that_bills_on_is_estimated() {
    let told = json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}});
    let told = chunk(&format!("data: {told}\n\n"));
    let heard = spoken().into_iter().take(7).map(|event| {
        let name = event["type"].as_str().unwrap();
        chunk(&format!("event: {name}\ndata: {event}\n\n"))
    });
    let mut claude = vec![stream_head()];
    claude.extend(heard);
    claude.push(Step::WaitForClose);
    for (kind, steps, last, source) in [
        (
            ProviderKind::Google,
            vec![stream_head(), told, Step::WaitForClose],
            "Hello",
            UsageSource::Mixed,
        ),
        (ProviderKind::Anthropic, claude, "message_delta", UsageSource::Provider),
    ] {
        let (hub, upstream) = hub(kind, steps).await;
        let ask = MESSAGES.replace("{\"model\"", "{\"stream\":true,\"model\"");
        let request = hub.request(Dialect::AnthropicMessages, &ask);
        let id = request.id;
        let mut receiver = super::client::stream(hub.gateway.call(request).await.unwrap());
        let mut heard = String::new();
        while !heard.contains(last) {
            heard.push_str(&super::client::next(&mut receiver).await.unwrap());
        }
        drop(receiver);
        upstream.closed().await;
        let row = hub.settled(id).await.call;
        assert_eq!(
            (row.state, row.usage_source),
            (CallState::Cancelled, source),
            "{kind:?}"
        );
        assert_eq!(row.usage.output_text, 5);
    }
}

/// What a client of responses asked for is repeated to it, whole and streamed, also where another wire answers.
#[tokio::test]
async fn responses_that_are_written_anew_repeat_what_was_asked_for() {
    let ask = json!({"model": "p/m", "input": "hi", "instructions": "be brief", "temperature": 0.5, "max_output_tokens": 50,
        "metadata": {"a": "b"}, "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": false}],
        "parallel_tool_calls": false, "store": false});
    let check = |response: &Value| {
        for name in [
            "instructions",
            "temperature",
            "max_output_tokens",
            "metadata",
            "tools",
            "parallel_tool_calls",
            "store",
        ] {
            assert_eq!(response[name], ask[name], "{name}: {response}");
        }
        assert_eq!(
            (&response["tool_choice"], &response["top_p"]),
            (&json!("auto"), &Value::Null)
        );
    };
    let told = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn", "usage": {"input_tokens": 7, "output_tokens": 5}});
    let (hub, _upstream) = hub(ProviderKind::Anthropic, answered(200, &told.to_string())).await;
    let answer = hub
        .gateway
        .call(hub.request(Dialect::OpenaiResponses, &ask.to_string()))
        .await
        .unwrap();
    check(&serde_json::from_slice(&whole(answer)).unwrap());

    let (hub, _upstream) = self::hub(ProviderKind::Anthropic, events(&spoken())).await;
    let mut streamed = ask.clone();
    streamed["stream"] = true.into();
    let answer = hub
        .gateway
        .call(hub.request(Dialect::OpenaiResponses, &streamed.to_string()))
        .await
        .unwrap();
    let told = messages(answer).await.concat();
    let mut met = 0;
    for data in told.lines().filter_map(|line| line.strip_prefix("data: ")) {
        let event: Value = serde_json::from_str(data).unwrap();
        if event["response"].is_object() {
            check(&event["response"]);
            met += 1;
        }
    }
    assert_eq!(met, 3, "created, in progress, completed: {told}");
}
