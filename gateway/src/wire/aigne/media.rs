//! Files as the AIGNE framework writes them: `{"type":"url","url"}`, `{"type":"file","data"}` and `{"type":"local","path"}`, each
//! with `filename` and `mimeType` where they are known.

use serde_json::{Map, Value};

use super::{
    super::canonical::{CacheMark, File, FileKind, Source},
    fields::{Fields, Read, missing, problem},
};

/// What the framework takes bytes without a type for.
const UNKNOWN_IMAGE: &str = "image/png";

/// Reads a file of a request.
pub(super) fn read(item: &Fields<'_>, kind: &str, cache: Option<CacheMark>) -> Read<File> {
    let (name, mime) = (item.owned(&["filename"])?, item.text(&["mimeType", "mime_type"])?);
    let source = match kind {
        "url" => {
            let url = item.text(&["url"])?.filter(|url| !url.is_empty());
            let url = url.ok_or_else(|| missing(item.param, "A file of type 'url' needs its 'url'."))?;
            from_url(url)
        }
        "file" => {
            let data = item.text(&["data"])?;
            let data = data.ok_or_else(|| {
                missing(
                    item.param,
                    "A file of type 'file' needs its content as base64 in 'data'.",
                )
            })?;
            from_data(data, mime, name.as_deref())
        }
        "local" => {
            return Err(problem(
                item.param,
                "unsupported_file",
                "A file of type 'local' is on the client's disk, where the hub cannot read it. Send it as {\"type\":\"file\",\"data\":\"<base64>\",\"mimeType\":…}.",
            ));
        }
        other => {
            return Err(problem(
                item.param,
                "unsupported_content",
                format!(
                    "The content type '{}' is unknown: send 'text', 'url' or 'file'.",
                    short(other)
                ),
            ));
        }
    };
    let kind = match (&source, mime) {
        (Source::Data { mime, .. }, _) => kind_of(mime),
        (_, Some(mime)) => kind_of(mime),
        (Source::Url(url), None) => kind_of(guess(name.as_deref().unwrap_or(url)).unwrap_or(UNKNOWN_IMAGE)),
        _ => FileKind::Image,
    };
    Ok(File {
        kind,
        source,
        name,
        detail: None,
        cache,
    })
}

/// A file at an address; one that is a `data:` address is here already.
pub(super) fn from_url(url: &str) -> Source {
    match data_url(url) {
        Some((mime, base64)) => Source::Data {
            mime: mime.to_owned(),
            base64: base64.to_owned(),
        },
        None => Source::Url(url.to_owned()),
    }
}

fn from_data(data: &str, mime: Option<&str>, name: Option<&str>) -> Source {
    if let Some((inner, base64)) = data_url(data) {
        return Source::Data {
            mime: mime.unwrap_or(inner).to_owned(),
            base64: base64.to_owned(),
        };
    }
    let mime = mime.or_else(|| guess(name?)).unwrap_or(UNKNOWN_IMAGE);
    Source::Data {
        mime: mime.to_owned(),
        base64: data.to_owned(),
    }
}

/// Type and base64 of `data:image/png;base64,…`.
fn data_url(url: &str) -> Option<(&str, &str)> {
    let (head, base64) = url.strip_prefix("data:")?.split_once(',')?;
    let mime = head.strip_suffix(";base64")?;
    let mime = mime.split(';').next().unwrap_or_default();
    Some((if mime.is_empty() { UNKNOWN_IMAGE } else { mime }, base64))
}

/// What a media type is to a model.
pub(super) fn kind_of(mime: &str) -> FileKind {
    match mime.split('/').next() {
        Some("image") => FileKind::Image,
        Some("audio") => FileKind::Audio,
        Some("video") => FileKind::Video,
        _ => FileKind::Document,
    }
}

/// The media type that the end of a name tells.
fn guess(name: &str) -> Option<&'static str> {
    let path = name.split(['?', '#']).next().unwrap_or(name);
    let (_, ending) = path.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "txt" | "md" | "csv" => "text/plain",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        _ => return None,
    })
}

/// A file as an answer carries it.
pub(super) fn write(file: &File) -> Value {
    let mut map = Map::new();
    let mut put = |name: &str, value: &str| {
        map.insert(name.to_owned(), Value::from(value));
    };
    match &file.source {
        Source::Url(url) => {
            put("type", "url");
            put("url", url);
        }
        Source::Data { mime, base64 } => {
            put("type", "file");
            put("data", base64);
            put("mimeType", mime);
        }
        Source::Text(text) => {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            put("type", "file");
            put("data", &STANDARD.encode(text));
            put("mimeType", "text/plain");
        }
        // No model answers with a file that only its provider can open; whoever gets this id can ask there.
        Source::Id(id) => {
            put("type", "url");
            put("url", id);
        }
    }
    if let Some(name) = &file.name {
        put("filename", name);
    }
    Value::Object(map)
}

/// The beginning of what somebody sent, for a sentence.
pub(super) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_hold_the_file_are_read() {
        let data = |mime: &str| Source::Data {
            mime: mime.to_owned(),
            base64: "QUJD".to_owned(),
        };
        assert_eq!(from_url("data:image/gif;base64,QUJD"), data("image/gif"));
        assert_eq!(
            from_url("data:text/plain;charset=utf-8;base64,QUJD"),
            data("text/plain")
        );
        assert_eq!(
            from_url("https://x.y/a.png"),
            Source::Url("https://x.y/a.png".to_owned())
        );
        assert_eq!(from_data("data:image/gif;base64,QUJD", None, None), data("image/gif"));
        assert_eq!(from_data("QUJD", None, Some("a.pdf")), data("application/pdf"));
        assert_eq!(from_data("QUJD", None, None), data("image/png"));
    }

    #[test]
    fn a_kind_is_told_by_type_and_name() {
        assert_eq!(kind_of("application/pdf"), FileKind::Document);
        assert_eq!(kind_of("audio/wav"), FileKind::Audio);
        assert_eq!(guess("https://x.y/a.JPG?size=1"), Some("image/jpeg"));
        assert_eq!(guess("https://x.y/a"), None);
    }
}
