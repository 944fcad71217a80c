//! A streamed answer to a client of the framework. Every frame is JSON; the client reads it before it looks at an event's name,
//! so there is no `[DONE]` and nothing else that is none.
//!
//! Texts are sent piece by piece. Calls of tools, files and sources are sent once, with the end, as the client replaces what it has: all
//! of them again with each new one would grow with the square of their number. Where the client asked for JSON the text waits until it is whole and goes out read, once.

use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        super::canonical::{Block, Delta, End, Failing, Ids, Opening, Step, StreamWriter, Thought, ToolCall},
        error::{self, Problem},
        frame, media, model_name,
        usage::{self, Told},
    },
    answer::{finish_reason, object},
    calls,
    sources::{Source, Sources},
};

/// JSON that an answer may come to. A longer one is sent as it comes, as text.
const LONGEST_JSON: usize = 16 * 1024 * 1024;

#[derive(Serialize)]
struct Frame<T> {
    delta: T,
}

#[derive(Serialize)]
struct TextDelta<'a> {
    text: Texts<'a>,
}

#[derive(Serialize)]
struct Texts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thoughts: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonDelta<T> {
    json: T,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<&'a [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<&'a [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    citations: Option<&'a [Source]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Told<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_with_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
}

/// What the open block holds.
enum Now {
    Nothing,
    Text,
    Thought(Thought),
    Refusal,
    Call(ToolCall),
}

/// Writes the frames.
pub struct Writer {
    ids: Ids,
    now: Now,
    /// The text so far, where it is to become JSON.
    json: Option<String>,
    calls: Vec<Value>,
    files: Vec<Value>,
    sources: Sources,
    /// Thoughts since the last call of a tool.
    proofs: Vec<Thought>,
}

impl Writer {
    /// A writer of one answer.
    #[must_use]
    pub fn new(ids: Ids, opening: &Opening) -> Self {
        Self {
            ids,
            now: Now::Nothing,
            json: opening.as_json.then(String::new),
            calls: Vec::new(),
            files: Vec::new(),
            sources: Sources::default(),
            proofs: Vec::new(),
        }
    }

    fn members(members: Members<'_>, out: &mut Vec<u8>) {
        frame(
            &Frame {
                delta: JsonDelta { json: members },
            },
            out,
        );
    }

    fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        match &mut self.json {
            Some(json) if json.len() + text.len() <= LONGEST_JSON => json.push_str(text),
            Some(_) => {
                let held = self.json.take().unwrap_or_default();
                say(&held, out);
                say(text, out);
            }
            None => say(text, out),
        }
    }

    fn open(&mut self, block: &Block) {
        self.now = match block {
            Block::Text => Now::Text,
            Block::Thought => Now::Thought(Thought::default()),
            Block::Refusal => Now::Refusal,
            Block::Tool(start) => Now::Call(ToolCall {
                id: start.id.clone(),
                name: start.name.clone(),
                arguments: String::new(),
                signature: start.signature.clone(),
            }),
            Block::Sealed(sealed) => {
                self.proofs.push(Thought {
                    sealed: Some(sealed.clone()),
                    ..Thought::default()
                });
                Now::Nothing
            }
            Block::File(file) => {
                self.files.push(media::write(file));
                Now::Nothing
            }
        };
    }

    fn grow(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        match (&mut self.now, delta) {
            (Now::Text, Delta::Text(text)) => self.text(text, out),
            (Now::Refusal, Delta::Text(text)) => say(text, out),
            (Now::Thought(thought), Delta::Text(text)) => {
                thought.text.push_str(text);
                let texts = Texts {
                    text: None,
                    thoughts: Some(text),
                };
                frame(
                    &Frame {
                        delta: TextDelta { text: texts },
                    },
                    out,
                );
            }
            (Now::Thought(thought), Delta::Signature(more)) => thought.signature.get_or_insert_default().push_str(more),
            (Now::Call(call), Delta::Arguments(more)) => call.arguments.push_str(more),
            (Now::Text, Delta::Citation(citation)) => self.sources.add(citation),
            // The sequencer gives each block only what belongs to it.
            _ => {}
        }
    }

    fn close(&mut self) {
        match std::mem::replace(&mut self.now, Now::Nothing) {
            Now::Thought(thought) => self.proofs.push(thought),
            Now::Call(call) => self.calls.push(calls::write(&call, &std::mem::take(&mut self.proofs))),
            Now::Nothing | Now::Text | Now::Refusal => {}
        }
    }
}

fn say(text: &str, out: &mut Vec<u8>) {
    if text.is_empty() {
        return;
    }
    let texts = Texts {
        text: Some(text),
        thoughts: None,
    };
    frame(
        &Frame {
            delta: TextDelta { text: texts },
        },
        out,
    );
}

impl StreamWriter for Writer {
    fn step(&mut self, step: &Step, out: &mut Vec<u8>) {
        match step {
            Step::Start { model, .. } => {
                let members = Members {
                    model: Some(model_name(model.as_deref(), &self.ids)),
                    ..Members::default()
                };
                Self::members(members, out);
            }
            Step::Open { block, .. } => self.open(block),
            Step::Delta { delta, .. } => self.grow(delta, out),
            Step::Close { .. } => self.close(),
            Step::Source(citation) => self.sources.add(citation),
        }
    }

    fn end(&mut self, end: &End, out: &mut Vec<u8>) {
        let mut json = None;
        if let Some(held) = self.json.take() {
            json = object(&held);
            if json.is_none() {
                // None that the client could read: it gets what there is.
                say(&held, out);
            }
        }
        let members = Members {
            json,
            tool_calls: Some(&self.calls[..]).filter(|calls| !calls.is_empty()),
            files: Some(&self.files[..]).filter(|files| !files.is_empty()),
            citations: Some(self.sources.list()).filter(|sources| !sources.is_empty()),
            usage: Some(usage::told(end, &self.ids)),
            model_with_provider: Some(&self.ids.model),
            finish_reason: finish_reason(&end.finish),
            ..Members::default()
        };
        Self::members(members, out);
    }

    fn fail(&mut self, failing: &Failing<'_>, out: &mut Vec<u8>) {
        let problem = Problem::within(failing);
        error::framework_event(&problem, out);
    }
}
