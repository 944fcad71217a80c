//! Writes streamed answers for clients of Messages. Called by `call` where the provider speaks something else.
//!
//! `message_start`, then blocks that never overlap, each begun, grown and ended, then `message_delta` with all that was
//! counted, then `message_stop`. A call without arguments has no piece at all: clients put the pieces together and take
//! nothing for an empty object. The proof of a thought comes whole, just before its block ends, as clients keep only the last.

use serde_json::{Value, json};

use super::{
    super::canonical::{Block, Delta, End, Failing, Ids, Opening, Step, StreamWriter},
    citation, error, stop, tool_id, usage, write,
};

/// Writes one stream.
#[derive(Debug)]
pub(crate) struct Writer {
    ids: Ids,
    opening: Opening,
    started: bool,
    calls_tools: bool,
    /// The open block is a thought.
    thinks: bool,
    /// Arguments of the open call were said.
    said: bool,
    /// The proof of the open thought.
    signature: String,
    /// The arguments of the open call, as long as they may still come to an empty object, and how far they are one.
    held: String,
    empty: Empty,
}

impl Writer {
    /// For one answer.
    pub fn new(ids: Ids, opening: Opening) -> Self {
        Self {
            ids,
            opening,
            started: false,
            calls_tools: false,
            thinks: false,
            said: false,
            signature: String::new(),
            held: String::new(),
            empty: Empty::default(),
        }
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let expected = domain::usage::Usage {
            input_uncached: self.opening.input_tokens,
            ..domain::usage::Usage::default()
        };
        let message = json!({
            "id": write::id(&self.ids),
            "type": "message",
            "role": "assistant",
            "model": self.ids.model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": usage::written(&expected),
        });
        event(out, "message_start", json!({ "message": message }));
        event(out, "ping", json!({}));
    }

    fn open(&mut self, index: usize, block: &Block, out: &mut Vec<u8>) {
        self.thinks = matches!(block, Block::Thought);
        self.said = false;
        self.held.clear();
        self.empty = Empty::default();
        let content_block = match block {
            Block::Text | Block::Refusal | Block::File(_) => json!({"type": "text", "text": ""}),
            Block::Thought => json!({"type": "thinking", "thinking": "", "signature": ""}),
            Block::Sealed(data) => json!({"type": "redacted_thinking", "data": data}),
            Block::Tool(start) => {
                self.calls_tools = true;
                let id = tool_id::wrap(&start.id, start.signature.as_deref());
                json!({"type": "tool_use", "id": id, "name": start.name, "input": {}})
            }
        };
        event(
            out,
            "content_block_start",
            json!({"index": index, "content_block": content_block}),
        );
        if let Block::File(file) = block {
            grow(out, index, &json!({"type": "text_delta", "text": write::link(file)}));
        }
    }

    fn delta(&mut self, index: usize, delta: &Delta, out: &mut Vec<u8>) {
        match delta {
            Delta::Text(text) if text.is_empty() => {}
            Delta::Text(text) if self.thinks => grow(out, index, &json!({"type": "thinking_delta", "thinking": text})),
            Delta::Text(text) => grow(out, index, &json!({"type": "text_delta", "text": text})),
            Delta::Citation(citation) => {
                let citation = citation::write(citation);
                grow(out, index, &json!({"type": "citations_delta", "citation": citation}));
            }
            Delta::Signature(signature) => self.signature.push_str(signature),
            Delta::Arguments(json) => self.arguments(index, json, out),
        }
    }

    /// More arguments. Nothing is said before they are more than an empty object.
    fn arguments(&mut self, index: usize, json: &str, out: &mut Vec<u8>) {
        self.held.push_str(json);
        self.said = self.said || !self.empty.go_on(json);
        if self.said {
            let json = std::mem::take(&mut self.held);
            grow(out, index, &json!({"type": "input_json_delta", "partial_json": json}));
        }
    }

    fn close(&mut self, index: usize, out: &mut Vec<u8>) {
        if !self.signature.is_empty() {
            let signature = std::mem::take(&mut self.signature);
            grow(out, index, &json!({"type": "signature_delta", "signature": signature}));
        }
        event(out, "content_block_stop", json!({ "index": index }));
    }
}

/// How much of an empty object has come. Each letter is looked at once, for a provider may send white space without end.
#[derive(Clone, Copy, Debug, Default)]
enum Empty {
    #[default]
    Nothing,
    Open,
    Closed,
}

impl Empty {
    /// With this piece it is still an empty object, or its beginning.
    fn go_on(&mut self, piece: &str) -> bool {
        let mut letters = piece.chars().filter(|letter| !letter.is_ascii_whitespace());
        letters.all(|letter| {
            *self = match (*self, letter) {
                (Self::Nothing, '{') => Self::Open,
                (Self::Open, '}') => Self::Closed,
                _ => return false,
            };
            true
        })
    }
}

/// An event with its name in both places.
fn event(out: &mut Vec<u8>, name: &str, members: Value) {
    let mut data = serde_json::Map::new();
    data.insert("type".to_owned(), name.into());
    if let Value::Object(members) = members {
        data.extend(members);
    }
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    out.extend_from_slice(Value::Object(data).to_string().as_bytes());
    out.extend_from_slice(b"\n\n");
}

fn grow(out: &mut Vec<u8>, index: usize, delta: &Value) {
    event(out, "content_block_delta", json!({"index": index, "delta": delta}));
}

impl StreamWriter for Writer {
    fn step(&mut self, step: &Step, out: &mut Vec<u8>) {
        self.start(out);
        match step {
            Step::Start { .. } => {}
            Step::Open { index, block } => self.open(*index, block, out),
            Step::Delta { index, delta } => self.delta(*index, delta, out),
            Step::Close { index } => self.close(*index, out),
            // Nothing can be added to a block that has ended.
            Step::Source(_) => {}
        }
    }

    fn end(&mut self, end: &End, out: &mut Vec<u8>) {
        self.start(out);
        let (reason, sequence) = stop::word(&end.finish, self.calls_tools);
        let counted = write::with_charge(usage::written_at_end(&end.usage), end);
        event(
            out,
            "message_delta",
            json!({"delta": {"stop_reason": reason, "stop_sequence": sequence}, "usage": counted}),
        );
        event(out, "message_stop", json!({}));
    }

    fn fail(&mut self, failing: &Failing<'_>, out: &mut Vec<u8>) {
        let Failing {
            message,
            code,
            status,
            facts,
        } = *failing;
        let body = error::body(message, code, status, None, facts, Some(&self.ids.call));
        out.extend_from_slice(&error::event(&body));
    }
}

#[cfg(test)]
mod tests;
