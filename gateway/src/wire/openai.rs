//! OpenAI's wire: chat completions and embeddings, plain and streamed, and its error shape.
//!
//! Where both sides speak it, bytes pass: `request` reads and edits what a client sends; `answer` and `stream` read what a
//! provider sends back; `usage` makes one record out of the many ways of counting; `error` writes errors. Providers that speak
//! this wire differ by quirks.
//!
//! Where the other side speaks another one, everything goes through [`super::canonical`]: `read` a client's request, `write` and
//! [`stream::Writer`] its answer; `encode` a provider's request, `decode` and `listen` its answer.

pub(crate) mod answer;
pub(in crate::wire) mod data_url;
#[allow(dead_code, reason = "the call path uses it once it converts")]
pub mod decode;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the call path takes it up with the other wires")
)]
pub(crate) mod embedding;
#[allow(dead_code, reason = "the call path uses it once it converts")]
pub mod encode;
pub mod error;
#[allow(dead_code, reason = "the call path uses it once it converts")]
pub(in crate::wire) mod fields;
#[allow(dead_code, reason = "the call path uses it once it converts")]
pub mod listen;
mod pieces;
#[allow(dead_code, reason = "the call path uses it once it converts")]
pub mod read;
pub(crate) mod request;
mod shape;
pub(crate) mod stream;
pub(crate) mod usage;
#[allow(dead_code, reason = "the call path uses it once it converts")]
pub mod write;
