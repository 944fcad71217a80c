//! `openapi`: the document of every route for machines. Opens no database.

use super::Outcome;
use crate::contract;

/// Prints it. It is JSON either way.
pub fn run() -> Outcome {
    let text = contract::text();
    Outcome {
        json: serde_json::from_slice(&text).unwrap_or_default(),
        result: String::from_utf8_lossy(&text).into_owned(),
        sentence: String::new(),
    }
}
