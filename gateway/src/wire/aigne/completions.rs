//! AIGNE Hub's older dialect, `/api/v2/completions` and `/api/v2/chat/completions`: OpenAI's requests in camel case, answers of
//! their own. What the original dropped silently is understood too: names in snake case, `maxTokens`, `json_object`.
//!
//! A stream is asked for by `Accept: text/event-stream`, as its clients do, or by `stream`.

mod answer;
mod read;
mod stream;

pub use answer::answer;
pub use read::read;
pub use stream::Writer;

#[cfg(test)]
mod tests;
