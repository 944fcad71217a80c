//! Wire formats: how bytes of a dialect are read and edited. No network, no storage, no time.
//!
//! `json` and `sse` are the two scanners below everything; each dialect has a folder. Called by `call` and `providers`.

#[allow(dead_code, unused_imports, reason = "`call` learns of dialects one by one")]
pub(crate) mod aigne;
#[cfg_attr(not(test), expect(dead_code, reason = "`call` learns of dialects one by one"))]
pub(crate) mod anthropic;
#[allow(
    dead_code,
    unused_imports,
    reason = "the dialects and wires that use it come one by one"
)]
pub(crate) mod canonical;
#[cfg(test)]
pub(crate) mod golden;
#[cfg_attr(not(test), expect(dead_code, reason = "the call path takes it up with the other wires"))]
pub(crate) mod google;
#[cfg(test)]
mod grammar;
pub(crate) mod json;
#[cfg_attr(not(test), expect(dead_code, reason = "the call path takes it up with the other wires"))]
pub(crate) mod ollama;
pub mod openai;
mod problem;
#[allow(dead_code, reason = "the call path uses it once it converts")]
pub mod responses;
pub(crate) mod sse;

pub use problem::RequestProblem;
