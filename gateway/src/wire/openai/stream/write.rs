//! Writes a streamed chat answer: chunks as the official SDKs gather them. Called by `call` when the provider's wire is another
//! one.
//!
//! What SDKs cannot gather from several pieces (Node's keeps the last of two lists, Python's wants an index in each entry) is
//! sent in one piece before the end: annotations and the thoughts that must come back.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::{error, shape};
use crate::wire::{
    canonical::{Block, Citation, Delta, End, Failing, Ids, Opening, Step, StreamWriter},
    responses::{items::free_text, names::free_of},
};

/// The writer of one stream.
#[derive(Debug)]
pub struct Writer {
    id: String,
    ids: Ids,
    include_usage: bool,
    /// Calls are told in the old form: one, as `function_call`.
    functions: bool,
    started: bool,
    /// What the open block has come to.
    open: Open,
    tools: usize,
    images: usize,
    refused: bool,
    /// Characters of text so far.
    characters: usize,
    /// Where the last text that has ended begins and ends, in characters.
    text: (usize, usize),
    annotations: Vec<Value>,
    details: shape::Details,
}

#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    /// Where it began, and the sources that it named.
    Text(usize, Vec<Citation>),
    Thought(String, Option<String>),
    Refusal,
    /// It has no arguments so far.
    Tool {
        empty: bool,
    },
    /// A tool of free text, and the JSON that holds the text: it is known when that is whole.
    Free(String),
}

/// A chunk, its members in OpenAI's order.
#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: &'a [Choice<'a>],
    /// `null` on all but the last, where usage was asked for; else there is no such member.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Value>>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u8,
    delta: Message<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<Value>,
}

impl Writer {
    /// A writer before its first step.
    #[must_use]
    pub fn new(ids: Ids, opening: &Opening) -> Self {
        Self {
            id: shape::id(&ids.call),
            ids,
            include_usage: opening.include_usage,
            functions: opening.functions,
            started: false,
            open: Open::Nothing,
            tools: 0,
            images: 0,
            refused: false,
            characters: 0,
            text: (0, 0),
            annotations: Vec::new(),
            details: shape::Details::default(),
        }
    }

    fn chunk(&self, choices: &[Choice<'_>], usage: Option<Value>, out: &mut Vec<u8>) {
        let chunk = Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.ids.created,
            model: &self.ids.model,
            choices,
            usage: self.include_usage.then_some(usage),
        };
        out.extend_from_slice(b"data: ");
        // Texts and numbers always are JSON.
        serde_json::to_writer(&mut *out, &chunk).ok();
        out.extend_from_slice(b"\n\n");
    }

    fn say(&self, delta: Message<'_>, finish_reason: Option<&'static str>, out: &mut Vec<u8>) {
        let choice = Choice {
            index: 0,
            delta,
            logprobs: None,
            finish_reason,
        };
        self.chunk(&[choice], None, out);
    }

    /// The first delta carries the role; Python's gatherer fails without.
    fn start(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            let first = Message {
                role: Some("assistant"),
                content: Some(""),
                ..Message::default()
            };
            self.say(first, None, out);
        }
    }

    fn open(&mut self, block: &Block, out: &mut Vec<u8>) {
        self.open = match block {
            Block::Text => Open::Text(self.characters, Vec::new()),
            Block::Thought => Open::Thought(String::new(), None),
            Block::Sealed(sealed) => {
                self.details.sealed(sealed);
                Open::Nothing
            }
            Block::Refusal => {
                self.refused = true;
                Open::Refusal
            }
            Block::Tool(start) if free_of(&start.name).is_some() && !self.functions => {
                let name = free_of(&start.name).unwrap_or_default();
                let call = shape::free_call(start, name, Some(self.tools), "");
                self.tools += 1;
                let delta = Message {
                    tool_calls: Vec::from([call]),
                    ..Message::default()
                };
                self.say(delta, None, out);
                Open::Free(String::new())
            }
            Block::Tool(start) => {
                let mut call = shape::tool_call(start, Some(self.tools), "");
                self.tools += 1;
                let delta = match self.functions {
                    true => Message {
                        function_call: Some(call["function"].take()),
                        ..Message::default()
                    },
                    false => Message {
                        tool_calls: Vec::from([call]),
                        ..Message::default()
                    },
                };
                if self.functions && self.tools > 1 {
                    // It was asked for one, and the client has no place for another.
                    Open::Nothing
                } else {
                    self.say(delta, None, out);
                    Open::Tool { empty: true }
                }
            }
            Block::File(file) => {
                let delta = Message {
                    images: Vec::from([shape::image(file, self.images)]),
                    ..Message::default()
                };
                self.images += 1;
                self.say(delta, None, out);
                Open::Nothing
            }
        };
    }

    fn grow(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        let message = match (&mut self.open, delta) {
            (Open::Text(..), Delta::Text(text)) => {
                self.characters += text.chars().count();
                Message {
                    content: Some(text),
                    ..Message::default()
                }
            }
            (Open::Text(_, citations), Delta::Citation(citation)) => return citations.push(citation.clone()),
            (Open::Thought(all, _), Delta::Text(text)) => {
                all.push_str(text);
                Message {
                    reasoning_content: Some(text),
                    ..Message::default()
                }
            }
            (Open::Thought(_, signature), Delta::Signature(more)) => {
                return signature.get_or_insert_default().push_str(more);
            }
            (Open::Refusal, Delta::Text(text)) => Message {
                refusal: Some(text),
                ..Message::default()
            },
            (Open::Tool { empty }, Delta::Arguments(json)) => {
                *empty &= json.trim().is_empty();
                self.arguments(json, out);
                return;
            }
            (Open::Free(all), Delta::Arguments(json)) => return all.push_str(json),
            // The sequencer gives each block only what belongs to it.
            _ => return,
        };
        self.say(message, None, out);
    }

    fn arguments(&self, json: &str, out: &mut Vec<u8>) {
        let function = json!({ "arguments": json });
        let delta = match self.functions {
            true => Message {
                function_call: Some(function),
                ..Message::default()
            },
            false => Message {
                tool_calls: Vec::from([json!({ "index": self.tools.saturating_sub(1), "function": function })]),
                ..Message::default()
            },
        };
        self.say(delta, None, out);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        match std::mem::take(&mut self.open) {
            Open::Text(from, citations) => {
                self.text = (from, self.characters);
                let cited = citations
                    .iter()
                    .map(|citation| shape::annotation(citation, from, self.characters));
                self.annotations.extend(cited);
            }
            Open::Thought(text, signature) => self.details.text(&text, signature.as_deref()),
            // Arguments are JSON for every client, also where a model gave none.
            Open::Tool { empty: true } => self.arguments("{}", out),
            Open::Free(json) => {
                let custom = json!({ "input": free_text(&json) });
                let delta = Message {
                    tool_calls: Vec::from([json!({ "index": self.tools.saturating_sub(1), "custom": custom })]),
                    ..Message::default()
                };
                self.say(delta, None, out);
            }
            Open::Tool { .. } | Open::Refusal | Open::Nothing => {}
        }
    }
}

impl StreamWriter for Writer {
    fn step(&mut self, step: &Step, out: &mut Vec<u8>) {
        self.start(out);
        match step {
            Step::Start { .. } => {}
            Step::Open { block, .. } => self.open(block, out),
            Step::Delta { delta, .. } => self.grow(delta, out),
            Step::Close { .. } => self.close(out),
            Step::Source(citation) => {
                let (from, to) = self.text;
                self.annotations.push(shape::annotation(citation, from, to));
            }
        }
    }

    fn end(&mut self, end: &End, out: &mut Vec<u8>) {
        self.start(out);
        let late = Message {
            reasoning_details: self.details.take(),
            annotations: std::mem::take(&mut self.annotations),
            ..Message::default()
        };
        if late.reasoning_details.is_some() || !late.annotations.is_empty() {
            self.say(late, None, out);
        }
        let finish = shape::finish(&end.finish, self.tools > 0, self.refused);
        let finish = if self.functions {
            shape::old_finish(finish)
        } else {
            finish
        };
        self.say(Message::default(), Some(finish), out);
        if self.include_usage {
            self.chunk(&[], Some(shape::usage(&end.usage)), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, failing: &Failing<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(&error::event(&error::body_within(failing)));
    }
}

#[cfg(test)]
mod tests;
