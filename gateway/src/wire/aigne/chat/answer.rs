//! A whole answer to a client of the framework.

use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        super::canonical::{Answer, End, Finish, Ids, Part, Thought},
        media, model_name,
        usage::{self, Told},
    },
    calls,
    sources::{Source, Sources},
};

/// The members in the framework's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thoughts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<Value>,
    #[serde(skip_serializing_if = "<[Source]>::is_empty")]
    citations: &'a [Source],
    model: &'a str,
    usage: Told<'a>,
    model_with_provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
}

/// Writes it. `as_json` says that the client asked for JSON, which it gets read.
#[must_use]
pub fn answer(answer: &Answer, end: &End, ids: &Ids, as_json: bool) -> Vec<u8> {
    let (mut text, mut thoughts) = (String::new(), String::new());
    let (mut tool_calls, mut files, mut proofs) = (Vec::new(), Vec::new(), Vec::<Thought>::new());
    for part in &answer.parts {
        match part {
            Part::Text { text: more, .. } | Part::Refusal(more) => text.push_str(more),
            Part::Thought(thought) => {
                thoughts.push_str(&thought.text);
                proofs.push(thought.clone());
            }
            Part::ToolCall(call) => tool_calls.push(calls::write(call, &std::mem::take(&mut proofs))),
            Part::File(file) => files.push(media::write(file)),
            // No model answers in place of a tool.
            Part::ToolResult(_) => {}
        }
    }
    let mut sources = Sources::default();
    for (_, citation) in &answer.citations {
        sources.add(citation);
    }
    let json = as_json.then(|| object(&text)).flatten();
    let whole = Whole {
        text: Some(text).filter(|text| !text.is_empty() && json.is_none()),
        thoughts: Some(thoughts).filter(|thoughts| !thoughts.is_empty()),
        json,
        tool_calls,
        files,
        citations: sources.list(),
        model: model_name(answer.model.as_deref(), ids),
        usage: usage::told(end, ids),
        model_with_provider: &ids.model,
        finish_reason: finish_reason(&end.finish),
    };
    // Texts, numbers and trees of JSON always are JSON.
    serde_json::to_vec(&whole).unwrap_or_default()
}

/// The text as an object, which is all that the client takes for JSON. Some models put it between fences.
pub(super) fn object(text: &str) -> Option<Value> {
    let text = text.trim();
    let inner = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.strip_suffix("```"))
        .unwrap_or(text);
    serde_json::from_str::<Value>(inner).ok().filter(Value::is_object)
}

/// Why the answer ended, where it is not as it should be. The framework has no word for it, and its clients let it pass.
pub(super) fn finish_reason(finish: &Finish) -> Option<&str> {
    Some(match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls => return None,
        Finish::Length | Finish::ContextFull => "length",
        Finish::ContentFilter => "content_filter",
        Finish::Refusal => "refusal",
        Finish::Pause => "pause",
        Finish::Broken(word) | Finish::Other(word) => word,
    })
}
