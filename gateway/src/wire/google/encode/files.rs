//! Files in a request: content goes as `inlineData`, addresses of pictures that Google fetches itself as `fileData`.

use reqwest::Url;
use serde_json::{Value, json};

use super::{Page, Traits, unspeakable};
use crate::wire::canonical::{File, FileKind, Source, Unspeakable};

/// Where Google keeps files. A parsed address has its host in small letters.
const OWN_HOST: &str = "generativelanguage.googleapis.com";
/// Endings of addresses of pictures, and the media types that Gemini reads.
const PICTURES: [(&str, &str); 7] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("bmp", "image/bmp"),
];

/// The media type that Google is told for the file at this address, where Google may fetch it itself: a picture at a public
/// `https` address whose ending tells what it is. Whatever else is named by its address may be of any size, and Google's own
/// places hold files of everybody who uses the operator's key; the content of those must be sent.
pub(super) fn fetched_as(url: &str, kind: FileKind, traits: Traits) -> Option<&'static str> {
    if kind != FileKind::Image || !traits.fetches() {
        return None;
    }
    let address = Url::parse(url).ok()?;
    let host = address.host_str()?.trim_end_matches('.');
    if address.scheme() != "https" || host == OWN_HOST {
        return None;
    }
    let (_, name) = address.path().rsplit_once('/')?;
    let (_, ending) = name.rsplit_once('.')?;
    let found = PICTURES.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known));
    found.map(|(_, mime)| *mime)
}

/// One part, without the braces of a part around it: `inlineData`, `fileData` or `text`.
pub(super) fn part(file: &File, page: &mut Page) -> Result<Value, Unspeakable> {
    if file.name.is_some() {
        page.drop("messages[].filename");
    }
    if matches!(file.detail.as_deref(), Some(detail) if detail != "auto") {
        page.drop("messages[].detail");
    }
    if file.cache.is_some() {
        page.drop("cache_control");
    }
    match &file.source {
        Source::Data { mime, base64 } => Ok(json!({"inlineData": {"mimeType": mime, "data": base64}})),
        Source::Text(text) => Ok(json!({ "text": text })),
        Source::Url(url) => match fetched_as(url, file.kind, page.traits) {
            Some(mime) => Ok(json!({"fileData": {"mimeType": mime, "fileUri": url}})),
            None => Err(unspeakable(
                "messages",
                "This model does not fetch files from such an address. Send the content of the file as base64.",
            )),
        },
        Source::Id(_) => Err(unspeakable(
            "messages",
            "A file that another provider keeps cannot be sent to Gemini by its id. Send its content as base64.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn google_is_told_of_no_file_of_its_own_however_its_place_is_written() {
        let told = |url: &str| fetched_as(url, FileKind::Image, Traits::of("gemini-2.5-flash"));
        assert_eq!(told("https://example.com/a.PNG?x=1#y"), Some("image/png"));
        for url in [
            "https://generativelanguage.googleapis.com/v1beta/files/abc/x.png",
            "https://GENERATIVELANGUAGE.googleapis.com/v1beta/files/abc/x.png",
            "HTTPS://generativelanguage.googleapis.com:443/x.png",
            "https://generativelanguage.googleapis.com./x.png",
            "https://a@generativelanguage.googleapis.com/x.png",
            "https://generativelanguage%2Egoogleapis.com/x.png",
            "https:\\\\generativelanguage.googleapis.com/x.png",
            "http://example.com/a.png",
            "https://example.com/a",
        ] {
            assert_eq!(told(url), None, "{url}");
        }
    }
}
