//! Files that stand in a request: what is none is refused before it is written for a provider, in whose JSON and errors it would
//! only come up as something else. Called where a request is written anew.

use crate::wire::{
    RequestProblem,
    canonical::{File, Part, Request, Source},
};

/// Each file that is right here has a media type and is base64.
///
/// # Errors
/// [`RequestProblem`].
pub(super) fn check(request: &Request) -> Result<(), RequestProblem> {
    request.messages.iter().try_for_each(|message| of_parts(&message.parts))
}

fn of_parts(parts: &[Part]) -> Result<(), RequestProblem> {
    parts.iter().try_for_each(|part| match part {
        Part::File(file) => of_file(file),
        Part::ToolResult(result) => of_parts(&result.parts),
        Part::Text { .. } | Part::Thought(_) | Part::Refusal(_) | Part::ToolCall(_) => Ok(()),
    })
}

fn of_file(file: &File) -> Result<(), RequestProblem> {
    let Source::Data { mime, base64 } = &file.source else {
        return Ok(());
    };
    let problem = |message: &str| RequestProblem {
        message: message.to_owned(),
        param: Some("messages".into()),
        code: "invalid_file",
    };
    if !is_media_type(mime) {
        return Err(problem(
            "A file in the request has a media type that is none. Send one such as 'image/png'.",
        ));
    }
    if !is_base64(base64) {
        return Err(problem(
            "A file in the request is not base64. Send its bytes in the standard alphabet, without 'data:' before them.",
        ));
    }
    Ok(())
}

/// Two words as HTTP has them (RFC 9110, 8.3.1), and parameters that are nothing but letters, digits and signs.
fn is_media_type(text: &str) -> bool {
    let token = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&letter))
    };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || b" ;=-_.+/".contains(&letter);
    essence
        .trim()
        .split_once('/')
        .is_some_and(|(kind, subtype)| token(kind) && token(subtype))
        && parameters.bytes().all(plain)
}

/// The standard alphabet, or the one for addresses; lines may be broken.
fn is_base64(text: &str) -> bool {
    let body = text.trim_ascii_end().trim_end_matches('=');
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || b"+/-_\r\n".contains(&letter);
    body.bytes().all(fits) && text.len() - body.len() <= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_refused() {
        for (mime, base64, fits) in [
            ("image/png", "iVBORw0KGgo=", true),
            ("audio/L16;rate=24000", "AAAA\nBBBB\n", true),
            ("image/svg+xml", "", true),
            ("text/html;x=\"},{", "AAAA", false),
            ("image", "AAAA", false),
            ("", "AAAA", false),
            ("image/png", "data:image/png;base64,AAAA", false),
            ("image/png", "AA\"A", false),
            ("image/png", "AA==AA", false),
        ] {
            let file = File {
                kind: crate::wire::canonical::FileKind::Image,
                source: Source::Data {
                    mime: mime.to_owned(),
                    base64: base64.to_owned(),
                },
                name: None,
                detail: None,
                cache: None,
            };
            let result = Part::ToolResult(crate::wire::canonical::ToolResult {
                id: "c".to_owned(),
                name: None,
                parts: vec![Part::File(file)],
                failed: false,
                cache: None,
            });
            assert_eq!(of_parts(&[result]).is_ok(), fits, "{mime} {base64}");
        }
    }
}
