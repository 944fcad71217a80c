//! The protocol of the AIGNE framework, `/api/v2/chat`: messages of `system`, `user`, `agent` and `tool`, calls of tools with
//! arguments as objects, answers as one object or as frames of `delta.text` (appended) and `delta.json` (replaced).
//!
//! `read` is what a client asks, `options` its `modelOptions`, `message` its conversation; `answer` and `stream` write. What a
//! provider must see again in the next turn (proofs of thoughts) travels in the `metadata` of calls of tools, which the
//! client sends back as it got it: `calls`.

mod answer;
mod calls;
mod message;
mod options;
mod read;
mod sources;
mod stream;

pub use answer::answer;
pub(super) use message::answers_tools;
pub(super) use options::stop;
pub(super) use read::json_schema;
pub use read::read;
pub use stream::Writer;

#[cfg(test)]
mod tests;
