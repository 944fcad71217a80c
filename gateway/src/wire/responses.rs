//! OpenAI's Responses: items in, items out, named events.
//!
//! Where both sides speak it, bytes pass, and `listen` and `decode` only read what the log wants. Else everything goes through
//! [`super::canonical`]: `read` a client's request, `write` and [`stream::Writer`] its answer; `encode` a provider's request,
//! `decode` and `listen` its answer. `object` and `items` build what an answer consists of; `sealed` packs proofs of thoughts
//! so that a client brings them back; `names` does so for what a tool's name can not say; `usage` reads the counters. Errors look as those of [`super::openai::error`].

pub mod decode;
pub mod echo;
pub mod encode;
pub(in crate::wire) mod items;
pub mod listen;
pub(in crate::wire) mod names;
mod object;
mod pieces;
pub mod read;
pub(in crate::wire) mod scan;
pub(in crate::wire) mod sealed;
pub mod stream;
pub mod usage;
pub mod write;
