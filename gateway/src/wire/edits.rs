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

/// Of more edits those that touch nothing which changes anyway. The order of the others changes; they do not overlap.
pub(super) fn apart(others: &mut [Edit], mut more: Vec<Edit>) -> Vec<Edit> {
    others.sort_by_key(|(span, _)| (span.start, span.end));
    more.retain(|(span, _)| {
        let before = others.partition_point(|(other, _)| other.end <= span.start);
        others.get(before).is_none_or(|(next, _)| span.end <= next.start)
    });
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_goes_anyway_nothing_changes() {
        let edit = |span: Range<usize>| -> Edit { (span, Cow::Borrowed(b"")) };
        let mut others = [edit(30..40), edit(10..20), edit(5..5), edit(20..22)];
        for (span, stays) in [
            (0..5, true),
            (4..6, false),
            (5..10, true),
            (5..11, false),
            (12..15, false),
            (19..20, false),
            (20..21, false),
            (22..30, true),
            (29..31, false),
            (39..41, false),
            (40..50, true),
        ] {
            let left = apart(&mut others, vec![edit(span.clone())]);
            assert_eq!(!left.is_empty(), stays, "{span:?}");
        }
    }

    /// A hundred thousand and as many are no square of work.
    #[test]
    fn many_edits_and_many_others_come_to_an_end() {
        let spaced = |from: usize| -> Vec<Edit> {
            let spans = (0..100_000).map(|at| at * 10 + from..at * 10 + from + 3);
            spans.map(|span| (span, Cow::Borrowed(&b""[..]))).collect()
        };
        assert_eq!(apart(&mut spaced(0), spaced(5)).len(), 100_000);
        assert!(apart(&mut spaced(0), spaced(2)).is_empty());
    }

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
