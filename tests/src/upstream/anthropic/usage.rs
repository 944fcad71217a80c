//! Counts tokens in the fake's own simple way: a word is a token, a turn costs four, a picture or a document 85. Members as in
//! `Usage` of the SDK: what the cache takes and gives stands beside the input. Everything up to the last mark goes into the
//! cache, for as long as that mark says; where the instructions hold `[cached]`, it comes out of it.

use serde_json::{Value, json};

use super::check::Ask;
use crate::upstream::usage::words;

/// What a call counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Of the prompt, what the cache has nothing to do with.
    pub input: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache for five minutes.
    pub cache_5m: u64,
    /// Written to the cache for an hour.
    pub cache_1h: u64,
    /// All of the answer.
    pub output: u64,
    /// Of these, thinking.
    pub thinking: u64,
    /// Searches of the web.
    pub searches: u64,
}

impl Usage {
    /// As `message_start` tells it: the answer has hardly begun.
    pub(super) fn at_start(&self) -> Value {
        let mut usage = self.json();
        usage["output_tokens"] = json!(1);
        if let Some(members) = usage.as_object_mut() {
            members.remove("output_tokens_details");
            members.remove("server_tool_use");
        }
        usage
    }

    /// As `message_delta` tells it: cumulative, without the cache by its time.
    pub(super) fn at_end(&self, output: u64) -> Value {
        let mut usage = self.json();
        usage["output_tokens"] = json!(output);
        if let Some(members) = usage.as_object_mut() {
            members.remove("cache_creation");
            members.remove("service_tier");
        }
        usage
    }

    /// As it stands in a whole answer.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut usage = json!({
            "input_tokens": self.input,
            "cache_creation_input_tokens": self.cache_5m + self.cache_1h,
            "cache_read_input_tokens": self.cache_read,
            "cache_creation": {"ephemeral_5m_input_tokens": self.cache_5m, "ephemeral_1h_input_tokens": self.cache_1h},
            "output_tokens": self.output,
            "service_tier": "standard",
        });
        if self.thinking > 0 {
            usage["output_tokens_details"] = json!({"thinking_tokens": self.thinking});
        }
        if self.searches > 0 {
            usage["server_tool_use"] = json!({"web_search_requests": self.searches, "web_fetch_requests": 0});
        }
        usage
    }
}

/// All tokens of a prompt.
pub(super) fn prompt(ask: &Ask) -> u64 {
    let system = words(&text_of(&ask.system));
    let turns: usize = ask.turns.iter().map(|(_, blocks)| turn(blocks)).sum();
    (system + turns) as u64
}

fn turn(blocks: &[Value]) -> usize {
    let files = blocks.iter().map(files_in).sum::<usize>();
    let results = blocks.iter().filter(|block| block["type"] == "tool_result");
    let answers: usize = results
        .map(|result| match &result["content"] {
            Value::String(text) => words(text),
            Value::Array(blocks) => words(&text_of(blocks)),
            _ => 0,
        })
        .sum();
    4 + words(&text_of(blocks)) + answers + 85 * files
}

/// Counts a call.
pub(super) fn count(ask: &Ask, blocks: &[Value]) -> Usage {
    let prompt = prompt(ask);
    let (marked, hour) = marked(ask);
    let cached = text_of(&ask.system).contains("[cached]");
    let said: usize = blocks
        .iter()
        .map(|block| match block["type"].as_str() {
            Some("text") => words(block["text"].as_str().unwrap_or_default()),
            Some("tool_use") => 1 + words(&block["input"].to_string()),
            _ => 0,
        })
        .sum();
    let thinking = ask.thinks.unwrap_or_default();
    Usage {
        input: prompt - marked,
        cache_read: if cached { marked } else { 0 },
        cache_5m: if cached || hour { 0 } else { marked },
        cache_1h: if cached || !hour { 0 } else { marked },
        output: said as u64 + thinking,
        thinking,
        searches: u64::from(ask.searches),
    }
}

/// The tokens up to the last mark, and whether it is for an hour.
fn marked(ask: &Ask) -> (u64, bool) {
    let mut before = 0;
    let mut found = (0, false);
    let mut look = |blocks: &[Value], around: usize| {
        before += around;
        for block in blocks {
            before += words(block["text"].as_str().unwrap_or_default());
            if let Some(mark) = block["cache_control"].as_object() {
                found = (before as u64, mark.get("ttl").is_some_and(|ttl| ttl == "1h"));
            }
        }
    };
    look(&ask.system, 0);
    for (_, blocks) in &ask.turns {
        look(blocks, 4);
    }
    found
}

/// The texts of blocks, joined by spaces.
pub(super) fn text_of(blocks: &[Value]) -> String {
    let texts: Vec<&str> = blocks
        .iter()
        .filter(|block| block["type"] == "text")
        .filter_map(|block| block["text"].as_str())
        .collect();
    texts.join(" ")
}

fn files_in(block: &Value) -> usize {
    let own = usize::from(block["type"] == "image" || block["type"] == "document");
    let within = block["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    own + within.iter().map(files_in).sum::<usize>()
}

/// How many blocks of a kind there are, those in results of tools too.
pub(super) fn of_kind(ask: &Ask, kind: &str) -> usize {
    fn of(block: &Value, kind: &str) -> usize {
        let within = block["content"].as_array().map(Vec::as_slice).unwrap_or_default();
        usize::from(block["type"] == kind) + within.iter().map(|inner| of(inner, kind)).sum::<usize>()
    }
    ask.turns
        .iter()
        .flat_map(|(_, blocks)| blocks)
        .map(|block| of(block, kind))
        .sum()
}
