//! Decides what is said: always the same for the same request, so that tests can say what they expect.
//!
//! - By default "You said: " and the last text of the person; pictures are counted ("I see 2 images."), documents too.
//! - "write N words" gives `word1 … wordN`. `[refusal]` ends the answer with a refusal, `[cite]` adds a citation.
//! - With tools, every tool is called once (the first alone when parallel calls are off), unless the last turn answers
//!   calls: then the results are repeated as text.
//! - A model that thinks says [`THOUGHT`] first, with a proof that it wants to see again; `[redacted]` seals it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::check::{Ask, Choice};
use super::usage::{self, Usage};
use crate::upstream::answer::{asked_words, pieces};
use crate::upstream::catalogue::SLOW_MODEL;
use crate::upstream::schema;

/// What a model thinks.
pub const THOUGHT: &str = "Let me think about this.";
/// A thought that is sealed.
pub const SEALED: &str = "c2VhbGVkLWJ5LXRoZS1mYWtl";

/// The proof of a thought.
#[must_use]
pub fn proof(thought: &str) -> String {
    STANDARD.encode(format!("proof of {thought}"))
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its blocks, whole.
    pub blocks: Vec<Value>,
    /// Why it ends.
    pub stop_reason: &'static str,
    /// The client's text that came up.
    pub stop_sequence: Option<String>,
    /// What it counts.
    pub usage: Usage,
}

/// What the fake answers.
#[must_use]
pub fn answer(ask: &Ask) -> Answer {
    let mut blocks = Vec::new();
    if ask.thinks.is_some() {
        blocks.push(thought(ask));
    }
    let calls = calls(ask);
    let (stop_reason, stop_sequence) = if calls.is_empty() {
        say(ask, &mut blocks)
    } else {
        blocks.extend(calls);
        ("tool_use", None)
    };
    let usage = usage::count(ask, &blocks);
    Answer {
        blocks,
        stop_reason,
        stop_sequence,
        usage,
    }
}

fn thought(ask: &Ask) -> Value {
    if said(ask).contains("[redacted]") {
        return json!({"type": "redacted_thinking", "data": SEALED});
    }
    let shown = if ask.shown { THOUGHT } else { "" };
    json!({"type": "thinking", "thinking": shown, "signature": proof(THOUGHT)})
}

fn say(ask: &Ask, blocks: &mut Vec<Value>) -> (&'static str, Option<String>) {
    let full = match &ask.schema {
        Some(schema) => schema::instance(schema).to_string(),
        None => text(ask),
    };
    let (mut reason, mut sequence) = ("end_turn", None);
    let mut content = full.as_str();
    for stop in &ask.stop {
        if let Some((before, _)) = content.split_once(stop.as_str()) {
            content = before;
            (reason, sequence) = ("stop_sequence", Some(stop.clone()));
        }
    }
    if full.contains("[refusal]") {
        reason = "refusal";
    }
    let words = pieces(content);
    let limit = usize::try_from(ask.limit).unwrap_or(usize::MAX);
    if words.len() > limit {
        (reason, sequence) = ("max_tokens", None);
        let kept: usize = words.iter().take(limit).map(|word| word.len()).sum();
        content = content.get(..kept).unwrap_or(content);
    }
    if !content.is_empty() {
        let mut block = json!({"type": "text", "text": content});
        if full.contains("[cite]") {
            block["citations"] = json!([{
                "type": "char_location", "cited_text": "a line", "document_index": 0, "document_title": "A document",
                "start_char_index": 0, "end_char_index": 6, "file_id": null,
            }]);
        }
        blocks.push(block);
    }
    (reason, sequence)
}

fn is_answered(ask: &Ask) -> bool {
    let last = ask.turns.iter().rev().find(|(role, _)| role == "user");
    last.is_some_and(|(_, blocks)| blocks.iter().any(|block| block["type"] == "tool_result"))
}

fn calls(ask: &Ask) -> Vec<Value> {
    let wanted: Vec<_> = match &ask.choice {
        Choice::None => return Vec::new(),
        Choice::Auto if is_answered(ask) => return Vec::new(),
        Choice::Named(name) => ask.tools.iter().filter(|tool| &tool.name == name).collect(),
        Choice::Auto | Choice::Any => ask
            .tools
            .iter()
            .take(if ask.parallel { usize::MAX } else { 1 })
            .collect(),
    };
    let call = |(at, tool): (usize, &super::check::Tool)| {
        json!({
            "type": "tool_use",
            "id": format!("toolu_{at}_{}", tool.name),
            "name": tool.name,
            "input": schema::instance(&tool.schema),
        })
    };
    wanted.into_iter().enumerate().map(call).collect()
}

/// The last text of the person.
fn said(ask: &Ask) -> String {
    let user = ask.turns.iter().rev().find(|(role, _)| role == "user");
    user.map(|(_, blocks)| usage::text_of(blocks)).unwrap_or_default()
}

fn text(ask: &Ask) -> String {
    if is_answered(ask) {
        let last = ask.turns.iter().rev().find(|(role, _)| role == "user");
        let blocks = last.map(|(_, blocks)| blocks.as_slice()).unwrap_or_default();
        let results = blocks.iter().filter(|block| block["type"] == "tool_result");
        let texts: Vec<String> = results
            .map(|result| match &result["content"] {
                Value::String(text) => text.clone(),
                Value::Array(blocks) => usage::text_of(blocks),
                _ => String::new(),
            })
            .collect();
        return format!("The tools said: {}", texts.join("; "));
    }
    let said = said(ask);
    let wanted = asked_words(&said).or((ask.model == SLOW_MODEL).then_some(200));
    if let Some(count) = wanted {
        let words: Vec<String> = (1..=count).map(|number| format!("word{number}")).collect();
        return words.join(" ");
    }
    let mut text = format!("You said: {said}");
    for (kind, name) in [("image", "image"), ("document", "document")] {
        let count = usage::of_kind(ask, kind);
        if count > 0 {
            text.push_str(&format!(" I see {count} {name}{}.", if count == 1 { "" } else { "s" }));
        }
    }
    text
}
