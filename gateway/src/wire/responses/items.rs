//! The items of an answer, as JSON with every member that the official SDKs require. Used by [`super::write`] and
//! [`super::stream`].

use serde_json::{Value, json};

use super::{names::Callee, sealed::Sealed};
use crate::wire::canonical::{Citation, File, FileKind, Source, ToolStart};

/// How far an item has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Completed,
    /// The limit of tokens cut it off.
    Incomplete,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
        }
    }
}

pub(super) fn message(id: &str, status: Status, content: &[Value]) -> Value {
    json!({ "id": id, "type": "message", "status": status.as_str(), "role": "assistant", "content": content })
}

pub(super) fn text(text: &str, annotations: &[Value]) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": annotations, "logprobs": [] })
}

pub(super) fn refusal(text: &str) -> Value {
    json!({ "type": "refusal", "refusal": text })
}

pub(super) fn summary(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}

pub(super) fn reasoning(id: &str, summary: &[Value], sealed: Option<&Sealed>) -> Value {
    json!({
        "id": id,
        "type": "reasoning",
        "summary": summary,
        "encrypted_content": sealed.map(Sealed::write),
    })
}

/// The call of a tool. Of a tool that takes free text `arguments` are that text.
pub(super) fn call(id: &str, status: Status, start: &ToolStart, arguments: &str) -> Value {
    let callee = Callee::of(&start.name);
    let (kind, member) = match callee.free {
        true => ("custom_tool_call", "input"),
        false => ("function_call", "arguments"),
    };
    let mut item = json!({
        "id": id,
        "type": kind,
        "status": status.as_str(),
        member: arguments,
        "call_id": start.id,
        "name": callee.name,
    });
    if let Some(namespace) = callee.namespace {
        item["namespace"] = namespace.into();
    }
    item
}

/// The prefix of the name of such an item.
pub(super) fn call_kind(start: &ToolStart) -> &'static str {
    if Callee::of(&start.name).free { "ctc" } else { "fc" }
}

/// The free text in the arguments with which the other side calls such a tool: `{"input":"…"}`, or whatever it wrote instead.
pub(in crate::wire) fn free_text(arguments: &str) -> String {
    match serde_json::from_str(arguments) {
        Ok(Value::Object(mut members)) => match members.get_mut("input").map(Value::take) {
            Some(Value::String(text)) => text,
            _ => arguments.to_owned(),
        },
        _ => arguments.to_owned(),
    }
}

/// A picture that the model made. Anything else has no item of its own: it is named in a text, if it has an address.
pub(super) fn picture(id: &str, file: &File) -> Option<Value> {
    match (file.kind, &file.source) {
        (FileKind::Image, Source::Data { base64, .. }) => {
            Some(json!({ "id": id, "type": "image_generation_call", "status": "completed", "result": base64 }))
        }
        _ => None,
    }
}

/// The text that names a file by its address.
pub(super) fn link(file: &File) -> Option<String> {
    match &file.source {
        Source::Url(url) => Some(format!("![]({url})")),
        Source::Text(text) => Some(text.clone()),
        Source::Data { .. } | Source::Id(_) => None,
    }
}

/// Where the characters `from..to` of a text come from.
pub(super) fn annotation(citation: &Citation, from: usize, to: usize) -> Value {
    let title = citation.title.as_deref().unwrap_or_default();
    match &citation.url {
        Some(url) => {
            json!({ "type": "url_citation", "url": url, "title": title, "start_index": from, "end_index": to })
        }
        None => json!({ "type": "file_citation", "file_id": "", "filename": title, "index": to }),
    }
}
