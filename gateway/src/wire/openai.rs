//! OpenAI's wire: chat completions, embeddings and pictures, plain and streamed, and its error shape.
//!
//! Where both sides speak it, bytes pass: `request` reads and edits what a client sends; `answer` and `stream` read what a
//! provider sends back; `usage` makes one record out of the many ways of counting; `error` writes errors. Providers that speak
//! this wire differ by quirks.
//!
//! Where the other side speaks another one, everything goes through [`super::canonical`]: `read` a client's request, `write` and
//! [`stream::Writer`] its answer; `encode` a provider's request, `decode` and `listen` its answer.

pub(crate) mod answer;
pub(in crate::wire) mod data_url;
pub mod decode;
pub(crate) mod embedding;
pub mod encode;
pub mod error;
pub(in crate::wire) mod fields;
pub(crate) mod images;
pub mod listen;
mod nullable;
mod pieces;
pub mod read;
pub(crate) mod request;
pub(in crate::wire) mod shape;
pub(crate) mod stream;
pub(in crate::wire) mod strict;
pub(crate) mod usage;
pub mod write;
