//! Writes the pieces of a turn: texts, files, thoughts, calls and results.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    super::super::canonical::{CacheMark, File, FileKind, Part, Source, Thought, ToolResult, Unspeakable},
    super::tool_id::Valid,
    CacheControl, Losses, cache,
};

/// A content block.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Text {
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    Image {
        source: Place<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    Document {
        source: Place<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: Box<RawValue>,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(skip_serializing_if = "Content::is_empty")]
        content: Content<'a>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
}

/// What a tool answered.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Blocks(Vec<Block<'a>>),
}

impl Content<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Blocks(blocks) => blocks.is_empty(),
        }
    }
}

/// Where the content of a file is.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Place<'a> {
    Url {
        url: &'a str,
    },
    Base64 {
        media_type: &'a str,
        data: &'a str,
    },
    Text {
        media_type: &'static str,
        data: Cow<'a, str>,
    },
    File {
        file_id: &'a str,
    },
}

impl<'a> Block<'a> {
    /// Text with a mark; none where there is nothing but white space, which Anthropic refuses.
    pub fn text(text: &'a str, mark: Option<CacheMark>) -> Option<Self> {
        (!text.trim().is_empty()).then(|| Self::Text {
            text: Cow::Borrowed(text),
            cache_control: cache(mark),
        })
    }

    /// Its places for marks, those within it first.
    pub fn marks<'b>(&'b mut self, found: &mut Vec<&'b mut Option<CacheControl>>) {
        match self {
            Self::ToolResult {
                content, cache_control, ..
            } => {
                if let Content::Blocks(blocks) = content {
                    blocks.iter_mut().for_each(|block| block.marks(found));
                }
                found.push(cache_control);
            }
            Self::Text { cache_control, .. }
            | Self::Image { cache_control, .. }
            | Self::Document { cache_control, .. } => {
                found.push(cache_control);
            }
            Self::Thinking { .. } | Self::RedactedThinking { .. } | Self::ToolUse { .. } => {}
        }
    }

    /// It is a tool's answer, which stands before everything else in its turn.
    pub fn is_result(&self) -> bool {
        matches!(self, Self::ToolResult { .. })
    }
}

/// Writes a piece of a turn. `None` when there is nothing to say.
pub(super) fn part<'a>(part: &'a Part, ids: &mut Valid, losses: &mut Losses) -> Result<Option<Block<'a>>, Unspeakable> {
    Ok(match part {
        Part::Text { text, cache } => {
            let block = Block::text(text, *cache);
            if block.is_none() && cache.is_some() {
                losses.add("cache_control");
            }
            block
        }
        Part::Refusal(text) => Block::text(text, None),
        Part::File(file) => Some(self::file(file, losses)?),
        Part::Thought(thought) => self::thought(thought, losses),
        Part::ToolCall(call) => Some(Block::ToolUse {
            id: ids.id(&call.id),
            name: &call.name,
            input: input(&call.arguments),
        }),
        Part::ToolResult(result) => Some(self::result(result, ids, losses)?),
    })
}

/// A thought goes back only with its proof, and that must be Anthropic's: one with a name, or with the name of its item in its
/// cipher, is OpenAI's, and Gemini's signatures carry a mark. Nobody else can read these, and Anthropic refuses them.
fn thought<'a>(thought: &'a Thought, losses: &mut Losses) -> Option<Block<'a>> {
    let foreign = thought.id.is_some() || thought.is_foreign();
    let signature = thought.signature.as_deref().filter(|signature| !signature.is_empty());
    match (&thought.sealed, signature) {
        (Some(data), _) if !foreign => Some(Block::RedactedThinking { data }),
        (None, Some(signature)) if !foreign => Some(Block::Thinking {
            thinking: &thought.text,
            signature,
        }),
        _ => {
            losses.add("messages[].reasoning");
            None
        }
    }
}

/// Arguments are an object here. What a model wrote that is none stays readable within one.
fn input(arguments: &str) -> Box<RawValue> {
    let raw = |text: String| RawValue::from_string(text);
    let is_object = arguments.trim_start().starts_with('{');
    let given = is_object.then(|| raw(arguments.trim().to_owned()).ok()).flatten();
    let wrapped = || match arguments.trim() {
        "" => serde_json::json!({}),
        text => serde_json::json!({ "arguments": text }),
    };
    given.unwrap_or_else(|| serde_json::value::to_raw_value(&wrapped()).unwrap_or_default())
}

fn result<'a>(result: &'a ToolResult, ids: &mut Valid, losses: &mut Losses) -> Result<Block<'a>, Unspeakable> {
    let content = match result.parts.as_slice() {
        [Part::Text { text, cache: None }] => Content::Text(text),
        parts => {
            let mut blocks = Vec::with_capacity(parts.len());
            for inner in parts {
                if matches!(inner, Part::Text { .. } | Part::File(_) | Part::Refusal(_)) {
                    blocks.extend(part(inner, ids, losses)?);
                }
            }
            Content::Blocks(blocks)
        }
    };
    Ok(Block::ToolResult {
        tool_use_id: ids.id(&result.id),
        content,
        is_error: result.failed,
        cache_control: cache(result.cache),
    })
}

/// The pictures that Claude looks at.
const PICTURES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

fn unspeakable(message: impl Into<String>) -> Unspeakable {
    Unspeakable {
        message: message.into(),
        param: "messages".to_owned(),
    }
}

fn file<'a>(file: &'a File, losses: &mut Losses) -> Result<Block<'a>, Unspeakable> {
    if file.detail.as_deref().is_some_and(|detail| detail != "auto") {
        losses.add("messages[].detail");
    }
    let cache_control = cache(file.cache);
    match file.kind {
        FileKind::Image => Ok(Block::Image {
            source: picture(&file.source)?,
            cache_control,
        }),
        FileKind::Document => Ok(Block::Document {
            source: document(&file.source)?,
            title: file.name.as_deref().filter(|name| !name.is_empty()),
            cache_control,
        }),
        FileKind::Audio => Err(unspeakable(
            "The model takes no sound. Send its words as text, or choose another model.",
        )),
        FileKind::Video => Err(unspeakable(
            "The model takes no films. Send pictures of it, or choose another model.",
        )),
    }
}

fn picture(source: &Source) -> Result<Place<'_>, Unspeakable> {
    match source {
        Source::Data { mime, base64 } if PICTURES.contains(&mime.as_str()) => Ok(Place::Base64 {
            media_type: mime,
            data: base64,
        }),
        Source::Data { mime, .. } => Err(unspeakable(format!(
            "The model takes no pictures of type '{mime}'. Send JPEG, PNG, GIF or WebP."
        ))),
        Source::Text(_) => Err(unspeakable(
            "A picture must be sent as data or as an address, not as text.",
        )),
        other => elsewhere(other),
    }
}

fn document(source: &Source) -> Result<Place<'_>, Unspeakable> {
    match source {
        Source::Data { mime, base64 } if mime == "application/pdf" => Ok(Place::Base64 {
            media_type: mime,
            data: base64,
        }),
        Source::Data { mime, base64 } if mime.starts_with("text/") || mime == "application/json" => {
            let bytes = STANDARD.decode(base64).ok();
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            text.map(|text| Place::Text {
                media_type: "text/plain",
                data: Cow::Owned(text),
            })
            .ok_or_else(|| unspeakable("A text that is sent as a file must be UTF-8 in base64."))
        }
        Source::Data { mime, .. } => Err(unspeakable(format!(
            "The model takes no files of type '{mime}'. Send PDF or plain text."
        ))),
        Source::Text(text) => Ok(Place::Text {
            media_type: "text/plain",
            data: Cow::Borrowed(text),
        }),
        other => elsewhere(other),
    }
}

/// A file that the provider fetches, or keeps.
fn elsewhere(source: &Source) -> Result<Place<'_>, Unspeakable> {
    match source {
        Source::Url(url) => Ok(Place::Url { url }),
        Source::Id(file_id) if file_id.starts_with("file_") => Ok(Place::File { file_id }),
        _ => Err(unspeakable(
            "A file that another provider keeps cannot be sent to this one. Send it as data or as an address.",
        )),
    }
}
