//! OpenAI's chat completions.

use serde_json::{Value, json};

use super::{Words, about, count, counter, flag, limit, model, open, text, text_or_null};
use crate::contract::{Book, Errors, Tag};

/// The dialect's words.
pub fn words(book: &mut Book) -> Words {
    Words {
        tag: Tag::Openai,
        summary: "Run a chat completion",
        errors: Errors::OpenaiPassed,
        request: book.named("ChatRequest", |_| request()),
        answer: book.named("ChatCompletion", completion),
        events: Some(book.named("ChatEvent", event)),
        last: Some("[DONE]"),
    }
}

fn request() -> Value {
    let message = open(
        &["role"],
        &json!({
            "role": text(),
            "content": { "type": ["string", "array", "null"] },
            "tool_calls": { "type": ["array", "null"] },
            "tool_call_id": text(),
        }),
    );
    about(
        open(
            &["model", "messages"],
            &json!({
                "model": model(),
                "messages": { "type": "array", "items": message },
                "stream": flag(),
                "stream_options": {
                    "type": ["object", "null"],
                    "properties": { "include_usage": flag() },
                },
                "max_tokens": limit(),
                "max_completion_tokens": limit(),
                "n": { "type": ["integer", "null"] },
                "tools": { "type": ["array", "null"] },
            }),
        ),
        "A member that decides something and stands there twice is refused.",
    )
}

/// What a call came to, in OpenAI's words.
pub fn usage(book: &mut Book) -> Value {
    book.named("OpenaiUsage", |_| {
        let schema = open(
            &[],
            &json!({
                "prompt_tokens": counter("The whole prompt."),
                "completion_tokens": counter("The whole answer, thoughts included."),
                "total_tokens": counter("Both."),
                "prompt_tokens_details": counter("`cached_tokens`: what of the prompt was read from a cache."),
                "completion_tokens_details": counter("`reasoning_tokens`: what of the answer was thought."),
            }),
        );
        about(
            schema,
            "Where a provider speaks this dialect these are its own counters; what was charged stands in the call.",
        )
    })
}

fn tool_call() -> Value {
    open(
        &["id", "type"],
        &json!({
            "id": text(),
            "type": text(),
            "function": open(&["name", "arguments"], &json!({ "name": text(), "arguments": text() })),
        }),
    )
}

fn completion(book: &mut Book) -> Value {
    let message = open(
        &["role"],
        &json!({
            "role": { "const": "assistant" },
            "content": text_or_null(),
            "refusal": text_or_null(),
            "reasoning_content": text_or_null(),
            "tool_calls": { "type": ["array", "null"], "items": tool_call() },
        }),
    );
    let choice = open(
        &["index", "message"],
        &json!({
            "index": count(),
            "message": message,
            "finish_reason": text_or_null(),
        }),
    );
    open(
        &["id", "object", "created", "model", "choices"],
        &json!({
            "id": text(),
            "object": { "const": "chat.completion" },
            "created": { "type": "integer" },
            "model": text(),
            "choices": { "type": "array", "items": choice },
            "usage": usage(book),
        }),
    )
}

fn event(book: &mut Book) -> Value {
    let chunk = book.named("ChatChunk", chunk);
    let error = Errors::OpenaiPassed.schema(book);
    json!({ "description": "A piece of the answer, or the error with which it ends.", "anyOf": [chunk, error] })
}

fn chunk(book: &mut Book) -> Value {
    let call = open(
        &["index"],
        &json!({
            "index": count(),
            "id": text_or_null(),
            "type": text_or_null(),
            "function": open(&[], &json!({ "name": text_or_null(), "arguments": text_or_null() })),
        }),
    );
    let delta = open(
        &[],
        &json!({
            "role": text_or_null(),
            "content": text_or_null(),
            "reasoning_content": text_or_null(),
            "tool_calls": { "type": ["array", "null"], "items": call },
        }),
    );
    let choice = open(
        &["index", "delta"],
        &json!({
            "index": count(),
            "delta": delta,
            "finish_reason": text_or_null(),
        }),
    );
    open(
        &["id", "object", "created", "model", "choices"],
        &json!({
            "id": text(),
            "object": { "const": "chat.completion.chunk" },
            "created": { "type": "integer" },
            "model": text(),
            "choices": { "type": "array", "items": choice },
            "usage": { "anyOf": [usage(book), { "type": "null" }] },
        }),
    )
}
