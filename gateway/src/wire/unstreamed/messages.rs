//! A message as the events of Anthropic's stream.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{Members, event, list};

/// The arguments of calls as they came: no number of theirs is rounded.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

pub(super) fn write(mut message: Members, raw: &RawValue, out: &mut Vec<u8>) {
    let blocks = serde_json::from_str(raw.get()).map_or_else(|_| Vec::new(), |message: Message<'_>| message.content);
    let input = |index: usize| {
        let block: Block<'_> = serde_json::from_str(blocks.get(index)?.get()).ok()?;
        block.input.map(RawValue::get)
    };
    let mut say = |data: Value| event(data["type"].as_str().map(str::to_owned).as_deref(), &data, out);
    let content = list(&mut message, "content");
    message.insert("content".into(), json!([]));
    let reason = message.insert("stop_reason".into(), Value::Null).unwrap_or_default();
    let sequence = message.insert("stop_sequence".into(), Value::Null).unwrap_or_default();
    let usage = message.get("usage").cloned().unwrap_or_else(|| json!({}));
    let details = message.shift_remove("stop_details");
    say(json!({ "type": "message_start", "message": message }));
    for (index, block) in content.into_iter().enumerate() {
        let (begun, deltas) = apart(block, input(index));
        say(json!({ "type": "content_block_start", "index": index, "content_block": begun }));
        for delta in deltas {
            say(json!({ "type": "content_block_delta", "index": index, "delta": delta }));
        }
        say(json!({ "type": "content_block_stop", "index": index }));
    }
    let mut delta = json!({ "stop_reason": reason, "stop_sequence": sequence });
    if let Some(details) = details {
        delta["stop_details"] = details;
    }
    say(json!({ "type": "message_delta", "delta": delta, "usage": usage }));
    say(json!({ "type": "message_stop" }));
}

/// A block as it begins, and what comes to it. One that does not grow comes at once.
fn apart(mut block: Value, input: Option<&str>) -> (Value, Vec<Value>) {
    let mut take = |name: &str, empty: Value| match block.get_mut(name) {
        Some(value) => std::mem::replace(value, empty),
        None => Value::Null,
    };
    let word = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let kind = take("type", Value::Null);
    let mut deltas = Vec::new();
    match kind.as_str() {
        Some("text") => {
            let sources = take("citations", json!([]));
            for source in sources.as_array().into_iter().flatten() {
                deltas.push(json!({ "type": "citations_delta", "citation": source }));
            }
            let text = take("text", "".into());
            if word(&text) {
                deltas.insert(0, json!({ "type": "text_delta", "text": text }));
            }
        }
        Some("thinking") => {
            let (text, proof) = (take("thinking", "".into()), take("signature", "".into()));
            if word(&text) {
                deltas.push(json!({ "type": "thinking_delta", "thinking": text }));
            }
            if word(&proof) {
                deltas.push(json!({ "type": "signature_delta", "signature": proof }));
            }
        }
        Some("tool_use" | "server_tool_use" | "mcp_tool_use") => {
            let given = take("input", json!({}));
            if !given.is_null() {
                let text = input.map_or_else(|| given.to_string(), str::to_owned);
                deltas.push(json!({ "type": "input_json_delta", "partial_json": text }));
            }
        }
        _ => {}
    }
    if let Value::Object(members) = &mut block {
        members.insert("type".into(), kind);
    }
    (block, deltas)
}
