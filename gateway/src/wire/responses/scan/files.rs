//! Finds what stands in a prompt beside its text: pictures, documents and sounds, embedded and named. Called by `scan`.

use super::{
    super::super::{json::Value, openai::data_url, scanned::Files},
    is_clients,
};

/// Reads the input. Files count only where OpenAI reads them as such; elsewhere the same words are text.
pub(super) fn read(value: &Value<'_>, files: &mut Files) {
    value.elements(|item| {
        if word(&item, "type").as_deref() == Some("computer_call_output")
            && let Some(output) = item.member("output")
        {
            of_part(&output, files);
        }
        for place in ["content", "output"] {
            if let Some(parts) = item.member(place) {
                parts.elements(|part| of_part(&part, files));
            }
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

fn of_part(part: &Value<'_>, files: &mut Files) {
    match word(part, "type").as_deref() {
        Some("input_image" | "computer_screenshot") => match (part.member("image_url"), part.member("file_id")) {
            (Some(url), _) if !url.is_null() => of_image(&url, files),
            (_, Some(id)) if !id.is_null() => files.keeps("file_id"),
            _ => {}
        },
        Some("input_file") => {
            let there = |name| part.member(name).filter(|value| !value.is_null());
            match (there("file_data"), there("file_url"), there("file_id")) {
                (Some(data), ..) => files.embedded("application/pdf", written(&data)),
                (_, Some(url), _) => {
                    files.named("file_url");
                    files.lies_at(url.as_str().as_deref());
                }
                (.., Some(_)) => files.keeps("file_id"),
                _ => {}
            }
        }
        Some("input_audio") => {
            let data = part.member("input_audio").and_then(|audio| audio.member("data"));
            files.embedded("audio/wav", data.map_or(0, |data| written(&data)));
        }
        _ => {}
    }
}

fn of_image(url: &Value<'_>, files: &mut Files) {
    let address = url.raw().strip_prefix(b"\"").unwrap_or_default();
    match address.get(5..).filter(|_| data_url::is_content(address)) {
        // An escaped slash makes it no image by its type, and so it counts as text.
        Some(rest) => {
            let mime = rest.split(|byte| *byte == b';').next().unwrap_or_default();
            files.embedded(&String::from_utf8_lossy(mime), written(url));
        }
        None => files.image_at(url.as_str().as_deref()),
    }
}

/// The text member of an object.
fn word<'a>(object: &Value<'a>, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    object.member(name)?.as_str()
}

/// The bytes of a string as it is written, without its quotes.
fn written(value: &Value<'_>) -> u64 {
    (value.raw().len() as u64).saturating_sub(2)
}
