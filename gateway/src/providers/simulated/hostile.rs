//! Whatever a client sends to a simulated model: an answer comes, of a size that is bounded, and it is what its wire prescribes.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{http, wire::golden::provider::any_json};

/// The pieces of an answer without the pauses between them, and whether it is a success.
fn answered(wire: Wire, body: &[u8]) -> (bool, Vec<Bytes>) {
    let incoming = send(&Outgoing {
        wire,
        stream: false,
        slug: "",
        headers: &HeaderMap::new(),
        query: None,
        body: Bytes::copy_from_slice(body),
        sent: http::Sent::default(),
    });
    let Body::Simulated(pieces) = incoming.body else {
        panic!("it is simulated")
    };
    (incoming.status.is_success(), pieces.rest.into())
}

fn wires() -> impl Strategy<Value = Wire> {
    prop::sample::select(vec![Wire::OpenaiChat, Wire::OpenaiEmbeddings, Wire::OpenaiImages])
}

const NAMES: &[&str] = &[
    "messages",
    "role",
    "content",
    "text",
    "type",
    "tools",
    "function",
    "name",
    "parameters",
    "properties",
    "items",
    "$ref",
    "minItems",
    "response_format",
    "json_schema",
    "schema",
    "n",
    "size",
    "max_tokens",
    "max_completion_tokens",
    "stream",
    "stream_options",
    "include_usage",
    "simulated",
    "pace_ms",
    "delay_ms",
    "input",
    "dimensions",
    "encoding_format",
    "prompt",
];

proptest! {
    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200), wire in wires()) {
        let (_, pieces) = answered(wire, &body);
        prop_assert!(serde_json::from_slice::<Value>(&pieces[0]).is_ok());
    }

    #[test]
    fn any_json_is_answered_as_its_wire_prescribes(
        mut body in any_json(NAMES),
        model in prop::sample::select(MODELS.to_vec()),
        says in any::<bool>(),
        wire in wires(),
    ) {
        if let Value::Object(members) = &mut body {
            members.insert("model".to_owned(), model.into());
            if says {
                members.insert("messages".to_owned(), json!([{"role": "user", "content": "Hi"}]));
            }
        }
        let (_, pieces) = answered(wire, body.to_string().as_bytes());
        let size: usize = pieces.iter().map(Bytes::len).sum();
        prop_assert!(size < 64 << 20, "{} bytes", size);
        for piece in &pieces {
            let data = piece.strip_prefix(b"data: ").unwrap_or(piece);
            let whole = data == b"[DONE]\n\n" || serde_json::from_slice::<Value>(data).is_ok();
            prop_assert!(whole, "{:?}", piece);
        }
    }
}

fn of(wire: Wire, body: &Value) -> (bool, Vec<Bytes>) {
    answered(wire, body.to_string().as_bytes())
}

fn content(pieces: &[Bytes], index: usize) -> String {
    let events = pieces.iter().filter_map(|piece| {
        let data = piece.strip_prefix(b"data: ")?;
        serde_json::from_slice::<Value>(data).ok()
    });
    events
        .filter(|event| event["choices"][0]["index"] == index)
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
        .collect()
}

/// Whatever one request took beyond its own size, a hub had to hold: 200,000 short texts took twenty gigabytes.
#[test]
fn what_would_take_far_more_than_its_request_is_refused() {
    let texts = |count: usize, dimensions: u64| {
        let body = json!({"model": "embed", "input": vec!["a"; count], "dimensions": dimensions});
        of(Wire::OpenaiEmbeddings, &body).0
    };
    assert!(texts(2_048, 64) && texts(256, 4_096));
    assert!(!texts(2_049, 1) && !texts(2_048, 4_096));

    let tools = |count: usize| {
        let tool = json!({"type": "function", "function": {"name": "f", "parameters": {"default": "x".repeat(9_000)}}});
        let body =
            json!({"model": "tools", "tools": vec![tool; count], "messages": [{"role": "user", "content": "a"}]});
        of(Wire::OpenaiChat, &body)
    };
    let (answers, pieces) = tools(128);
    assert!(answers && pieces[0].len() < 400_000, "{}", pieces[0].len());
    assert!(!tools(129).0);

    let echo = |choices: u64| {
        let said = "a".repeat(3 << 20);
        let body = json!({"model": "echo", "n": choices, "messages": [{"role": "user", "content": said}]});
        of(Wire::OpenaiChat, &body).0
    };
    assert!(echo(1) && echo(2) && !echo(3));
}

#[test]
fn a_long_text_is_streamed_whole_and_in_no_more_events_than_a_bound() {
    let said = "ab 你好 ".repeat(15_000);
    for choices in [1, 8] {
        let mut body = json!({"model": "echo", "stream": true, "n": choices, "stream_options": {"include_usage": true},
            "messages": [{"role": "user", "content": said}]});
        let (_, pieces) = of(Wire::OpenaiChat, &body);
        assert!(pieces.len() < request::WORDS + 50, "{} events", pieces.len());
        for index in 0..choices {
            assert_eq!(content(&pieces, index), said);
        }
        let last: Value = serde_json::from_slice(&pieces[pieces.len() - 2][6..]).unwrap();
        assert_eq!(last["usage"]["completion_tokens"], 30_000 * choices);

        body["max_tokens"] = 3.into();
        let (_, pieces) = of(Wire::OpenaiChat, &body);
        assert_eq!(content(&pieces, 0), "ab 你好 ab ");
    }
}
