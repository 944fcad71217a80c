//! OpenAI's pictures.

use serde_json::{Value, json};

use super::{Words, counter, flag, model, open, text, text_or_null};
use crate::contract::{Book, Errors, Tag};

/// The dialect's words.
pub fn words(book: &mut Book) -> Words {
    Words {
        tag: Tag::Openai,
        summary: "Draw pictures",
        errors: Errors::OpenaiPassed,
        request: book.named("ImagesRequest", |_| request()),
        answer: book.named("Images", |_| answer()),
        events: None,
        last: None,
    }
}

fn request() -> Value {
    open(
        &["model", "prompt"],
        &json!({
            "model": model(),
            "prompt": text(),
            "n": { "type": ["integer", "null"], "description": "How many pictures." },
            "size": text_or_null(),
            "quality": text_or_null(),
            "response_format": { "type": ["string", "null"], "description": "`url` or `b64_json`, for models that take it." },
            "stream": { "type": flag()["type"], "description": "Pictures are not streamed: `true` is refused." },
        }),
    )
}

fn answer() -> Value {
    let one = json!({
        "type": "object",
        "properties": { "b64_json": text_or_null(), "url": text_or_null(), "revised_prompt": text_or_null() },
    });
    let usage = open(
        &[],
        &json!({ "input_tokens": counter("The whole prompt."), "output_tokens": counter("What was drawn.") }),
    );
    open(
        &["data"],
        &json!({ "data": { "type": "array", "items": one }, "usage": usage }),
    )
}
