//! A request for embeddings in words that every wire shares, and the answer. Read and written by OpenAI's dialect, which is
//! the only one that clients speak here; asked for and answered by the wires of providers.

use serde_json::{Map, Value};

/// What a client wants to have embedded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedding {
    /// The texts, at least one.
    pub inputs: Vec<String>,
    /// How many numbers each answer has, when the client says so.
    pub dimensions: Option<u64>,
    /// The client wants the numbers as base64 of little-endian `f32`.
    pub base64: bool,
    /// Other members, by the name they have in the client's dialect.
    pub extra: Map<String, Value>,
}

/// One list of numbers for each input, in their order.
pub type Vectors = Vec<Vec<f32>>;
