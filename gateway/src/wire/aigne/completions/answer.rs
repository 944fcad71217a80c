//! A whole answer to a client of the older dialect.

use serde::Serialize;

use super::super::{
    super::canonical::{Answer, End, Ids, Part},
    model_name,
    usage::{self, ToldOld},
};

/// A call of a tool: here the arguments are JSON as text.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Call {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub function: Function,
    /// Gemini's proof of the call, which has to come back with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thought_signature: Option<String>,
}

#[derive(Clone, Serialize)]
pub(super) struct Function {
    pub name: String,
    pub arguments: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    role: &'static str,
    text: &'a str,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thoughts: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call>,
    model: &'a str,
    usage: ToldOld<'a>,
}

/// Writes it.
#[must_use]
pub fn answer(answer: &Answer, end: &End, ids: &Ids) -> Vec<u8> {
    let (mut text, mut thoughts, mut tool_calls) = (String::new(), String::new(), Vec::new());
    for part in &answer.parts {
        match part {
            Part::Text { text: more, .. } | Part::Refusal(more) => text.push_str(more),
            Part::Thought(thought) => thoughts.push_str(&thought.text),
            Part::ToolCall(call) => tool_calls.push(Call {
                id: call.id.clone(),
                kind: "function",
                function: Function {
                    name: call.name.clone(),
                    arguments: call.arguments.clone(),
                },
                thought_signature: call.signature.clone(),
            }),
            // The dialect has no place for files in an answer.
            Part::File(_) | Part::ToolResult(_) => {}
        }
    }
    let whole = Whole {
        role: "assistant",
        text: &text,
        content: &text,
        thoughts: Some(thoughts.as_str()).filter(|thoughts| !thoughts.is_empty()),
        tool_calls,
        model: model_name(answer.model.as_deref(), ids),
        usage: usage::told_old(end, ids),
    };
    // Texts and numbers always are JSON.
    serde_json::to_vec(&whole).unwrap_or_default()
}
