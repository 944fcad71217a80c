//! What stands in a turn: a text, or a list of texts, pictures, documents, sounds and films.

use serde_json::Value;

use super::super::{
    data_url,
    fields::{Fields, missing, wrong_type, wrong_value},
};
use crate::wire::{
    RequestProblem,
    canonical::{CacheMark, File, FileKind, Part, Source},
};

pub(super) fn read(path: &str, content: Value) -> Result<Vec<Part>, RequestProblem> {
    match content {
        Value::String(text) => Ok(Vec::from([Part::text(text)])),
        Value::Array(list) => list
            .into_iter()
            .enumerate()
            .map(|(at, part)| match part {
                Value::String(text) => Ok(Part::text(text)),
                part => read_part(Fields::of(format!("{path}[{at}]"), part)?),
            })
            .collect(),
        _ => Err(wrong_type(path, "a string or an array of parts")),
    }
}

fn read_part(mut fields: Fields) -> Result<Part, RequestProblem> {
    let kind = fields.needed_text("type")?;
    let cache = cache_mark(&mut fields)?;
    let file = match kind.as_str() {
        "text" | "input_text" | "output_text" => {
            let text = fields.needed_text("text")?;
            return Ok(Part::Text { text, cache });
        }
        "refusal" => return fields.needed_text("refusal").map(Part::Refusal),
        "image_url" | "video_url" => address(&mut fields, &kind)?,
        "input_audio" => sound(&mut fields)?,
        "file" => document(&mut fields)?,
        other => {
            return Err(wrong_value(
                &fields.path("type"),
                other,
                "'text', 'image_url', 'file', 'input_audio', 'video_url' and 'refusal'",
            ));
        }
    };
    Ok(Part::File(File { cache, ..file }))
}

fn file(kind: FileKind, source: Source) -> File {
    File {
        kind,
        source,
        name: None,
        detail: None,
        cache: None,
    }
}

/// `{"url","detail"}`, or the address itself.
fn address(fields: &mut Fields, member: &str) -> Result<File, RequestProblem> {
    let kind = if member == "video_url" {
        FileKind::Video
    } else {
        FileKind::Image
    };
    let path = fields.path(member);
    match fields.take(member) {
        None => Err(missing(&path)),
        Some(Value::String(url)) => Ok(file(kind, data_url::source(url))),
        Some(value) => {
            let mut inner = Fields::of(path, value)?;
            Ok(File {
                detail: inner.text("detail")?,
                ..file(kind, data_url::source(inner.needed_text("url")?))
            })
        }
    }
}

fn sound(fields: &mut Fields) -> Result<File, RequestProblem> {
    let path = fields.path("input_audio");
    let mut inner = fields.object("input_audio")?.ok_or_else(|| missing(&path))?;
    let base64 = inner.needed_text("data")?;
    let mime = data_url::mime_of_sound(&inner.needed_text("format")?);
    Ok(file(FileKind::Audio, Source::Data { mime, base64 }))
}

/// `{"file_id"}`, or `{"file_data","filename"}` whose data is a `data:` address, plain base64 or (OpenRouter) an address.
fn document(fields: &mut Fields) -> Result<File, RequestProblem> {
    let path = fields.path("file");
    let mut inner = fields.object("file")?.ok_or_else(|| missing(&path))?;
    let name = inner.text("filename")?;
    let source = match (inner.text("file_data")?, inner.text("file_id")?) {
        (Some(data), _) => content(data, name.as_deref()),
        (None, Some(id)) => Source::Id(id),
        (None, None) => return Err(missing(&inner.path("file_data"))),
    };
    let kind = match &source {
        Source::Data { mime, .. } => data_url::kind(mime),
        _ => FileKind::Document,
    };
    Ok(File {
        name,
        ..file(kind, source)
    })
}

/// The content of a document as clients send it.
pub(in crate::wire) fn content(data: String, name: Option<&str>) -> Source {
    match data_url::source(data) {
        Source::Url(base64) if !base64.contains(':') => Source::Data {
            mime: data_url::mime_of_name(name).to_owned(),
            base64,
        },
        source => source,
    }
}

/// `cache_control`, as Anthropic and OpenRouter have it, and OpenAI's own `prompt_cache_breakpoint`.
pub(in crate::wire) fn cache_mark(fields: &mut Fields) -> Result<Option<CacheMark>, RequestProblem> {
    let own = fields
        .object("prompt_cache_breakpoint")?
        .map(|_| CacheMark::FiveMinutes);
    let Some(mut control) = fields.object("cache_control")? else {
        return Ok(own);
    };
    Ok(Some(match control.text("ttl")?.as_deref() {
        Some("1h") => CacheMark::OneHour,
        _ => CacheMark::FiveMinutes,
    }))
}
