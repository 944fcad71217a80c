//! A JSON reader that checks everything and builds nothing: it walks over the members of an object and hands out spans.
//!
//! Bodies are forwarded as they came, so what is needed is where a value lies, not what a tree of it looks like. Depth is
//! limited; strings are skipped in blocks. Text must be checked for UTF-8 by the caller once. Used by `wire::openai`.

use std::{borrow::Cow, ops::Range};

mod skip;

/// Deepest nesting that is read. Deeper bodies are refused: nobody writes them by hand, and readers upstream refuse them too.
pub const MAX_DEPTH: u32 = 127;

/// The text is not JSON (or nested too deeply).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not valid JSON at byte {offset}")]
pub struct Malformed {
    /// Where reading stopped, in bytes from the start of the text.
    pub offset: usize,
}

/// One JSON value that was checked, and where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
    /// Bytes of all strings within, as they are written; names of members are left out.
    pub text_bytes: u64,
    name_bytes: u64,
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// The name, with escapes resolved: `"mod\u0065l"` is `model`.
    pub name: Cow<'a, str>,
    /// The name with its quotes.
    pub name_span: Range<usize>,
    /// The value.
    pub value: Value<'a>,
    /// The comma before this member, when it is not the first.
    pub comma_before: Option<usize>,
}

/// Reads the whole text as one value.
///
/// # Errors
/// [`Malformed`] when it is not exactly one value, with white space around it.
pub fn read(text: &[u8]) -> Result<Value<'_>, Malformed> {
    let start = skip::white_space(text, 0);
    let value = Value::at(text, start)?;
    match skip::white_space(text, value.end) {
        rest if rest == text.len() => Ok(value),
        offset => Err(Malformed { offset }),
    }
}

/// How many values a text holds, or some more: in one pass that checks nothing and builds nothing.
pub fn values(text: &[u8]) -> usize {
    let (mut at, mut values) = (0, 1);
    while let Some(byte) = text.get(at) {
        at = match byte {
            b'"' => match skip::string(text, at) {
                Ok(end) => end,
                // Whoever reads it says where it is broken.
                Err(_) => return values,
            },
            b',' | b'[' | b'{' => {
                values += 1;
                at + 1
            }
            _ => at + 1,
        };
    }
    values
}

/// Reads the whole text as one object and calls `each` for every member, in one pass that also checks everything.
///
/// # Errors
/// [`Malformed`] when the text is not exactly one object. `each` may have been called before that shows.
pub fn read_object<'a>(text: &'a [u8], mut each: impl FnMut(Member<'a>)) -> Result<Range<usize>, Malformed> {
    let start = skip::white_space(text, 0);
    let end = walk_object(text, start, &mut each)?;
    match skip::white_space(text, end) {
        rest if rest == text.len() => Ok(start..end),
        offset => Err(Malformed { offset }),
    }
}

fn walk_object<'a>(text: &'a [u8], start: usize, each: &mut dyn FnMut(Member<'a>)) -> Result<usize, Malformed> {
    if text.get(start) != Some(&b'{') {
        return Err(Malformed { offset: start });
    }
    let mut at = skip::white_space(text, start + 1);
    if text.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    let mut comma_before = None;
    loop {
        let name_start = at;
        at = skip::string(text, at)?;
        let name_span = name_start..at;
        at = skip::white_space(text, at);
        if text.get(at) != Some(&b':') {
            return Err(Malformed { offset: at });
        }
        let value_start = skip::white_space(text, at + 1);
        let value = Value::at(text, value_start)?;
        let name = decode(&text[name_start..name_span.end]).ok_or(Malformed { offset: name_start })?;
        each(Member {
            name,
            name_span,
            value,
            comma_before,
        });
        at = skip::white_space(text, value.end);
        match text.get(at) {
            Some(b',') => comma_before = Some(at),
            Some(b'}') => return Ok(at + 1),
            _ => return Err(Malformed { offset: at }),
        }
        at = skip::white_space(text, at + 1);
    }
}

/// The text of a JSON string with its quotes.
fn decode(quoted: &[u8]) -> Option<Cow<'_, str>> {
    let inner = quoted.get(1..quoted.len().checked_sub(1)?)?;
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    serde_json::from_slice::<String>(quoted).ok().map(Cow::Owned)
}

impl<'a> Value<'a> {
    /// Checks the value that starts here.
    fn at(text: &'a [u8], start: usize) -> Result<Self, Malformed> {
        let skip::Skipped {
            end,
            text_bytes,
            name_bytes,
        } = skip::value(text, start)?;
        Ok(Self {
            text,
            start,
            end,
            text_bytes,
            name_bytes,
        })
    }

    /// Bytes of all strings within and of all names of members, as of a schema, whose names a model reads too.
    pub fn word_bytes(&self) -> u64 {
        self.text_bytes + self.name_bytes
    }

    /// Where it lies in the text.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its bytes.
    pub fn raw(&self) -> &'a [u8] {
        &self.text[self.start..self.end]
    }

    fn first(&self) -> u8 {
        self.text.get(self.start).copied().unwrap_or(b'n')
    }

    /// It is `null`.
    pub fn is_null(&self) -> bool {
        self.first() == b'n'
    }

    /// It is an object.
    pub fn is_object(&self) -> bool {
        self.first() == b'{'
    }

    /// The truth value, when it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.first() {
            b't' => Some(true),
            b'f' => Some(false),
            _ => None,
        }
    }

    /// The text, when it is a string without lone surrogates.
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        (self.first() == b'"').then(|| decode(self.raw())).flatten()
    }

    /// The number, when it is a whole one that fits and is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        let digits = self.raw();
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| std::str::from_utf8(digits).ok()?.parse().ok())
            .flatten()
    }

    /// The number, when it is a whole one that is not negative, in whichever way it is written: `1e5`, `1024.0`.
    pub fn as_whole(&self) -> Option<u64> {
        /// Up to here every whole number has a floating-point number of its own.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        self.as_u64().or_else(|| {
            let text = std::str::from_utf8(self.raw()).ok()?;
            let number = self
                .first()
                .is_ascii_digit()
                .then(|| text.parse::<f64>().ok())
                .flatten()?;
            // Whole and within bounds, so the conversion changes nothing.
            (number.fract() == 0.0 && number < EXACT).then_some(number as u64)
        })
    }

    /// Calls `each` for every member, when it is an object.
    pub fn members(&self, mut each: impl FnMut(Member<'a>)) {
        // The value was checked when it was skipped, so walking it again cannot fail.
        if self.is_object() {
            walk_object(self.text, self.start, &mut each).ok();
        }
    }

    /// The member with this name; the last one when there are several.
    pub fn member(&self, name: &str) -> Option<Value<'a>> {
        let mut found = None;
        self.members(|member| {
            if member.name == name {
                found = Some(member.value);
            }
        });
        found
    }

    /// Calls `each` for every element, when it is an array.
    pub fn elements(&self, mut each: impl FnMut(Value<'a>)) {
        if self.first() != b'[' {
            return;
        }
        let mut at = skip::white_space(self.text, self.start + 1);
        while at < self.end && self.text[at] != b']' {
            let Ok(value) = Value::at(self.text, at) else { return };
            each(value);
            at = skip::white_space(self.text, value.end);
            if self.text.get(at) == Some(&b',') {
                at = skip::white_space(self.text, at + 1);
            }
        }
    }

    /// It is an array.
    pub fn is_array(&self) -> bool {
        self.first() == b'['
    }

    /// How many numbers stand in an array, and in the arrays within it.
    pub fn numbers(&self) -> u64 {
        let is_number = |value: &Self| matches!(value.first(), b'-' | b'0'..=b'9');
        let mut count = 0;
        self.elements(|one| {
            count += u64::from(is_number(&one));
            one.elements(|inner| count += u64::from(is_number(&inner)));
        });
        count
    }

    /// It is an array without elements.
    pub fn is_empty_array(&self) -> bool {
        self.first() == b'[' && self.text.get(skip::white_space(self.text, self.start + 1)) == Some(&b']')
    }
}

#[cfg(test)]
mod tests;
