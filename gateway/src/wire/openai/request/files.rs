//! Finds what stands in a prompt beside its text: images, sound, documents, and what is only named. Called by `scan`.
//!
//! Only where OpenAI's wire has a place for one: a part of a message's content. Anywhere else `data:` is text like any
//! other, and a model reads it.

use super::{
    super::{
        super::{
            json::{Member, Value},
            words::Words,
        },
        data_url,
    },
    Files,
};

/// How embedded images begin that consist of pixels. An escaped slash is not among them, so such an image counts as text.
const PIXELS: [&str; 7] = ["png", "jpeg", "jpg", "gif", "webp", "heic", "heif"];

impl Files {
    /// Reads the messages of a chat.
    pub(super) fn read(&mut self, messages: &Value<'_>) {
        if !may_have(messages.raw()) {
            return;
        }
        messages.elements(|message| {
            message.members(|member| match &*member.name {
                "content" => member.value.elements(|part| part.members(|member| self.part(&member))),
                // An answer of before that was spoken. By its number anybody could have it told again.
                "audio" if member.value.is_object() => {
                    self.count += 1;
                    self.sound = true;
                    member.value.members(|inner| {
                        if inner.name == "id" && !inner.value.is_null() {
                            self.kept.get_or_insert_with(|| "messages.audio.id".to_owned());
                        }
                    });
                }
                _ => {}
            });
        });
    }

    fn part(&mut self, member: &Member<'_>) {
        let value = member.value;
        match &*member.name {
            "text" | "type" | "refusal" | "cache_control" => {}
            "image_url" if value.is_object() => value.members(|inner| {
                if inner.name == "url" {
                    self.image(&inner.value);
                } else if inner.name.ends_with("_id") && !inner.value.is_null() {
                    self.keeps(&inner.name);
                }
            }),
            "image_url" => self.image(&value),
            _ if value.is_object() => {
                self.count += 1;
                self.paged += u64::from(member.name != "input_audio");
                // A film has sound, too.
                self.sound |= member.name != "file";
                value.members(|inner| self.content(&inner));
            }
            _ => self.content(member),
        }
    }

    fn image(&mut self, url: &Value<'_>) {
        let bytes = (url.raw().len() as u64).saturating_sub(2);
        self.count += 1;
        self.images = true;
        self.lies_at(url.as_str().as_deref());
        if is_embedded(url) {
            self.bytes += bytes;
        }
        if is_pixels(url) {
            self.image_bytes += bytes;
        }
    }

    /// A member of a document or a sound: its content, or where that is.
    fn content(&mut self, member: &Member<'_>) {
        let kept = member.name.ends_with("_id");
        let named = kept
            || member
                .value
                .as_str()
                .is_some_and(|text| is_address(&member.name, &text));
        if named && !member.value.is_null() {
            let name = || member.name.chars().take(40).collect();
            self.unmeasured.get_or_insert_with(name);
            if kept {
                self.kept.get_or_insert_with(name);
            } else {
                self.lies_at(member.value.as_str().as_deref());
            }
        } else if let "data" | "file_data" = &*member.name {
            self.bytes += (member.value.raw().len() as u64).saturating_sub(2);
        }
    }
}

/// Where something is, not what it is. Readers of addresses pass over what stands before one.
fn is_address(name: &str, text: &str) -> bool {
    let text = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter.is_control());
    let is_content = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    !is_content && (name == "url" || memchr::memmem::find(text.as_bytes(), b"://").is_some())
}

/// Quick: most prompts have nothing but text. Names may be written with escapes.
fn may_have(messages: &[u8]) -> bool {
    static WORDS: Words = Words::new(&["_url", "_id", "://", "file", "audio", "\\u00"]);
    WORDS.may_be_in(messages)
}

fn is_embedded(url: &Value<'_>) -> bool {
    url.raw().strip_prefix(b"\"").is_some_and(data_url::is_content)
}

fn is_pixels(url: &Value<'_>) -> bool {
    let kind = url.raw().strip_prefix(b"\"data:image/".as_slice());
    kind.is_some_and(|kind| {
        PIXELS.iter().any(|pixels| {
            kind.strip_prefix(pixels.as_bytes())
                .is_some_and(|rest| rest.starts_with(b";base64,"))
        })
    })
}
