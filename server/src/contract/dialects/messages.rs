//! Anthropic's messages.

use serde_json::{Value, json};

use super::{Words, about, by_type, count, counter, flag, limit, model, open, text, text_or_null};
use crate::contract::{Book, Errors, Tag};

/// The dialect's words.
pub fn words(book: &mut Book) -> Words {
    Words {
        tag: Tag::Anthropic,
        summary: "Answer messages",
        errors: Errors::AnthropicPassed,
        request: book.named("MessagesRequest", |_| request()),
        answer: book.named("Message", |_| message()),
        events: Some(book.named("MessageEvent", event)),
        last: None,
    }
}

fn request() -> Value {
    open(
        &["model", "max_tokens", "messages"],
        &json!({
            "model": model(),
            "max_tokens": limit(),
            "messages": turns(),
            "system": { "type": ["string", "array", "null"] },
            "stream": flag(),
            "tools": { "type": ["array", "null"] },
            "thinking": { "type": ["object", "null"] },
        }),
    )
}

/// A request whose tokens are counted.
pub fn counted(_: &mut Book) -> Value {
    open(
        &["model", "messages"],
        &json!({
            "model": model(),
            "messages": turns(),
            "system": { "type": ["string", "array", "null"] },
            "tools": { "type": ["array", "null"] },
        }),
    )
}

fn turns() -> Value {
    let turn = open(
        &["role", "content"],
        &json!({ "role": text(), "content": { "type": ["string", "array"] } }),
    );
    json!({ "type": "array", "items": turn })
}

fn block() -> Value {
    by_type(&[
        ("text", &["text"]),
        ("thinking", &["thinking"]),
        ("redacted_thinking", &["data"]),
        ("tool_use", &["id", "name", "input"]),
    ])
}

fn usage() -> Value {
    open(
        &[],
        &json!({
            "input_tokens": counter("What of the prompt no cache had to do with."),
            "output_tokens": counter("The whole answer so far, thoughts included."),
            "cache_creation_input_tokens": counter("What of the prompt was written to a cache."),
            "cache_read_input_tokens": counter("What of the prompt was read from a cache."),
        }),
    )
}

fn message() -> Value {
    open(
        &["id", "type", "role", "model", "content"],
        &json!({
            "id": text(),
            "type": { "const": "message" },
            "role": { "const": "assistant" },
            "model": text(),
            "content": { "type": "array", "items": block() },
            "stop_reason": text_or_null(),
            "stop_sequence": text_or_null(),
            "usage": usage(),
        }),
    )
}

fn event(book: &mut Book) -> Value {
    let mut schema = by_type(&[
        ("message_start", &["message"]),
        ("content_block_start", &["index", "content_block"]),
        ("content_block_delta", &["index", "delta"]),
        ("content_block_stop", &["index"]),
        ("message_delta", &["delta"]),
        ("error", &["error"]),
    ]);
    schema["properties"] = json!({
        "type": text(),
        "index": count(),
        "message": book.named("Message", |_| message()),
        "content_block": block(),
        "delta": { "type": "object" },
        "usage": usage(),
        "error": open(&["type", "message"], &json!({ "type": text(), "message": text() })),
    });
    about(
        schema,
        "An event, named by its `type` as by the name of the event itself.",
    )
}
