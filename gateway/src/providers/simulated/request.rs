//! Reads a request as an upstream would. A tree of the whole body is fine here: this is the other side of the wire.

use std::time::Duration;

use serde_json::Value;

/// Between two pieces of a stream, unless the request says otherwise: fast, and still visible.
const PACE: Duration = Duration::from_millis(15);
const SLOW_PACE: Duration = Duration::from_millis(250);
/// No pause is longer.
const LONGEST: u64 = 60_000;
/// Longest answer in words, and the most events of a stream that say something.
pub(super) const WORDS: usize = 20_000;

/// A request, read.
pub(super) struct Request {
    pub body: Value,
    pub model: String,
    pub stream: bool,
    pub include_usage: bool,
    /// Words at the most.
    pub limit: Option<usize>,
    /// Words of prose that are wished for.
    pub length: Option<usize>,
    /// How many choices.
    pub choices: usize,
    pub delay: Duration,
    pub pace: Duration,
    /// The same for the same body: ids are made of it.
    pub fingerprint: u64,
}

impl Request {
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let body: Value = serde_json::from_slice(bytes).map_err(|_| "The body is not valid JSON.")?;
        let model = body["model"].as_str().ok_or("'model' must be a string.")?.to_owned();
        let words = |name: &str| {
            let words = body[name].as_u64()?;
            Some(usize::try_from(words).map_or(WORDS, |words| words.min(WORDS)))
        };
        let length = words("max_tokens");
        let limit = [length, words("max_completion_tokens")].into_iter().flatten().min();
        let pause = |name: &str| {
            body["simulated"][name]
                .as_u64()
                .map(|milliseconds| Duration::from_millis(milliseconds.min(LONGEST)))
        };
        let pace = pause("pace_ms").unwrap_or(if model == "slow" { SLOW_PACE } else { PACE });
        Ok(Self {
            stream: body["stream"].as_bool().unwrap_or(false),
            include_usage: body["stream_options"]["include_usage"].as_bool().unwrap_or(false),
            limit,
            length,
            choices: usize::try_from(body["n"].as_u64().unwrap_or(1).clamp(1, 8)).unwrap_or(1),
            delay: pause("delay_ms").unwrap_or_default(),
            pace,
            fingerprint: fingerprint(bytes),
            model,
            body,
        })
    }

    pub fn has_messages(&self) -> bool {
        self.body["messages"]
            .as_array()
            .is_some_and(|messages| !messages.is_empty())
    }

    /// The text of the last message of this role, its text parts joined.
    pub fn last_text(&self, role: &str) -> Option<String> {
        let messages = self.body["messages"].as_array()?;
        messages
            .iter()
            .rev()
            .find(|message| message["role"] == role)
            .map(|message| text_of(&message["content"]))
    }

    /// The role of the last message.
    pub fn last_role(&self) -> Option<&str> {
        self.body["messages"].as_array()?.last()?["role"].as_str()
    }

    /// Words of the prompt, which stand in for tokens.
    pub fn prompt_tokens(&self) -> usize {
        let messages = self.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        messages
            .iter()
            .map(|message| 1 + text_of(&message["content"]).split_whitespace().count())
            .sum()
    }
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// FNV-1a: short, and the same on every machine.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
