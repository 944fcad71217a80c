//! OpenAI's legacy completions.

use serde_json::{Value, json};

use super::{Words, chat, count, flag, limit, model, open, text, text_or_null};
use crate::contract::{Book, Errors, Tag};

/// The dialect's words.
pub fn words(book: &mut Book) -> Words {
    Words {
        tag: Tag::Openai,
        summary: "Complete a prompt",
        errors: Errors::OpenaiPassed,
        request: book.named("CompletionRequest", |_| request()),
        answer: book.named("Completion", completion),
        events: Some(book.named("CompletionEvent", event)),
        last: Some("[DONE]"),
    }
}

fn request() -> Value {
    open(
        &["model"],
        &json!({
            "model": model(),
            "prompt": { "type": ["string", "array", "null"], "description": "A text, several, or numbers of tokens." },
            "suffix": text_or_null(),
            "stream": flag(),
            "stream_options": { "type": ["object", "null"], "properties": { "include_usage": flag() } },
            "max_tokens": limit(),
            "n": { "type": ["integer", "null"] },
        }),
    )
}

/// The shape of a whole answer and of each piece of a stream.
fn completion(book: &mut Book) -> Value {
    let choice = open(
        &["index", "text"],
        &json!({
            "index": count(),
            "text": text(),
            "finish_reason": text_or_null(),
            "logprobs": { "type": ["object", "null"] },
        }),
    );
    open(
        &["id", "object", "created", "model", "choices"],
        &json!({
            "id": text(),
            "object": { "const": "text_completion" },
            "created": { "type": "integer" },
            "model": text(),
            "choices": { "type": "array", "items": choice },
            "usage": { "anyOf": [chat::usage(book), { "type": "null" }] },
        }),
    )
}

fn event(book: &mut Book) -> Value {
    let piece = book.named("Completion", completion);
    let error = Errors::OpenaiPassed.schema(book);
    json!({ "description": "A piece of the answer, or the error with which it ends.", "anyOf": [piece, error] })
}
