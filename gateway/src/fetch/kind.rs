//! Whether what was fetched is what the request says that it is. By its content where that tells: a page of an error that calls
//! itself a picture is none.

use crate::wire::canonical::FileKind;

/// How files begin, and what they are.
const BEGINNINGS: [(&[u8], &str); 5] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
];
/// Pictures of which the word of their server is believed. A drawing (SVG) is text, and no model looks at it.
const BELIEVED: [&str; 5] = ["image/heic", "image/heif", "image/avif", "image/bmp", "image/tiff"];

fn by_content(bytes: &[u8]) -> Option<&'static str> {
    let found = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
    let is_webp = || bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    found
        .map(|(_, mime)| *mime)
        .or_else(|| is_webp().then_some("image/webp"))
}

/// The media type of a file of this kind; none when it is no such file.
pub(super) fn media_type(kind: FileKind, told: Option<&str>, bytes: &[u8]) -> Option<String> {
    let told = told.unwrap_or_default().split(';').next().unwrap_or_default();
    let told = told.trim().to_ascii_lowercase();
    let told = if told == "image/jpg" {
        "image/jpeg".to_owned()
    } else {
        told
    };
    let found = by_content(bytes);
    if bytes.is_empty() {
        return None;
    }
    match kind {
        FileKind::Image => match found {
            Some(mime) if mime.starts_with("image/") => Some(mime.to_owned()),
            Some(_) => None,
            None => BELIEVED.contains(&told.as_str()).then_some(told),
        },
        FileKind::Document => match found {
            Some("application/pdf") => Some("application/pdf".to_owned()),
            Some(_) => None,
            None => {
                let is_text = told.starts_with("text/") || told == "application/json";
                (is_text && std::str::from_utf8(bytes).is_ok()).then_some(told)
            }
        },
        FileKind::Audio => told.starts_with("audio/").then_some(told),
        FileKind::Video => told.starts_with("video/").then_some(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_counts_before_words() {
        let png = b"\x89PNG\r\n\x1a\nrest".as_slice();
        let of = |kind, told, bytes| media_type(kind, told, bytes);
        for told in [
            None,
            Some("image/png"),
            Some("application/octet-stream"),
            Some("IMAGE/JPEG; x=1"),
        ] {
            assert_eq!(of(FileKind::Image, told, png).as_deref(), Some("image/png"));
        }
        assert_eq!(
            of(FileKind::Image, None, b"RIFF____WEBPVP8 ").as_deref(),
            Some("image/webp")
        );
        assert_eq!(
            of(FileKind::Image, Some("image/heic"), b"....ftypheic").as_deref(),
            Some("image/heic")
        );
        assert_eq!(
            of(FileKind::Document, Some("text/html"), b"%PDF-1.7").as_deref(),
            Some("application/pdf")
        );
        assert_eq!(
            of(FileKind::Document, Some("text/plain; charset=utf-8"), b"hello").as_deref(),
            Some("text/plain")
        );
        assert_eq!(
            of(FileKind::Audio, Some("audio/wav"), b"RIFF").as_deref(),
            Some("audio/wav")
        );
        for (kind, told, bytes) in [
            (FileKind::Image, Some("image/png"), b"<html>".as_slice()),
            (FileKind::Image, Some("text/html"), b"<html>"),
            (FileKind::Image, Some("image/svg+xml"), b"<svg>"),
            (FileKind::Image, Some("image/png"), b"%PDF-1.7"),
            (FileKind::Image, Some("image/heic"), b""),
            (FileKind::Document, Some("application/zip"), b"PK"),
            (FileKind::Document, Some("text/plain"), b"\xff\xfe"),
            (FileKind::Document, Some("application/pdf"), png),
            (FileKind::Audio, None, b"RIFF"),
            (FileKind::Video, Some("audio/wav"), b"RIFF"),
        ] {
            assert_eq!(of(kind, told, bytes), None, "{kind:?} {told:?}");
        }
    }
}
