//! Skips one JSON value and checks it on the way. Not recursive, so that no body can exhaust the stack.

use super::{MAX_DEPTH, Malformed};

/// The first byte at or after `at` that is not white space.
pub fn white_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// The end of the value that starts at `start`.
pub fn value(text: &[u8], start: usize) -> Result<usize, Malformed> {
    // One bit per open bracket: 1 for an object, 0 for an array.
    let mut objects: u128 = 0;
    let mut depth = 0;
    let mut at = start;
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
                        at = name(text, at)?;
                    }
                    false
                }
            }
            Some(b'"') => {
                at = string(text, at)?;
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
                return Ok(at);
            }
            at = white_space(text, at);
            let object = objects & 1 == 1;
            match text.get(at) {
                Some(b',') => {
                    at = white_space(text, at + 1);
                    if object {
                        at = name(text, at)?;
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

/// A member's name and its colon; gives where the value starts.
fn name(text: &[u8], at: usize) -> Result<usize, Malformed> {
    let at = white_space(text, string(text, at)?);
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
    // Short strings are the most frequent ones; long ones go by blocks, which compile to vector instructions.
    const BLOCK: usize = 32;
    while let Some(block) = text.get(at..at + BLOCK) {
        let special = block.iter().fold(false, |found, byte| found | is_special(*byte));
        if special {
            break;
        }
        at += BLOCK;
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
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
