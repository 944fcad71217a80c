//! Providers that answer as a whole where a stream was asked for, and the other way round: the client gets what it asked for, and
//! what was counted is kept.

use domain::{
    call::{CallState, Dialect},
    catalog::ProviderKind,
    usage::{Usage, UsageSource},
};
use serde_json::{Value, json};

use super::{
    client::{Hub, Setup, messages, whole},
    upstream::{Step, Upstream, answer, chunk, end, json as answered, stream_head},
};

/// Ten tokens in, three of them from a cache, and five out.
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

async fn hub(kind: ProviderKind, steps: Vec<Step>) -> (Hub, Upstream) {
    let upstream = Upstream::start(vec![steps]).await;
    let base_url = match kind {
        ProviderKind::Openai | ProviderKind::OpenaiCompatible => upstream.base_url.as_str(),
        _ => upstream.base_url.trim_end_matches("/v1"),
    };
    let setup = Setup {
        kind,
        preset: None,
        ..Setup::at(base_url)
    };
    (Hub::with(setup).await, upstream)
}

/// What a client of this dialect sends, and the words by which it knows the end of a stream.
fn asking(dialect: Dialect) -> (Value, &'static str) {
    let said = json!([{"role": "user", "content": "hi"}]);
    match dialect {
        Dialect::AnthropicMessages => (
            json!({"model": "p/m", "max_tokens": 50, "messages": said}),
            "message_stop",
        ),
        Dialect::OpenaiResponses => (json!({"model": "p/m", "input": "hi"}), "response.completed"),
        Dialect::OpenaiCompletions => (json!({"model": "p/m", "prompt": "hi"}), "[DONE]"),
        _ => (
            json!({"model": "p/m", "messages": said, "stream_options": {"include_usage": true}}),
            "[DONE]",
        ),
    }
}

/// The whole answer of a provider of this kind to a client of this dialect.
fn told(kind: ProviderKind, dialect: Dialect) -> Value {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "prompt_tokens_details": {"cached_tokens": 3}});
    match (kind, dialect) {
        (ProviderKind::Anthropic, _) => {
            json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [{"type": "text", "text": "Hello"}],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 7, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 0, "output_tokens": 5}})
        }
        (ProviderKind::Google, _) => {
            json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 10, "cachedContentTokenCount": 3, "candidatesTokenCount": 5, "totalTokenCount": 15}, "responseId": "r"})
        }
        (ProviderKind::Openai, Dialect::OpenaiResponses) => {
            json!({"id": "resp_9", "object": "response", "created_at": 1, "status": "completed", "model": "gpt", "error": null,
            "output": [{"type": "message", "id": "msg_9", "status": "completed", "role": "assistant",
                "content": [{"type": "output_text", "text": "Hello", "annotations": []}]}],
            "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 5,
                "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 15}})
        }
        _ => json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}], "usage": usage}),
    }
}

/// A pair for each way: bytes that pass, and answers that are told anew.
const PAIRS: [(ProviderKind, Dialect); 9] = [
    (ProviderKind::OpenaiCompatible, Dialect::OpenaiChat),
    (ProviderKind::OpenaiCompatible, Dialect::AnthropicMessages),
    (ProviderKind::OpenaiCompatible, Dialect::OpenaiResponses),
    (ProviderKind::OpenaiCompatible, Dialect::OpenaiCompletions),
    (ProviderKind::Openai, Dialect::OpenaiResponses),
    (ProviderKind::Anthropic, Dialect::AnthropicMessages),
    (ProviderKind::Anthropic, Dialect::OpenaiChat),
    (ProviderKind::Google, Dialect::OpenaiChat),
    (ProviderKind::Google, Dialect::AnthropicMessages),
];

#[tokio::test]
async fn a_whole_answer_becomes_the_stream_that_was_asked_for() {
    for (kind, dialect) in PAIRS {
        let body = told(kind, dialect).to_string();
        let (first, second) = body.split_at(20);
        let steps = vec![
            Step::Send(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(),
            ),
            chunk(first),
            chunk(second),
            end(),
        ];
        let (hub, _upstream) = hub(kind, steps).await;
        let (mut ask, last_word) = asking(dialect);
        ask["stream"] = true.into();
        let request = hub.request(dialect, &ask.to_string());
        let id = request.id;
        let answer = hub.gateway.call(request).await.unwrap();
        let heard = messages(answer).await.concat();
        assert!(
            heard.contains("Hello") && heard.contains(last_word),
            "{kind:?} {dialect:?}: {heard}"
        );
        let row = hub.settled(id).await.call;
        assert_eq!(
            (row.state, row.usage, row.usage_source),
            (CallState::Succeeded, COUNTED, UsageSource::Provider),
            "{kind:?} {dialect:?}"
        );
    }
}

#[tokio::test]
async fn a_stream_becomes_the_whole_answer_that_was_asked_for() {
    for (kind, dialect) in PAIRS {
        let speech = crate::wire::speech::Speech::between(dialect, kind, "m");
        let stream =
            crate::wire::unstreamed::as_stream(speech.wire, told(kind, dialect).to_string().as_bytes()).unwrap();
        let steps = vec![stream_head(), chunk(std::str::from_utf8(&stream).unwrap()), end()];
        let (hub, _upstream) = hub(kind, steps).await;
        let request = hub.request(dialect, &asking(dialect).0.to_string());
        let id = request.id;
        let answer = hub.gateway.call(request).await.unwrap();
        let kinds: Vec<_> = answer.headers.get_all("content-type").iter().collect();
        assert_eq!(kinds, ["application/json"], "{kind:?} {dialect:?}");
        let heard: Value = serde_json::from_slice(&whole(answer)).unwrap();
        assert!(heard.to_string().contains("Hello"), "{kind:?} {dialect:?}: {heard}");
        let row = hub.settled(id).await.call;
        assert_eq!(
            (row.state, row.usage, row.usage_source),
            (CallState::Succeeded, COUNTED, UsageSource::Provider),
            "{kind:?} {dialect:?}"
        );
    }
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_before_a_stream_begins() {
    let chat = Dialect::OpenaiChat;
    let mut ask = asking(chat).0;
    ask["stream"] = true.into();
    for (steps, status, code) in [
        (
            answered(200, r#"{"error":{"message":"no such thing","code":"gone"}}"#),
            502,
            "provider_error",
        ),
        (answered(200, "{}"), 502, "provider_answer_unreadable"),
        (answered(200, "nothing of the kind"), 502, "provider_answer_unreadable"),
        (
            answer(200, "content-type: text/html\r\n", "<html>"),
            502,
            "provider_answer_unreadable",
        ),
    ] {
        let (hub, _upstream) = hub(ProviderKind::OpenaiCompatible, steps).await;
        let request = hub.request(chat, &ask.to_string());
        let id = request.id;
        let error = hub.gateway.call(request).await.unwrap_err();
        assert_eq!(error.status, status, "{error:?}");
        assert!(error.code == code || code == "provider_error", "{error:?}");
        assert_eq!(hub.settled(id).await.call.state, CallState::Failed);
    }
    let half = vec![
        stream_head(),
        chunk("data: {\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n"),
        end(),
    ];
    let (hub, _upstream) = hub(ProviderKind::OpenaiCompatible, half).await;
    let error = hub
        .gateway
        .call(hub.request(chat, &asking(chat).0.to_string()))
        .await
        .unwrap_err();
    assert_eq!((error.status, &*error.code), (502, "provider_answer_unreadable"));
}
