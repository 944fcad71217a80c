//! Reads what a provider says in a message or in a delta: both have the same members. Used by [`super::decode`] and
//! [`super::listen`].

mod calls;

use calls::Calls;
use serde_json::{Map, Value};

use super::data_url;
use crate::wire::{
    canonical::{Citation, Event, File, FileKind, Finish, Source, ToolStart},
    weight::Scale,
};

/// What must be remembered from one delta to the next.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// What tells this answer from others, for ids that the provider does not give.
    pub(super) answer: String,
    /// The calls that have begun.
    calls: Calls,
    /// What was said.
    pub(super) scale: Scale,
    /// Words that decline were said.
    refused: bool,
    /// Thoughts were told as plain text: what details say beside their proofs is the same again.
    plain: bool,
}

fn text(members: &mut Map<String, Value>, name: &str) -> Option<String> {
    match members.get_mut(name).map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn list(members: &mut Map<String, Value>, name: &str) -> Vec<Value> {
    match members.get_mut(name).map(Value::take) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

impl Pieces {
    /// Of the answer that this tells from others.
    pub(super) fn of(answer: String) -> Self {
        Self {
            answer,
            ..Self::default()
        }
    }

    /// Tells what a message or a delta says, in the order in which models say it: thoughts, text, calls.
    pub(super) fn hear(&mut self, said: &mut Map<String, Value>, events: &mut Vec<Event>) {
        let before = events.len();
        self.thoughts(said, events);
        match said.get_mut("content").map(Value::take) {
            Some(Value::String(text)) if !text.is_empty() => events.push(Event::Text(text)),
            Some(Value::Array(parts)) => parts.into_iter().for_each(|part| content(part, events)),
            _ => {}
        }
        if let Some(refusal) = text(said, "refusal") {
            self.refused = true;
            events.push(Event::Refusal(refusal));
        }
        events.extend(list(said, "annotations").into_iter().map(citation));
        for image in list(said, "images") {
            content(image, events);
        }
        if let Some(Value::Object(mut audio)) = said.get_mut("audio").map(Value::take) {
            sound(&mut audio, events);
        }
        for call in list(said, "tool_calls") {
            self.call(call, events);
        }
        if let Some(function @ Value::Object(_)) = said.get_mut("function_call").map(Value::take) {
            self.call(serde_json::json!({ "index": 0, "function": function }), events);
        }
        self.scale.add(events.get(before..).unwrap_or_default());
    }

    /// Thoughts as one text (`reasoning_content`, `reasoning`), and `reasoning_details` (OpenRouter, and this hub) which hold
    /// the same with its proof.
    fn thoughts(&mut self, said: &mut Map<String, Value>, events: &mut Vec<Event>) {
        let plain = text(said, "reasoning_content").or_else(|| text(said, "reasoning"));
        self.plain |= plain.is_some();
        events.extend(plain.map(Event::Thought));
        for detail in list(said, "reasoning_details") {
            let Value::Object(mut detail) = detail else { continue };
            let thought = text(&mut detail, "text").or_else(|| text(&mut detail, "summary"));
            events.extend(thought.filter(|_| !self.plain).map(Event::Thought));
            events.extend(text(&mut detail, "signature").map(Event::Signature));
            events.extend(text(&mut detail, "data").map(Event::Sealed));
        }
    }

    fn call(&mut self, call: Value, events: &mut Vec<Event>) {
        let Value::Object(mut call) = call else { return };
        let id = text(&mut call, "id");
        let told = call.get("index").and_then(Value::as_u64);
        let mut function = match call.get_mut("function").map(Value::take) {
            Some(Value::Object(function)) => function,
            _ => Map::new(),
        };
        let name = text(&mut function, "name");
        let arguments = match function.get_mut("arguments").map(Value::take) {
            Some(Value::String(text)) => text,
            Some(object @ Value::Object(_)) => object.to_string(),
            _ => String::new(),
        };
        let index = match self.calls.find(told, id.as_deref(), name.is_some()) {
            Some(index) => index,
            None => {
                let index = self.calls.count();
                let name = match name {
                    Some(name) => name,
                    // A name may still come. Arguments before it would belong to nobody: the answer is refused for them.
                    None if arguments.trim().is_empty() => return,
                    None => String::new(),
                };
                // Two calls with one id would have one answer.
                let id = id.filter(|id| !self.calls.know(id));
                let id = id.unwrap_or_else(|| ToolStart::made_up_id(&self.answer, index, &name, ""));
                self.calls.begin(told, id.clone());
                let signature = call
                    .get_mut("extra_content")
                    .and_then(|content| content.get_mut("google"))
                    .and_then(|google| google.get_mut("thought_signature"))
                    .map(Value::take);
                events.push(Event::ToolCall(ToolStart {
                    index,
                    id,
                    name,
                    signature: match signature {
                        Some(Value::String(signature)) => Some(signature),
                        _ => None,
                    },
                }));
                index
            }
        };
        if !arguments.is_empty() {
            events.push(Event::Arguments { index, json: arguments });
        }
    }

    /// What this word for an end means.
    pub(super) fn finish(&self, word: &str) -> Finish {
        match word {
            "stop" if self.refused => Finish::Refusal,
            "stop" => Finish::Stop,
            "length" => Finish::Length,
            "model_length" => Finish::ContextFull,
            "tool_calls" | "function_call" => Finish::ToolCalls,
            "content_filter" => Finish::ContentFilter,
            other => Finish::Other(other.to_owned()),
        }
    }
}

/// A part of a content that is a list: Mistral's thoughts, pictures, texts.
fn content(part: Value, events: &mut Vec<Event>) {
    let mut part = match part {
        Value::Object(part) => part,
        Value::String(text) => return events.push(Event::Text(text)),
        _ => return,
    };
    if let Some(text) = text(&mut part, "text") {
        events.push(Event::Text(text));
    }
    match part.get_mut("thinking").map(Value::take) {
        Some(Value::String(text)) => events.push(Event::Thought(text)),
        Some(Value::Array(parts)) => {
            for mut part in parts {
                if let Some(Value::String(text)) = part.get_mut("text").map(Value::take) {
                    events.push(Event::Thought(text));
                }
            }
        }
        _ => {}
    }
    let url = match part.get_mut("image_url").map(Value::take) {
        Some(Value::String(url)) => Some(url),
        Some(Value::Object(mut image)) => text(&mut image, "url"),
        _ => None,
    };
    if let Some(url) = url {
        events.push(Event::File(made(FileKind::Image, data_url::source(url))));
    }
}

fn made(kind: FileKind, source: Source) -> File {
    File {
        kind,
        source,
        name: None,
        detail: None,
        cache: None,
    }
}

/// A spoken answer: its words are its text.
fn sound(audio: &mut Map<String, Value>, events: &mut Vec<Event>) {
    events.extend(text(audio, "transcript").map(Event::Text));
    if let Some(base64) = text(audio, "data") {
        let source = Source::Data {
            mime: "audio/wav".to_owned(),
            base64,
        };
        events.push(Event::File(made(FileKind::Audio, source)));
    }
}

fn citation(raw: Value) -> Event {
    let inner = raw.get("url_citation").unwrap_or(&raw);
    let word = |name: &str| inner.get(name).and_then(Value::as_str).map(str::to_owned);
    Event::Citation(Citation {
        url: word("url"),
        title: word("title"),
        quoted: word("content"),
        raw,
    })
}

#[cfg(test)]
mod tests;
