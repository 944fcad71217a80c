//! What a part of a message brings along beside its words: a picture, a sound, a document, or something of which nothing is known.
//! Called by the scanners of the dialects whose bytes pass on.
//!
//! Services have names of their own for what they take: `document_url`, `video`, `images`. So it is not the known names that are
//! looked at but every member except those that hold words, and what cannot be judged is noted as something without a measure: where
//! credit counts it is refused.

use super::{
    json::{Member, Value},
    openai::data_url,
    scanned::Files,
};

/// How deep parts, and what they hold, lie within each other at the most. What lies deeper is not judged.
const LEVELS: u32 = 6;
/// Members that hold words, or say something of what another one holds.
const WORDS: [&str; 30] = [
    "text",
    "type",
    "refusal",
    "thinking",
    "reasoning",
    "reasoning_content",
    "summary",
    "signature",
    "encrypted_content",
    "annotations",
    "citations",
    "logprobs",
    "cache_control",
    "prompt_cache_breakpoint",
    "metadata",
    "provider_metadata",
    "providerMetadata",
    "providerOptions",
    "additional_kwargs",
    "id",
    "index",
    "name",
    "title",
    "detail",
    "format",
    "filename",
    "file_name",
    "mime_type",
    "media_type",
    "status",
];
/// Types of parts that consist of words.
const OF_WORDS: [&str; 14] = [
    "text",
    "input_text",
    "output_text",
    "refusal",
    "thinking",
    "redacted_thinking",
    "reasoning",
    "reasoning_text",
    "summary_text",
    "encrypted_content",
    "reference",
    "tool_use",
    "tool_call",
    "tool_result",
];
/// Members that hold pictures: a model scales each down, whatever its size.
const PICTURES: [&str; 4] = ["image_url", "image", "image_urls", "images"];
/// Ids of the conversation's own calls. Any other id is a name of something that the service keeps.
const OF_CALLS: [&str; 4] = ["tool_call_id", "tool_use_id", "call_id", "item_id"];

/// Notes what a part brings along. A text by itself is words.
pub(super) fn read(part: &Value<'_>, files: &mut Files) {
    Reader { files }.part(part, LEVELS);
}

/// Notes what a block of Messages brings along beside these members, which its reader knows.
pub(super) fn read_beside(block: &Value<'_>, known: &[&str], files: &mut Files) {
    let kind = Kind::of(block);
    let mut reader = Reader { files };
    block.members(|member| {
        if !known.contains(&&*member.name) && !says_nothing(&member) {
            reader.member(&member.name, &member.value, &kind, LEVELS);
        }
    });
}

/// Something of this name is, or holds, more than words.
pub(super) fn is_media(name: &str) -> bool {
    const MEDIA: [&str; 7] = ["image", "video", "audio", "document", "pdf", "media", "embeds"];
    matches!(name, "file" | "input_file") || MEDIA.iter().any(|media| name.contains(media))
}

/// Notes what an input of embeddings brings along that is no text. What it names by an address has no measure here: nobody says how
/// much a service reads of it.
pub(super) fn read_input(input: &Value<'_>, files: &mut Files) {
    let mut reader = Reader { files };
    reader.input(input);
    input.elements(|one| {
        reader.input(&one);
        one.elements(|inner| reader.input(&inner));
    });
}

/// What a part says that it is.
struct Kind {
    /// It consists of words, whatever reader looks at it.
    of_words: bool,
    /// Its name, for a refusal.
    name: String,
}

impl Kind {
    fn of(part: &Value<'_>) -> Self {
        let (mut of_words, mut untold, mut has_text, mut name) = (true, true, false, String::new());
        part.members(|member| match &*member.name {
            "type" => {
                // Of two types readers take one or the other.
                let told = member.value.as_str().unwrap_or_default();
                untold = false;
                of_words &= OF_WORDS.contains(&&*told);
                name = told.chars().take(40).collect();
            }
            "text" => has_text = true,
            _ => {}
        });
        Self {
            of_words: if untold { has_text } else { of_words },
            name,
        }
    }
}

struct Reader<'f> {
    files: &'f mut Files,
}

impl Reader<'_> {
    fn part(&mut self, part: &Value<'_>, levels: u32) {
        let Some(left) = levels.checked_sub(1) else {
            return self.files.named("content");
        };
        part.elements(|inner| self.part(&inner, left));
        if !part.is_object() {
            return;
        }
        let (kind, before) = (Kind::of(part), self.files.count);
        let mut unjudged = None;
        part.members(|member| {
            let of_call = kind.of_words && matches!(&*member.name, "input" | "arguments");
            if !says_nothing(&member) && !of_call && !self.member(&member.name, &member.value, &kind, left) {
                unjudged.get_or_insert(member.name);
            }
        });
        if let Some(name) = unjudged.filter(|_| !kind.of_words && self.files.count == before) {
            let named = if kind.name.is_empty() { &*name } else { &*kind.name };
            self.files.named(named);
        }
    }

    /// Whether it is known what the member is.
    fn member(&mut self, name: &str, value: &Value<'_>, kind: &Kind, levels: u32) -> bool {
        match value.raw().first() {
            // What vLLM has in memory under this name, whoever sent it.
            Some(b'"') if name == "uuid" && !kind.of_words => {
                self.files.keeps(name);
                true
            }
            Some(b'"') => match self.text(name, value, kind.of_words) {
                false if names_content(name, kind) => {
                    self.files.named(name);
                    true
                }
                known => known,
            },
            Some(b'{') => {
                self.object(name, value, kind, levels);
                true
            }
            Some(b'[') => self.list(name, value, kind, levels),
            _ => true,
        }
    }

    fn list(&mut self, name: &str, list: &Value<'_>, kind: &Kind, levels: u32) -> bool {
        let Some(left) = levels.checked_sub(1) else {
            self.files.named(name);
            return true;
        };
        let mut known = true;
        list.elements(|one| {
            if one.member("type").is_some() {
                self.part(&one, left);
            } else {
                known &= self.member(name, &one, kind, left);
            }
        });
        known
    }

    /// A file, in whatever words. Among words it is only one when something in it is.
    fn object(&mut self, name: &str, value: &Value<'_>, kind: &Kind, levels: u32) {
        let (before, is_picture) = (self.files.count, PICTURES.contains(&name));
        value.members(|inner| match &*inner.name {
            "url" if is_picture && inner.value.as_str().is_some() => {
                self.text("image_url", &inner.value, false);
            }
            "data" if name == "input_audio" => self.sound(&inner.value),
            _ => self.within(&inner, levels),
        });
        if self.files.count == before && (is_picture || !kind.of_words) {
            self.files.count += 1;
            self.files.images |= is_picture;
            self.files.paged += u64::from(!is_picture && name != "input_audio");
        }
        // A film has sound, too.
        self.files.sound |= !kind.of_words && !is_picture && name != "file";
    }

    /// The content of a sound, or where that is.
    fn sound(&mut self, data: &Value<'_>) {
        match (data_url::mime(data), data.as_str()) {
            (Some(mime), _) => self.files.embedded(&mime, written(data)),
            (None, Some(text)) if self.address("data", &text, false) => {}
            (None, Some(_)) => self.files.embedded("audio/wav", written(data)),
            (None, None) => {}
        }
    }

    /// A member of what is a file by itself: its content, or where that is.
    fn within(&mut self, member: &Member<'_>, levels: u32) {
        let value = &member.value;
        if says_nothing(member) {
            return;
        }
        if value.as_str().is_some() {
            self.text(&member.name, value, false);
            return;
        }
        let Some(left) = levels.checked_sub(1) else {
            return self.files.named(&member.name);
        };
        value.members(|inner| self.within(&inner, left));
        value.elements(|one| match one.raw().first() {
            Some(b'"') => {
                self.text(&member.name, &one, false);
            }
            Some(b'{') if one.member("type").is_some() => self.part(&one, left),
            _ => one.members(|inner| self.within(&inner, left)),
        });
    }

    /// Whether it is known what a text is that holds no words.
    fn text(&mut self, name: &str, value: &Value<'_>, of_words: bool) -> bool {
        let is_picture = PICTURES.contains(&name);
        if let Some(mime) = data_url::mime(value) {
            let mime = if is_picture { of_picture(&mime) } else { &mime };
            self.files.embedded(mime, written(value));
            return true;
        }
        let Some(text) = value.as_str() else { return false };
        match name {
            "image_url" => self.files.image_at(Some(&text)),
            _ if is_picture => self.files.image_at(Some(&*text).filter(|text| text.contains(':'))),
            name if name.ends_with("_id") => {
                if !OF_CALLS.contains(&name) {
                    self.files.keeps(name);
                }
            }
            name if self.address(name, &text, of_words) => {}
            _ if of_words => return false,
            "input_audio" => self.files.embedded("audio/wav", written(value)),
            "data" | "file_data" => self.files.embedded("application/pdf", written(value)),
            _ if data_url::is_one(&text) => {
                self.files.count += 1;
                self.files.paged += 1;
            }
            _ => return false,
        }
        true
    }

    /// Whether the text says where something is, which is noted then.
    fn address(&mut self, name: &str, text: &str, of_words: bool) -> bool {
        let is_address = is_address(name, text, of_words);
        if is_address {
            self.files.named(name);
            self.files.lies_at(Some(text));
        }
        is_address
    }

    fn input(&mut self, input: &Value<'_>) {
        // Some services read such a text as a picture, others its letters: both are counted.
        if data_url::mime(input).is_some() {
            self.files.image_at(None);
        }
        input.members(|member| {
            if says_nothing(&member) {
                return;
            }
            match (data_url::mime(&member.value), member.value.as_str()) {
                (Some(mime), _) => self.files.embedded(&mime, written(&member.value)),
                (None, Some(text)) => {
                    self.files.named(&member.name);
                    self.files.lies_at(Some(&*text).filter(|text| text.contains(':')));
                }
                (None, None) => {
                    self.within(&member, LEVELS);
                    self.files.named(&member.name);
                }
            }
        });
    }
}

/// There is nothing to read in it but words, if anything.
fn says_nothing(member: &Member<'_>) -> bool {
    // An address that is empty is wrong, and told so.
    let is_empty = member.value.raw() == b"\"\"" && !member.name.ends_with("url");
    member.value.is_null() || is_empty || WORDS.contains(&&*member.name)
}

/// By its name this member holds what a part of this kind brings along.
fn names_content(name: &str, kind: &Kind) -> bool {
    !kind.of_words && (name == kind.name || is_media(name))
}

/// The media type under which what stands in the place of a picture counts: some services take documents there. What says nothing of
/// itself is a picture.
fn of_picture(mime: &str) -> &str {
    match mime.split('/').next().unwrap_or_default() {
        "image" | "audio" | "video" | "text" => mime,
        "application" if mime != "application/octet-stream" => mime,
        _ => "image/",
    }
}

/// Where something is, not what it is. Readers of addresses pass over what stands before one.
fn is_address(name: &str, text: &str, of_words: bool) -> bool {
    let by_name = name == "url" || !of_words && name.ends_with("_url");
    !data_url::is_one(text) && (by_name || memchr::memmem::find(text.as_bytes(), b"://").is_some())
}

/// The bytes of a text as it is written, without its quotes.
fn written(value: &Value<'_>) -> u64 {
    (value.raw().len() as u64).saturating_sub(2)
}

#[cfg(test)]
mod tests;
