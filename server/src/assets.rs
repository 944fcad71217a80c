//! Static files of the console: style, wasm, icons, logos. Embedded in release builds, read from disk in debug builds.
//!
//! `tools/site` has put `.br` and `.gz` beside each file that shrinks; the best one that the client accepts is sent.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
#[allow_missing = true]
struct Site;

/// Pre-compressed variants, best first: what the client calls it and the ending of the file.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Answers with the file that the path names.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let hidden = ENCODINGS.iter().any(|(_, ending)| path.ends_with(ending));
    let Some((file, encoding)) = find(path, request.headers()).filter(|_| !hidden) else {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    };
    let tag = tag(&file, encoding);
    let mut response = if is_current(request.headers(), &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(content(file.data)));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let versioned = request.uri().query().is_some_and(|query| query.starts_with("v="));
    let caching = if versioned {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=0, must-revalidate"
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// The licences of everything that is linked into this binary; none in one that was built without the site.
pub fn licences() -> Option<String> {
    let file = Site::get("licenses.txt")?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

/// What is wrong with the files for this binary, as a sentence: there are none, or their islands were built from other sources
/// than its pages. Both happen where cargo is called by hand.
pub fn complaint() -> Option<String> {
    let text = |file: EmbeddedFile| String::from_utf8_lossy(&file.data).into_owned();
    let found = Site::get("pkg/sources.txt").map(text);
    // cargo-leptos makes no such file, and the browser half says it itself.
    let found = found.or_else(|| Site::get("pkg/hub.wasm").map(|file| said_by(&file.data)));
    judge(found.as_deref(), app::sources::NUMBER)
}

/// Our own number where a wasm file says that it is made from our sources, else nothing: one from before there was a number is of others.
fn said_by(wasm: &[u8]) -> String {
    let ours = memchr::memmem::find(wasm, app::sources::WORDS.as_bytes()).is_some();
    if ours {
        app::sources::NUMBER.to_owned()
    } else {
        String::new()
    }
}

fn judge(found: Option<&str>, own: &str) -> Option<String> {
    let (wrong, remedy) = (
        match found {
            Some(found) if found.trim() == own => return None,
            Some(_) => {
                "The browser half of the console was built from other sources than this binary, so parts of pages may not work"
            }
            None => {
                "There are no files for the console's browser half, so pages come without style and nothing in them moves"
            }
        },
        if cfg!(debug_assertions) {
            "Run `make site` and `cargo build --workspace --exclude browser`, or `make run`, which does both"
        } else {
            "`make build` makes a binary that has them"
        },
    );
    Some(format!("{wrong}. {remedy}."))
}

fn content(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn find(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let compressed = ENCODINGS.into_iter().filter(|(name, _)| accepts(headers, name));
    let mut compressed =
        compressed.filter_map(|(name, ending)| Some((Site::get(&format!("{path}{ending}"))?, Some(name))));
    compressed.next().or_else(|| Some((Site::get(path)?, None)))
}

/// Whether Accept-Encoding names `encoding` and does not refuse it with `q=0`.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|entry| {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let weight = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// Differs when the content or its encoding differs.
fn tag(file: &EmbeddedFile, encoding: Option<&str>) -> String {
    let hash: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hash}-{}\"", encoding.unwrap_or("plain"))
}

fn is_current(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))])
    }

    #[test]
    fn encodings_are_negotiated() {
        assert!(accepts(&headers("gzip, deflate, br"), "br"));
        assert!(accepts(&headers("GZIP;q=0.5"), "gzip"));
        assert!(!accepts(&headers("br;q=0, gzip"), "br"));
        assert!(!accepts(&headers("brotli"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn files_of_other_sources_are_told() {
        assert_eq!(judge(Some("0123456789abcdef\n"), "0123456789abcdef"), None);
        for (found, word) in [
            (Some("0123456789abcde0"), "other sources"),
            (Some(""), "other sources"),
            (None, "no files"),
        ] {
            let sentence = judge(found, "0123456789abcdef").unwrap_or_default();
            assert!(sentence.contains(word) && sentence.contains("`make "), "{sentence}");
        }
        // What cargo-leptos has made says it in the wasm file alone.
        let wasm = format!("\0asm…{}…", app::sources::WORDS);
        assert_eq!(judge(Some(&said_by(wasm.as_bytes())), app::sources::NUMBER), None);
        let older = wasm.replace(app::sources::NUMBER, "0123456789abcdef");
        assert!(judge(Some(&said_by(older.as_bytes())), app::sources::NUMBER).is_some());
        // The sources themselves give the number.
        assert!(app::sources::NUMBER.len() == 16 && app::sources::WORDS.contains(app::sources::NUMBER));
    }

    #[test]
    fn wasm_is_named_as_browsers_demand() {
        assert_eq!(content_type("pkg/hub.wasm"), "application/wasm");
        assert_eq!(content_type("none"), "application/octet-stream");
    }
}
