//! Edits of a request between bytes that stay as they are. Used where both sides speak the same dialect.

use std::{borrow::Cow, ops::Range};

use bytes::Bytes;

/// Which bytes go, and what takes their place.
pub(super) type Edit = (Range<usize>, Cow<'static, [u8]>);

/// What is kept of a body, edited, and not copied without any edit. They come in any order, which changes, and do not overlap: of
/// two that begin at one place, what is put in comes before what goes.
pub(super) fn apply(body: &Bytes, kept: &Range<usize>, edits: &mut [Edit]) -> Bytes {
    if edits.is_empty() {
        return body.slice(kept.clone());
    }
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let added: usize = edits.iter().map(|(_, text)| text.len()).sum();
    let mut result = Vec::with_capacity(kept.len() + added);
    let mut at = kept.start;
    for (span, text) in edits {
        debug_assert!(at <= span.start, "edits overlap");
        result.extend_from_slice(body.get(at..span.start).unwrap_or_default());
        result.extend_from_slice(text);
        at = at.max(span.end);
    }
    result.extend_from_slice(body.get(at..kept.end).unwrap_or_default());
    result.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_before_what_goes_at_the_same_place() {
        let body = Bytes::from_static(b"{\"a\":1,\"b\":2}");
        let (goes, comes): (Edit, Edit) = ((1..7, Cow::Borrowed(b"")), (1..1, Cow::Borrowed(b"\"c\":3,")));
        for mut edits in [[goes.clone(), comes.clone()], [comes, goes]] {
            let edited = apply(&body, &(0..body.len()), &mut edits);
            assert_eq!(edited, b"{\"c\":3,\"b\":2}"[..]);
        }
    }
}
