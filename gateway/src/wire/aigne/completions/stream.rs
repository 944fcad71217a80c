//! A streamed answer to a client of the older dialect: `{"delta":{…}}` for each piece, `{"usage":{…}}` at the end, and nothing
//! after it. Calls of tools are told with all that is known of them so far, each time.

use serde::Serialize;

use super::{
    super::{
        super::canonical::{Block, Delta, End, Failing, Ids, Opening, Step, StreamWriter},
        error::{self, Problem},
        frame,
        usage::{self, ToldOld},
    },
    answer::{Call, Function},
};

#[derive(Serialize)]
struct Piece<'a> {
    delta: Told<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thoughts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<&'a [Call]>,
}

const NOTHING: Told<'static> = Told {
    role: "assistant",
    content: None,
    thoughts: None,
    tool_calls: None,
};

#[derive(Serialize)]
struct Last<'a> {
    usage: ToldOld<'a>,
}

/// What the open block holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Now {
    Text,
    Thought,
    Call,
    Nothing,
}

/// Writes the frames.
pub struct Writer {
    ids: Ids,
    now: Now,
    calls: Vec<Call>,
}

impl Writer {
    /// A writer of one answer. Usage is always told in this dialect.
    #[must_use]
    pub fn new(ids: Ids, _: Opening) -> Self {
        Self {
            ids,
            now: Now::Nothing,
            calls: Vec::new(),
        }
    }

    fn open(&mut self, block: &Block) {
        self.now = match block {
            Block::Text | Block::Refusal => Now::Text,
            Block::Thought => Now::Thought,
            Block::Tool(start) => {
                self.calls.push(Call {
                    id: start.id.clone(),
                    kind: "function",
                    function: Function {
                        name: start.name.clone(),
                        arguments: String::new(),
                    },
                    thought_signature: start.signature.clone(),
                });
                Now::Call
            }
            Block::Sealed(_) | Block::File(_) => Now::Nothing,
        };
    }

    fn grow(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        let told = match (self.now, delta) {
            (Now::Text, Delta::Text(text)) => Told {
                content: Some(text),
                ..NOTHING
            },
            (Now::Thought, Delta::Text(text)) => Told {
                thoughts: Some(text),
                ..NOTHING
            },
            (Now::Call, Delta::Arguments(more)) => {
                if let Some(call) = self.calls.last_mut() {
                    call.function.arguments.push_str(more);
                }
                return;
            }
            _ => return,
        };
        frame(&Piece { delta: told }, out);
    }
}

impl StreamWriter for Writer {
    fn step(&mut self, step: &Step, out: &mut Vec<u8>) {
        match step {
            // The dialect has no word for the beginning, nor for sources.
            Step::Start { .. } | Step::Source(_) => {}
            Step::Open { block, .. } => self.open(block),
            Step::Delta { delta, .. } => self.grow(delta, out),
            Step::Close { .. } => self.now = Now::Nothing,
        }
    }

    fn end(&mut self, end: &End, out: &mut Vec<u8>) {
        // Once, as the client replaces what it has: all of them again with each new one would grow with the square of their number.
        if !self.calls.is_empty() {
            let told = Told {
                tool_calls: Some(&self.calls),
                ..NOTHING
            };
            frame(&Piece { delta: told }, out);
        }
        let usage = usage::told_old(end, &self.ids);
        frame(&Last { usage }, out);
    }

    fn fail(&mut self, failing: &Failing<'_>, out: &mut Vec<u8>) {
        let problem = Problem::within(failing);
        error::old_event(&problem, out);
    }
}
