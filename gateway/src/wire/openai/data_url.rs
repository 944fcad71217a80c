//! Files inside a JSON text: `data:image/png;base64,…`, and the media types of names and of OpenAI's words for sounds.

use crate::wire::{
    canonical::{FileKind, Source},
    json::Value,
};

/// Where the content that an address names is. Only base64 counts as content; any other `data:` stays an address.
pub(in crate::wire) fn source(url: String) -> Source {
    match split(&url) {
        Some((mime, base64)) => Source::Data {
            mime: mime.to_owned(),
            base64: base64.to_owned(),
        },
        None => Source::Url(url),
    }
}

fn split(url: &str) -> Option<(&str, &str)> {
    let head = url.get(..5)?;
    if !head.eq_ignore_ascii_case("data:") {
        return None;
    }
    let (kind, base64) = url.get(5..)?.split_once(";base64,")?;
    let mime = kind.split(';').next().unwrap_or_default();
    Some((if mime.is_empty() { "text/plain" } else { mime }, base64))
}

/// A text, as it is written in JSON, that begins as an address with content in base64 does: what a service reads as a file. Anything
/// else that begins with `data:` is a text like any other.
pub(in crate::wire) fn is_content(written: &[u8]) -> bool {
    let Some((scheme, rest)) = written.split_at_checked(5) else {
        return false;
    };
    let kind = memchr::memchr(b',', rest).map_or(b"".as_slice(), |comma| &rest[..comma]);
    scheme.eq_ignore_ascii_case(b"data:") && kind.ends_with(b";base64") && !kind.iter().any(u8::is_ascii_whitespace)
}

/// The media type of the content that this text consists of, however its letters are written; none where it is another text.
pub(in crate::wire) fn mime(text: &Value<'_>) -> Option<String> {
    let written = text.raw().strip_prefix(b"\"")?;
    let head = &written[..memchr::memchr(b',', written)?];
    let may_be = matches!(head.first()?, b'd' | b'D' | b'\\');
    let head: String = may_be.then(|| serde_json::from_slice(&[b"\"", head, b",\""].concat()).ok())??;
    let kind = head.get(5..).filter(|_| is_content(head.as_bytes()))?;
    kind.split([';', ',']).next().map(str::to_owned)
}

/// This text says itself what it is an address of.
pub(in crate::wire) fn is_one(text: &str) -> bool {
    let text = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter.is_control());
    text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// The address that holds this content.
pub(in crate::wire) fn write(mime: &str, base64: &str) -> String {
    format!("data:{mime};base64,{base64}")
}

/// The name of a document that came without one, by its media type: providers go by its ending.
pub(in crate::wire) fn document_name(mime: &str) -> &'static str {
    match mime.split(';').next().unwrap_or_default().trim() {
        "text/plain" => "document.txt",
        "text/markdown" => "document.md",
        "text/csv" => "document.csv",
        "text/html" => "document.html",
        "text/xml" | "application/xml" => "document.xml",
        "application/json" => "document.json",
        _ => "document.pdf",
    }
}

/// What kind of file has this media type.
pub(in crate::wire) fn kind(mime: &str) -> FileKind {
    match mime.split('/').next().unwrap_or_default() {
        "image" => FileKind::Image,
        "audio" => FileKind::Audio,
        "video" => FileKind::Video,
        _ => FileKind::Document,
    }
}

/// The media type that a file's name suggests; a PDF when it suggests none.
pub(in crate::wire) fn mime_of_name(name: Option<&str>) -> &'static str {
    let ending = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("txt" | "log") => "text/plain",
        Some("md") => "text/markdown",
        Some("html" | "htm") => "text/html",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        _ => "application/pdf",
    }
}

/// The media type of a sound in OpenAI's words (`wav`, `mp3`).
pub(in crate::wire) fn mime_of_sound(format: &str) -> String {
    match format {
        "mp3" => "audio/mpeg".to_owned(),
        format => format!("audio/{format}"),
    }
}

/// OpenAI's word for a sound of this media type, where it has one for what it takes.
pub(in crate::wire) fn sound_of_mime(mime: &str) -> Option<&'static str> {
    match mime {
        "audio/wav" | "audio/x-wav" | "audio/wave" => Some("wav"),
        "audio/mpeg" | "audio/mp3" => Some("mp3"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_called_what_it_is() {
        for (mime, name) in [
            ("text/plain", "document.txt"),
            ("text/plain; charset=utf-8", "document.txt"),
            ("application/json", "document.json"),
            ("application/pdf", "document.pdf"),
            ("", "document.pdf"),
        ] {
            assert_eq!(document_name(mime), name);
        }
    }

    #[test]
    fn what_only_looks_like_an_address_is_none() {
        for (written, is_content) in [
            ("data:image/png;base64,QQ==", true),
            (r"DATA:image\/png;name=a.png;base64,QQ==", true),
            ("data:;base64,", true),
            ("data:text/plain,hello", false),
            ("data: please read this;base64,QQ==", false),
            ("data:image/png;base64", false),
            ("data:image/png,x;base64,QQ==", false),
            ("data", false),
            ("", false),
        ] {
            assert_eq!(super::is_content(written.as_bytes()), is_content, "{written}");
        }
    }

    #[test]
    fn only_base64_is_content() {
        let data = |mime: &str, base64: &str| Source::Data {
            mime: mime.to_owned(),
            base64: base64.to_owned(),
        };
        for (url, wanted) in [
            ("data:image/png;base64,QQ==", data("image/png", "QQ==")),
            ("DATA:image/png;name=a.png;base64,QQ==", data("image/png", "QQ==")),
            ("data:;base64,QQ==", data("text/plain", "QQ==")),
            ("data:text/plain,hello", Source::Url("data:text/plain,hello".to_owned())),
            (
                "https://example.com/a.png",
                Source::Url("https://example.com/a.png".to_owned()),
            ),
            ("dat", Source::Url("dat".to_owned())),
            ("ééé", Source::Url("ééé".to_owned())),
        ] {
            assert_eq!(source(url.to_owned()), wanted);
        }
    }
}
