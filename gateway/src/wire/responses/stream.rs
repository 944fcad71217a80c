//! Writes a streamed answer: named events with numbers, each item opened and closed in OpenAI's order, as the official SDKs and
//! Codex gather them. Called by `call` when the provider's wire is another one.
//!
//! An item is closed when the next one opens or the answer ends, because only then is it known whether a limit has cut it off.

mod close;
mod open;

use open::{LastText, Open, Part};
use serde_json::{Value, json};

use super::{
    echo::Repeated,
    items::{self, Status},
    names::Callee,
    object::{self, Names, Standing},
    sealed::Sealed,
};
use crate::wire::canonical::{Block, Citation, Delta, End, Failing, Ids, Opening, Step, StreamWriter};

/// The writer of one stream.
#[derive(Debug)]
pub struct Writer {
    ids: Ids,
    asked: Repeated,
    names: Names,
    started: bool,
    /// Counts the events.
    number: u64,
    /// Items that are closed.
    output: Vec<Value>,
    open: Open,
    last_text: Option<LastText>,
    /// Words that decline were said.
    declined: bool,
}

impl Writer {
    /// A writer before its first step.
    #[must_use]
    pub fn new(ids: Ids, opening: Opening) -> Self {
        Self {
            asked: opening.asked,
            names: Names::of(&ids),
            ids,
            started: false,
            number: 0,
            output: Vec::new(),
            open: Open::Nothing,
            last_text: None,
            declined: false,
        }
    }

    /// Writes an event: its name, its number, and these members.
    fn event(&mut self, name: &str, members: Value, out: &mut Vec<u8>) {
        let mut event = json!({ "type": name, "sequence_number": self.number });
        self.number += 1;
        if let (Value::Object(event), Value::Object(members)) = (&mut event, members) {
            event.extend(members);
        }
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\ndata: ");
        out.extend_from_slice(event.to_string().as_bytes());
        out.extend_from_slice(b"\n\n");
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            let response = object::response(&self.ids, &self.asked, Standing::InProgress, &[]);
            self.event("response.created", json!({ "response": response }), out);
            self.event("response.in_progress", json!({ "response": response }), out);
        }
    }

    /// The name of the open item.
    fn name(&self, kind: &str) -> String {
        self.names.item(kind, self.output.len())
    }

    fn added(&mut self, item: &Value, out: &mut Vec<u8>) {
        let members = json!({ "output_index": self.output.len(), "item": item });
        self.event("response.output_item.added", members, out);
    }

    fn done(&mut self, item: Value, out: &mut Vec<u8>) {
        let members = json!({ "output_index": self.output.len(), "item": item });
        self.event("response.output_item.done", members, out);
        self.output.push(item);
    }

    /// Writes an event about the open item.
    fn about(&mut self, kind: &str, name: &str, members: Value, out: &mut Vec<u8>) {
        let mut all = json!({ "item_id": self.name(kind), "output_index": self.output.len() });
        if let (Value::Object(all), Value::Object(members)) = (&mut all, members) {
            all.extend(members);
        }
        self.event(name, all, out);
    }

    fn open(&mut self, block: &Block, out: &mut Vec<u8>) {
        match block {
            Block::Text => self.open_part(
                Part::Text {
                    text: String::new(),
                    sources: Vec::new(),
                },
                out,
            ),
            Block::Refusal => {
                self.declined = true;
                self.open_part(Part::Refusal(String::new()), out);
            }
            Block::Thought => {
                self.close(Status::Completed, out);
                let item = items::reasoning(&self.name("rs"), &[], None);
                self.added(&item, out);
                self.open = Open::Thought {
                    text: String::new(),
                    signature: None,
                };
            }
            Block::Sealed(cipher) => self.sealed(&Sealed::Thought(cipher.clone()), out),
            Block::Tool(start) => {
                if let Some(signature) = &start.signature {
                    let sealed = Sealed::Call {
                        id: start.id.clone(),
                        signature: signature.clone(),
                    };
                    self.sealed(&sealed, out);
                }
                self.close(Status::Completed, out);
                let item = items::call(&self.name(items::call_kind(start)), Status::InProgress, start, "");
                self.added(&item, out);
                self.open = Open::Call(start.clone(), String::new());
            }
            Block::File(file) => match (items::picture("", file), items::link(file)) {
                (Some(mut item), _) => {
                    self.close(Status::Completed, out);
                    item["id"] = self.name("ig").into();
                    let mut begun = item.clone();
                    begun["status"] = "in_progress".into();
                    begun["result"] = Value::Null;
                    self.added(&begun, out);
                    self.done(item, out);
                }
                (None, Some(text)) => {
                    self.open(&Block::Text, out);
                    self.grow(&Delta::Text(text), out);
                    self.close_part(out);
                }
                (None, None) => {}
            },
        }
    }

    /// An item that only brings something back.
    fn sealed(&mut self, sealed: &Sealed, out: &mut Vec<u8>) {
        self.close(Status::Completed, out);
        let name = self.name("rs");
        self.added(&items::reasoning(&name, &[], None), out);
        self.done(items::reasoning(&name, &[], Some(sealed)), out);
    }

    /// Texts and refusals that follow each other are parts of one message.
    fn open_part(&mut self, part: Part, out: &mut Vec<u8>) {
        if matches!(self.open, Open::Message(..)) {
            self.close_part(out);
        } else {
            self.close(Status::Completed, out);
            let item = items::message(&self.name("msg"), Status::InProgress, &[]);
            self.added(&item, out);
            self.open = Open::Message(Vec::new(), None);
        }
        let empty = part.json();
        if let Open::Message(parts, open) = &mut self.open {
            let index = parts.len();
            *open = Some(part);
            let members = json!({ "content_index": index, "part": empty });
            self.about("msg", "response.content_part.added", members, out);
        }
    }

    /// Adds a source to the text that was said last. Its item is done and no event can tell of it; the whole answer at the end does.
    fn cite(&mut self, source: &Citation) {
        let Some(LastText { item, part, length }) = self.last_text else {
            return;
        };
        let done = self.output.get_mut(item);
        let content = done.and_then(|item| item.get_mut("content"));
        let ((Some(Value::Array(parts)), _) | (None, Open::Message(parts, _))) = (content, &mut self.open) else {
            return;
        };
        let annotations = parts.get_mut(part).and_then(|text| text.get_mut("annotations"));
        if let Some(Value::Array(annotations)) = annotations {
            annotations.push(items::annotation(source, 0, length));
        }
    }

    fn grow(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        match (&mut self.open, delta) {
            (Open::Message(parts, Some(Part::Text { text: all, .. })), Delta::Text(text)) => {
                all.push_str(text);
                let members = json!({ "content_index": parts.len(), "delta": text, "logprobs": [] });
                self.about("msg", "response.output_text.delta", members, out);
            }
            (Open::Message(_, Some(Part::Text { sources, .. })), Delta::Citation(source)) => {
                sources.push(source.clone());
            }
            (Open::Message(parts, Some(Part::Refusal(all))), Delta::Text(text)) => {
                all.push_str(text);
                let members = json!({ "content_index": parts.len(), "delta": text });
                self.about("msg", "response.refusal.delta", members, out);
            }
            (Open::Thought { text: all, .. }, Delta::Text(text)) => {
                let first = all.is_empty();
                all.push_str(text);
                if first {
                    let members = json!({ "summary_index": 0, "part": items::summary("") });
                    self.about("rs", "response.reasoning_summary_part.added", members, out);
                }
                let members = json!({ "summary_index": 0, "delta": text });
                self.about("rs", "response.reasoning_summary_text.delta", members, out);
            }
            (Open::Thought { signature, .. }, Delta::Signature(more)) => {
                signature.get_or_insert_default().push_str(more);
            }
            (Open::Call(start, arguments), Delta::Arguments(more)) => {
                arguments.push_str(more);
                if Callee::of(&start.name).free {
                    // Its text is known when its JSON is whole.
                    return;
                }
                self.about(
                    "fc",
                    "response.function_call_arguments.delta",
                    json!({ "delta": more }),
                    out,
                );
            }
            // The sequencer gives each block only what belongs to it.
            _ => {}
        }
    }
}

/// What Codex and the SDKs look for: no credit stops them, a limit lets them wait, and anything else is tried again.
fn code(code: &str, status: u16) -> &str {
    match status {
        402 => "insufficient_quota",
        429 => "rate_limit_exceeded",
        _ => code,
    }
}

impl StreamWriter for Writer {
    fn step(&mut self, step: &Step, out: &mut Vec<u8>) {
        self.start(out);
        match step {
            Step::Start { .. } | Step::Close { .. } => {}
            Step::Source(source) => self.cite(source),
            Step::Open { block, .. } => self.open(block, out),
            Step::Delta { delta, .. } => self.grow(delta, out),
        }
    }

    fn end(&mut self, end: &End, out: &mut Vec<u8>) {
        self.start(out);
        let (status, name) = match object::incomplete(&end.finish, self.declined) {
            Some(_) => (Status::Incomplete, "response.incomplete"),
            None => (Status::Completed, "response.completed"),
        };
        self.close(status, out);
        let standing = Standing::Ended(&end.finish, &end.usage);
        let response = object::response(&self.ids, &self.asked, standing, &self.output);
        self.event(name, json!({ "response": response }), out);
    }

    /// An `error` event would be overlooked by Codex, which waits for one of the three last words.
    fn fail(&mut self, failing: &Failing<'_>, out: &mut Vec<u8>) {
        let code = code(failing.code, failing.status);
        let standing = Standing::Failed(code, failing.message, failing.facts);
        let response = object::response(&self.ids, &self.asked, standing, &self.output);
        self.event("response.failed", json!({ "response": response }), out);
    }
}

#[cfg(test)]
mod tests;
