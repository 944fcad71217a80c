//! The fake's `/v1/responses`: as strict as OpenAI's, with the same content as its chat, so that a test can compare the two.
//!
//! Members, events and their order are those of the types of openai-node 6.49 (`responses.d.ts`); sentences of refusals are those
//! that the API sends, as quoted in public bug reports. `check`, `input` and `tools` refuse; `output` decides what is said and
//! `events` cuts it into a stream; `kept` holds what `store` and `previous_response_id` are about; `spoil` breaks the stream.
//! `serve` calls it.

use serde_json::{Map, Value};

use super::answer::{self, Answer};
use super::check::Chat;

mod check;
mod events;
mod input;
mod kept;
mod output;
pub(crate) mod spoil;
mod tools;

pub(crate) use check::check;
pub(crate) use events::events;
pub(crate) use kept::Kept;

/// A request that passed every check.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    /// The same request as a chat: it decides what is answered and counted.
    pub(crate) chat: Chat,
    /// Thoughts are wanted in a cipher.
    encrypted: bool,
    /// A summary of the thoughts is wanted.
    summary: bool,
    /// The answer is to be kept.
    store: bool,
    /// Tools that take free text.
    free: Vec<String>,
    /// The conversation so far, for the next turn.
    conversation: Vec<Value>,
    /// What an answer repeats of its request.
    echo: Map<String, Value>,
}

/// An answer and what it is called.
pub(crate) struct Answered {
    serial: u64,
    answer: Answer,
    /// The items.
    output: Vec<Value>,
}

impl Accepted {
    /// Answers, and keeps the answer where that was asked for.
    pub(crate) fn answer(&self, serial: u64, kept: &Kept) -> Answered {
        let answer = answer::answer(&self.chat);
        let output = output::items(self, &answer, serial);
        if self.store {
            let conversation = self.conversation.iter().chain(&output).cloned().collect();
            kept.put(output::id(serial), conversation);
        }
        Answered { serial, answer, output }
    }
}

impl Answered {
    /// The whole answer.
    pub(crate) fn whole(&self, asked: &Accepted) -> Value {
        output::response(asked, self.serial, output::Standing::Ended(&self.answer), &self.output)
    }

    /// An answer that failed, in place of this one.
    pub(crate) fn failed(&self, asked: &Accepted, message: &str) -> Value {
        output::response(asked, self.serial, output::Standing::Failed(message), &[])
    }
}
