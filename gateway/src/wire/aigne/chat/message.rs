//! The conversation in a request of the framework.

use serde_json::Value;

use super::{
    super::{
        super::{
            call_names::CallNames,
            canonical::{CacheMark, Message, Part, Role, ToolResult},
        },
        fields::{self, Fields, Read, missing, problem},
        media,
    },
    calls,
};

const AT: &str = "input.messages";

/// Reads every message. Answers of tools that follow each other are one message.
pub(super) fn read(list: &[Value]) -> Read<Vec<Message>> {
    if list.is_empty() {
        return Err(missing(AT, "'input.messages' is empty: send at least one message."));
    }
    let mut messages: Vec<Message> = Vec::with_capacity(list.len());
    let mut calls = CallNames::default();
    for value in list {
        let fields = Fields::within(value, AT, "message")?;
        let role = fields
            .text(&["role"])?
            .ok_or_else(|| missing(AT, "Each message needs its 'role': system, user, agent or tool."))?;
        let message = match role {
            "tool" => {
                let result = tool_result(&fields, &calls)?;
                if let Some(last) = messages.last_mut().filter(|last| answers_tools(last)) {
                    last.parts.push(Part::ToolResult(result));
                    continue;
                }
                Message {
                    role: Role::User,
                    parts: vec![Part::ToolResult(result)],
                    name: None,
                }
            }
            other => spoken(role_of(other)?, &fields)?,
        };
        calls.note_all(&message.parts);
        messages.push(message);
    }
    Ok(messages)
}

fn role_of(word: &str) -> Read<Role> {
    match word {
        "system" => Ok(Role::System),
        "user" => Ok(Role::User),
        // The framework's own word, and everybody else's.
        "agent" | "assistant" => Ok(Role::Assistant),
        other => Err(problem(
            AT,
            "invalid_value",
            format!(
                "The role '{}' is unknown: it is system, user, agent or tool.",
                media::short(other)
            ),
        )),
    }
}

/// It is made of answers of tools, or of nothing. No message of these dialects holds such answers beside others, so the last part tells.
pub(in super::super) fn answers_tools(message: &Message) -> bool {
    let last = message.parts.last();
    last.is_none_or(|part| matches!(part, Part::ToolResult(_)))
}

fn spoken(role: Role, fields: &Fields<'_>) -> Read<Message> {
    let mut parts = content(fields)?;
    if let Some(mark) = cache_mark(fields)? {
        mark_last(&mut parts, mark);
    }
    if role == Role::Assistant {
        let calls = fields
            .list(&["toolCalls"])?
            .map_or(Ok(Vec::new()), |list| calls::read(list, AT))?;
        // What was thought before a call came before what was said with it.
        let (thoughts, calls): (Vec<Part>, Vec<Part>) =
            calls.into_iter().partition(|part| matches!(part, Part::Thought(_)));
        parts.splice(0..0, thoughts);
        parts.extend(calls);
    }
    Ok(Message {
        role,
        parts,
        name: fields.owned(&["name"])?.filter(|name| !name.is_empty()),
    })
}

fn content(fields: &Fields<'_>) -> Read<Vec<Part>> {
    match fields.get(&["content"]) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text.as_str())]),
        Some(Value::Array(items)) => items.iter().map(part).collect(),
        Some(_) => Err(fields::wrong(AT, "content", "a string or an array of parts")),
    }
}

fn part(item: &Value) -> Read<Part> {
    let fields = Fields::within(item, AT, "content")?;
    let kind = fields.text(&["type"])?.unwrap_or("text");
    let cache = cache_mark(&fields)?;
    if kind != "text" {
        return Ok(Part::File(media::read(&fields, kind, cache)?));
    }
    let text = fields.owned(&["text"])?;
    Ok(Part::Text {
        text: text.ok_or_else(|| missing(AT, "A part of type 'text' needs its 'text'."))?,
        cache,
    })
}

fn tool_result(fields: &Fields<'_>, calls: &CallNames) -> Read<ToolResult> {
    let id = fields
        .owned(&["toolCallId"])?
        .filter(|id| !id.is_empty())
        .ok_or_else(|| missing(AT, "A message of role 'tool' needs its 'toolCallId'."))?;
    let named = fields.owned(&["name"])?.filter(|name| !name.is_empty());
    Ok(ToolResult {
        name: named.or_else(|| calls.of(&id).map(str::to_owned)),
        id,
        parts: content(fields)?,
        failed: false,
        cache: cache_mark(fields)?,
    })
}

/// `cacheControl` of a part, a message or a tool.
pub(super) fn cache_mark(fields: &Fields<'_>) -> Read<Option<CacheMark>> {
    let Some(control) = fields.object(&["cacheControl"], fields.param)? else {
        return Ok(None);
    };
    Ok(Some(match control.text(&["ttl"])? {
        Some("1h") => CacheMark::OneHour,
        _ => CacheMark::FiveMinutes,
    }))
}

/// Marks the end of these parts, unless it is marked already.
pub(super) fn mark_last(parts: &mut [Part], mark: CacheMark) {
    match parts.last_mut() {
        Some(Part::Text { cache, .. }) => {
            cache.get_or_insert(mark);
        }
        Some(Part::File(file)) => {
            file.cache.get_or_insert(mark);
        }
        Some(Part::ToolResult(result)) => {
            result.cache.get_or_insert(mark);
        }
        _ => {}
    }
}
