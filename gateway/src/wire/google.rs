//! Google's wire: Gemini's `generateContent`, `streamGenerateContent?alt=sse` and `batchEmbedContents`, provider side only.
//!
//! Facts come from the types of `google-genai` 3.6 and from ai.google.dev; `gateway/fixtures/google/README.md` names each.
//! `encode` writes requests, `decode` and `listen` read answers, `usage` counts, `refusal` reads errors, `embed` does
//! embeddings both ways, `images` pictures. Gemini has no ids of its own worth the name and its signatures must go back to it: see `identity`.
//! Called by `call`.

mod chunk;
pub mod decode;
pub mod embed;
pub mod encode;
mod identity;
pub(crate) mod images;
pub mod listen;
mod model;
pub(crate) mod refusal;
mod schema;
pub mod usage;

pub(in crate::wire) use identity::{IN_ID as SIGNED_ID, unmark as own_signature};

#[cfg(test)]
mod tests;
