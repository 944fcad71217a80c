//! OpenAI's responses.

use serde_json::{Value, json};

use super::{Words, about, by_type, count, counter, flag, limit, model, open, text, text_or_null};
use crate::contract::{Book, Errors, Tag};

/// The dialect's words.
pub fn words(book: &mut Book) -> Words {
    Words {
        tag: Tag::Openai,
        summary: "Answer with items",
        errors: Errors::OpenaiPassed,
        request: book.named("ResponsesRequest", |_| request()),
        answer: book.named("Response", |_| response()),
        events: Some(book.named("ResponseEvent", event)),
        last: None,
    }
}

fn request() -> Value {
    open(
        &["model"],
        &json!({
            "model": model(),
            "input": { "type": ["string", "array", "null"] },
            "instructions": { "type": ["string", "array", "null"] },
            "stream": flag(),
            "store": { "type": ["boolean", "null"], "description": "Kept only where the provider keeps answers." },
            "previous_response_id": {
                "type": ["string", "null"],
                "description": "An answer that this key was given; the call goes to the provider that keeps it.",
            },
            "max_output_tokens": limit(),
            "tools": { "type": ["array", "null"] },
        }),
    )
}

fn response() -> Value {
    let item = by_type(&[
        ("message", &["role", "content"]),
        ("function_call", &["call_id", "name", "arguments"]),
        ("custom_tool_call", &["call_id", "name", "input"]),
        ("reasoning", &["summary"]),
    ]);
    open(
        &["id", "object", "created_at", "status", "model", "output"],
        &json!({
            "id": text(),
            "object": { "const": "response" },
            "created_at": { "type": "number" },
            "status": { "enum": ["completed", "incomplete", "in_progress", "failed", "cancelled", "queued"] },
            "model": text(),
            "output": { "type": "array", "items": item },
            "error": { "type": ["object", "null"] },
            "incomplete_details": { "type": ["object", "null"] },
            "previous_response_id": text_or_null(),
            "usage": {
                "type": ["object", "null"],
                "properties": {
                    "input_tokens": counter("The whole prompt."),
                    "output_tokens": counter("The whole answer, thoughts included."),
                    "total_tokens": counter("Both."),
                    "input_tokens_details": counter("`cached_tokens`: what of the prompt was read from a cache."),
                    "output_tokens_details": counter("`reasoning_tokens`: what of the answer was thought."),
                },
            },
        }),
    )
}

fn event(book: &mut Book) -> Value {
    let whole = &["sequence_number", "response"][..];
    let item = &["sequence_number", "output_index", "item"][..];
    let part = &["sequence_number", "item_id", "output_index", "content_index", "part"][..];
    let delta = &["sequence_number", "item_id", "output_index", "content_index", "delta"][..];
    let arguments = &["sequence_number", "item_id", "output_index", "delta"][..];
    let mut schema = by_type(&[
        ("response.created", whole),
        ("response.in_progress", whole),
        ("response.completed", whole),
        ("response.incomplete", whole),
        ("response.failed", whole),
        ("response.output_item.added", item),
        ("response.output_item.done", item),
        ("response.content_part.added", part),
        ("response.content_part.done", part),
        ("response.output_text.delta", delta),
        (
            "response.output_text.done",
            &["sequence_number", "item_id", "output_index", "content_index", "text"],
        ),
        ("response.function_call_arguments.delta", arguments),
        (
            "response.function_call_arguments.done",
            &["sequence_number", "item_id", "output_index", "arguments"],
        ),
        ("error", &["message"]),
    ]);
    schema["properties"] = json!({
        "type": text(),
        "sequence_number": count(),
        "output_index": count(),
        "content_index": count(),
        "response": book.named("Response", |_| response()),
        "item": { "type": "object" },
        "part": { "type": "object" },
        "delta": { "type": ["string", "object"] },
    });
    about(
        schema,
        "An event, named by its `type` as by the name of the event itself.",
    )
}
