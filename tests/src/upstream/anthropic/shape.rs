//! A whole answer in Anthropic's shape: `Message` of the SDK.

use serde_json::{Value, json};

use super::answer::Answer;
use super::check::Ask;

/// A message with these blocks.
pub(super) fn head(serial: u64, ask: &Ask, usage: &Value) -> Value {
    json!({
        "id": format!("msg_fake{serial:08}"),
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "stop_details": null,
        "usage": usage,
    })
}

/// What a refusal says about itself.
pub(super) fn details(answer: &Answer) -> Value {
    if answer.stop_reason == "refusal" {
        json!({"type": "refusal", "category": null, "explanation": null})
    } else {
        Value::Null
    }
}

/// The whole answer.
pub(super) fn message(serial: u64, ask: &Ask, answer: &Answer) -> Value {
    let mut message = head(serial, ask, &answer.usage.json());
    message["content"] = json!(answer.blocks);
    message["stop_reason"] = json!(answer.stop_reason);
    message["stop_sequence"] = json!(answer.stop_sequence);
    message["stop_details"] = details(answer);
    message
}
