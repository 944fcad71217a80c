//! The OpenAPI document of every route for machines. `GET /openapi.json` serves it, `aigne-hub openapi` prints it; it is built
//! once, when somebody first asks.
//!
//! It is made of the doors themselves: `routes` builds none without what is said of it, and each saying stands beside its
//! handler. What the hub writes of its own is described by the types that write it and is closed: a member that no
//! description has breaks a test, as the tests hold each answer they get against this document. What passes between a client
//! and a provider (`dialects`) is open: described is what the hub reads, checks and writes there, and unknown members survive.

mod book;
mod call;
mod dialects;
mod document;
mod errors;
mod operation;
pub mod shapes;

pub use book::Book;
pub use call::{call, counting, drawing_for_framework, embedding_for_framework};
pub use document::{Entry, document};
pub use errors::Errors;
pub use operation::{Operation, Tag};

use std::sync::OnceLock;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header;

use crate::routes;

/// The document as it is served and printed: JSON with line ends, so that two versions can be compared.
pub fn text() -> Bytes {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| {
        let document = document(routes::described());
        // A tree of JSON always is JSON.
        let mut text = serde_json::to_vec_pretty(&document).unwrap_or_default();
        text.push(b'\n');
        text.into()
    });
    text.clone()
}

/// `GET /openapi.json`.
pub async fn serve() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text()).into_response()
}

/// What is said of it.
pub fn described(_: &mut Book) -> Operation {
    Operation::new(Tag::Process, "This document")
        .about("OpenAPI 3.1, made from the code of this very version. `aigne-hub openapi` prints the same.")
        .answers(
            "application/json",
            &serde_json::json!({ "type": "object", "required": ["openapi", "info", "paths"] }),
        )
}

#[cfg(test)]
mod tests;
