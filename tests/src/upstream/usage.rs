//! Counts tokens in the fake's own simple way: a word is a token, a message costs four, an image 85. Field names as in
//! `CompletionUsage` of openai-openapi; prompts of 1,024 tokens and more count as cached in steps of 128, as OpenAI's guide
//! "Prompt caching" says.

use serde_json::{Value, json};

use super::answer::Part;
use super::check::Chat;

/// What a call counts; the parts are contained in the totals, as OpenAI counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// All of the prompt.
    pub prompt: u64,
    /// Of these, read from the cache.
    pub cached: u64,
    /// All of the answer.
    pub completion: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
}

impl Usage {
    /// As it stands in an answer.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens_details": {"cached_tokens": self.cached, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }
}

/// Counts a call.
pub(crate) fn count(chat: &Chat, parts: &[Part]) -> Usage {
    let prompt: usize = chat
        .messages
        .iter()
        .map(|message| 4 + words(&text_of(&message["content"])) + 85 * images_in(&message["content"]))
        .sum();
    let prompt = prompt as u64;
    let cached = if prompt < 1024 { 0 } else { (prompt - 1) / 128 * 128 };
    let reasoning = if chat.reasoning {
        match chat.effort.as_deref() {
            Some("none") => 0,
            Some("minimal" | "low") => 16,
            Some("high" | "xhigh" | "max") => 256,
            _ => 64,
        }
    } else {
        0
    };
    let said: usize = parts
        .iter()
        .map(|part| {
            let calls: usize = part.calls.iter().map(|call| 1 + words(&call.arguments)).sum();
            calls + part.content.as_deref().map_or(0, words)
        })
        .sum();
    Usage {
        prompt,
        cached,
        completion: said as u64 + reasoning,
        reasoning,
    }
}

/// The text of a message's content, parts joined by spaces.
pub(crate) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join(" ")
        }
        _ => String::new(),
    }
}

/// How many images a message's content has.
pub(crate) fn images_in(content: &Value) -> usize {
    content.as_array().map_or(0, |parts| {
        parts.iter().filter(|part| part["type"] == "image_url").count()
    })
}

/// How many words a text has.
pub(crate) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}
