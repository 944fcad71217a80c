//! Skips one JSON value and checks it on the way. Not recursive, so that no body can exhaust the stack.

use super::{MAX_DEPTH, Malformed};

/// The first byte at or after `at` that is not white space.
pub fn white_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// A value that was skipped.
#[derive(Clone, Copy, Debug)]
pub struct Skipped {
    /// Where it ends.
    pub end: usize,
    /// Bytes of the strings in it, as they are written; names of members left out.
    pub text_bytes: u64,
    /// Bytes of the names of members in it, as they are written.
    pub name_bytes: u64,
}

/// Skips the value that starts at `start`.
pub fn value(text: &[u8], start: usize) -> Result<Skipped, Malformed> {
    // One bit per open bracket: 1 for an object, 0 for an array.
    let mut objects: u128 = 0;
    let mut depth = 0;
    let mut at = start;
    let (mut text_bytes, mut name_bytes) = (0, 0);
    loop {
        let open = text.get(at).copied();
        let ended = match open {
            Some(bracket @ (b'{' | b'[')) => {
                if depth == MAX_DEPTH {
                    return Err(Malformed { offset: at });
                }
                depth += 1;
                objects = (objects << 1) | u128::from(bracket == b'{');
                at = white_space(text, at + 1);
                let close = if bracket == b'{' { b'}' } else { b']' };
                if text.get(at) == Some(&close) {
                    depth -= 1;
                    objects >>= 1;
                    at += 1;
                    true
                } else {
                    if bracket == b'{' {
                        at = name(text, at, &mut name_bytes)?;
                    }
                    false
                }
            }
            Some(b'"') => {
                let end = string(text, at)?;
                text_bytes += (end - at - 2) as u64;
                at = end;
                true
            }
            _ => {
                at = scalar(text, at)?;
                true
            }
        };
        if !ended {
            continue;
        }
        // A value has ended: close what it completes, or go on to the next one.
        loop {
            if depth == 0 {
                return Ok(Skipped {
                    end: at,
                    text_bytes,
                    name_bytes,
                });
            }
            at = white_space(text, at);
            let object = objects & 1 == 1;
            match text.get(at) {
                Some(b',') => {
                    at = white_space(text, at + 1);
                    if object {
                        at = name(text, at, &mut name_bytes)?;
                    }
                    break;
                }
                Some(b'}') if object => {}
                Some(b']') if !object => {}
                _ => return Err(Malformed { offset: at }),
            }
            at += 1;
            depth -= 1;
            objects >>= 1;
        }
    }
}

/// A member's name and its colon; gives where the value starts, and counts the name.
fn name(text: &[u8], at: usize, bytes: &mut u64) -> Result<usize, Malformed> {
    let end = string(text, at)?;
    *bytes += (end - at - 2) as u64;
    let at = white_space(text, end);
    if text.get(at) == Some(&b':') {
        Ok(white_space(text, at + 1))
    } else {
        Err(Malformed { offset: at })
    }
}

fn scalar(text: &[u8], at: usize) -> Result<usize, Malformed> {
    let rest = text.get(at..).unwrap_or_default();
    for word in [&b"null"[..], b"true", b"false"] {
        if rest.starts_with(word) {
            return Ok(at + word.len());
        }
    }
    number(text, at)
}

fn number(text: &[u8], start: usize) -> Result<usize, Malformed> {
    let digits = |mut at: usize| {
        let first = at;
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if at > first {
            Ok(at)
        } else {
            Err(Malformed { offset: at })
        }
    };
    let mut at = start + usize::from(text.get(start) == Some(&b'-'));
    at = if text.get(at) == Some(&b'0') {
        at + 1
    } else {
        digits(at)?
    };
    if text.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        at = digits(at)?;
    }
    Ok(at)
}

/// The end of the string whose opening quote stands at `start`.
pub fn string(text: &[u8], start: usize) -> Result<usize, Malformed> {
    if text.get(start) != Some(&b'"') {
        return Err(Malformed { offset: start });
    }
    let mut at = start + 1;
    loop {
        at = plain(text, at);
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape(text, at)?,
            // The end of the text, or a control character.
            _ => return Err(Malformed { offset: at }),
        }
    }
}

fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// The first quote, backslash or control character at or after `at`.
fn plain(text: &[u8], mut at: usize) -> usize {
    /// Most strings, and most text between two escapes, end within this many words of eight bytes.
    const WORDS: usize = 8;
    let mut words = 0;
    while let Some(eight) = text.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let found = specials(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
        words += 1;
        if words == WORDS {
            at = plain_blocks(text, at);
        }
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

/// Passes over blocks without anything special. There is no early exit within a block, so this becomes vector instructions.
fn plain_blocks(text: &[u8], mut at: usize) -> usize {
    while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk::<32>) {
        if block.iter().fold(0, |found, byte| found | u8::from(is_special(*byte))) != 0 {
            break;
        }
        at += 32;
    }
    at
}

/// Marks by its high bit the first byte of a word that is special. Above it other bits may be set by borrows.
fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & (ONES << 7);
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    below(word, 0x20) | equal(b'"') | equal(b'\\')
}

fn escape(text: &[u8], at: usize) -> Result<usize, Malformed> {
    match text.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u')
            if text
                .get(at + 2..at + 6)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) =>
        {
            Ok(at + 6)
        }
        _ => Err(Malformed { offset: at }),
    }
}
