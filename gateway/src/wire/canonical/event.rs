//! What a provider's answer says, piece by piece. A wire's reader tells these; [`super::Sequencer`] puts them in order.

use serde_json::Value;

use super::{super::weight, request::File};

/// One thing that an answer says. A whole answer is told in the same events as a streamed one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Event {
    /// The answer begins.
    Start {
        /// The provider's name for it.
        id: Option<String>,
        /// The model that answers, as the provider calls it.
        model: Option<String>,
    },
    /// More text.
    Text(String),
    /// Where the text before comes from.
    Citation(Citation),
    /// More of what the model thinks, or of its summary.
    Thought(String),
    /// The proof of the thought before.
    Signature(String),
    /// A whole thought in the provider's own cipher.
    Sealed(String),
    /// More of the words with which the model declines.
    Refusal(String),
    /// A call of a tool begins.
    ToolCall(ToolStart),
    /// More of a call's arguments: JSON as text.
    Arguments {
        /// Which call.
        index: usize,
        /// The text.
        json: String,
    },
    /// A file that the model made.
    File(File),
    /// Why the answer ends. Usage may still follow.
    Finish(Finish),
}

impl Event {
    /// Bytes of what the model wrote in it: text, thoughts, refusals, calls of tools.
    #[must_use]
    pub fn text_bytes(&self) -> u64 {
        let length = match self {
            Self::Text(text) | Self::Thought(text) | Self::Refusal(text) => text.len(),
            Self::Arguments { json, .. } => json.len(),
            Self::ToolCall(start) => start.name.len(),
            Self::Signature(text) | Self::Sealed(text) => return weight::of_cipher(text),
            Self::File(file) => return weight::of_file(file),
            Self::Start { .. } | Self::Citation(_) | Self::Finish(_) => 0,
        };
        length as u64
    }
}

/// The beginning of a call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub struct ToolStart {
    /// Counts the calls of one answer from 0.
    pub index: usize,
    /// The provider's id; a wire without ids makes `call_<index>_<something stable>`, the same for the same bytes.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Gemini's `thoughtSignature`, where the id does not hold it already.
    pub signature: Option<String>,
}

impl ToolStart {
    /// An id for a call that came without: the same for the same bytes, another in each answer. `answer` is what tells this
    /// answer from others.
    #[must_use]
    pub fn made_up_id(answer: &str, index: usize, name: &str, arguments: &str) -> String {
        let index_text = index.to_string();
        // FNV-1a: small, well known, and the same everywhere.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for text in [answer, &index_text, name, arguments] {
            for byte in text.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        format!("call_{index}_{hash:016x}")
    }
}

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub struct Citation {
    /// The address, where it is a page.
    pub url: Option<String>,
    /// The title of the page or the document.
    pub title: Option<String>,
    /// The words that are quoted.
    pub quoted: Option<String>,
    /// The citation as the provider wrote it, for a writer of the same family.
    pub raw: Value,
}

/// Why an answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Finish {
    /// The model has said what it wanted to say.
    Stop,
    /// One of the client's texts came up.
    StopSequence(Option<String>),
    /// The limit of tokens is reached.
    Length,
    /// The model's window is full.
    ContextFull,
    /// Tools are called.
    ToolCalls,
    /// The provider withholds the rest.
    ContentFilter,
    /// The model declines.
    Refusal,
    /// The provider pauses a long turn; the client sends it back to go on.
    Pause,
    /// The provider gave up on what the model wrote, such as a call that is none. In the provider's word.
    Broken(String),
    /// Something else, in the provider's word.
    Other(String),
}

impl Finish {
    /// The same in OpenAI's word, as the log keeps it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Stop | Self::StopSequence(_) => "stop",
            Self::Length | Self::ContextFull => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Refusal => "refusal",
            Self::Pause => "pause",
            Self::Broken(word) | Self::Other(word) => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_between_answers_and_calls() {
        let ids = [
            ToolStart::made_up_id("r1", 0, "f", "{}"),
            ToolStart::made_up_id("r2", 0, "f", "{}"),
            ToolStart::made_up_id("r1", 1, "f", "{}"),
            ToolStart::made_up_id("r1", 0, "g", "{}"),
            ToolStart::made_up_id("r1", 0, "f", "{ }"),
        ];
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(ToolStart::made_up_id("r1", 0, "f", "{}"), ids[0]);
    }
}
