//! OpenAI's embeddings.

use serde_json::{Value, json};

use super::{Words, count, counter, model, open, text};
use crate::contract::{Book, Errors, Tag};

/// The dialect's words.
pub fn words(book: &mut Book) -> Words {
    Words {
        tag: Tag::Openai,
        summary: "Make embeddings",
        errors: Errors::OpenaiPassed,
        request: book.named("EmbeddingsRequest", |_| request()),
        answer: book.named("Embeddings", |_| answer()),
        events: None,
        last: None,
    }
}

/// A request.
pub fn request() -> Value {
    open(
        &["model", "input"],
        &json!({
            "model": model(),
            "input": { "type": ["string", "array"], "description": "A text, several, or numbers of tokens for providers that take them." },
            "dimensions": { "type": ["integer", "null"] },
            "encoding_format": { "type": ["string", "null"], "description": "`float` or `base64`." },
        }),
    )
}

fn answer() -> Value {
    let one = open(
        &["index", "embedding"],
        &json!({
            "object": { "const": "embedding" },
            "index": count(),
            "embedding": { "type": ["array", "string"], "items": { "type": "number" } },
        }),
    );
    open(
        &["object", "data", "model"],
        &json!({
            "object": { "const": "list" },
            "data": { "type": "array", "items": one },
            "model": text(),
            "usage": open(&[], &json!({ "prompt_tokens": counter("The whole input."), "total_tokens": counter("The same.") })),
        }),
    )
}
