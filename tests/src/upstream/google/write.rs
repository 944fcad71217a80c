//! Puts an answer into Gemini's shapes: one `GenerateContentResponse`, or one for each piece of a stream, each with the
//! counters of everything so far.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::answer::{Answer, Part, pieces};
use super::super::catalogue::SLOW_MODEL;
use super::super::fault::Fault;
use super::super::foreign::{Framing, Stream};
use super::super::serve::Asked;
use super::super::spoil::HUGE_CONTENT;
use super::super::usage::{images_in, words};
use super::admit::Method;
use super::check::Prompt;

/// How the signatures begin that this Google gives out.
pub(super) const SIGNATURE: &str = "gemini-thought:";
/// What the model thinks, where it is shown.
const THOUGHTS: [&str; 2] = ["**Considering** ", "the words."];

pub(super) struct Writer<'a> {
    id: String,
    method: &'a Method,
    fault: Option<Fault>,
    answer: &'a Answer,
    part: Option<&'a Part>,
    images: u64,
    shows_thoughts: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(asked: &Asked<'_>, method: &'a Method, prompt: &Prompt, answer: &'a Answer) -> Self {
        let images: usize = prompt
            .chat
            .messages
            .iter()
            .map(|message| images_in(&message["content"]))
            .sum();
        Self {
            id: format!("resp-fake{:08}", asked.serial),
            method,
            fault: asked.fault,
            answer,
            part: answer.parts.first(),
            images: images as u64,
            shows_thoughts: prompt.shows_thoughts && answer.usage.reasoning > 0,
        }
    }

    pub(super) fn whole(&self) -> Value {
        let mut parts = Vec::new();
        if self.shows_thoughts {
            parts.push(json!({"text": THOUGHTS.concat(), "thought": true}));
        }
        if let Some(text) = self.part.and_then(|part| part.content.clone()) {
            let mut part = json!({ "text": text });
            if self.fault == Some(Fault::HugeEvent) {
                part["text"] = json!("x".repeat(HUGE_CONTENT));
            }
            self.sign(&mut part, "text");
            parts.push(part);
        }
        parts.extend(self.calls());
        let mut whole = self.response(&parts, true, self.said());
        match self.fault {
            Some(Fault::UsageMissing) => {
                whole.as_object_mut().map(|members| members.remove("usageMetadata"));
            }
            Some(Fault::UsageNonsense) => whole["usageMetadata"] = nonsense(),
            _ => {}
        }
        whole
    }

    pub(super) fn stream(&self, error: Value) -> Stream {
        let mut frames = Vec::new();
        if self.shows_thoughts {
            let thought = |text| self.response(&[json!({"text": text, "thought": true})], false, 0);
            frames.extend(THOUGHTS.map(thought));
        }
        let mut said = 0;
        for piece in pieces(self.part.and_then(|part| part.content.as_deref()).unwrap_or_default()) {
            said += words(piece) as u64;
            frames.push(self.response(&[json!({ "text": piece })], false, said));
        }
        for call in self.calls() {
            frames.push(self.response(&[call], false, self.said()));
        }
        // The last piece says nothing but why it ends, and signs what was said.
        let mut last = json!({"text": ""});
        if self.part.is_some_and(|part| part.calls.is_empty()) {
            self.sign(&mut last, "text");
        }
        frames.push(self.response(&[last], true, self.said()));
        self.spoil(&mut frames);
        Stream {
            framing: if self.method.events {
                Framing::Events
            } else {
                Framing::List
            },
            frames,
            pace: if self.method.id == SLOW_MODEL {
                Duration::from_millis(30)
            } else {
                Duration::ZERO
            },
            error,
        }
    }

    /// The words of the answer, without thoughts.
    fn said(&self) -> u64 {
        self.answer.usage.completion - self.answer.usage.reasoning
    }

    /// Calls come whole. Gemini 3 gives them ids and signs the first.
    fn calls(&self) -> Vec<Value> {
        let is_third = self.method.model.generation >= 30;
        let calls = self.part.map(|part| part.calls.as_slice()).unwrap_or_default();
        let mut parts = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
            let mut part = json!({"functionCall": {"name": call.name, "args": arguments}});
            if is_third {
                part["functionCall"]["id"] = json!(format!("fc{at}_{}", self.id));
            }
            if at == 0 {
                self.sign(&mut part, &call.name);
            }
            parts.push(part);
        }
        parts
    }

    fn sign(&self, part: &mut Value, what: &str) {
        if self.method.model.generation >= 30 {
            // As long as Google's are.
            part["thoughtSignature"] = json!(STANDARD.encode(format!("{SIGNATURE}{what:-<600}")));
        }
    }

    fn response(&self, parts: &[Value], ends: bool, said: u64) -> Value {
        let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
        if ends {
            candidate["finishReason"] = json!(match self.part.map(|part| part.finish) {
                Some("length") => "MAX_TOKENS",
                Some("content_filter") => "SAFETY",
                _ => "STOP",
            });
        }
        json!({
            "candidates": [candidate],
            "usageMetadata": self.usage(said),
            "modelVersion": self.method.id,
            "responseId": self.id,
        })
    }

    /// Counters that are 0 are left out.
    fn usage(&self, said: u64) -> Value {
        let usage = self.answer.usage;
        let images = (85 * self.images).min(usage.prompt);
        let mut details = vec![json!({"modality": "TEXT", "tokenCount": usage.prompt - images})];
        if images > 0 {
            details.push(json!({"modality": "IMAGE", "tokenCount": images}));
        }
        let mut counted = json!({
            "promptTokenCount": usage.prompt,
            "totalTokenCount": usage.prompt + said + usage.reasoning,
            "promptTokensDetails": details,
        });
        for (name, count) in [
            ("candidatesTokenCount", said),
            ("thoughtsTokenCount", usage.reasoning),
            ("cachedContentTokenCount", usage.cached),
        ] {
            if count > 0 {
                counted[name] = json!(count);
            }
        }
        counted
    }

    fn spoil(&self, frames: &mut Vec<Value>) {
        let last = frames.len() - 1;
        match self.fault {
            Some(Fault::UsageMissing) => strip(frames),
            Some(Fault::UsageEarly) => {
                let usage = frames[last]["usageMetadata"].clone();
                strip(frames);
                frames[0]["usageMetadata"] = usage;
            }
            Some(Fault::UsageDoubled) => {
                let again = json!({"usageMetadata": frames[last]["usageMetadata"], "responseId": self.id});
                frames.push(again);
            }
            Some(Fault::UsageNonsense) => frames[last]["usageMetadata"] = nonsense(),
            Some(Fault::HugeEvent) => {
                frames[0]["candidates"][0]["content"]["parts"][0]["text"] = json!("x".repeat(HUGE_CONTENT));
            }
            _ => {}
        }
    }
}

fn strip(frames: &mut [Value]) {
    for frame in frames {
        frame.as_object_mut().map(|members| members.remove("usageMetadata"));
    }
}

fn nonsense() -> Value {
    json!({"promptTokenCount": -5, "candidatesTokenCount": "many", "totalTokenCount": 9.0e99})
}
