//! AIGNE Hub's own dialects, as its clients have spoken them before this hub: `chat` is the protocol of the AIGNE framework
//! (`/api/v2/chat`, spoken by `@aigne/aigne-hub`), `completions` the older one in camel case (`/api/v2/completions` and
//! `/api/v2/chat/completions`), `embeddings` and `images` those that need no conversation.
//!
//! No provider speaks these, so there is a client's side only. `fields` reads members with sentences for what is wrong,
//! `usage` writes what was counted and charged, `error` what went wrong.

pub mod chat;
pub mod completions;
pub mod embeddings;
pub mod error;
mod fields;
#[cfg(test)]
mod golden;
pub mod images;
mod media;
mod usage;

use super::canonical::Ids;

/// What original clients get when they name no model.
const DEFAULT_MODEL: &str = "openai/gpt-5-mini";

/// The name of a model without its provider.
fn bare(model: &str) -> &str {
    model.split_once('/').map_or(model, |(_, name)| name)
}

/// The model that answered: as the provider calls it, else as the client did.
fn model_name<'a>(told: Option<&'a str>, ids: &'a Ids) -> &'a str {
    told.unwrap_or_else(|| bare(&ids.model))
}

/// One unnamed server-sent event.
fn frame(data: &impl serde::Serialize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    // Texts, numbers and trees of JSON always are JSON.
    let _ = serde_json::to_writer(&mut *out, data);
    out.extend_from_slice(b"\n\n");
}
