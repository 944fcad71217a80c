//! Tells in events what the content blocks of an answer say, whether they come whole or in pieces. Used by `decode`, which has
//! whole blocks, and by `listen`, which gets their beginning, pieces and end.
//!
//! Blocks about tools that ran at Anthropic say nothing to anybody else; what was found stands in the citations.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Tree;

use super::{
    super::{
        canonical::{Event, ToolStart},
        json::Value,
        weight,
    },
    citation,
};

/// More blocks at once are no answer.
const MOST_OPEN: usize = 1_000;

/// The blocks that are open, and what was told so far.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: BTreeMap<u64, Open>,
    /// The provider's name for the answer; makes ids differ between answers.
    pub answer: String,
    /// Calls of tools so far.
    tools: usize,
    /// Bytes of what the model wrote: text, thoughts, arguments of calls.
    pub text_bytes: u64,
}

#[derive(Debug)]
enum Open {
    /// A thought and the proof that came so far. Clients of this wire take the last proof, so one is told, at the end.
    Thinking { proof: Option<String>, bytes: u64 },
    /// A call: its number, its arguments as they stood in its beginning, and whether pieces of them came.
    Tool {
        index: usize,
        input: Option<String>,
        began: bool,
    },
    /// Text, or what says nothing.
    Other,
}

/// Too many blocks are open.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooMany;

impl Blocks {
    /// Of the answer with this name.
    pub fn of(answer: String) -> Self {
        Self {
            answer,
            ..Self::default()
        }
    }

    /// A block begins.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn begin(&mut self, at: u64, block: &Value<'_>, events: &mut Vec<Event>) -> Result<(), TooMany> {
        if self.open.len() >= MOST_OPEN {
            return Err(TooMany);
        }
        let word = |name: &str| block.member(name).and_then(|value| value.as_str());
        let open = match word("type").as_deref() {
            Some("text") => {
                self.text(word("text").as_deref(), events);
                if let Some(citations) = block.member("citations") {
                    citations.elements(|raw| cite(&raw, events));
                }
                Open::Other
            }
            Some("thinking") => {
                let bytes = self.thought(word("thinking").as_deref(), events);
                let proof = word("signature").filter(|signature| !signature.is_empty());
                Open::Thinking {
                    proof: proof.map(Cow::into_owned),
                    bytes,
                }
            }
            Some("redacted_thinking") => {
                if let Some(data) = word("data") {
                    self.text_bytes += data.len() as u64;
                    events.push(Event::Sealed(data.into_owned()));
                }
                Open::Other
            }
            Some("tool_use") => self.tool(block, events),
            _ => Open::Other,
        };
        self.open.insert(at, open);
        Ok(())
    }

    fn tool(&mut self, block: &Value<'_>, events: &mut Vec<Event>) -> Open {
        let word = |name: &str| block.member(name).and_then(|value| value.as_str());
        let index = self.tools;
        self.tools += 1;
        let name = word("name").unwrap_or_default().into_owned();
        self.text_bytes += name.len() as u64;
        let id = word("id").filter(|id| !id.is_empty());
        events.push(Event::ToolCall(ToolStart {
            index,
            id: id.map_or_else(
                || ToolStart::made_up_id(&self.answer, index, &name, ""),
                Cow::into_owned,
            ),
            name,
            signature: None,
        }));
        let mut empty = true;
        let input = block.member("input").filter(Value::is_object);
        if let Some(input) = &input {
            input.members(|_| empty = false);
        }
        let input = input.filter(|_| !empty);
        Open::Tool {
            index,
            input: input.map(|input| String::from_utf8_lossy(input.raw()).into_owned()),
            began: false,
        }
    }

    /// More of a block comes. A piece names its own kind, so one whose block never began is heard all the same, unless it is of
    /// a call: nobody could place it.
    pub fn grow(&mut self, at: u64, delta: &Value<'_>, events: &mut Vec<Event>) {
        let word = |name: &str| delta.member(name).and_then(|value| value.as_str());
        match word("type").as_deref() {
            Some("text_delta") => self.text(word("text").as_deref(), events),
            Some("thinking_delta") => {
                let more = self.thought(word("thinking").as_deref(), events);
                if let Some(Open::Thinking { bytes, .. }) = self.open.get_mut(&at) {
                    *bytes += more;
                }
            }
            Some("signature_delta") => {
                if let (Some(Open::Thinking { proof, bytes }), Some(more)) = (self.open.get_mut(&at), word("signature"))
                {
                    // It holds the whole thought, of which little or nothing may be shown.
                    let beyond = weight::of_cipher(&more).saturating_sub(*bytes);
                    *bytes += beyond;
                    self.text_bytes += beyond;
                    *proof = Some(more.into_owned());
                }
            }
            Some("citations_delta") => {
                if let Some(raw) = delta.member("citation") {
                    cite(&raw, events);
                }
            }
            Some("input_json_delta") => {
                let json = word("partial_json").filter(|json| !json.is_empty());
                // Written by the model, though its tool runs at Anthropic and says nothing to others.
                if let (Some(Open::Other), Some(json)) = (self.open.get(&at), &json) {
                    self.text_bytes += json.len() as u64;
                }
                if let (Some(Open::Tool { index, began, .. }), Some(json)) = (self.open.get_mut(&at), json) {
                    *began = true;
                    self.text_bytes += json.len() as u64;
                    events.push(Event::Arguments {
                        index: *index,
                        json: json.into_owned(),
                    });
                }
            }
            _ => {}
        }
    }

    /// A block ends: its proof is told, and the arguments of a call for which no pieces came.
    pub fn end(&mut self, at: u64, events: &mut Vec<Event>) {
        match self.open.remove(&at) {
            Some(Open::Thinking { proof: Some(proof), .. }) => events.push(Event::Signature(proof)),
            Some(Open::Tool {
                index,
                input,
                began: false,
            }) => {
                let json = input.unwrap_or_else(|| "{}".to_owned());
                self.text_bytes += json.len() as u64;
                events.push(Event::Arguments { index, json });
            }
            _ => {}
        }
    }

    fn text(&mut self, text: Option<&str>, events: &mut Vec<Event>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.text_bytes += text.len() as u64;
            events.push(Event::Text(text.to_owned()));
        }
    }

    /// Tells a thought, and gives its bytes.
    fn thought(&mut self, text: Option<&str>, events: &mut Vec<Event>) -> u64 {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return 0;
        };
        self.text_bytes += text.len() as u64;
        events.push(Event::Thought(text.to_owned()));
        text.len() as u64
    }
}

fn cite(raw: &Value<'_>, events: &mut Vec<Event>) {
    if let Ok(raw) = serde_json::from_slice::<Tree>(raw.raw()) {
        events.push(Event::Citation(citation::read(&raw)));
    }
}
