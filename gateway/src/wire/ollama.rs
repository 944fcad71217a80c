//! Ollama's own wire: `/api/chat` and `/api/embed`, provider side only. Answers stream as lines of JSON.
//!
//! Facts come from the types of the `ollama` package 0.6 and from the server's `routes.go`;
//! `gateway/fixtures/ollama/README.md` names each. `encode` writes requests, `decode` and `listen` read answers, `usage`
//! counts, `refusal` reads errors, `embed` does embeddings. Called by `call`.

pub mod decode;
pub mod embed;
pub mod encode;
mod line;
pub mod listen;
pub(crate) mod refusal;
pub mod usage;

#[cfg(test)]
mod tests;
