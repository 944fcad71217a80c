//! Checks instructions and turns: who may say what, calls and their results side by side, marks for the cache.

use serde_json::{Map, Value, json};

use super::super::models::Model;
use super::super::refusal::Refusal;
use super::blocks;
use super::citations;
use super::fields::{invalid, known, missing, object};

/// What was said.
pub(super) struct Conversation {
    pub system: Vec<Value>,
    pub turns: Vec<(String, Vec<Value>)>,
}

/// Checks the conversation.
pub(super) fn check(body: &Map<String, Value>, model: &Model, has_tools: bool) -> Result<Conversation, Refusal> {
    let system = match body.get("system") {
        None => Vec::new(),
        Some(system) => {
            let blocks = content(system, "system")?;
            for (at, block) in blocks.iter().enumerate() {
                blocks::check(block, &format!("system.{at}"), "system")?;
            }
            blocks
        }
    };
    let messages = match body.get("messages") {
        None => return Err(missing("messages")),
        Some(Value::Array(messages)) => messages,
        Some(_) => return Err(invalid("messages", "Input should be a valid list")),
    };
    if messages.is_empty() {
        return Err(invalid("messages", "at least one message is required"));
    }
    let mut turns: Vec<(String, Vec<Value>)> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let (role, blocks) = turn(at, message, model, at + 1 == messages.len())?;
        match turns.last_mut().filter(|(before, _)| *before == role) {
            Some((_, before)) => before.extend(blocks),
            None => turns.push((role, blocks)),
        }
    }
    instructions_stand_well(&turns)?;
    calls_have_results(&turns)?;
    citations::check(&turns)?;
    let has_calls = turns
        .iter()
        .flat_map(|(_, blocks)| blocks)
        .any(|block| block["type"] == "tool_use");
    if has_calls && !has_tools {
        return Err(Refusal::invalid(
            "Requests which include `tool_use` or `tool_result` blocks must define tools",
        ));
    }
    ends_well(&turns, model)?;
    Ok(Conversation { system, turns })
}

fn turn(at: usize, message: &Value, model: &Model, is_last: bool) -> Result<(String, Vec<Value>), Refusal> {
    let place = format!("messages.{at}");
    let message = object(message, &place)?;
    known(message, &place, &["role", "content"])?;
    let role = match message.get("role").map(|role| role.as_str().unwrap_or_default()) {
        None => return Err(missing(&format!("{place}.role"))),
        Some("system") if model.instructions_anywhere => "system",
        Some("system") => {
            return Err(invalid(&place, "role 'system' is not supported on this model"));
        }
        Some(role @ ("user" | "assistant")) => role,
        Some(_) => return Err(invalid(&place, "role must be 'user' or 'assistant'")),
    };
    let value = message
        .get("content")
        .ok_or_else(|| missing(&format!("{place}.content")))?;
    let blocks = content(value, &format!("{place}.content"))?;
    if blocks.is_empty() && !(is_last && role == "assistant") {
        return Err(invalid(
            &place,
            "all messages must have non-empty content except for the optional final assistant message",
        ));
    }
    for (index, block) in blocks.iter().enumerate() {
        blocks::check(block, &format!("{place}.content.{index}"), role)?;
    }
    Ok((role.to_owned(), blocks))
}

/// Content as blocks: a text is one.
fn content(value: &Value, place: &str) -> Result<Vec<Value>, Refusal> {
    match value {
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        Value::String(text) => Ok(vec![json!({"type": "text", "text": text})]),
        Value::Array(blocks) => Ok(blocks.clone()),
        _ => Err(invalid(place, "Input should be a valid list")),
    }
}

/// Instructions stand after a person's turn, and before the model's or at the end.
fn instructions_stand_well(turns: &[(String, Vec<Value>)]) -> Result<(), Refusal> {
    for (at, (role, _)) in turns.iter().enumerate().filter(|(_, (role, _))| role == "system") {
        let before = at
            .checked_sub(1)
            .and_then(|before| turns.get(before))
            .map(|(role, _)| role.as_str());
        let after = turns.get(at + 1).map(|(role, _)| role.as_str());
        if before != Some("user") || after == Some("user") {
            return Err(invalid(
                &format!("messages.{at}"),
                &format!(
                    "a '{role}' message must follow a user turn and precede an assistant turn or end the messages"
                ),
            ));
        }
    }
    Ok(())
}

fn ids<'a>(blocks: &'a [Value], kind: &str, name: &str) -> Vec<&'a str> {
    let of_kind = blocks.iter().filter(|block| block["type"] == kind);
    of_kind.filter_map(|block| block[name].as_str()).collect()
}

/// Every call is answered in the very next turn, before anything else is said there; nothing else is answered.
fn calls_have_results(turns: &[(String, Vec<Value>)]) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for (at, (_, blocks)) in turns.iter().enumerate() {
        let calls = ids(blocks, "tool_use", "id");
        for id in &calls {
            if seen.contains(id) {
                return Err(Refusal::invalid("messages: `tool_use` ids must be unique"));
            }
            seen.push(*id);
        }
        let next: Vec<Value> = turns.get(at + 1).map(|(_, blocks)| blocks.clone()).unwrap_or_default();
        let first: Vec<Value> = next
            .iter()
            .take_while(|block| block["type"] == "tool_result")
            .cloned()
            .collect();
        let answered = ids(&first, "tool_result", "tool_use_id");
        let open: Vec<&str> = calls.iter().copied().filter(|id| !answered.contains(id)).collect();
        if !open.is_empty() {
            return Err(Refusal::invalid(format!(
                "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` \
                 block must have a corresponding `tool_result` block in the next message.",
                open.join(", ")
            )));
        }
        let results = ids(blocks, "tool_result", "tool_use_id");
        let before = at.checked_sub(1).and_then(|before| turns.get(before));
        let called = before
            .map(|(_, blocks)| ids(blocks, "tool_use", "id"))
            .unwrap_or_default();
        if let Some(stray) = results.iter().find(|id| !called.contains(id)) {
            return Err(Refusal::invalid(format!(
                "messages.{at}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {stray}. Each `tool_result` \
                 block must have a corresponding `tool_use` block in the previous message."
            )));
        }
    }
    Ok(())
}

/// An answer that was begun must be allowed, and must not end with white space.
fn ends_well(turns: &[(String, Vec<Value>)], model: &Model) -> Result<(), Refusal> {
    let Some((role, blocks)) = turns.last() else {
        return Ok(());
    };
    if role != "assistant" {
        return Ok(());
    }
    if !model.prefill {
        return Err(Refusal::invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ));
    }
    let text = blocks
        .last()
        .and_then(|block| block["text"].as_str())
        .unwrap_or_default();
    if text.ends_with(char::is_whitespace) {
        return Err(Refusal::invalid(
            "messages: final assistant content cannot end with trailing whitespace",
        ));
    }
    Ok(())
}
