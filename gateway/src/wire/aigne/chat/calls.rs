//! Calls of tools as the framework writes them, in both directions. `metadata` goes to the client and comes back with the
//! history: what a provider needs to see again travels in it.

use serde_json::{Map, Value, json};

use super::super::{
    super::canonical::{Part, Thought, ToolCall},
    fields::{Fields, Read, missing, wrong},
};

/// Gemini's proof of a call; the framework's own clients know it by this name.
const SIGNATURE: &str = "thoughtSignature";
/// What the model thought before its first call.
const THOUGHTS: &str = "thoughts";

/// Reads the calls of one message, each after the thoughts that led to it.
pub fn read(list: &[Value], at: &'static str) -> Read<Vec<Part>> {
    let mut parts = Vec::new();
    for value in list {
        let call = Fields::within(value, at, "toolCalls")?;
        let function = call.object(&["function"], at)?.ok_or_else(|| {
            missing(
                at,
                "Each of 'toolCalls' needs a 'function' with 'name' and 'arguments'.",
            )
        })?;
        let id = call
            .owned(&["id"])?
            .ok_or_else(|| missing(at, "Each of 'toolCalls' needs its 'id'."))?;
        let name = function
            .owned(&["name"])?
            .ok_or_else(|| missing(at, "Each of 'toolCalls' needs the 'name' of its function."))?;
        let arguments = match function.get(&["arguments"]) {
            None => "{}".to_owned(),
            Some(object @ Value::Object(_)) => object.to_string(),
            // As other dialects write them.
            Some(Value::String(text)) => text.clone(),
            Some(_) => return Err(wrong(at, "arguments", "an object")),
        };
        let metadata = call.object(&["metadata"], at)?;
        let mut signature = None;
        if let Some(metadata) = metadata {
            signature = metadata.owned(&[SIGNATURE])?;
            for thought in metadata.list(&[THOUGHTS])?.into_iter().flatten() {
                parts.push(Part::Thought(read_thought(&Fields::within(thought, at, THOUGHTS)?)?));
            }
        }
        parts.push(Part::ToolCall(ToolCall {
            id,
            name,
            arguments,
            signature,
        }));
    }
    Ok(parts)
}

fn read_thought(fields: &Fields<'_>) -> Read<Thought> {
    Ok(Thought {
        text: fields.owned(&["text"])?.unwrap_or_default(),
        signature: fields.owned(&["signature"])?,
        sealed: fields.owned(&["sealed"])?,
        id: fields.owned(&["id"])?,
    })
}

/// One call, with the proven thoughts that came before it.
pub fn write(call: &ToolCall, thoughts: &[Thought]) -> Value {
    let mut metadata = Map::new();
    if let Some(signature) = &call.signature {
        metadata.insert(SIGNATURE.to_owned(), Value::from(signature.as_str()));
    }
    let proven: Vec<Value> = thoughts
        .iter()
        .filter(|thought| is_proven(thought))
        .map(write_thought)
        .collect();
    if !proven.is_empty() {
        metadata.insert(THOUGHTS.to_owned(), Value::Array(proven));
    }
    let mut written = json!({
        "id": call.id,
        "type": "function",
        "function": { "name": call.name, "arguments": arguments(&call.arguments) },
    });
    if !metadata.is_empty() {
        written["metadata"] = Value::Object(metadata);
    }
    written
}

/// Only what a provider recognises as its own is worth sending back.
fn is_proven(thought: &Thought) -> bool {
    thought.signature.is_some() || thought.sealed.is_some()
}

fn write_thought(thought: &Thought) -> Value {
    let mut map = Map::new();
    let members = [
        ("text", Some(&thought.text).filter(|text| !text.is_empty())),
        ("signature", thought.signature.as_ref()),
        ("sealed", thought.sealed.as_ref()),
        ("id", thought.id.as_ref()),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            map.insert(name.to_owned(), Value::from(value.as_str()));
        }
    }
    Value::Object(map)
}

/// The arguments as an object, which is all that the client takes. What a model wrote and is none, as when its answer was cut
/// off within a call, stands in one member: the tool's own schema refuses that, and nothing runs with guessed arguments.
fn arguments(text: &str) -> Value {
    if text.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str(text) {
        Ok(object @ Value::Object(_)) => object,
        _ => json!({ "invalidArguments": text }),
    }
}
