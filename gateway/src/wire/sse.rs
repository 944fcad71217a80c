//! Cuts a byte stream into server-sent events. Works on bytes, so that an event or a character cut anywhere comes to no harm.
//!
//! Read: LF, CR and CRLF; several `data` lines; comments; a byte order mark; `data:` with or without a space; a last event
//! without its blank line; events up to a limit. What a chunk completes is handed out at once, as slices of the chunk
//! wherever it can be, and all of it is handed out but the byte order mark, which most clients do not know.
//! Meaning is none of its business: see `wire::openai::stream`.

use std::{borrow::Cow, ops::Range};

use bytes::{Bytes, BytesMut};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An event is larger than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than {limit} bytes")]
pub struct TooLarge {
    /// The limit in bytes.
    pub limit: usize,
}

/// The events that one chunk completed, in one piece of memory.
#[derive(Debug, Default)]
pub struct Batch {
    /// The bytes of all of them, as they came.
    pub bytes: Bytes,
    events: Vec<Range<usize>>,
    /// They are lines of JSON.
    lines: bool,
    /// The first of them is the line feed that was missing at the end of the last event before.
    late_line_feed: bool,
}

/// One event (or comment) with its blank line.
#[derive(Debug)]
pub struct Event<'a> {
    /// Its place in the batch.
    pub span: Range<usize>,
    /// The joined `data` lines; absent when there is none.
    pub data: Option<Cow<'a, [u8]>>,
    /// The `event` field.
    pub name: Option<&'a [u8]>,
    /// What it consists of.
    pub content: Content,
}

/// What an event consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Line ends.
    Blank,
    /// The LF of a CRLF whose CR has ended the event before, in an earlier chunk: it goes where that went.
    LateLineFeed,
    /// Comments: they keep a connection alive.
    Comments,
    /// At least one field.
    Fields,
}

impl Batch {
    /// The events in order.
    pub fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let event = if self.lines { line } else { read };
        self.events.iter().map(move |span| {
            let mut event = event(&self.bytes[span.clone()], span.clone());
            if self.late_line_feed && span.start == 0 {
                event.content = Content::LateLineFeed;
            }
            event
        })
    }

    /// Lines of JSON in one piece of memory.
    pub(super) fn of_lines(bytes: Bytes, events: Vec<Range<usize>>) -> Self {
        Self {
            bytes,
            events,
            lines: true,
            late_line_feed: false,
        }
    }

    /// The bytes of the longest.
    pub(super) fn longest(&self) -> usize {
        let lengths = self.events.iter().map(ExactSizeIterator::len);
        lengths.max().unwrap_or_default()
    }
}

/// What is left of earlier chunks, and where reading stopped in it.
#[derive(Debug)]
pub struct Framer {
    limit: usize,
    /// The beginning of an event that is not complete.
    partial: BytesMut,
    /// How far `partial` was searched for line ends.
    searched: usize,
    /// Where the line begins that `searched` lies in.
    line_start: usize,
    /// The last byte was a CR that ended a line: an LF that follows belongs to it.
    after_carriage_return: bool,
    /// The byte order mark, if any, has passed.
    started: bool,
}

impl Framer {
    /// A framer that refuses events over `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            partial: BytesMut::new(),
            searched: 0,
            line_start: 0,
            after_carriage_return: false,
            started: false,
        }
    }

    /// Takes a chunk and gives back the events that it completes.
    ///
    /// # Errors
    /// [`TooLarge`]; the stream cannot be read on.
    pub fn push(&mut self, chunk: Bytes) -> Result<Batch, TooLarge> {
        let chunk = self.without_mark(chunk);
        if chunk.is_empty() {
            return Ok(Batch::default());
        }
        let late_line_feed = self.after_carriage_return && self.partial.is_empty() && chunk[0] == b'\n';
        let mut events = Vec::new();
        let bytes = if self.partial.is_empty() {
            let end = self.search(&chunk, &mut events);
            self.partial.extend_from_slice(&chunk[end..]);
            chunk.slice(..end)
        } else {
            let mut partial = std::mem::take(&mut self.partial);
            partial.extend_from_slice(&chunk);
            let end = self.search(&partial, &mut events);
            let complete = if end == 0 {
                Bytes::new()
            } else {
                partial.split_to(end).freeze()
            };
            self.partial = partial;
            complete
        };
        let batch = Batch {
            bytes,
            events,
            lines: false,
            late_line_feed,
        };
        if batch.longest().max(self.partial.len()) > self.limit {
            return Err(TooLarge { limit: self.limit });
        }
        Ok(batch)
    }

    /// The stream has ended: what is left counts as an event, although its blank line is missing.
    pub fn finish(&mut self) -> Batch {
        let bytes = std::mem::take(&mut self.partial).freeze();
        let whole = 0..bytes.len();
        let events = if bytes.is_empty() {
            Vec::new()
        } else {
            Vec::from([whole])
        };
        Batch {
            bytes,
            events,
            ..Batch::default()
        }
    }

    /// The chunk without a byte order mark at the very start, which may come in pieces.
    fn without_mark(&mut self, mut chunk: Bytes) -> Bytes {
        if self.started {
            return chunk;
        }
        let mut joined = std::mem::take(&mut self.partial);
        if !joined.is_empty() {
            joined.extend_from_slice(&chunk);
            chunk = joined.freeze();
        }
        if chunk.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&chunk) {
            self.partial = BytesMut::from(&chunk[..]);
            return Bytes::new();
        }
        self.started = true;
        if chunk.starts_with(BYTE_ORDER_MARK) {
            chunk = chunk.slice(BYTE_ORDER_MARK.len()..);
        }
        chunk
    }

    /// Finds the ends of events in `bytes`, which begin with what was partial; gives where the last complete one ends.
    fn search(&mut self, bytes: &[u8], events: &mut Vec<Range<usize>>) -> usize {
        let mut event_start = 0;
        if self.after_carriage_return && self.searched < bytes.len() {
            self.after_carriage_return = false;
            if bytes[self.searched] == b'\n' {
                self.searched += 1;
                self.line_start = self.searched;
                if self.searched == 1 {
                    // Nothing is left of earlier chunks: the CR has ended an event, which is gone.
                    events.push(0..1);
                    event_start = 1;
                }
            }
        }
        while let Some(found) = memchr::memchr2(b'\n', b'\r', &bytes[self.searched..]) {
            let at = self.searched + found;
            let pair = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            let next = at + if pair { 2 } else { 1 };
            self.after_carriage_return = bytes[at] == b'\r' && next == bytes.len() && !pair;
            let blank = at == self.line_start;
            self.searched = next;
            self.line_start = next;
            if blank {
                events.push(event_start..next);
                event_start = next;
            }
        }
        // Places from here on are counted from the start of what stays.
        self.searched = bytes.len() - event_start;
        self.line_start -= event_start;
        event_start
    }
}

/// A line is an event of nothing but data; an empty one is none.
fn line(raw: &[u8], span: Range<usize>) -> Event<'_> {
    let data = raw.trim_ascii();
    Event {
        span,
        data: Some(data).filter(|data| !data.is_empty()).map(Cow::Borrowed),
        name: None,
        content: if data.is_empty() {
            Content::Blank
        } else {
            Content::Fields
        },
    }
}

/// Splits an event into its fields.
fn read(raw: &[u8], span: Range<usize>) -> Event<'_> {
    let mut event = Event {
        span,
        data: None,
        name: None,
        content: Content::Blank,
    };
    let mut rest = raw;
    while !rest.is_empty() {
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        if line.is_empty() {
            continue;
        }
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        event.content = if colon == 0 && event.content != Content::Fields {
            Content::Comments
        } else {
            Content::Fields
        };
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => {
                event.data = Some(match event.data {
                    None => Cow::Borrowed(value),
                    // Appended in place from the second line on: an event of many lines must not cost their square.
                    Some(before) => {
                        let mut joined = before.into_owned();
                        joined.push(b'\n');
                        joined.extend_from_slice(value);
                        Cow::Owned(joined)
                    }
                });
            }
            b"event" => event.name = Some(value),
            _ => {}
        }
    }
    event
}

#[cfg(test)]
mod tests;
