//! What each dialect and each wire must be able to do. `call` drives these and knows no dialect by name.

use domain::usage::Usage;

use crate::call::Facts;

use super::{
    counts::Counted,
    event::{Event, Finish},
    request::{File, Request},
    sequence::Step,
};
use crate::wire::responses::echo::Repeated;

/// Whom a request is written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The provider's own name for the model.
    pub slug: &'a str,
    /// The answer tokens at the most, where the hub sets a limit or lowers the client's.
    pub cap: Option<u64>,
}

/// Something of the request that the provider cannot be told. The client hears of it in a header.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dropped(pub String);

/// Why a request cannot be written for a provider at all: what it asks has no counterpart there, and leaving it out would
/// change what it means. Becomes an answer 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unspeakable {
    /// A sentence for the caller.
    pub message: String,
    /// The member of the request that it is about.
    pub param: String,
}

/// Writes requests in a provider's wire.
pub trait RequestWriter {
    /// The body, and what could not be said.
    ///
    /// # Errors
    /// [`Unspeakable`].
    fn write(&self, request: &Request, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable>;

    /// The provider does not take this file by its address: its content must be fetched and put in the address's place
    /// before [`Self::write`], which else refuses. Wires that take any address, or whose provider may refuse it, keep this.
    fn wants_content(&self, file: &File, target: &Target<'_>) -> bool {
        let _ = (file, target);
        false
    }
}

/// One frame of a stream as it came from the provider: a server-sent event, or a line of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The event's name, where it has one.
    pub name: Option<&'a [u8]>,
    /// Its data.
    pub data: &'a [u8],
}

/// Why a frame, or a whole answer, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadProblem {
    /// It is none of this wire.
    Malformed,
    /// The provider reports an error after its status 200.
    Reported {
        /// Its words; may hold anything and must be masked before anybody sees them.
        message: String,
        /// Its word for programs, or empty.
        code: String,
    },
}

/// What a provider says it has counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// As it came (of a stream the last or the joined ones): one JSON object.
    pub raw: Vec<u8>,
    /// In disjoint buckets, or why it makes no sense.
    pub usage: Result<Usage, String>,
}

/// Reads a streamed answer. Also listens to one that passes unchanged.
pub trait StreamReader: Send {
    /// Reads a frame and tells what it says.
    ///
    /// # Errors
    /// [`ReadProblem`]; the stream must end here.
    fn read(&mut self, frame: Frame<'_>, events: &mut Vec<Event>) -> Result<(), ReadProblem>;

    /// The wire's last word has been said: whatever follows is of no interest. Where the wire has none (Gemini), the reason
    /// of the end has been told.
    fn is_complete(&self) -> bool;

    /// The frame that was read last is the wire's last word. Where bytes pass, it waits for the row of the call.
    fn was_last(&self) -> bool;

    /// What was counted, as far as it was said.
    fn report(&self) -> Option<Report>;

    /// How much of the answer that counts. Some wires begin with a placeholder.
    fn counted(&self) -> Counted;

    /// An error was told, and the wire has another word for its end, which may count what was written.
    fn says_more(&self) -> bool {
        false
    }

    /// Bytes of what the model wrote so far: text, thoughts, refusals, calls of tools. For an estimate.
    fn text_bytes(&self) -> u64;

    /// Why the answer ended, in the provider's own word.
    fn finish_reason(&self) -> Option<&str>;
}

/// How an answer ends, as a dialect tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Why.
    pub finish: Finish,
    /// What was counted, or estimated.
    pub usage: Usage,
    /// What the account pays, as a decimal of credits; absent where calls cost nothing.
    pub charge: Option<String>,
}

/// An error within a stream that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Failing<'a> {
    /// A sentence for the caller.
    pub message: &'a str,
    /// Stable word for programs.
    pub code: &'a str,
    /// The status that the answer would have had.
    pub status: u16,
    /// What the credit came to, when it is too little, or a limit: the same facts as in an answer 402 or 429.
    pub facts: Facts<'a>,
}

/// Writes a streamed answer in a client's dialect. `out` gets complete events, ready to be sent.
pub trait StreamWriter: Send {
    /// Writes a step.
    fn step(&mut self, step: &Step, out: &mut Vec<u8>);

    /// Writes the end: everything that must not be seen before the call's row is durable.
    fn end(&mut self, end: &End, out: &mut Vec<u8>);

    /// Writes an error as the last thing.
    fn fail(&mut self, error: &Failing<'_>, out: &mut Vec<u8>);
}

/// What an answer of ours is called. Made by `call`, so that writers need neither chance nor a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    /// Our call's id, as `call_…`.
    pub call: String,
    /// The model as the client asked for it.
    pub model: String,
    /// When the answer began, in seconds since 1970.
    pub created: i64,
}

/// What a stream's writer has to know before the first step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The client asked for usage at the end of its stream.
    pub include_usage: bool,
    /// The prompt in tokens as we estimate it, for dialects that tell it at the beginning.
    pub input_tokens: u64,
    /// The client asked for JSON (an object, or one that obeys a schema), for dialects that hand it over read.
    pub as_json: bool,
    /// The client knows no tools, but functions of which one is called at a time (OpenAI's old form).
    pub functions: bool,
    /// What the client asked for, for the dialect that repeats it (OpenAI's responses).
    pub asked: Repeated,
}
