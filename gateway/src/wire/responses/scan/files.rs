//! Finds what stands in a prompt beside its text: pictures, documents and sounds, embedded and named. Called by `scan`.

use super::{
    super::super::{json::Value, parts, scanned::Files},
    is_clients,
};

/// Reads the input. Files count only where OpenAI reads them as such; elsewhere the same words are text.
pub(super) fn read(value: &Value<'_>, files: &mut Files) {
    value.elements(|item| {
        let kind = word(&item, "type").unwrap_or_default();
        item.members(|member| match &*member.name {
            "content" => parts::read(&member.value, files),
            "output" if kind == "computer_call_output" => parts::read(&member.value, files),
            // What a command wrote has no type, and is words.
            "output" => member.value.elements(|part| {
                if part.member("type").is_some() {
                    parts::read(&part, files);
                }
            }),
            _ => {}
        });
        // A part without a message around it.
        if kind.starts_with("input_") {
            parts::read(&item, files);
        }
    });
}

/// An item is nothing but the id of one that the provider keeps. The type may be missing: what has an id and says nothing
/// by itself is a reference too. A picture that was drawn before is one when it comes without its content.
pub(super) fn refers(input: &Value<'_>) -> bool {
    let mut found = false;
    input.elements(|item| {
        let there = |name| item.member(name).is_some_and(|value| !value.is_null());
        found |= match word(&item, "type").as_deref() {
            Some("image_generation_call") => !there("result"),
            Some(kind) => kind == "item_reference",
            None => there("id") && !there("role"),
        };
        if let Some(tools) = item.member("tools") {
            tools.elements(|tool| found |= word(&tool, "type").is_some() && keeps(&tool));
        }
    });
    found
}

/// One of these tools names what the provider keeps.
pub(super) fn any_keeps(tools: &Value<'_>) -> bool {
    let mut found = false;
    tools.elements(|tool| found |= keeps(&tool));
    found
}

/// A tool that the provider runs names what it keeps: files, stores of them, machines, skills.
fn keeps(tool: &Value<'_>) -> bool {
    !is_clients(tool) && names_kept(tool, DEPTH)
}

/// Deeper than any such name stands in a tool.
const DEPTH: usize = 5;

fn names_kept(value: &Value<'_>, depth: usize) -> bool {
    let mut found = false;
    value.members(|member| {
        let value = member.value;
        found |= match &*member.name {
            // A connector is one of everybody's, for the caller's own token; headers are for a server that the caller names.
            "connector_id" | "headers" => false,
            // Else it says what a new one is like.
            "container" if value.as_str().is_some() => true,
            name if name.ends_with("_id") || name.ends_with("_ids") => !value.is_null() && !value.is_empty_array(),
            _ if depth == 0 => false,
            _ => {
                let mut inside = names_kept(&value, depth - 1);
                value.elements(|one| inside |= names_kept(&one, depth - 1));
                inside
            }
        };
    });
    found
}

/// The text member of an object.
fn word<'a>(object: &Value<'a>, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    object.member(name)?.as_str()
}
