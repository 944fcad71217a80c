//! Cuts an answer into the events of a stream: the role, the words, tool calls with their arguments in pieces, the
//! finish reason, the usage where asked for, `[DONE]`. `spoil.rs` then breaks them where a fault says so.

use serde_json::{Value, json};

use super::answer::{Answer, Call, Part, pieces};
use super::check::Chat;
use super::shape::Head;

/// What an event is for, so that faults find their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The first of a choice.
    Role,
    /// Text or a piece of a call.
    Content,
    /// The finish reason.
    Finish,
    /// The usage.
    Usage,
    /// `[DONE]`.
    Done,
}

/// One event: its kind and what follows `data: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    pub(crate) data: String,
}

/// The events of an answer. Where usage is asked for, ordinary chunks say `"usage": null`. `interleaved` mixes the pieces
/// of parallel calls.
pub(crate) fn events(chat: &Chat, head: &Head, answer: &Answer, interleaved: bool) -> Vec<Event> {
    let mut events = Vec::new();
    let mut add = |kind, index: usize, delta: Value, finish: Value| {
        let choices = json!([{"index": index, "delta": delta, "logprobs": null, "finish_reason": finish}]);
        let mut chunk = head.chunk(&choices);
        if chat.include_usage {
            chunk["usage"] = Value::Null;
        }
        if chat.obfuscation {
            // Random padding at the provider; here any length that varies.
            chunk["obfuscation"] = json!("x".repeat(3 + events.len() * 5 % 13));
        }
        events.push(Event {
            kind,
            data: chunk.to_string(),
        });
    };
    for (index, part) in answer.parts.iter().enumerate() {
        let content = if part.calls.is_empty() { json!("") } else { Value::Null };
        add(
            Kind::Role,
            index,
            json!({"role": "assistant", "content": content, "refusal": null}),
            Value::Null,
        );
        for delta in deltas(part, interleaved) {
            add(Kind::Content, index, delta, Value::Null);
        }
    }
    for (index, part) in answer.parts.iter().enumerate() {
        add(Kind::Finish, index, json!({}), json!(part.finish));
    }
    if chat.include_usage {
        let mut chunk = head.chunk(&json!([]));
        chunk["usage"] = answer.usage.json();
        events.push(Event {
            kind: Kind::Usage,
            data: chunk.to_string(),
        });
    }
    events.push(Event {
        kind: Kind::Done,
        data: "[DONE]".to_owned(),
    });
    events
}

fn deltas(part: &Part, interleaved: bool) -> Vec<Value> {
    let mut deltas: Vec<Value> = part
        .content
        .as_deref()
        .map(pieces)
        .unwrap_or_default()
        .into_iter()
        .map(|piece| json!({"content": piece}))
        .collect();
    let mut calls: Vec<Vec<Value>> = part.calls.iter().enumerate().map(call).collect();
    if interleaved {
        while calls.iter().any(|pieces| !pieces.is_empty()) {
            for pieces in calls.iter_mut().filter(|pieces| !pieces.is_empty()) {
                deltas.push(pieces.remove(0));
            }
        }
    }
    deltas.extend(calls.into_iter().flatten());
    deltas
}

/// One call: announced with id and name, then its arguments piece by piece.
fn call((index, call): (usize, &Call)) -> Vec<Value> {
    let function = json!({"name": call.name, "arguments": ""});
    let first = json!({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]});
    let piece = |arguments| json!({"tool_calls": [{"index": index, "function": {"arguments": arguments}}]});
    std::iter::once(first)
        .chain(cut(&call.arguments).into_iter().map(piece))
        .collect()
}

/// Pieces of six characters.
pub(crate) fn cut(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(6).map(|piece| piece.iter().collect()).collect()
}
