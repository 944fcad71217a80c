//! What the suites of this package share: the hub as a process of its own, a client that behaves like a browser without
//! scripts, a strict fake of an OpenAI-compatible provider, a small HTTP client that holds answers against the OpenAPI document, a reader of event streams, and the pieces
//! of the bench. Each suite stands in `tests/`; the programs in `src/bin/` run the pieces alone.

pub mod bench;
pub mod client;
pub mod console;
pub mod contract;
pub mod grammar;
pub mod hub;
pub mod kill;
pub mod post;
pub mod sse;
pub mod stage;
pub mod till;
pub mod upstream;
