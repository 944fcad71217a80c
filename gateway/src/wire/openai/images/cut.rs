//! Takes pictures away from an answer that nobody asked for, and that nobody pays. All else stays as it came.

use std::ops::Range;

use super::super::{
    super::json::{self, Value},
    answer::is_picture,
};

/// Where services put pictures. SiliconFlow tells them under both names.
const LISTS: [&str; 2] = ["data", "images"];

/// The answer with no more than the first `most` pictures; none where it has no more.
pub(crate) fn first(body: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut cuts = Vec::new();
    json::read_object(body, |member| {
        if LISTS.contains(&&*member.name) {
            cuts.extend(beyond(&member.value, most));
        }
    })
    .ok()?;
    let last = cuts.last()?.end;
    let mut left = Vec::with_capacity(body.len());
    let mut at = 0;
    for cut in &cuts {
        left.extend_from_slice(body.get(at..cut.start)?);
        at = cut.end;
    }
    left.extend_from_slice(body.get(last..)?);
    Some(left)
}

/// Where the entries of a list lie that follow its first `most` pictures, when there are pictures among them.
fn beyond(list: &Value<'_>, most: u64) -> Option<Range<usize>> {
    let (mut shown, mut end) = (0, None);
    list.elements(|entry| {
        let is_text = entry.raw().starts_with(b"\"") && entry.text_bytes > 0;
        shown += u64::from(is_text || is_picture(&entry));
        if shown == most {
            end.get_or_insert(entry.span().end);
        }
    });
    let whole = list.span();
    // Its last letter closes it.
    (shown > most).then_some(end?..whole.end.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use domain::call::Endpoint;
    use proptest::prelude::*;

    use super::{super::super::answer, *};

    fn cut(body: &str, most: u64) -> Option<String> {
        first(body.as_bytes(), most).map(|left| String::from_utf8(left).unwrap())
    }

    #[test]
    fn the_first_ones_stay_and_all_around_them() {
        let two = r#"{ "created": 1, "data": [null, {"b64_json":"AA"} , {"error":{}}, {"url":"https://a"} ], "usage": {"output_tokens": 9} }"#;
        let one = r#"{ "created": 1, "data": [null, {"b64_json":"AA"}], "usage": {"output_tokens": 9} }"#;
        assert_eq!(cut(two, 1).as_deref(), Some(one));
        assert_eq!(cut(two, 2), None);
        let twice = r#"{"images":[{"url":"a"},{"url":"b"}],"data":[{"url":"a"},{"url":"b"}],"seed":3}"#;
        let once = r#"{"images":[{"url":"a"}],"data":[{"url":"a"}],"seed":3}"#;
        assert_eq!(cut(twice, 1).as_deref(), Some(once));
        assert_eq!(
            cut(r#"{"images":["a","b","c"]}"#, 2).as_deref(),
            Some(r#"{"images":["a","b"]}"#)
        );
        for body in ["", "[]", r#"{"data":7}"#, r#"{"data":[]}"#, r#"{"data":[null,{},7]}"#] {
            assert_eq!(cut(body, 1), None, "{body}");
        }
    }

    proptest! {
        #[test]
        fn as_many_are_left_as_were_asked_for(entries in prop::collection::vec(0..4_usize, 0..12), most in 1..6_u64) {
            let kinds = ["null", "{}", r#"{"b64_json":"AAAA"}"#, r#"{"url":"https://a.example/b.png"}"#];
            let entries: Vec<&str> = entries.into_iter().map(|kind| kinds[kind]).collect();
            let body = format!(r#"{{"data":[{}],"created":1}}"#, entries.join(" , "));
            let count = |body: &[u8]| answer::read(Endpoint::Images, body).unwrap().pictures;
            let came = count(body.as_bytes());
            match first(body.as_bytes(), most) {
                Some(left) => prop_assert!(came > most && count(&left) == most),
                None => prop_assert!(came <= most),
            }
        }

        #[test]
        fn nothing_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), most in 0..3_u64) {
            let _ = first(&body, most);
        }
    }
}
