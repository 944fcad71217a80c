//! The response object: what a whole answer is, and what the events at the beginning and the end of a stream carry. What the
//! client asked for is repeated in it ([`super::echo`]), and every member that the SDKs require is there.

use domain::usage::Usage;
use serde_json::{Value, json};

use super::echo::Repeated;
use crate::{
    call::Facts,
    wire::canonical::{Finish, Ids},
};

/// How an answer stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing<'a> {
    InProgress,
    Ended(&'a Finish, &'a Usage),
    /// With the code and the sentence, and with what the credit came to where it is too little, or a limit.
    Failed(&'a str, &'a str, Facts<'a>),
}

/// The name of an answer, and of its items: of one letter sequence each, and the number of the item.
#[derive(Clone, Debug)]
pub(super) struct Names(String);

impl Names {
    pub(super) fn of(ids: &Ids) -> Self {
        Self(ids.call.strip_prefix("call_").unwrap_or(&ids.call).to_owned())
    }

    pub(super) fn response(&self) -> String {
        format!("resp_{}", self.0)
    }

    pub(super) fn item(&self, kind: &str, index: usize) -> String {
        format!("{kind}_{}_{index}", self.0)
    }
}

/// Why an answer is not complete, in this dialect's word. A refusal in words is complete; one that only cuts the answer off
/// is told as this dialect tells that. A paused turn is not done.
pub(super) fn incomplete(finish: &Finish, declined: bool) -> Option<&'static str> {
    match finish {
        Finish::Length | Finish::ContextFull | Finish::Pause => Some("max_output_tokens"),
        Finish::ContentFilter => Some("content_filter"),
        Finish::Refusal if !declined => Some("content_filter"),
        Finish::Stop
        | Finish::StopSequence(_)
        | Finish::ToolCalls
        | Finish::Refusal
        | Finish::Broken(_)
        | Finish::Other(_) => None,
    }
}

/// The items hold words that decline.
pub(super) fn declines(output: &[Value]) -> bool {
    let contents = output.iter().filter_map(|item| item["content"].as_array());
    contents.flatten().any(|part| part["type"] == "refusal")
}

pub(super) fn usage(usage: &Usage) -> Value {
    let (input, output) = (usage.input_total(), usage.output_total());
    json!({
        "input_tokens": input,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        },
        "output_tokens": output,
        "output_tokens_details": { "reasoning_tokens": usage.output_reasoning },
        "total_tokens": input.saturating_add(output),
    })
}

pub(super) fn response(ids: &Ids, asked: &Repeated, standing: Standing<'_>, output: &[Value]) -> Value {
    let (mut error, mut details, mut counted, mut completed) = (Value::Null, Value::Null, Value::Null, Value::Null);
    let status = match standing {
        Standing::InProgress => "in_progress",
        Standing::Failed(code, message, facts) => {
            error = json!({ "code": code, "message": message });
            if let Some(credit) = facts.credit {
                error["credit"] = json!(credit);
            }
            if let Some(limit) = facts.limit {
                error["limit"] = json!(limit);
            }
            "failed"
        }
        Standing::Ended(finish, used) => {
            counted = usage(used);
            match incomplete(finish, declines(output)) {
                Some(reason) => {
                    details = json!({ "reason": reason });
                    "incomplete"
                }
                None => {
                    completed = ids.created.into();
                    "completed"
                }
            }
        }
    };
    let mut response = json!({
        "id": Names::of(ids).response(),
        "object": "response",
        "created_at": ids.created,
        "status": status,
        "background": false,
        "completed_at": completed,
        "error": error,
        "incomplete_details": details,
        "instructions": null,
        "max_output_tokens": null,
        "metadata": {},
        "model": ids.model,
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": { "effort": null, "summary": null },
        "store": false,
        "temperature": null,
        "text": { "format": { "type": "text" } },
        "tool_choice": "auto",
        "tools": [],
        "top_p": null,
        "truncation": "disabled",
        "usage": counted,
        "user": null,
    });
    if let Value::Object(response) = &mut response {
        asked.repeat(response);
    }
    response
}
