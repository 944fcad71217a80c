//! Cuts an answer into the events of a stream: `RawMessageStreamEvent` of the SDK, in the order of the page "Streaming messages".

use serde_json::{Value, json};

use super::answer::Answer;
use super::check::Ask;
use super::shape;
use crate::upstream::answer::pieces;
use crate::upstream::frames::cut;

/// What an event is for, so that faults find their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    Block,
    Content,
    Delta,
    Stop,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub kind: Kind,
    pub data: Value,
}

impl Event {
    pub fn new(kind: Kind, data: Value) -> Self {
        Self { kind, data }
    }
}

/// The events of an answer.
pub(super) fn events(serial: u64, ask: &Ask, answer: &Answer) -> Vec<Event> {
    let head = shape::head(serial, ask, &answer.usage.at_start());
    let mut events = vec![Event::new(
        Kind::Start,
        json!({"type": "message_start", "message": head}),
    )];
    for (index, block) in answer.blocks.iter().enumerate() {
        let (empty, deltas) = taken_apart(block);
        events.push(Event::new(
            Kind::Block,
            json!({"type": "content_block_start", "index": index, "content_block": empty}),
        ));
        if index == 0 {
            events.push(Event::new(Kind::Block, json!({"type": "ping"})));
        }
        events.extend(deltas.into_iter().map(|delta| {
            let data = json!({"type": "content_block_delta", "index": index, "delta": delta});
            Event::new(Kind::Content, data)
        }));
        events.push(Event::new(
            Kind::Block,
            json!({"type": "content_block_stop", "index": index}),
        ));
    }
    events.push(Event::new(
        Kind::Delta,
        json!({
            "type": "message_delta",
            "delta": {
                "stop_reason": answer.stop_reason,
                "stop_sequence": answer.stop_sequence,
                "stop_details": shape::details(answer),
            },
            "usage": answer.usage.at_end(answer.usage.output),
        }),
    ));
    events.push(Event::new(Kind::Stop, json!({"type": "message_stop"})));
    events
}

/// A block as it begins, and what it grows by.
fn taken_apart(block: &Value) -> (Value, Vec<Value>) {
    let text = |name: &str| block[name].as_str().unwrap_or_default();
    match text("type") {
        "thinking" => {
            let mut deltas: Vec<Value> = pieces(text("thinking"))
                .into_iter()
                .map(|piece| json!({"type": "thinking_delta", "thinking": piece}))
                .collect();
            deltas.push(json!({"type": "signature_delta", "signature": text("signature")}));
            (json!({"type": "thinking", "thinking": "", "signature": ""}), deltas)
        }
        "text" => {
            let mut deltas: Vec<Value> = pieces(text("text"))
                .into_iter()
                .map(|piece| json!({"type": "text_delta", "text": piece}))
                .collect();
            for citation in block["citations"].as_array().into_iter().flatten() {
                deltas.push(json!({"type": "citations_delta", "citation": citation}));
            }
            (json!({"type": "text", "text": ""}), deltas)
        }
        "tool_use" => {
            // The API begins with an empty piece, also where no other comes.
            let arguments = block["input"].to_string();
            let mut deltas = vec![json!({"type": "input_json_delta", "partial_json": ""})];
            if arguments != "{}" {
                let pieces = cut(&arguments).into_iter();
                deltas.extend(pieces.map(|piece| json!({"type": "input_json_delta", "partial_json": piece})));
            }
            let mut empty = block.clone();
            empty["input"] = json!({});
            (empty, deltas)
        }
        _ => (block.clone(), Vec::new()),
    }
}
