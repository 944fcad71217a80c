//! The messages: roles, the fields that each role has, content parts, and tool results that answer tool calls.
//! Schemas `ChatCompletionRequest{System,Developer,User,Assistant,Tool,Function}Message` and
//! `ChatCompletionRequestMessageContentPart*` of the openai-openapi description.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::fields::{identifier, kind, list, missing, unsupported, wrong_type};
use crate::upstream::catalogue;
use crate::upstream::refusal::Refusal;

const ROLES: [&str; 6] = ["system", "assistant", "user", "function", "tool", "developer"];

/// The most letters of a call's id.
const LONGEST_ID: usize = 40;

pub(super) fn check(body: &Map<String, Value>) -> Result<Vec<Value>, Refusal> {
    let messages = list(body.get("messages").ok_or_else(|| missing("messages"))?, "messages")?;
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let Value::Object(fields) = message else {
            return Err(wrong_type(&format!("messages[{at}]"), "an object", message));
        };
        let role = match fields.get("role") {
            None => return Err(missing(&format!("messages[{at}].role"))),
            Some(Value::String(role)) => role.as_str(),
            Some(other) => {
                return Err(wrong_type(&format!("messages[{at}].role"), "a string", other));
            }
        };
        let known = fields_of(role).ok_or_else(|| unsupported(&format!("messages[{at}].role"), role, &ROLES))?;
        if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(Refusal::invalid(format!("Unknown parameter: 'messages[{at}].{name}'."))
                .param(format!("messages[{at}].{name}"))
                .code("unknown_parameter"));
        }
        // <https://github.com/jekalmin/extended_openai_conversation/issues/251>
        if let Some(name) = fields.get("name").and_then(Value::as_str) {
            identifier(&format!("messages[{at}].name"), name)?;
        }
        if role == "tool" {
            answer_call(fields, at, &mut open)?;
        } else if !open.is_empty() {
            return Err(unanswered(at, &open));
        }
        content(fields, role, at)?;
        if role == "assistant" {
            open = calls(fields, at)?;
        }
    }
    if open.is_empty() {
        Ok(messages.to_vec())
    } else {
        Err(unanswered(messages.len(), &open))
    }
}

fn fields_of(role: &str) -> Option<&'static [&'static str]> {
    Some(match role {
        "system" | "developer" | "user" => &["role", "content", "name"],
        "assistant" => &[
            "role",
            "content",
            "name",
            "refusal",
            "audio",
            "tool_calls",
            "function_call",
            "annotations",
        ],
        "tool" => &["role", "content", "tool_call_id"],
        "function" => &["role", "content", "name"],
        _ => return None,
    })
}

/// A tool message must answer a call of the assistant message before it.
fn answer_call(fields: &Map<String, Value>, at: usize, open: &mut Vec<&str>) -> Result<(), Refusal> {
    let id = match fields.get("tool_call_id") {
        None => return Err(missing(&format!("messages[{at}].tool_call_id"))),
        Some(Value::String(id)) => id,
        Some(other) => {
            return Err(wrong_type(&format!("messages[{at}].tool_call_id"), "a string", other));
        }
    };
    let Some(place) = open.iter().position(|one| one == id) else {
        // "preceeding" is how the provider writes it.
        return Err(Refusal::invalid(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        )
        .param(format!("messages.[{at}].role")));
    };
    open.remove(place);
    Ok(())
}

fn unanswered(at: usize, open: &[&str]) -> Refusal {
    Refusal::invalid(format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The \
         following tool_call_ids did not have response messages: {}",
        open.join(", ")
    ))
    .param(format!("messages.[{at}].role"))
}

fn calls(fields: &Map<String, Value>, at: usize) -> Result<Vec<&str>, Refusal> {
    let name = format!("messages[{at}].tool_calls");
    let Some(calls) = fields.get("tool_calls").filter(|calls| !calls.is_null()) else {
        return Ok(Vec::new());
    };
    let mut ids = Vec::new();
    for (index, call) in list(calls, &name)?.iter().enumerate() {
        let text = |value: &'_ Value, field: &str| match value {
            Value::String(_) => Ok(()),
            Value::Null => Err(missing(&format!("{name}[{index}].{field}"))),
            other => Err(wrong_type(&format!("{name}[{index}].{field}"), "a string", other)),
        };
        text(&call["id"], "id")?;
        let length = call["id"].as_str().map_or(0, str::len);
        if length > LONGEST_ID {
            return Err(too_long(format!("{name}[{index}].id"), length));
        }
        text(&call["type"], "type")?;
        text(&call["function"]["name"], "function.name")?;
        // A string, not an object: dialects differ here, and a careless translation shows.
        text(&call["function"]["arguments"], "function.arguments")?;
        ids.extend(call["id"].as_str());
    }
    Ok(ids)
}

/// In OpenAI's words: <https://github.com/vercel/ai/issues/8132>.
fn too_long(place: String, length: usize) -> Refusal {
    Refusal::invalid(format!(
        "Invalid '{place}': string too long. Expected a string with maximum length {LONGEST_ID}, but got a string with length \
         {length} instead."
    ))
    .param(place)
    .code("string_above_max_length")
}

fn content(fields: &Map<String, Value>, role: &str, at: usize) -> Result<(), Refusal> {
    let name = format!("messages[{at}].content");
    match fields.get("content") {
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(_)) => parts(&fields["content"], role, &name),
        None | Some(Value::Null) if role == "assistant" => {
            let has = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
            if ["tool_calls", "function_call", "refusal", "audio"].into_iter().any(has) {
                return Ok(());
            }
            Err(null_content(at))
        }
        Some(Value::Null) if role == "function" => Ok(()),
        Some(Value::Null) => Err(null_content(at)),
        None => Err(missing(&name)),
        Some(other) => Err(Refusal::invalid(format!(
            "Invalid type for '{name}': expected one of a string or array of objects, but got {} instead.",
            kind(other)
        ))
        .param(name)
        .code("invalid_type")),
    }
}

fn null_content(at: usize) -> Refusal {
    Refusal::invalid("Invalid value for 'content': expected a string, got null.")
        .param(format!("messages.[{at}].content"))
}

fn parts(content: &Value, role: &str, name: &str) -> Result<(), Refusal> {
    let supported: &[&str] = match role {
        "user" => &["text", "image_url", "input_audio", "refusal", "audio", "file"],
        "assistant" => &["text", "refusal"],
        _ => &["text"],
    };
    for (index, part) in list(content, name)?.iter().enumerate() {
        let place = format!("{name}[{index}]");
        let Value::Object(fields) = part else {
            return Err(wrong_type(&place, "an object", part));
        };
        let kind = match fields.get("type") {
            None => return Err(missing(&format!("{place}.type"))),
            Some(Value::String(kind)) => kind.as_str(),
            Some(other) => return Err(wrong_type(&format!("{place}.type"), "a string", other)),
        };
        if !supported.contains(&kind) {
            return Err(unsupported(&format!("{place}.type"), kind, supported));
        }
        match (kind, fields.get(kind)) {
            (_, None) => return Err(missing(&format!("{place}.{kind}"))),
            ("text", Some(Value::String(_))) => {}
            ("text", Some(other)) => {
                return Err(wrong_type(&format!("{place}.text"), "a string", other));
            }
            ("image_url", Some(image)) => picture(image, &format!("{place}.image_url"))?,
            _ => {}
        }
    }
    Ok(())
}

/// Pictures go only to models that see them. The sentence and its place are those of OpenAI's API, as quoted in browser-use/web-ui#274
/// and zou-group/textgrad#210.
pub(super) fn seen(messages: &[Value], model: &str) -> Result<(), Refusal> {
    if catalogue::sees(model) {
        return Ok(());
    }
    for (at, message) in messages.iter().enumerate() {
        for (place, part) in message["content"].as_array().into_iter().flatten().enumerate() {
            if part["type"] == "image_url" {
                return Err(
                    Refusal::invalid("Invalid content type. image_url is only supported by certain models.")
                        .param(format!("messages.[{at}].content.[{place}].type")),
                );
            }
        }
    }
    Ok(())
}

fn picture(image: &Value, name: &str) -> Result<(), Refusal> {
    let Value::Object(fields) = image else {
        return Err(wrong_type(name, "an object", image));
    };
    let url = match fields.get("url") {
        None => return Err(missing(&format!("{name}.url"))),
        Some(Value::String(url)) => url,
        Some(other) => return Err(wrong_type(&format!("{name}.url"), "a string", other)),
    };
    if let Some(Value::String(detail)) = fields.get("detail")
        && !["auto", "low", "high", "original"].contains(&detail.as_str())
    {
        return Err(unsupported(
            &format!("{name}.detail"),
            detail,
            &["auto", "low", "high", "original"],
        ));
    }
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(());
    }
    let Some((mime, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) else {
        return Err(Refusal::invalid(
            "Invalid image_url: expected an http(s) address or a base64-encoded data URL with an image MIME type.",
        )
        .param(format!("{name}.url"))
        .code("invalid_image_url"));
    };
    if !["image/png", "image/jpeg", "image/gif", "image/webp"].contains(&mime) {
        return Err(Refusal::invalid("Invalid MIME type. Only image types are supported.")
            .param(format!("{name}.url"))
            .code("invalid_image_format"));
    }
    if STANDARD.decode(data).is_err() {
        return Err(Refusal::invalid("Invalid base64 image_url.")
            .param(format!("{name}.url"))
            .code("invalid_base64"));
    }
    Ok(())
}
