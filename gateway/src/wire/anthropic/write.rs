//! Writes whole answers for clients of Messages. Called by `call` where the provider speaks something else.

use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    super::canonical::{Answer, End, File, Ids, Part, Source},
    citation, stop, tool_id, usage,
};

/// The members in Anthropic's order.
#[derive(Serialize)]
struct Message<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'a>>,
    stop_reason: Option<&'a str>,
    stop_sequence: Option<&'a str>,
    usage: Value,
}

/// A block of an answer.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<Value>,
        text: std::borrow::Cow<'a, str>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: Box<RawValue>,
    },
}

/// The name of an answer, made of our call's.
pub(super) fn id(ids: &Ids) -> String {
    format!("msg_{}", ids.call.strip_prefix("call_").unwrap_or(&ids.call))
}

/// Writes a whole answer.
pub(crate) fn answer(answer: &Answer, end: &End, ids: &Ids) -> Vec<u8> {
    let mut content = Vec::with_capacity(answer.parts.len());
    let mut calls_tools = false;
    let sources = answer.sources();
    for (place, part) in answer.parts.iter().enumerate() {
        calls_tools |= matches!(part, Part::ToolCall(_));
        let cited = sources.get(&place).into_iter().flatten();
        let citations = cited.map(|citation| citation::write(citation)).collect();
        content.extend(block(part, citations));
    }
    let (reason, sequence) = stop::word(&end.finish, calls_tools);
    let message = Message {
        id: id(ids),
        kind: "message",
        role: "assistant",
        model: &ids.model,
        content,
        stop_reason: Some(reason),
        stop_sequence: sequence,
        usage: with_charge(usage::written(&end.usage), end),
    };
    // Texts, numbers and values that were JSON before are JSON again.
    serde_json::to_vec(&message).unwrap_or_default()
}

/// What the account pays stands beside what was counted.
pub(super) fn with_charge(mut usage: Value, end: &End) -> Value {
    if let Some(charge) = &end.charge {
        usage["credits"] = json!(charge);
    }
    usage
}

fn block(part: &Part, citations: Vec<Value>) -> Option<Block<'_>> {
    Some(match part {
        Part::Text { text, .. } | Part::Refusal(text) => Block::Text {
            citations,
            text: text.into(),
        },
        Part::File(file) => Block::Text {
            citations,
            text: link(file).into(),
        },
        Part::Thought(thought) => match &thought.sealed {
            Some(data) => Block::RedactedThinking { data },
            None => Block::Thinking {
                thinking: &thought.text,
                signature: thought.signature.as_deref().unwrap_or_default(),
            },
        },
        Part::ToolCall(call) => Block::ToolUse {
            id: tool_id::wrap(&call.id, call.signature.as_deref()),
            name: &call.name,
            input: input(&call.arguments),
        },
        Part::ToolResult(_) => return None,
    })
}

/// The dialect has no place for a file in an answer, so it is told as Markdown tells it.
pub(super) fn link(file: &File) -> String {
    let name = file.name.as_deref().unwrap_or("file");
    match &file.source {
        Source::Url(url) => format!("![{name}]({url})"),
        Source::Data { mime, base64 } => format!("![{name}](data:{mime};base64,{base64})"),
        Source::Text(text) => text.clone(),
        Source::Id(id) => format!("[{name}: {id}]"),
    }
}

/// Arguments are an object here. What a model wrote that is none is an object that holds it.
fn input(arguments: &str) -> Box<RawValue> {
    let arguments = arguments.trim();
    let object = arguments
        .starts_with('{')
        .then(|| RawValue::from_string(arguments.to_owned()).ok());
    object.flatten().unwrap_or_else(|| {
        let wrapped = if arguments.is_empty() {
            json!({})
        } else {
            json!({ "arguments": arguments })
        };
        serde_json::value::to_raw_value(&wrapped).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests;
