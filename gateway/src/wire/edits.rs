//! Edits of a request between bytes that stay as they are. Used where both sides speak the same dialect.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;

/// Which bytes go, and what takes their place.
pub(super) type Edit = (Range<usize>, Cow<'static, [u8]>);

/// What is kept of a body, edited. The edits stand in order and do not overlap. Without any it is not copied.
pub(super) fn apply(body: &Bytes, kept: &Range<usize>, edits: &[Edit]) -> Bytes {
    if edits.is_empty() {
        return body.slice(kept.clone());
    }
    let added: usize = edits.iter().map(|(_, text)| text.len()).sum();
    let mut result = Vec::with_capacity(kept.len() + added);
    let mut at = kept.start;
    for (span, text) in edits {
        result.extend_from_slice(&body[at..span.start]);
        result.extend_from_slice(text);
        at = span.end;
    }
    result.extend_from_slice(&body[at..kept.end]);
    result.into()
}
