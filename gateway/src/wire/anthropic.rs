//! Anthropic's wire, Messages, from both sides.
//!
//! A client that speaks it: `read` makes a canonical request of its body, `write` and `stream` write whole and streamed
//! answers, `error` writes errors, `count` answers how many tokens a request has. A provider that speaks it: `encode` writes
//! requests (`models` says what each Claude takes), `decode` and `listen` read whole and streamed answers, `usage` makes one
//! record of its counts, `refusal` reads its errors. Where both speak it bytes pass: `scan` reads what a call needs to know
//! of them and edits the little that must change.
//!
//! Between them: `block` (what a block of an answer says), `stop` (why an answer ends, in both words), `citation`, `tool_id`.

mod block;
mod citation;
pub(crate) mod count;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod error;
#[cfg(test)]
mod hearing;
pub(crate) mod listen;
mod models;
pub(crate) mod read;
pub(crate) mod refusal;
pub(crate) mod scan;
mod stop;
pub(crate) mod stream;
mod tool_id;
pub(crate) mod usage;
pub(crate) mod write;
