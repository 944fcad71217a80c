//! What stands in a message or in a tool's answer: a text, or a list of texts, pictures, documents and sounds.

use serde_json::Value;

use super::{Fields, missing, wrong_type, wrong_value};
use crate::wire::{
    RequestProblem,
    canonical::{File, FileKind, Part, Source},
    openai::{
        data_url,
        read::{cache_mark, content},
    },
};

pub(super) fn read(path: &str, content: Value) -> Result<Vec<Part>, RequestProblem> {
    match content {
        Value::String(text) => Ok(Vec::from([Part::text(text)])),
        Value::Array(list) => {
            let parts = list.into_iter().enumerate();
            parts
                .map(|(at, part)| read_part(Fields::of(format!("{path}[{at}]"), part)?))
                .collect()
        }
        _ => Err(wrong_type(path, "a string or an array of parts")),
    }
}

fn read_part(mut fields: Fields) -> Result<Part, RequestProblem> {
    let kind = fields.needed_text("type")?;
    let cache = cache_mark(&mut fields)?;
    let file = match kind.as_str() {
        "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text" => {
            let text = fields.needed_text("text")?;
            return Ok(Part::Text { text, cache });
        }
        "refusal" => return fields.needed_text("refusal").map(Part::Refusal),
        "input_image" => picture(&mut fields)?,
        "input_file" => document(&mut fields)?,
        "input_audio" => sound(&mut fields)?,
        other => {
            return Err(wrong_value(
                &fields.path("type"),
                other,
                "'input_text', 'input_image', 'input_file', 'input_audio', 'output_text' and 'refusal'",
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

fn picture(fields: &mut Fields) -> Result<File, RequestProblem> {
    let detail = fields.text("detail")?;
    let source = match (fields.text("image_url")?, fields.text("file_id")?) {
        (Some(url), _) => data_url::source(url),
        (None, Some(id)) => Source::Id(id),
        (None, None) => return Err(missing(&fields.path("image_url"))),
    };
    Ok(File {
        detail,
        ..file(FileKind::Image, source)
    })
}

fn document(fields: &mut Fields) -> Result<File, RequestProblem> {
    let name = fields.text("filename")?;
    let source = match (
        fields.text("file_data")?,
        fields.text("file_url")?,
        fields.text("file_id")?,
    ) {
        (Some(data), ..) => content(data, name.as_deref()),
        (None, Some(url), _) => Source::Url(url),
        (None, None, Some(id)) => Source::Id(id),
        (None, None, None) => return Err(missing(&fields.path("file_data"))),
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

fn sound(fields: &mut Fields) -> Result<File, RequestProblem> {
    let path = fields.path("input_audio");
    let mut inner = fields.object("input_audio")?.ok_or_else(|| missing(&path))?;
    let base64 = inner.needed_text("data")?;
    let mime = data_url::mime_of_sound(&inner.needed_text("format")?);
    Ok(file(FileKind::Audio, Source::Data { mime, base64 }))
}
