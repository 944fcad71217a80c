//! OpenAI's wire: chat completions and embeddings, plain and streamed, and its error shape.
//!
//! `request` reads and edits what a client sends; `answer` and `stream` read what a provider sends back; `usage` makes one
//! record out of the many ways of counting; `error` writes errors. Providers that speak this wire differ by quirks.

pub(crate) mod answer;
pub mod error;
pub(crate) mod request;
pub(crate) mod stream;
pub(crate) mod usage;
