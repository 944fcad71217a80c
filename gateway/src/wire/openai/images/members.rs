//! What a request for pictures may say where they are paid: members of which it is known what they do to the price. Each service has
//! names of its own for how many are drawn and how large (`batch_size`, `image_size`, `parameters`), so no list of those is ever whole,
//! and this one names what may pass. Called by `scan`; `call::measurable` refuses.

use super::super::{super::json::Member, request::unpriced};

/// Members and their values, in JSON, that leave the price as it is; any, where none is named. Those of OpenAI's `CreateImageRequest` but
/// for what draws more than a picture (`frame_count`, `complexity`, `svg` and the like), and
/// the few beside it that AIGNE's clients send, or Ark, SiliconFlow and their like read, and that nobody takes money for.
const KNOWN: [(&str, &[&str]); 23] = [
    // By these it is priced.
    ("model", &[]),
    ("n", &[]),
    ("size", &[]),
    ("quality", &[]),
    // And by these, where tokens are paid.
    ("image", &[]),
    ("images", &[]),
    ("mask", &[]),
    ("input_fidelity", &["\"low\""]),
    // Each part of a picture is paid: of a stream, which is refused.
    ("stream", &["false"]),
    ("partial_images", &["0"]),
    // Recraft has another price for drawings of lines.
    ("style", &["\"vivid\"", "\"natural\""]),
    ("background", &[]),
    ("moderation", &[]),
    ("output_compression", &[]),
    // A `gif` has up to sixteen frames, and for an `svg` another model thinks.
    ("output_format", &["\"png\"", "\"jpeg\"", "\"webp\""]),
    ("response_format", &[]),
    ("safety_identifier", &[]),
    ("user", &[]),
    ("guidance_scale", &[]),
    ("negative_prompt", &[]),
    ("seed", &[]),
    ("watermark", &[]),
    // How the hub itself draws, where it is the provider: no other one knows it.
    ("simulated", &[]),
];
/// Longest name that is told.
const SHOWN: usize = 100;

/// It is known what this member does to the price, or it says nothing.
pub(super) fn is_known(member: &Member<'_>) -> bool {
    let value = &member.value;
    if value.is_null() {
        return true;
    }
    if member.name == "prompt" {
        // Of a list as many pictures are drawn as it has texts.
        return value.as_str().is_some();
    }
    let known = KNOWN.iter().find(|(name, _)| *name == member.name);
    let as_usual = known
        .is_some_and(|(_, values)| values.is_empty() || values.iter().any(|usual| usual.as_bytes() == value.raw()));
    as_usual || unpriced::names().any(|name| name == member.name)
}

/// A name as it is told.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(SHOWN).collect()
}
