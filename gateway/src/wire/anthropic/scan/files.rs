//! Finds what stands in a prompt beside its text: pictures and documents, embedded and named. Called by `scan`.
//!
//! Blocks may stand in blocks, and each is read again at every level that it lies below: so only as deep as any provider takes
//! them, and what goes deeper is refused. Otherwise a small body would keep a processor for as long as its sender likes.

use std::borrow::Cow;

use super::super::super::{json::Value, openai::request::Files, parts, spelling, words::Words};

/// How deep blocks lie within blocks at the most: a picture, of a document that consists of blocks, in the answer of a tool.
pub(super) const DEEPEST: u32 = 3;

/// What Anthropic has in a picture or document.
const OWN: [&str; 4] = ["source", "content", "context", "file_id"];

/// Why blocks are not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// They lie deeper than [`DEEPEST`].
    TooDeep,
    /// One of them, or its source, says twice what it is: readers take one or the other, and a document is no picture.
    TwoTypes,
}

/// Reads the conversation.
///
/// # Errors
/// [`Unread`].
pub(super) fn of_messages(messages: &Value<'_>, files: &mut Files) -> Result<(), Unread> {
    let mut result = Ok(());
    if may_have(messages.raw()) {
        messages.elements(|turn| {
            turn.members(|member| {
                if result.is_ok() && member.name == "content" {
                    result = blocks(&member.value, DEEPEST, files);
                }
            });
        });
    }
    result
}

/// Reads what stands before the conversation.
///
/// # Errors
/// [`Unread`].
pub(super) fn of_blocks(system: &Value<'_>, files: &mut Files) -> Result<(), Unread> {
    if may_have(system.raw()) {
        return blocks(system, DEEPEST, files);
    }
    Ok(())
}

/// Quick: most prompts have nothing but text. Names may be written with escapes.
fn may_have(messages: &[u8]) -> bool {
    static WORDS: Words = Words::new(&[
        "\"source\"",
        "file_id",
        "\\u00",
        "\"image",
        "\"input_",
        "\"video",
        "\"audio",
        "\"file\"",
        "\"document",
        "\"media\"",
        "_url\"",
    ]);
    WORDS.may_be_in(messages)
}

fn blocks(list: &Value<'_>, levels: u32, files: &mut Files) -> Result<(), Unread> {
    let mut result = Ok(());
    list.elements(|inner| {
        if result.is_ok() && inner.is_object() {
            result = match levels.checked_sub(1) {
                Some(left) => block(&inner, left, files),
                None => Err(Unread::TooDeep),
            };
        }
    });
    result
}

fn block(block: &Value<'_>, levels: u32, files: &mut Files) -> Result<(), Unread> {
    let kind = kind(block)?.unwrap_or_default();
    let is_image = kind == "image";
    // Services that speak like Anthropic take what Anthropic does not, in words of their own.
    if parts::is_media(&kind) {
        match block.member("source").is_some_and(|source| source.is_object()) {
            true => parts::read_beside(block, &OWN, files),
            false => {
                parts::read(block, files);
                return Ok(());
            }
        }
    }
    let mut result = Ok(());
    block.members(|member| {
        let read = match &*member.name {
            "source" if member.value.is_object() => source(&member.value, is_image, levels, files),
            // The answer of a tool, with blocks of its own.
            "content" => blocks(&member.value, levels, files),
            "file_id" if !member.value.is_null() => {
                files.keeps("file_id");
                Ok(())
            }
            _ => Ok(()),
        };
        result = result.and(read);
    });
    result
}

fn source(source: &Value<'_>, is_image: bool, levels: u32, files: &mut Files) -> Result<(), Unread> {
    // Whatever its type.
    source.members(|member| {
        if member.name == "file_id" && !member.value.is_null() {
            files.keeps("file_id");
        }
    });
    match kind(source)?.as_deref() {
        // A document that is text, or blocks.
        Some("text") => return Ok(()),
        Some("content") => {
            let mut result = Ok(());
            source.members(|member| {
                if result.is_ok() && member.name == "content" {
                    result = blocks(&member.value, levels, files);
                }
            });
            return result;
        }
        _ => {}
    }
    files.images |= is_image;
    source.members(|member| match &*member.name {
        "data" => {
            let bytes = (member.value.raw().len() as u64).saturating_sub(2);
            files.count += 1;
            files.paged += u64::from(!is_image);
            files.bytes += bytes;
            if is_image {
                files.image_bytes += bytes;
            }
        }
        // A picture has a price by its size on the screen, wherever it lies. A document may be of any length.
        "url" if is_image => files.image_at(member.value.as_str().as_deref()),
        "url" => {
            files.named("url");
            files.lies_at(member.value.as_str().as_deref());
        }
        _ => {}
    });
    Ok(())
}

/// What a block, or a source, says that it is.
///
/// # Errors
/// [`Unread::TwoTypes`].
fn kind<'a>(object: &Value<'a>) -> Result<Option<Cow<'a, str>>, Unread> {
    let (mut kind, mut times) = (None, 0);
    object.members(|member| {
        if member.name == "type" {
            times += 1;
            kind = member.value.as_str();
        }
    });
    if times > 1 || spelling::mistaken_within(object, "type") {
        return Err(Unread::TwoTypes);
    }
    Ok(kind)
}
