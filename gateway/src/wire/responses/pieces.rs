//! Reads the items of an answer into events: whole ones, and what of them a stream has not said before. Used by
//! [`super::decode`] and [`super::listen`].

use serde_json::{Map, Value, json};

use super::{sealed, usage};
use crate::wire::{
    canonical::{Citation, Event, File, FileKind, Finish, ReadProblem, Report, Source, ToolStart},
    openai::error,
    tool_uses,
};

/// An object's members.
pub(super) type Members = Map<String, Value>;

pub(super) fn text(members: &mut Members, name: &str) -> Option<String> {
    match members.get_mut(name).map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

pub(super) fn object(members: &mut Members, name: &str) -> Option<Members> {
    match members.get_mut(name).map(Value::take) {
        Some(Value::Object(inner)) => Some(inner),
        _ => None,
    }
}

fn list(members: &mut Members, name: &str) -> Vec<Members> {
    let values = match members.get_mut(name).map(Value::take) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    let objects = values.into_iter().filter_map(|value| match value {
        Value::Object(members) => Some(members),
        _ => None,
    });
    objects.collect()
}

/// What of an item has been said before it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Its texts, refusals or summaries.
    pub(super) text: bool,
    /// Its sources.
    pub(super) sources: bool,
    /// The call it is, by its index.
    pub(super) call: Option<usize>,
    /// The call's arguments.
    pub(super) arguments: bool,
    /// Bytes of what the model wrote in it, as far as they are counted.
    pub(super) bytes: u64,
}

/// What is known of an answer beside its items.
#[derive(Debug, Default)]
pub(super) struct Whole {
    /// The provider's name for the answer; makes ids differ between answers.
    pub(super) answer: String,
    /// Counts the calls of tools.
    pub(super) calls: usize,
    /// Words that decline were said.
    pub(super) refused: bool,
}

impl Whole {
    /// The beginning of a call of a tool.
    pub(super) fn begin(&mut self, item: &mut Members) -> ToolStart {
        // Without a name it is told as it is, and the answer is refused for it.
        let name = text(item, "name").unwrap_or_default();
        let index = self.calls;
        self.calls += 1;
        let id = text(item, "call_id");
        ToolStart {
            index,
            id: id.unwrap_or_else(|| ToolStart::made_up_id(&self.answer, index, &name, "")),
            name,
            signature: None,
        }
    }

    /// Tells what an item says and what has not been told of it.
    pub(super) fn item(&mut self, mut item: Members, said: Said, events: &mut Vec<Event>) {
        let kind = text(&mut item, "type").unwrap_or_default();
        match kind.as_str() {
            "message" => {
                for part in list(&mut item, "content") {
                    self.content(part, said, events);
                }
            }
            "reasoning" => {
                if !said.text {
                    let parts = ["summary", "content"].map(|name| list(&mut item, name));
                    let texts = parts
                        .into_iter()
                        .flatten()
                        .filter_map(|mut part| text(&mut part, "text"));
                    let all = texts.collect::<Vec<_>>().join("\n\n");
                    events.extend((!all.is_empty()).then_some(Event::Thought(all)));
                }
                if let Some(cipher) = text(&mut item, "encrypted_content") {
                    let id = text(&mut item, "id").unwrap_or_default();
                    events.push(Event::Sealed(sealed::own(&id, &cipher)));
                }
            }
            "function_call" | "custom_tool_call" => {
                let index = said.call.unwrap_or_else(|| {
                    let start = self.begin(&mut item);
                    let index = start.index;
                    events.push(Event::ToolCall(start));
                    index
                });
                let json = match text(&mut item, "input") {
                    Some(input) if kind == "custom_tool_call" => Some(json!({ "input": input }).to_string()),
                    _ => text(&mut item, "arguments"),
                };
                if let Some(json) = json.filter(|_| !said.arguments) {
                    events.push(Event::Arguments { index, json });
                }
            }
            "image_generation_call" => {
                if let Some(base64) = text(&mut item, "result") {
                    events.push(Event::File(File {
                        kind: FileKind::Image,
                        source: Source::Data {
                            mime: mime(&base64).to_owned(),
                            base64,
                        },
                        name: None,
                        detail: None,
                        cache: None,
                    }));
                }
            }
            // What OpenAI ran itself says nothing to others.
            _ => {}
        }
    }

    fn content(&mut self, mut part: Members, said: Said, events: &mut Vec<Event>) {
        let sources = match part.get_mut("annotations").map(Value::take) {
            Some(Value::Array(values)) if !said.sources => values,
            _ => Vec::new(),
        };
        if !said.text {
            events.extend(text(&mut part, "text").map(Event::Text));
            if let Some(words) = text(&mut part, "refusal") {
                self.refused = true;
                events.push(Event::Refusal(words));
            }
        }
        events.extend(sources.into_iter().map(citation));
    }

    /// What the last word of an answer means.
    pub(super) fn finish(&self, response: &Members) -> Finish {
        let reason = response
            .get("incomplete_details")
            .and_then(|details| details.get("reason"));
        match reason.and_then(Value::as_str) {
            Some("max_output_tokens" | "max_tokens") => Finish::Length,
            Some("content_filter") => Finish::ContentFilter,
            Some(other) => Finish::Other(other.to_owned()),
            None if self.calls > 0 => Finish::ToolCalls,
            None if self.refused => Finish::Refusal,
            None => Finish::Stop,
        }
    }
}

pub(super) fn citation(raw: Value) -> Event {
    let word = |name: &str| raw.get(name).and_then(Value::as_str).map(str::to_owned);
    Event::Citation(Citation {
        url: word("url"),
        title: word("title").or_else(|| word("filename")),
        quoted: None,
        raw,
    })
}

/// The media type that the first letters of a picture's base64 tell.
fn mime(base64: &str) -> &'static str {
    if base64.starts_with("/9j/") {
        "image/jpeg"
    } else if base64.starts_with("UklGR") {
        "image/webp"
    } else {
        "image/png"
    }
}

/// What a response counted.
pub(super) fn report(response: &Members) -> Option<Report> {
    let mut usage = response.get("usage")?.as_object()?.clone();
    tool_uses::note(response.get("output"), &mut usage);
    let raw = Value::Object(usage).to_string().into_bytes();
    let usage = usage::normalise(&raw).map_err(|nonsense| nonsense.to_string());
    Some(Report { raw, usage })
}

/// The error that an object holds, or is.
pub(super) fn reported(said: &Members) -> ReadProblem {
    let text = Value::Object(said.clone()).to_string();
    let said = crate::wire::json::read(text.as_bytes())
        .ok()
        .and_then(|whole| error::read_value(&whole))
        .unwrap_or_default();
    ReadProblem::Reported {
        message: said.message,
        code: said.code,
    }
}
