//! Characters that a provider cuts in two: JSON writes one beyond the first 65,536 as two escapes (`\ud83d\ude42`), and some
//! services end one event after the first and begin the next with the second. Readers of JSON refuse either half alone. Called
//! by [`super::ear`] for each event and by [`super::speech`] for whole answers, for the reader's eyes only: where bytes pass,
//! they pass as they came, and clients put the halves together.

use std::borrow::Cow;

/// The first half of a character whose second has not come.
#[derive(Debug, Default)]
pub(super) struct Halves(Option<[u8; 4]>);

impl Halves {
    /// The same JSON with whole characters: a first half waits for the next event, a second one gets the half that waits, and
    /// what belongs to nothing becomes the sign for a character that cannot be read.
    pub(super) fn mended<'a>(&mut self, data: &'a [u8]) -> Cow<'a, [u8]> {
        let mut escapes = memchr::memmem::find_iter(data, b"\\u");
        if !escapes.any(|at| matches!(data.get(at + 2), Some(b'd' | b'D'))) {
            return Cow::Borrowed(data);
        }
        let mut out = Vec::with_capacity(data.len() + 6);
        let mut at = 0;
        while let Some(&letter) = data.get(at) {
            let Some(half) = (letter == b'\\').then(|| half(&data[at..])).flatten() else {
                // An escape of two letters is taken whole, lest its second is taken for the beginning of one.
                let length = if letter == b'\\' { 2 } else { 1 };
                out.extend_from_slice(&data[at..data.len().min(at + length)]);
                at += length;
                continue;
            };
            match half {
                Half::First(digits) => match self::half(&data[at + 6..]) {
                    Some(Half::Second(_)) => {
                        out.extend_from_slice(&data[at..at + 12]);
                        at += 6;
                    }
                    // Only at the end of a text can the rest still come.
                    _ if data.get(at + 6) == Some(&b'"') => self.0 = Some(digits),
                    _ => out.extend_from_slice(b"\\ufffd"),
                },
                Half::Second(digits) => match self.0.take() {
                    Some(first) => out.extend_from_slice(&[b"\\u", &first[..], b"\\u", &digits[..]].concat()),
                    None => out.extend_from_slice(b"\\ufffd"),
                },
            }
            at += 6;
        }
        Cow::Owned(out)
    }
}

/// One escape, by its four digits.
enum Half {
    First([u8; 4]),
    Second([u8; 4]),
}

/// The half that the text begins with.
fn half(text: &[u8]) -> Option<Half> {
    let digits: [u8; 4] = text.strip_prefix(b"\\u")?.get(..4)?.try_into().ok()?;
    let number = u16::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?;
    match number {
        0xD800..=0xDBFF => Some(Half::First(digits)),
        0xDC00..=0xDFFF => Some(Half::Second(digits)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mended(pieces: &[&str]) -> Vec<String> {
        let mut halves = Halves::default();
        let each = pieces.iter().map(|piece| {
            let text = halves.mended(piece.as_bytes()).into_owned();
            serde_json::from_slice::<String>(&text).unwrap()
        });
        each.collect()
    }

    #[test]
    fn halves_come_together() {
        assert_eq!(mended(&[r#""a\ud83d""#, r#""\ude42b""#]), ["a", "\u{1f642}b"]);
        assert_eq!(mended(&[r#""\uD83D\uDE42""#]), ["\u{1f642}"]);
        assert_eq!(mended(&[r#""\ude42""#]), ["\u{fffd}"]);
        assert_eq!(mended(&[r#""\ud83dx""#]), ["\u{fffd}x"]);
        // A backslash, and four letters after it.
        assert_eq!(mended(&[r#""\\ud83d""#]), ["\\ud83d"]);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_text_afterwards(pieces in proptest::collection::vec(
            proptest::sample::select(vec!["\\ud83d", "\\ude42", "\\\\", "\\\"", "a", "\\u00e9", "\\uD800"]), 0..12)) {
            let quoted = format!("\"{}\"", pieces.concat());
            let mut halves = Halves::default();
            let text = halves.mended(quoted.as_bytes()).into_owned();
            prop_assert!(serde_json::from_slice::<String>(&text).is_ok(), "{}", quoted);
        }
    }
}
