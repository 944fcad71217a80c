//! Wire formats: how bytes of a dialect are read and edited. No network, no storage, no time.
//!
//! `json`, `sse` and `ndjson` are the scanners below everything; each dialect has a folder, and `canonical` holds the words
//! that they share. `speech` brings them together: called by `call` and `providers`.

pub(crate) mod aigne;
pub(crate) mod anthropic;
mod call_names;
pub(crate) mod canonical;
mod combined;
pub mod completions;
pub(crate) mod ear;
mod edits;
#[cfg(test)]
pub(crate) mod golden;
pub(crate) mod google;
#[cfg(test)]
mod grammar;
mod halves;
mod in_words;
pub(crate) mod json;
mod measure;
pub(crate) mod named;
pub(crate) mod ndjson;
pub(crate) mod ollama;
pub mod openai;
mod parts;
mod pointer;
mod problem;
mod read_along;
pub(crate) mod refused;
mod required;
pub mod responses;
mod room;
mod scanned;
pub mod speech;
mod spelling;
pub(crate) mod sse;
mod told;
pub(crate) mod tool_uses;
mod traces;
pub(crate) mod unstreamed;
mod user;
mod weight;
mod words;

pub use problem::RequestProblem;
pub(crate) use scanned::{Files, Scanned};
