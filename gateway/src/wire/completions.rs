//! OpenAI's legacy completions: a prompt in, text out. Over canonical words the prompt is what a person says, and the text what the
//! model answers; thoughts are left out, because there is no place for them.
//!
//! Where a provider completes texts itself its bytes pass, and `scan` reads what routing and holds need; else `read` reads a
//! request, `write` and [`stream::Writer`] write the answer. Errors look as those of [`super::openai::error`].

pub mod read;
pub mod scan;
pub mod stream;
pub mod write;

use serde_json::{Value, json};

use super::canonical::{Finish, Ids};

/// OpenAI's word for why an answer ends; this dialect has three.
fn finish(finish: &Finish) -> &'static str {
    match finish {
        Finish::Length | Finish::ContextFull | Finish::Pause => "length",
        Finish::ContentFilter | Finish::Refusal => "content_filter",
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls | Finish::Broken(_) | Finish::Other(_) => "stop",
    }
}

/// A whole answer, or a piece of one: they have the same shape.
fn object(ids: &Ids, choices: &Value) -> Value {
    json!({
        "id": format!("cmpl-{}", ids.call),
        "object": "text_completion",
        "created": ids.created,
        "model": ids.model,
        "choices": choices,
    })
}

fn choice(text: &str, finish: Option<&'static str>) -> Value {
    json!([{ "text": text, "index": 0, "logprobs": null, "finish_reason": finish }])
}
