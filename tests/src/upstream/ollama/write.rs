//! Puts an answer into Ollama's shapes: one `ChatResponse`, or one for each piece of a stream. The last has the counters.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::super::answer::{Answer, Part, pieces};
use super::super::catalogue::SLOW_MODEL;
use super::super::fault::Fault;
use super::super::foreign::{Framing, Stream};
use super::super::spoil::HUGE_CONTENT;
use super::REMEMBERS;
use super::check::Prompt;

/// What the model thinks.
const THOUGHTS: [&str; 2] = ["Considering ", "the words."];

pub(super) struct Writer<'a> {
    fault: Option<Fault>,
    model: &'a str,
    answer: &'a Answer,
    part: Option<&'a Part>,
    thinks: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(fault: Option<Fault>, model: &'a str, prompt: &Prompt, answer: &'a Answer) -> Self {
        Self {
            fault,
            model,
            answer,
            part: answer.parts.first(),
            thinks: prompt.thinks,
        }
    }

    pub(super) fn whole(&self) -> Value {
        let mut message = json!({"role": "assistant", "content": self.content()});
        if self.fault == Some(Fault::HugeEvent) {
            message["content"] = json!("x".repeat(HUGE_CONTENT));
        }
        if self.thinks {
            message["thinking"] = json!(THOUGHTS.concat());
        }
        let calls = self.calls();
        if !calls.is_empty() {
            message["tool_calls"] = Value::Array(calls);
        }
        let mut whole = self.line(&message);
        self.end(&mut whole);
        whole
    }

    pub(super) fn stream(&self, error: Value) -> Stream {
        let mut frames = Vec::new();
        if self.thinks {
            frames
                .extend(THOUGHTS.map(|text| self.line(&json!({"role": "assistant", "content": "", "thinking": text}))));
        }
        for piece in pieces(self.content()) {
            frames.push(self.line(&json!({"role": "assistant", "content": piece})));
        }
        for call in self.calls() {
            frames.push(self.line(&json!({"role": "assistant", "content": "", "tool_calls": [call]})));
        }
        let mut last = self.line(&json!({"role": "assistant", "content": ""}));
        self.end(&mut last);
        frames.push(last);
        match self.fault {
            Some(Fault::UsageEarly) => {
                let last = frames.len() - 1;
                let counted = frames[last].as_object_mut().map(take_counters).unwrap_or_default();
                if let Some(first) = frames[0].as_object_mut() {
                    first.extend(counted);
                }
            }
            Some(Fault::UsageDoubled) => frames.extend(frames.last().cloned()),
            Some(Fault::HugeEvent) => frames[0]["message"]["content"] = json!("x".repeat(HUGE_CONTENT)),
            Some(Fault::NoDone) => {
                frames.pop();
            }
            _ => {}
        }
        Stream {
            framing: Framing::Lines,
            frames,
            pace: if self.model == SLOW_MODEL {
                Duration::from_millis(30)
            } else {
                Duration::ZERO
            },
            error,
        }
    }

    fn content(&self) -> &str {
        self.part.and_then(|part| part.content.as_deref()).unwrap_or_default()
    }

    /// Calls come whole, with ids of eight letters.
    fn calls(&self) -> Vec<Value> {
        let calls = self.part.map(|part| part.calls.as_slice()).unwrap_or_default();
        let one = |(index, call): (usize, &super::super::answer::Call)| {
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
            json!({
                "id": format!("call_fake{index:04}"),
                "function": {"index": index, "name": call.name, "arguments": arguments},
            })
        };
        calls.iter().enumerate().map(one).collect()
    }

    fn line(&self, message: &Value) -> Value {
        json!({
            "model": self.model,
            "created_at": "2026-01-02T03:04:05.000000006Z",
            "message": message,
            "done": false,
        })
    }

    /// Why it ends, and the counters; those that are 0 are left out.
    fn end(&self, line: &mut Value) {
        line["done"] = json!(true);
        line["done_reason"] = json!(if self.part.is_some_and(|part| part.finish == "length") {
            "length"
        } else {
            "stop"
        });
        line["total_duration"] = json!(4_883_583_458_u64);
        line["load_duration"] = json!(1_334_875);
        if self.fault == Some(Fault::UsageMissing) {
            return;
        }
        let usage = self.answer.usage;
        if self.model != REMEMBERS {
            line["prompt_eval_count"] = json!(usage.prompt);
            line["prompt_eval_duration"] = json!(342_546_000);
        }
        line["eval_count"] = json!(usage.completion);
        line["eval_duration"] = json!(4_535_599_000_u64);
        if self.fault == Some(Fault::UsageNonsense) {
            line["prompt_eval_count"] = json!(-5);
            line["eval_count"] = json!("many");
        }
    }
}

fn take_counters(line: &mut Map<String, Value>) -> Map<String, Value> {
    let mut counted = Map::new();
    for name in ["prompt_eval_count", "eval_count"] {
        if let Some(count) = line.remove(name) {
            counted.insert(name.to_owned(), count);
        }
    }
    counted
}
