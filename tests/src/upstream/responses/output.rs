//! What is said, as items, and the response object around them.

use serde_json::{Value, json};

use super::Accepted;
use crate::upstream::answer::{Answer, Call};
use crate::upstream::usage::Usage;

/// When every answer was made: a fixed second, so that answers are the same on every day.
const CREATED: u64 = 1_760_000_000;
/// What is thought of everything.
const SUMMARY: &str = "I think about what was said.";

/// How an answer stands.
#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    InProgress,
    Ended(&'a Answer),
    Failed(&'a str),
}

/// The id of an answer.
pub(super) fn id(serial: u64) -> String {
    format!("resp_fake{serial:08}")
}

/// The cipher of a thought.
pub(super) fn cipher(id: &str) -> String {
    format!("gAAAAfake{id}")
}

/// The items of an answer.
pub(super) fn items(asked: &Accepted, answer: &Answer, serial: u64) -> Vec<Value> {
    let mut items = Vec::new();
    let name = |kind: &str, at: usize| format!("{kind}_fake{serial:08}{at}");
    if answer.usage.reasoning > 0 {
        let id = name("rs", 0);
        let summary = match asked.summary {
            true => json!([{ "type": "summary_text", "text": SUMMARY }]),
            false => json!([]),
        };
        let mut item = json!({ "id": id, "type": "reasoning", "summary": summary });
        if asked.encrypted {
            item["encrypted_content"] = cipher(&id).into();
        }
        items.push(item);
    }
    for part in &answer.parts {
        if let Some(text) = &part.content {
            let status = if part.finish == "stop" {
                "completed"
            } else {
                "incomplete"
            };
            items.push(json!({
                "id": name("msg", items.len()),
                "type": "message",
                "status": status,
                "content": [{ "type": "output_text", "annotations": [], "logprobs": [], "text": text }],
                "role": "assistant",
            }));
        }
        for call in &part.calls {
            items.push(called(asked, call, &name("fc", items.len())));
        }
    }
    items
}

fn called(asked: &Accepted, call: &Call, id: &str) -> Value {
    let (namespace, name) = match call.name.split_once('.') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, call.name.as_str()),
    };
    // Ids of calls are of letters, digits, `_` and `-`.
    let call_id = call.id.replace('.', "_");
    let mut item = if asked.free.contains(&call.name) {
        json!({ "id": id.replace("fc", "ctc"), "type": "custom_tool_call", "status": "completed", "call_id": call_id, "name": name, "input": format!("free text for {name}") })
    } else {
        json!({ "id": id, "type": "function_call", "status": "completed", "arguments": call.arguments, "call_id": call_id, "name": name })
    };
    if let Some(namespace) = namespace {
        item["namespace"] = namespace.into();
    }
    item
}

fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.prompt,
        "input_tokens_details": { "cached_tokens": usage.cached, "cache_write_tokens": 0 },
        "output_tokens": usage.completion,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning },
        "total_tokens": usage.prompt + usage.completion,
    })
}

/// Why an answer is not complete.
fn incomplete(answer: &Answer) -> Option<&'static str> {
    match answer.parts.first().map(|part| part.finish) {
        Some("length") => Some("max_output_tokens"),
        Some("content_filter") => Some("content_filter"),
        _ => None,
    }
}

/// The last event of a stream that ends well.
pub(super) fn last(answer: &Answer) -> &'static str {
    match incomplete(answer) {
        Some(_) => "response.incomplete",
        None => "response.completed",
    }
}

/// The object.
pub(super) fn response(asked: &Accepted, serial: u64, standing: Standing<'_>, output: &[Value]) -> Value {
    let (mut error, mut details, mut counted) = (Value::Null, Value::Null, Value::Null);
    let status = match standing {
        Standing::InProgress => "in_progress",
        Standing::Failed(message) => {
            error = json!({ "code": "server_error", "message": message });
            "failed"
        }
        Standing::Ended(answer) => {
            counted = usage(&answer.usage);
            match incomplete(answer) {
                Some(reason) => {
                    details = json!({ "reason": reason });
                    "incomplete"
                }
                None => "completed",
            }
        }
    };
    let mut response = json!({
        "id": id(serial),
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "background": false,
        "error": error,
        "incomplete_details": details,
        "model": asked.chat.model,
        "output": output,
        "service_tier": "default",
        "usage": counted,
    });
    if let Value::Object(members) = &mut response {
        members.extend(asked.echo.clone());
    }
    response
}
