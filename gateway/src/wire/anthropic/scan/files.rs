//! Finds what stands in a prompt beside its text: pictures and documents, embedded and named. Called by `scan`.

use super::super::super::{json::Value, openai::request::Files};

/// Reads the conversation.
pub(super) fn read(messages: &Value<'_>, files: &mut Files) {
    if !may_have(messages.raw()) {
        return;
    }
    messages.elements(|turn| {
        turn.members(|member| {
            if member.name == "content" {
                member.value.elements(|block| self::block(&block, files));
            }
        });
    });
}

/// Quick: most prompts have nothing but text. Names may be written with escapes.
fn may_have(messages: &[u8]) -> bool {
    [&b"\"source\""[..], b"file_id", b"\\u00"]
        .iter()
        .any(|word| memchr::memmem::find(messages, word).is_some())
}

fn block(block: &Value<'_>, files: &mut Files) {
    let is_image = block.member("type").and_then(|kind| kind.as_str()).as_deref() == Some("image");
    block.members(|member| match &*member.name {
        "source" if member.value.is_object() => source(&member.value, is_image, files),
        // The answer of a tool, with blocks of its own.
        "content" => member.value.elements(|inner| self::block(&inner, files)),
        "file_id" if !member.value.is_null() => files.keeps("file_id"),
        _ => {}
    });
}

fn source(source: &Value<'_>, is_image: bool, files: &mut Files) {
    let kind = source.member("type").and_then(|kind| kind.as_str());
    match kind.as_deref() {
        // A document that is text, or blocks.
        Some("text") => return,
        Some("content") => {
            if let Some(content) = source.member("content") {
                content.elements(|inner| block(&inner, files));
            }
            return;
        }
        _ => {}
    }
    files.images |= is_image;
    source.members(|member| match &*member.name {
        "data" => {
            let bytes = (member.value.raw().len() as u64).saturating_sub(2);
            files.count += 1;
            files.bytes += bytes;
            if is_image {
                files.image_bytes += bytes;
            }
        }
        // A picture has a price by its size on the screen, wherever it lies. A document may be of any length.
        "url" if is_image => files.count += 1,
        "url" => files.named("url"),
        "file_id" => files.keeps("file_id"),
        _ => {}
    });
}
