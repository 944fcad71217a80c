//! Decides what the fake answers: always the same for the same request, so that tests can say what they expect.
//!
//! - By default "You said: " and the last user message; images are counted ("I see 2 images.").
//! - "write N words" in the last user message gives `word1 … wordN`; with "as long ones", each of four thousand letters more.
//! - `[content_filter]` in it ends the answer with that finish reason.
//! - With tools, every tool is called once (the first alone when parallel calls are off), unless the last message is a
//!   tool's result: then the results are repeated as text.

use serde_json::Value;

use super::catalogue::{SLOW_MODEL, bare};
use super::check::{Chat, Choice, Format};
use super::schema;
use super::usage::{self, Usage};

/// One call of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments, as JSON text.
    pub arguments: String,
}

/// One choice of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The text; `None` beside tool calls.
    pub content: Option<String>,
    /// The calls.
    pub calls: Vec<Call>,
    /// Why it ends.
    pub finish: &'static str,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// One for each of `n`.
    pub parts: Vec<Part>,
    /// What it counts.
    pub usage: Usage,
}

/// What the fake answers to `chat`.
#[must_use]
pub fn answer(chat: &Chat) -> Answer {
    let parts: Vec<Part> = (0..chat.n).map(|index| part(chat, index)).collect();
    let usage = usage::count(chat, &parts);
    Answer { parts, usage }
}

fn part(chat: &Chat, index: u64) -> Part {
    let calls = calls(chat, index);
    if !calls.is_empty() {
        return Part {
            content: None,
            calls,
            finish: "tool_calls",
        };
    }
    let full = match &chat.format {
        Format::Text => text(chat, index),
        Format::JsonObject => r#"{"answer":"yes","numbers":[1,2,3]}"#.to_owned(),
        Format::JsonSchema(schema) => schema::instance(schema).to_string(),
    };
    let mut content = full.as_str();
    for stop in chat.stop.iter().filter(|stop| !stop.is_empty()) {
        content = content.split_once(stop.as_str()).map_or(content, |(before, _)| before);
    }
    let mut finish = if full.contains("[content_filter]") {
        "content_filter"
    } else {
        "stop"
    };
    if let Some(limit) = chat.limit {
        let words = pieces(content);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if words.len() > limit {
            finish = "length";
            let kept: usize = words.iter().take(limit).map(|word| word.len()).sum();
            content = content.get(..kept).unwrap_or(content);
        }
    }
    Part {
        content: Some(content.to_owned()),
        calls,
        finish,
    }
}

fn calls(chat: &Chat, index: u64) -> Vec<Call> {
    let answered = chat.messages.last().is_some_and(|message| message["role"] == "tool");
    let wanted: Vec<_> = match &chat.choice {
        Choice::None => return Vec::new(),
        Choice::Auto if answered => return Vec::new(),
        Choice::Named(name) => chat.tools.iter().filter(|tool| &tool.name == name).collect(),
        Choice::Auto | Choice::Required => chat
            .tools
            .iter()
            .take(if chat.parallel { usize::MAX } else { 1 })
            .collect(),
    };
    let call = |(at, tool): (usize, &super::check::Tool)| Call {
        id: format!("call_{index}{at}_{}", tool.name),
        name: tool.name.clone(),
        arguments: schema::instance(&tool.parameters).to_string(),
    };
    wanted.into_iter().enumerate().map(call).collect()
}

fn text(chat: &Chat, index: u64) -> String {
    let last = chat.messages.last().map_or(&Value::Null, |message| message);
    if last["role"] == "tool" {
        return format!("The tools said: {}", tool_results(&chat.messages));
    }
    let user = chat.messages.iter().rev().find(|message| message["role"] == "user");
    let said = user
        .map(|message| usage::text_of(&message["content"]))
        .unwrap_or_default();
    let wanted = asked_words(&said).or((bare(&chat.model) == SLOW_MODEL).then_some(200));
    if let Some(count) = wanted {
        let rest = "x".repeat(if said.contains(LONG) { LONG_WORD } else { 0 });
        return (1..=count)
            .map(|number| format!("word{number}{rest}"))
            .collect::<Vec<_>>()
            .join(" ");
    }
    let mut text = format!("You said: {said}");
    let images: usize = chat
        .messages
        .iter()
        .map(|message| usage::images_in(&message["content"]))
        .sum();
    if images > 0 {
        text.push_str(&format!(" I see {images} image{}.", if images == 1 { "" } else { "s" }));
    }
    if chat.n > 1 {
        text.push_str(&format!(" (choice {index})"));
    }
    text
}

fn tool_results(messages: &[Value]) -> String {
    let tools = messages.iter().rev().take_while(|message| message["role"] == "tool");
    let mut results: Vec<String> = tools.map(|message| usage::text_of(&message["content"])).collect();
    results.reverse();
    results.join("; ")
}

/// What makes the words so long that an answer fills every buffer on its way with few events.
const LONG: &str = "as long ones";
const LONG_WORD: usize = 4_000;

/// The N of "write N words", at most 100,000.
pub(crate) fn asked_words(said: &str) -> Option<u64> {
    let words: Vec<&str> = said.split_whitespace().collect();
    words.windows(3).find_map(|three| match three {
        [write, number, noun] if write.eq_ignore_ascii_case("write") && noun.starts_with("word") => {
            number.parse::<u64>().ok().map(|count| count.clamp(1, 100_000))
        }
        _ => None,
    })
}

/// Splits a text into its words, each with the white space that follows it: joined they are the text again.
#[must_use]
pub fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut in_space = false;
    for (at, character) in text.char_indices() {
        if in_space && !character.is_whitespace() {
            pieces.push(&text[start..at]);
            start = at;
        }
        in_space = character.is_whitespace();
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}
