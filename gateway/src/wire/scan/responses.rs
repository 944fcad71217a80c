//! OpenAI's responses, as far as a scan asks.

use super::{Files, Member, Shape, Value, word, written};

/// `POST /v1/responses`.
pub(in super::super) const RESPONSES: Shape = Shape {
    limit: "max_output_tokens",
    prompt: &["input", "instructions"],
    files,
    unlimited,
};

fn files(_: &str, value: &Value<'_>, files: &mut Files) {
    value.elements(|item| {
        match word(&item, "type").as_deref() {
            Some("item_reference") => files.named("item_reference"),
            Some("computer_call_output") => {
                if let Some(output) = item.member("output") {
                    of_part(&output, files);
                }
            }
            _ => {}
        }
        for place in ["content", "output"] {
            if let Some(parts) = item.member(place) {
                parts.elements(|part| of_part(&part, files));
            }
        }
    });
}

fn of_part(part: &Value<'_>, files: &mut Files) {
    match word(part, "type").as_deref() {
        Some("input_image" | "computer_screenshot") => match (part.member("image_url"), part.member("file_id")) {
            (Some(url), _) if !url.is_null() => of_image(&url, files),
            (_, Some(id)) if !id.is_null() => files.named("file_id"),
            _ => {}
        },
        Some("input_file") => {
            let there = |name| part.member(name).filter(|value| !value.is_null());
            match (there("file_data"), there("file_url"), there("file_id")) {
                (Some(data), ..) => files.embedded("application/pdf", written(&data)),
                (_, Some(_), _) => files.named("file_url"),
                (.., Some(_)) => files.named("file_id"),
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
    let raw = url.raw();
    match raw
        .strip_prefix(b"\"data:")
        .and_then(|rest| rest.split(|byte| *byte == b';').next())
    {
        // An escaped slash makes it no image by its type, and so it counts as text.
        Some(mime) => files.embedded(&String::from_utf8_lossy(mime), written(url)),
        None => files.image_at(),
    }
}

/// What the request names and the provider keeps is of any length.
fn unlimited(member: &Member<'_>) -> Option<&'static str> {
    let there = !member.value.is_null();
    match &*member.name {
        "background" if member.value.as_bool() == Some(true) => Some("background"),
        "conversation" if there => Some("conversation"),
        "prompt" if there => Some("prompt"),
        _ => None,
    }
}
