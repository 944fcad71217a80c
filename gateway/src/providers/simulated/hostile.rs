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
