//! Checks one content block: its members, and whether its speaker may say it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::super::refusal::Refusal;
use super::fields::{invalid, is_name, known, missing, object, text};
use crate::upstream::anthropic::answer;

/// Checks a block that `role` says.
pub(super) fn check(block: &Value, place: &str, role: &str) -> Result<(), Refusal> {
    let members = object(block, place)?;
    let kind = match members.get("type") {
        None => return Err(missing(&format!("{place}.type"))),
        Some(kind) => kind.as_str().unwrap_or_default(),
    };
    cache_control(members, place)?;
    let only = |wanted: &str| {
        if role == wanted {
            return Ok(());
        }
        let turn = place.rsplit_once(".content").map_or(place, |(turn, _)| turn);
        Err(invalid(
            turn,
            &format!("`{kind}` blocks can only be in `{wanted}` messages"),
        ))
    };
    let inner = format!("{place}.{kind}");
    match kind {
        "text" => said(members, place, &inner),
        _ if role == "system" => Err(invalid(&format!("{place}.type"), "Input should be 'text'")),
        "image" => {
            only("user")?;
            known(members, &inner, &["type", "source", "cache_control", "transformations"])?;
            source(members, &inner, true)
        }
        "document" => {
            only("user")?;
            let names = ["type", "source", "cache_control", "citations", "context", "title"];
            known(members, &inner, &names)?;
            source(members, &inner, false)
        }
        "search_result" => {
            only("user")?;
            known(
                members,
                &inner,
                &["type", "source", "title", "content", "citations", "cache_control"],
            )?;
            text(members, &inner, "source")
                .and(text(members, &inner, "title"))
                .map(drop)
        }
        "thinking" => {
            only("assistant")?;
            thinking(members, place, &inner)
        }
        "redacted_thinking" => {
            only("assistant")?;
            known(members, &inner, &["type", "data"])?;
            if text(members, &inner, "data")? == answer::SEALED {
                Ok(())
            } else {
                Err(invalid(place, "Invalid `data` in `redacted_thinking` block"))
            }
        }
        "tool_use" => {
            only("assistant")?;
            call(members, &inner)
        }
        "tool_result" => {
            only("user")?;
            result(members, &inner)
        }
        "server_tool_use" | "web_search_tool_result" => only("assistant"),
        _ => Err(invalid(
            place,
            &format!("Input tag '{kind}' found using 'type' does not match any of the expected tags"),
        )),
    }
}

fn said(members: &Map<String, Value>, place: &str, inner: &str) -> Result<(), Refusal> {
    known(members, inner, &["type", "text", "cache_control", "citations"])?;
    let text = text(members, inner, "text")?;
    let whole = place.split('.').next().unwrap_or(place);
    if text.is_empty() {
        return Err(invalid(whole, "text content blocks must be non-empty"));
    }
    if text.trim().is_empty() {
        return Err(invalid(whole, "text content blocks must contain non-whitespace text"));
    }
    Ok(())
}

fn thinking(members: &Map<String, Value>, place: &str, inner: &str) -> Result<(), Refusal> {
    known(members, inner, &["type", "thinking", "signature"])?;
    let thought = text(members, inner, "thinking")?;
    let signature = text(members, inner, "signature")?;
    // What was not shown carries its thought within its proof.
    if answer::proof(thought) == signature || thought.is_empty() && signature == answer::proof(answer::THOUGHT) {
        Ok(())
    } else {
        Err(invalid(place, "Invalid `signature` in `thinking` block"))
    }
}

fn call(members: &Map<String, Value>, inner: &str) -> Result<(), Refusal> {
    known(
        members,
        inner,
        &["type", "id", "name", "input", "cache_control", "caller", "toolset_name"],
    )?;
    if !is_name(text(members, inner, "id")?, 1 << 20) {
        return Err(invalid(
            &format!("{inner}.id"),
            "String should match pattern '^[a-zA-Z0-9_-]+$'",
        ));
    }
    name(text(members, inner, "name")?, inner)?;
    let input = members.get("input").ok_or_else(|| missing(&format!("{inner}.input")))?;
    object(input, &format!("{inner}.input")).map(drop)
}

fn result(members: &Map<String, Value>, inner: &str) -> Result<(), Refusal> {
    let names = [
        "type",
        "tool_use_id",
        "content",
        "is_error",
        "cache_control",
        "toolset_name",
    ];
    known(members, inner, &names)?;
    if !is_name(text(members, inner, "tool_use_id")?, 1 << 20) {
        return Err(invalid(
            &format!("{inner}.tool_use_id"),
            "String should match pattern '^[a-zA-Z0-9_-]+$'",
        ));
    }
    match members.get("content") {
        None | Some(Value::String(_)) => Ok(()),
        Some(Value::Array(blocks)) => {
            for (at, block) in blocks.iter().enumerate() {
                let place = format!("{inner}.content.{at}");
                let kind = block["type"].as_str().unwrap_or_default();
                if !matches!(kind, "text" | "image" | "document" | "search_result" | "tool_reference") {
                    return Err(invalid(
                        &place,
                        &format!("Input tag '{kind}' found using 'type' does not match any of the expected tags"),
                    ));
                }
                if kind != "tool_reference" {
                    check(block, &place, "user")?;
                }
            }
            Ok(())
        }
        Some(_) => Err(invalid(&format!("{inner}.content"), "Input should be a valid list")),
    }
}

/// The name of a tool.
pub(super) fn name(name: &str, place: &str) -> Result<(), Refusal> {
    if is_name(name, 128) {
        return Ok(());
    }
    Err(invalid(
        &format!("{place}.name"),
        "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ))
}

/// A mark for the cache.
pub(super) fn cache_control(members: &Map<String, Value>, place: &str) -> Result<(), Refusal> {
    let place = format!("{place}.cache_control");
    let Some(mark) = members.get("cache_control").filter(|mark| !mark.is_null()) else {
        return Ok(());
    };
    let mark = object(mark, &place)?;
    known(mark, &place, &["type", "ttl"])?;
    if mark.get("type").and_then(Value::as_str) != Some("ephemeral") {
        return Err(invalid(&format!("{place}.type"), "Input should be 'ephemeral'"));
    }
    match mark.get("ttl").map(|ttl| ttl.as_str()) {
        None | Some(Some("5m" | "1h")) => Ok(()),
        Some(_) => Err(invalid(&format!("{place}.ttl"), "Input should be '5m' or '1h'")),
    }
}

const PICTURES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

fn source(members: &Map<String, Value>, inner: &str, picture: bool) -> Result<(), Refusal> {
    let place = format!("{inner}.source");
    let source = members.get("source").ok_or_else(|| missing(&place))?;
    let source = object(source, &place)?;
    let kind = source.get("type").and_then(Value::as_str).unwrap_or_default();
    let inner = format!("{place}.{kind}");
    match kind {
        "base64" => {
            known(source, &inner, &["type", "media_type", "data"])?;
            let media_type = text(source, &inner, "media_type")?;
            let fits = if picture {
                PICTURES.contains(&media_type)
            } else {
                media_type == "application/pdf"
            };
            if !fits {
                let wanted = if picture {
                    "Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
                } else {
                    "Input should be 'application/pdf'"
                };
                return Err(invalid(&format!("{inner}.media_type"), wanted));
            }
            let data = text(source, &inner, "data")?;
            if data.is_empty() || STANDARD.decode(data).is_err() {
                return Err(invalid(&format!("{inner}.data"), "invalid base64 data"));
            }
            Ok(())
        }
        "url" => {
            known(source, &inner, &["type", "url"])?;
            if text(source, &inner, "url")?.starts_with("https://") {
                Ok(())
            } else {
                Err(invalid(&format!("{inner}.url"), "Only HTTPS URLs are supported."))
            }
        }
        "file" => {
            known(source, &inner, &["type", "file_id"])?;
            text(source, &inner, "file_id").map(drop)
        }
        "text" if !picture => {
            known(source, &inner, &["type", "media_type", "data"])?;
            if text(source, &inner, "media_type")? != "text/plain" {
                return Err(invalid(&format!("{inner}.media_type"), "Input should be 'text/plain'"));
            }
            text(source, &inner, "data").map(drop)
        }
        "content" if !picture => known(source, &inner, &["type", "content"]),
        _ => Err(invalid(
            &place,
            &format!("Input tag '{kind}' found using 'type' does not match any of the expected tags"),
        )),
    }
}
