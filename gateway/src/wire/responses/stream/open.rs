//! The item of a stream that is open, and what it has come to.

use serde_json::Value;

use crate::wire::{
    canonical::{Citation, ToolStart},
    responses::items,
};

/// The item that is open.
#[derive(Debug, Default)]
pub(super) enum Open {
    #[default]
    Nothing,
    /// A message: its closed parts, and the open one.
    Message(Vec<Value>, Option<Part>),
    Thought {
        text: String,
        signature: Option<String>,
    },
    Call(ToolStart, String),
}

/// The open part of a message.
#[derive(Debug)]
pub(super) enum Part {
    Text { text: String, sources: Vec<Citation> },
    Refusal(String),
}

impl Part {
    pub(super) fn annotations(&self) -> Vec<Value> {
        match self {
            Self::Text { text, sources } => {
                let length = text.chars().count();
                sources
                    .iter()
                    .map(|source| items::annotation(source, 0, length))
                    .collect()
            }
            Self::Refusal(_) => Vec::new(),
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Self::Text { text, .. } => items::text(text, &self.annotations()),
            Self::Refusal(text) => items::refusal(text),
        }
    }
}

/// The text that was said last and is done: a source that comes late belongs to it. It may stand in the open message or in one that is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastText {
    /// The place of its message among the items, and its own in that message.
    pub(super) item: usize,
    pub(super) part: usize,
    /// Its letters.
    pub(super) length: usize,
}
