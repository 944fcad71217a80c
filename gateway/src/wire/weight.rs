//! What an answer weighs: the bytes of what its model wrote, in whatever shape, where nobody has counted tokens. Called by the
//! readers of all wires; holds grow by it, and a call that breaks off is charged by it.
//!
//! Everything in a message or an item counts but the members that frame it, so that no shape is free because nobody here knows
//! it. Files count by what they cost, not by their letters; what a model wrote counts by its letters, whatever it looks like.

use serde_json::Value as Tree;

use super::{
    canonical::{Event, File, FileKind, Source},
    json::Value,
    openai::data_url,
};

/// Bytes that a picture counts for: 1,000 tokens, as a file of the prompt does.
pub(super) const PICTURE: u64 = 4_000;
/// Letters of sound for one byte of text. 50 ms of sound are a token, and 3,200 letters as PCM of 24 kHz; a token of sound costs
/// about eight times as much as one of text.
const SOUND: u64 = 64;
/// How deep what is written lies in what frames it. Below that all text counts.
const LEVELS: u32 = 6;

/// Members of a message, a delta or an item that the model has not written: what it is, what it belongs to, what tools at the
/// provider have found, and the same words once more.
const FRAME: [&str; 28] = [
    "id",
    "type",
    "index",
    "object",
    "role",
    "status",
    "call_id",
    "item_id",
    "namespace",
    "format",
    "expires_at",
    "annotations",
    "logprobs",
    "token_ids",
    "server_label",
    "container_id",
    "created_by",
    "phase",
    "outputs",
    "results",
    "sources",
    "tools",
    "output",
    "error",
    "approval_request_id",
    "pending_safety_checks",
    "mime_type",
    "media_type",
];
/// Thoughts, and their ciphers: services tell the same under several of these names.
const THOUGHTS: [&str; 8] = [
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "thinking",
    "thinking_blocks",
    "provider_specific_fields",
    "summary",
    "encrypted_content",
];

/// Arguments of a call. Some services tell them as an object: all of it was written, with the names of its members.
const ARGUMENTS: [&str; 4] = ["arguments", "args", "input", "parameters"];

/// A cipher is written in base64, four letters for three bytes.
fn sealed(letters: usize) -> u64 {
    letters as u64 / 4 * 3
}

/// What a text counts for that stands under this name.
fn of_text(name: &str, written: &[u8]) -> u64 {
    let length = written.len() as u64;
    match name {
        "encrypted_content" | "signature" | "data" => sealed(written.len()),
        "result" | "b64_json" | "partial_image_b64" => length.min(PICTURE),
        _ if holds_file(name) && data_url::is_content(written) => length.min(PICTURE),
        _ => length,
    }
}

/// Services tell a file that was made under such a name.
fn holds_file(name: &str) -> bool {
    name.ends_with("url") || matches!(name, "images" | "file_data")
}

/// Of a message or a delta of a chat that passes.
pub(super) fn of_message(message: &Value<'_>) -> u64 {
    of_members(message, LEVELS)
}

fn of_members(object: &Value<'_>, levels: u32) -> u64 {
    let (mut sum, mut thoughts) = (0, 0);
    object.members(|member| {
        let name = &*member.name;
        if FRAME.contains(&name) {
            return;
        }
        let bytes = match name {
            "audio" => of_sound(&member.value),
            _ => of_value(name, &member.value, levels),
        };
        if THOUGHTS.contains(&name) {
            thoughts = u64::max(thoughts, bytes);
        } else {
            sum += bytes;
        }
    });
    sum + thoughts
}

/// What is spoken, and its words.
fn of_sound(audio: &Value<'_>) -> u64 {
    let length = |name: &str| audio.member(name).map_or(0, |value: Value<'_>| value.text_bytes);
    length("transcript") + length("data") / SOUND
}

fn of_value(name: &str, value: &Value<'_>, levels: u32) -> u64 {
    let raw = value.raw();
    match raw.first() {
        _ if ARGUMENTS.contains(&name) => value.word_bytes(),
        Some(b'"') => of_text(name, raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()),
        Some(b'{' | b'[') if levels == 0 => value.text_bytes,
        Some(b'{') => of_members(value, levels - 1),
        Some(b'[') => {
            let mut sum = 0;
            value.elements(|inner| sum += of_value(name, &inner, levels - 1));
            sum
        }
        _ => 0,
    }
}

/// Of an item of a response.
pub(super) fn of_item(item: &serde_json::Map<String, Tree>) -> u64 {
    let (mut sum, mut thoughts) = (0, 0);
    for (name, value) in item {
        if FRAME.contains(&name.as_str()) {
            continue;
        }
        let bytes = match name.as_str() {
            "data" if item.contains_key("transcript") => of_tree("", value) / SOUND,
            name => of_tree(name, value),
        };
        if THOUGHTS.contains(&name.as_str()) {
            thoughts = u64::max(thoughts, bytes);
        } else {
            sum += bytes;
        }
    }
    sum + thoughts
}

fn of_tree(name: &str, value: &Tree) -> u64 {
    match value {
        _ if ARGUMENTS.contains(&name) => of_words(value),
        Tree::String(text) => of_text(name, text.as_bytes()),
        Tree::Array(values) => values.iter().map(|value| of_tree(name, value)).sum(),
        Tree::Object(members) => of_item(members),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) => 0,
    }
}

/// All texts and all names of members.
fn of_words(value: &Tree) -> u64 {
    match value {
        Tree::String(text) => text.len() as u64,
        Tree::Array(values) => values.iter().map(of_words).sum(),
        Tree::Object(members) => {
            let words = |(name, value): (&String, &Tree)| name.len() as u64 + of_words(value);
            members.iter().map(words).sum()
        }
        Tree::Null | Tree::Bool(_) | Tree::Number(_) => 0,
    }
}

/// Of a piece of an item that comes by itself, as an event of this kind tells it.
pub(super) fn of_piece(kind: &str, delta: &str) -> u64 {
    let length = delta.len() as u64;
    if kind.ends_with("audio.delta") {
        length / SOUND
    } else {
        length
    }
}

/// Of a file that a model made.
pub(super) fn of_file(file: &File) -> u64 {
    match (&file.source, file.kind) {
        (Source::Data { base64, .. }, FileKind::Audio | FileKind::Video) => base64.len() as u64 / SOUND,
        (Source::Text(text), _) => text.len() as u64,
        (Source::Data { .. } | Source::Url(_) | Source::Id(_), _) => PICTURE,
    }
}

/// Weighs the events of one answer. A proof or a cipher holds the thought that was told before it, and more.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scale {
    /// Bytes of all that was told.
    pub bytes: u64,
    /// Of the thought that has no proof yet.
    thought: u64,
}

impl Scale {
    /// Puts events on it.
    pub fn add(&mut self, events: &[Event]) {
        for event in events {
            let bytes = event.text_bytes();
            self.bytes += match event {
                Event::Thought(_) => {
                    self.thought += bytes;
                    bytes
                }
                Event::Signature(_) | Event::Sealed(_) => bytes.saturating_sub(std::mem::take(&mut self.thought)),
                _ => bytes,
            };
        }
    }
}

/// Of a proof or a cipher.
pub(super) fn of_cipher(text: &str) -> u64 {
    sealed(text.len())
}

#[cfg(test)]
mod tests {
    use domain::call::Endpoint;
    use serde_json::json;

    use super::*;
    use crate::wire::{
        canonical::{Frame, StreamReader as _},
        openai::{answer, stream::Listener},
        responses, sse,
    };

    /// What a chat weighs, in a stream and as a whole.
    fn chat(message: &Tree) -> (u64, u64) {
        let frame = json!({"choices": [{"index": 0, "delta": message}]}).to_string();
        let mut listener = Listener::new(false);
        listener.hear(&sse::Event {
            span: 0..0,
            data: Some(frame.as_bytes().into()),
            name: None,
            content: sse::Content::Fields,
        });
        let whole = json!({"choices": [{"message": message}]}).to_string();
        let whole = answer::read(Endpoint::Chat, whole.as_bytes()).unwrap();
        (listener.text_bytes, whole.text_bytes)
    }

    #[test]
    fn no_shape_of_a_chat_is_free() {
        let said = "a".repeat(300);
        let picture = format!("data:image/png;base64,{}", "A".repeat(90_000));
        for (message, bytes) in [
            (json!({"role": "assistant", "content": said}), 300),
            (json!({"function_call": {"name": "f", "arguments": said}}), 301),
            (
                json!({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": said}}]}),
                301,
            ),
            (
                json!({"reasoning_details": [{"type": "reasoning.text", "format": "x", "text": said}]}),
                300,
            ),
            (
                json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": said}]}),
                225,
            ),
            // The same thought twice.
            (
                json!({"reasoning": said, "reasoning_details": [{"text": said}], "reasoning_content": said}),
                300,
            ),
            (json!({"audio": {"id": "a", "transcript": said}}), 300),
            (json!({"audio": {"data": "A".repeat(64_000)}}), 1_000),
            (
                json!({"images": [{"type": "image_url", "image_url": {"url": picture}}]}),
                PICTURE,
            ),
            (
                json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": said}]}, {"type": "text", "text": said}]}),
                600,
            ),
            (json!({"of_tomorrow": {"deep": [{"text": said}]}}), 300),
            (json!({"role": "assistant", "annotations": [{"url": said}]}), 0),
        ] {
            assert_eq!(chat(&message), (bytes, bytes), "{message:.120}");
        }
    }

    /// Who has a model write what looks like a file pays for its letters. Only where services put a file it is one.
    #[test]
    fn what_a_model_writes_weighs_what_it_is() {
        let picture = format!("data:image/png;base64,{}", "A".repeat(90_000));
        let (words, long) = (format!("data: {}", "word ".repeat(10_000)), picture.len() as u64);
        for (message, bytes) in [
            (json!({"content": picture}), long),
            (json!({"content": words}), words.len() as u64),
            (json!({"content": [{"type": "text", "text": picture}]}), long),
            (json!({"refusal": picture}), long),
            (json!({"reasoning_content": picture}), long),
            (
                json!({"tool_calls": [{"function": {"name": "f", "arguments": picture}}]}),
                long + 1,
            ),
            (
                json!({"tool_calls": [{"function": {"name": "f", "arguments": {"id": "ab", "url": picture}}}]}),
                long + 8,
            ),
            (json!({"images": [{"image_url": {"url": picture}}]}), PICTURE),
            (json!({"images": [picture]}), PICTURE),
            (json!({"images": [{"image_url": {"url": words}}]}), words.len() as u64),
        ] {
            assert_eq!(chat(&message), (bytes, bytes), "{message:.120}");
        }
        let item = |item: Tree| of_item(item.as_object().unwrap());
        let said = json!({"type": "message", "content": [{"type": "output_text", "text": picture}]});
        assert_eq!(item(said), long);
        let called = json!({"type": "function_call", "name": "f", "arguments": {"type": picture}});
        assert_eq!(item(called), long + 5);
    }

    #[test]
    fn no_item_of_a_response_is_free() {
        let said = "a".repeat(300);
        for (piece, item, bytes) in [
            (
                Some("response.custom_tool_call_input.delta"),
                json!({"type": "custom_tool_call", "id": "c", "call_id": "c", "name": "f", "input": said}),
                301,
            ),
            (
                Some("response.function_call_arguments.delta"),
                json!({"type": "function_call", "name": "f", "arguments": said}),
                301,
            ),
            (
                Some("response.output_text.delta"),
                json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": said, "annotations": [{"url": said}], "logprobs": [{"token": said}]}]}),
                300,
            ),
            (
                Some("response.mcp_call_arguments.delta"),
                json!({"type": "mcp_call", "name": "f", "arguments": said, "output": said, "server_label": said}),
                301,
            ),
            (
                None,
                json!({"type": "apply_patch_call", "operation": {"type": "update_file", "diff": said}}),
                300,
            ),
            (
                None,
                json!({"type": "local_shell_call", "action": {"type": "exec", "command": ["ls", said]}}),
                302,
            ),
            (
                None,
                json!({"type": "computer_call", "action": {"type": "type", "text": said}}),
                300,
            ),
            (
                None,
                json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "ab"}], "encrypted_content": said}),
                225,
            ),
            (
                None,
                json!({"type": "image_generation_call", "result": "A".repeat(90_000)}),
                PICTURE,
            ),
            (None, json!({"type": "of_tomorrow", "words": [said]}), 300),
        ] {
            let mut reader = responses::listen::Reader::default();
            let mut hear = |event: Tree| {
                let data = event.to_string();
                reader
                    .read(
                        Frame {
                            name: None,
                            data: data.as_bytes(),
                        },
                        &mut Vec::new(),
                    )
                    .unwrap();
                reader.text_bytes()
            };
            hear(json!({"type": "response.created", "response": {"id": "r", "output": []}}));
            // Who leaves after the pieces has had them.
            if let Some(kind) = piece {
                assert_eq!(
                    hear(json!({"type": kind, "output_index": 0, "delta": said})),
                    300,
                    "{item:.120}"
                );
            }
            assert_eq!(
                hear(json!({"type": "response.output_item.done", "output_index": 0, "item": item})),
                bytes,
                "{item:.120}"
            );
            let whole = json!({"id": "r", "output": [item]});
            assert_eq!(
                hear(json!({"type": "response.completed", "response": whole})),
                bytes,
                "nothing counts twice"
            );
            assert_eq!(responses::decode::text_bytes(whole.to_string().as_bytes()), bytes);
        }
    }

    #[test]
    fn a_proof_counts_beyond_the_thought_that_was_shown() {
        let weigh = |events: &[Event]| {
            let mut scale = Scale::default();
            scale.add(events);
            scale.bytes
        };
        let (thought, proof) = (
            |bytes| Event::Thought("a".repeat(bytes)),
            Event::Signature("A".repeat(400)),
        );
        assert_eq!(weigh(&[thought(100), proof.clone()]), 300);
        assert_eq!(weigh(&[thought(100), thought(400), proof.clone()]), 500);
        assert_eq!(weigh(&[proof.clone(), proof]), 600);
        let picture = File {
            kind: FileKind::Image,
            source: Source::Data {
                mime: "image/png".to_owned(),
                base64: "A".repeat(90_000),
            },
            name: None,
            detail: None,
            cache: None,
        };
        assert_eq!(weigh(&[Event::File(picture)]), PICTURE);
    }
}
