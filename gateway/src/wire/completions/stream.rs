//! Writes a streamed answer: pieces of the text, one reason for the end, usage after it where it was asked for, `[DONE]`.

use serde_json::{Value, json};

use super::{choice, finish, object};
use crate::wire::{
    canonical::{Block, Delta, End, Failing, Ids, Opening, Step, StreamWriter},
    openai::{error, shape::usage},
};

/// The writer of one stream.
#[derive(Debug)]
pub struct Writer {
    ids: Ids,
    include_usage: bool,
    /// The open block is told.
    told: bool,
}

impl Writer {
    /// A writer before its first step.
    #[must_use]
    pub fn new(ids: Ids, opening: &Opening) -> Self {
        Self {
            ids,
            include_usage: opening.include_usage,
            told: false,
        }
    }

    fn put(&self, choices: &Value, counted: Value, out: &mut Vec<u8>) {
        let mut chunk = object(&self.ids, choices);
        if self.include_usage {
            chunk["usage"] = counted;
        }
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(chunk.to_string().as_bytes());
        out.extend_from_slice(b"\n\n");
    }
}

impl StreamWriter for Writer {
    fn step(&mut self, step: &Step, out: &mut Vec<u8>) {
        match step {
            Step::Open { block, .. } => self.told = matches!(block, Block::Text | Block::Refusal),
            Step::Delta {
                delta: Delta::Text(text),
                ..
            } if self.told => self.put(&choice(text, None), Value::Null, out),
            Step::Start { .. } | Step::Delta { .. } | Step::Close { .. } | Step::Source(_) => {}
        }
    }

    fn end(&mut self, end: &End, out: &mut Vec<u8>) {
        self.put(&choice("", Some(finish(&end.finish))), Value::Null, out);
        if self.include_usage {
            self.put(&json!([]), usage(&end.usage), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, failing: &Failing<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(&error::event(&error::body_within(failing)));
    }
}

#[cfg(test)]
mod tests;
