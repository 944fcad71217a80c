//! Takes a style sheet apart as far as bundling needs: imports on one side, all other text on the other.
//! Comments and strings are stepped over whole, so that nothing inside them is taken for an import.

/// A stretch of a style sheet.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Anything but an import.
    Text(&'a str),
    /// What is to be replaced by another file.
    Import(Import),
}

/// `@import "path" layer(name) supports(condition) media;`
#[derive(Debug, PartialEq, Eq)]
pub struct Import {
    /// As written, beside the importing file.
    pub path: String,
    /// The layer's name; empty for a layer without one.
    pub layer: Option<String>,
    /// The condition in its brackets.
    pub supports: Option<String>,
    /// The media query, empty when there is none.
    pub media: String,
}

/// Splits the text. The error is what is wrong, without the file's name.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let (mut at, mut from, mut depth) = (0, 0, 0_usize);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        at += match first {
            '/' if rest.starts_with("/*") => comment_length(rest)?,
            '"' | '\'' => string_length(rest)?,
            'u' if rest.starts_with("url(") => address_length(rest)?,
            '@' if depth == 0 && (rest.starts_with("@import") || rest.starts_with("@charset")) => {
                pieces.push(Piece::Text(&text[from..at]));
                let length = statement_length(rest)?;
                if let Some(import) = rest[..length].strip_prefix("@import") {
                    pieces.push(Piece::Import(read_import(import)?));
                }
                // The `;` goes with it.
                from = at + length + 1;
                length + 1
            }
            '{' => {
                depth += 1;
                1
            }
            '}' => {
                depth = depth.checked_sub(1).ok_or("a `}` closes nothing")?;
                1
            }
            _ => first.len_utf8(),
        };
    }
    if depth > 0 {
        return Err("a `{` is never closed".to_owned());
    }
    pieces.push(Piece::Text(&text[from..]));
    Ok(pieces)
}

/// The length of the comment that the text begins with.
pub fn comment_length(text: &str) -> Result<usize, String> {
    text.find("*/")
        .map(|end| end + 2)
        .ok_or_else(|| "a comment is never closed".to_owned())
}

/// The length of the string that the text begins with, quotes included.
pub fn string_length(text: &str) -> Result<usize, String> {
    let quote = text.as_bytes()[0];
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\n' => break,
            _ if byte == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err("a string is never closed".to_owned())
}

/// The length of the `url(…)` that the text begins with. The bundle stands in another folder than its parts.
pub fn address_length(text: &str) -> Result<usize, String> {
    let inside = &text["url(".len()..];
    let trimmed = inside.trim_start();
    let (address, end) = if trimmed.starts_with(['"', '\'']) {
        let length = string_length(trimmed)?;
        (&trimmed[1..length - 1], inside.len() - trimmed.len() + length)
    } else {
        let end = inside.find(')').ok_or("a `url(` is never closed")?;
        (inside[..end].trim(), end)
    };
    if !(address.starts_with(['/', '#']) || address.starts_with("data:")) {
        return Err(format!(
            "write url({address}) from the site's root, beginning with a `/`"
        ));
    }
    Ok("url(".len() + end)
}

/// Up to the `;` that ends an at-statement, which may stand in strings and brackets before.
fn statement_length(text: &str) -> Result<usize, String> {
    let mut at = 0;
    while at < text.len() {
        match text.as_bytes()[at] {
            b';' => return Ok(at),
            b'"' | b'\'' => at += string_length(&text[at..])?,
            _ => at += 1,
        }
    }
    Err("an @import is never closed by a `;`".to_owned())
}

fn read_import(text: &str) -> Result<Import, String> {
    let text = text.trim();
    let (path, rest) = if text.starts_with(['"', '\'']) {
        let length = string_length(text)?;
        (&text[1..length - 1], &text[length..])
    } else {
        let (path, rest) = text
            .strip_prefix("url")
            .and_then(brackets)
            .ok_or_else(|| format!("`@import {text}` names no file"))?;
        (path.trim().trim_matches(['"', '\'']), rest)
    };
    let rest = rest.trim_start();
    let (layer, rest) = match rest.strip_prefix("layer") {
        Some(after) => match brackets(after) {
            Some((name, rest)) => (Some(name.trim().to_owned()), rest),
            None => (Some(String::new()), after),
        },
        None => (None, rest),
    };
    let rest = rest.trim_start();
    let (supports, rest) = match rest.strip_prefix("supports").and_then(brackets) {
        Some((condition, rest)) => (Some(format!("({condition})")), rest),
        None => (None, rest),
    };
    Ok(Import {
        path: path.to_owned(),
        layer,
        supports,
        media: rest.trim().to_owned(),
    })
}

/// Splits `(inside) rest`, counting brackets.
fn brackets(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (at > 0).then(|| (&text[1..at], &text[at + 1..]));
        }
    }
    None
}
