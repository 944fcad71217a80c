//! The items of a request: `ResponseInputItem`. Each call of a tool has its answer and each answer its call; a thought is followed by
//! what it led to and brings its cipher along where nothing is kept. They are turned into the messages of a chat.

use serde_json::{Map, Value, json};

use super::Kept;
use super::check::unknown;
use crate::upstream::check::fields::{given, list, missing, text, unsupported, wrong_type};
use crate::upstream::refusal::Refusal;

/// What was read.
pub(super) struct Input {
    /// Every item, those of earlier turns first.
    pub(super) conversation: Vec<Value>,
    /// The same as messages of a chat.
    pub(super) messages: Vec<Value>,
}

/// Items that OpenAI knows beside those that are checked here.
const OTHERS: [&str; 20] = [
    "file_search_call",
    "computer_call",
    "computer_call_output",
    "web_search_call",
    "tool_search_call",
    "tool_search_output",
    "additional_tools",
    "compaction",
    "image_generation_call",
    "code_interpreter_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
];
const CHECKED: [&str; 7] = [
    "message",
    "reasoning",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "item_reference",
];

pub(super) fn check(body: &Map<String, Value>, store: bool, kept: &Kept) -> Result<Input, Refusal> {
    let mut conversation = match text(body, "previous_response_id")? {
        None => Vec::new(),
        Some(id) => kept.get(id).ok_or_else(|| {
            Refusal::invalid(format!("Previous response with id '{id}' not found."))
                .param("previous_response_id")
                .code("previous_response_not_found")
        })?,
    };
    match body.get("input") {
        None | Some(Value::Null) => return Err(missing("input")),
        Some(Value::String(text)) => {
            conversation.push(json!({ "type": "message", "role": "user", "content": text }));
        }
        Some(items @ Value::Array(_)) => {
            for (at, item) in list(items, "input")?.iter().enumerate() {
                conversation.push(checked(item, &format!("input[{at}]"), store, kept)?);
            }
        }
        Some(other) => {
            return Err(wrong_type("input", "one of a string or array of input items", other));
        }
    }
    pairs(&conversation)?;
    let mut messages = Vec::new();
    if let Some(instructions) = text(body, "instructions")? {
        messages.push(json!({ "role": "system", "content": instructions }));
    }
    messages.extend(conversation.iter().filter_map(as_message));
    Ok(Input { conversation, messages })
}

/// One item, a reference replaced by what it stands for.
fn checked(item: &Value, place: &str, store: bool, kept: &Kept) -> Result<Value, Refusal> {
    let Value::Object(fields) = item else {
        return Err(wrong_type(place, "an object", item));
    };
    let kind = match given(fields, "type") {
        None if fields.contains_key("role") => "message",
        None => return Err(missing(&format!("{place}.type"))),
        Some(Value::String(kind)) => kind.as_str(),
        Some(other) => return Err(wrong_type(&format!("{place}.type"), "a string", other)),
    };
    let word = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Err(missing(&format!("{place}.{name}"))),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(other) => Err(wrong_type(&format!("{place}.{name}"), "a string", other)),
    };
    match kind {
        "message" => message(fields, place)?,
        "reasoning" => thought(fields, place, store, kept)?,
        "function_call" | "custom_tool_call" => {
            let input = if kind == "function_call" { "arguments" } else { "input" };
            for name in ["call_id", "name", input] {
                word(name)?;
            }
            fits(word("call_id")?, place)?;
        }
        "function_call_output" | "custom_tool_call_output" => {
            fits(word("call_id")?, place)?;
            match fields.get("output") {
                Some(Value::String(_)) => {}
                Some(Value::Array(_)) => parts(&fields["output"], "user", &format!("{place}.output"))?,
                None | Some(Value::Null) => return Err(missing(&format!("{place}.output"))),
                Some(other) => return Err(wrong_type(&format!("{place}.output"), "a string", other)),
            }
        }
        "item_reference" => {
            let id = word("id")?;
            return kept.item(id).ok_or_else(|| no_item(id));
        }
        other if OTHERS.contains(&other) => {}
        other => return Err(unsupported(place, other, &CHECKED)),
    }
    Ok(item.clone())
}

/// An id of a call has 64 letters at the most.
fn fits(id: &str, place: &str) -> Result<(), Refusal> {
    if id.len() <= 64 {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "Invalid '{place}.call_id': string too long. Expected a string with maximum length 64, but got a string with \
         length {} instead.",
        id.len()
    ))
    .param(format!("{place}.call_id"))
    .code("string_above_max_length"))
}

fn no_item(id: &str) -> Refusal {
    Refusal::invalid(format!(
        "Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, \
         or remove this item from your input."
    ))
    .param("input")
    .status(http::StatusCode::NOT_FOUND)
}

fn message(fields: &Map<String, Value>, place: &str) -> Result<(), Refusal> {
    let known = ["type", "role", "content", "id", "status", "phase"];
    if let Some(strange) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(unknown(&format!("{place}.{strange}")));
    }
    let role = match fields.get("role") {
        None => return Err(missing(&format!("{place}.role"))),
        Some(Value::String(role)) => role.as_str(),
        Some(other) => return Err(wrong_type(&format!("{place}.role"), "a string", other)),
    };
    let roles = ["assistant", "system", "developer", "user"];
    if !roles.contains(&role) {
        return Err(unsupported(&format!("{place}.role"), role, &roles));
    }
    match fields.get("content") {
        Some(Value::String(_)) => Ok(()),
        Some(content @ Value::Array(_)) => parts(content, role, &format!("{place}.content")),
        None | Some(Value::Null) => Err(missing(&format!("{place}.content"))),
        Some(other) => Err(wrong_type(
            &format!("{place}.content"),
            "one of a string or array of objects",
            other,
        )),
    }
}

fn parts(content: &Value, role: &str, name: &str) -> Result<(), Refusal> {
    let supported: &[&str] = match role {
        "assistant" => &["output_text", "refusal"],
        "user" => &["input_text", "input_image", "input_file", "input_audio"],
        _ => &["input_text"],
    };
    for (at, part) in list(content, name)?.iter().enumerate() {
        let place = format!("{name}[{at}]");
        let kind = match &part["type"] {
            Value::Null => return Err(missing(&format!("{place}.type"))),
            Value::String(kind) => kind.as_str(),
            other => return Err(wrong_type(&format!("{place}.type"), "a string", other)),
        };
        if !supported.contains(&kind) {
            return Err(unsupported(&place, kind, supported));
        }
        let needed: &[&str] = match kind {
            "input_image" => &["image_url", "file_id"],
            "input_file" => &["file_data", "file_url", "file_id"],
            "refusal" => &["refusal"],
            "input_audio" => &["input_audio"],
            _ => &["text"],
        };
        match needed.iter().map(|name| &part[*name]).find(|value| !value.is_null()) {
            None => return Err(missing(&format!("{place}.{}", needed[0]))),
            Some(Value::String(url)) if kind == "input_image" && part["image_url"].is_string() => {
                let address = ["http://", "https://", "data:image/"]
                    .iter()
                    .any(|start| url.starts_with(start));
                if !address {
                    return Err(Refusal::invalid(format!(
                        "Invalid '{place}.image_url'. Expected a valid URL, but got a value with an invalid format."
                    ))
                    .param(format!("{place}.image_url"))
                    .code("invalid_value"));
                }
            }
            Some(Value::String(_)) => {}
            Some(_) if kind == "input_audio" => {}
            Some(other) => return Err(wrong_type(&format!("{place}.{}", needed[0]), "a string", other)),
        }
    }
    Ok(())
}

fn thought(fields: &Map<String, Value>, place: &str, store: bool, kept: &Kept) -> Result<(), Refusal> {
    let Some(id) = fields.get("id").and_then(Value::as_str) else {
        return Err(missing(&format!("{place}.id")));
    };
    if !id.starts_with("rs_") {
        return Err(Refusal::invalid(format!(
            "Invalid '{place}.id': '{id}'. Expected an ID that begins with 'rs'."
        ))
        .param(format!("{place}.id"))
        .code("invalid_value"));
    }
    if !fields.get("summary").is_some_and(Value::is_array) {
        return Err(missing(&format!("{place}.summary")));
    }
    match given(fields, "encrypted_content").and_then(Value::as_str) {
        // The cipher of this fake names its item, as OpenAI's verifies it.
        Some(cipher) if cipher == super::output::cipher(id) => Ok(()),
        Some(_) => Err(Refusal::invalid(format!(
            "The encrypted content for item {id} could not be verified. Reason: Encrypted content could not be decrypted or parsed."
        ))
        .code("invalid_encrypted_content")),
        None if store && kept.item(id).is_some() => Ok(()),
        None => Err(no_item(id)),
    }
}

/// Calls and answers belong together, and a thought is not the last item.
fn pairs(items: &[Value]) -> Result<(), Refusal> {
    let ids = |kinds: [&str; 2]| -> Vec<&str> {
        let of_kind = items
            .iter()
            .filter(|item| kinds.iter().any(|kind| item["type"] == *kind));
        of_kind.filter_map(|item| item["call_id"].as_str()).collect()
    };
    let calls = ids(["function_call", "custom_tool_call"]);
    let outputs = ids(["function_call_output", "custom_tool_call_output"]);
    if let Some(lost) = outputs.iter().find(|id| !calls.contains(id)) {
        return Err(Refusal::invalid(format!(
            "No tool call found for function call output with call_id {lost}."
        ))
        .param("input"));
    }
    if let Some(open) = calls.iter().find(|id| !outputs.contains(id)) {
        return Err(Refusal::invalid(format!("No tool output found for function call {open}.")).param("input"));
    }
    for (at, item) in items.iter().enumerate() {
        let leads = |next: &Value| {
            let kind = next["type"].as_str().unwrap_or("message");
            kind.ends_with("_call") || kind == "reasoning" || next["role"] == "assistant"
        };
        if item["type"] == "reasoning" && !items.get(at + 1).is_some_and(leads) {
            let id = item["id"].as_str().unwrap_or_default();
            return Err(Refusal::invalid(format!(
                "Item '{id}' of type 'reasoning' was provided without its required following item."
            ))
            .param("input"));
        }
    }
    Ok(())
}

/// The item as a message of a chat; thoughts are none.
fn as_message(item: &Value) -> Option<Value> {
    let content = |value: &Value| match value {
        Value::Array(parts) => parts.iter().map(as_part).collect(),
        other => other.clone(),
    };
    Some(match item["type"].as_str().unwrap_or("message") {
        "message" => json!({ "role": item["role"], "content": content(&item["content"]) }),
        "function_call" | "custom_tool_call" => json!({ "role": "assistant", "content": null }),
        "function_call_output" | "custom_tool_call_output" => {
            json!({ "role": "tool", "content": content(&item["output"]) })
        }
        _ => return None,
    })
}

fn as_part(part: &Value) -> Value {
    match part["type"].as_str() {
        Some("input_image") => json!({ "type": "image_url", "image_url": { "url": part["image_url"] } }),
        _ => json!({ "type": "text", "text": part["text"] }),
    }
}
