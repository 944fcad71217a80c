//! Puts an answer into OpenAI's shapes: `CreateChatCompletionResponse` for a plain one, `CreateChatCompletionStreamResponse`
//! for each chunk (openai-openapi). Whole answers go to `serve.rs`, chunks to `frames.rs`.

use serde_json::{Value, json};

use super::answer::{Answer, Call, Part};

/// When every answer was made: a fixed second, so that answers are the same on every day.
const CREATED: u64 = 1_760_000_000;

/// What all objects of one answer share.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) model: String,
}

impl Head {
    pub(crate) fn new(serial: u64, model: &str) -> Self {
        Self {
            id: format!("chatcmpl-fake{serial:08}"),
            created: CREATED,
            model: model.to_owned(),
        }
    }

    /// A chunk with these choices.
    pub(crate) fn chunk(&self, choices: &Value) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_fake",
            "choices": choices,
        })
    }
}

/// A plain answer.
pub(crate) fn completion(head: &Head, answer: &Answer) -> Value {
    let choices: Vec<Value> = answer.parts.iter().enumerate().map(choice).collect();
    json!({
        "id": head.id,
        "object": "chat.completion",
        "created": head.created,
        "model": head.model,
        "service_tier": "default",
        "system_fingerprint": "fp_fake",
        "choices": choices,
        "usage": answer.usage.json(),
    })
}

fn choice((index, part): (usize, &Part)) -> Value {
    let mut message = json!({"role": "assistant", "content": part.content, "refusal": null, "annotations": []});
    if !part.calls.is_empty() {
        message["tool_calls"] = part.calls.iter().map(call).collect();
    }
    json!({"index": index, "message": message, "logprobs": null, "finish_reason": part.finish})
}

fn call(call: &Call) -> Value {
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
}
