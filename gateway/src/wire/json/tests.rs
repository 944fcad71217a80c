use proptest::prelude::*;

use super::*;

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        ".{0,40}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn accepts_what_others_write(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_vec_pretty(&value).unwrap() } else { serde_json::to_vec(&value).unwrap() };
        prop_assert_eq!(read(&text).map(|found| found.span()), Ok(0..text.len()));
    }

    /// One byte changed, removed or added: both readers must agree on whether it is still JSON.
    #[test]
    fn agrees_with_serde_on_damaged_text(value in any_json(), place in any::<prop::sample::Index>(), byte in prop::sample::select(b"{}[]\",:\\/ \n\x01eE+-.0159truefalsn".to_vec()), way in 0..3) {
        let mut text = serde_json::to_vec(&value).unwrap();
        let place = place.index(text.len());
        match way {
            0 => text[place] = byte,
            1 => { text.remove(place); }
            _ => text.insert(place, byte),
        }
        if let Ok(text) = String::from_utf8(text) {
            let other = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(read(text.as_bytes()).is_ok(), other, "{}", text);
        }
    }

    /// The end of a string is found byte by byte in the same place as eight bytes at a time.
    #[test]
    fn strings_end_where_they_end(before in prop::collection::vec(0x20..=0xff_u8, 0..40), special in prop::sample::select(b"\"\\\x00\x1f".to_vec())) {
        let text = [&b"\""[..], &before, &[special, b'"', b'"']].concat();
        let first = text.iter().skip(1).position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\').unwrap() + 1;
        let wanted = if text[first] == b'"' { Ok(first + 1) } else { Err(first) };
        let found = skip::string(&text, 0).map_err(|error| error.offset);
        // A backslash that begins a valid escape goes on; here only `\"` does.
        if text[first] != b'\\' {
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn never_panics(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&text);
        let _ = read_object(&text, |member| { let _ = member.value.as_str(); });
    }
}

#[test]
fn depth_is_limited_without_recursion() {
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(read(&nested(MAX_DEPTH as usize)).is_ok());
    assert!(read(&nested(MAX_DEPTH as usize + 1)).is_err());
    assert!(read(&vec![b'['; 1_000_000]).is_err());
}

#[test]
fn members_come_with_names_decoded_and_places() {
    let text = br#" {"mod\u0065l" : "a", "n":[1, {"x":"yz"}] } "#;
    let mut seen = Vec::new();
    let span = read_object(text, |member| {
        seen.push((member.name.into_owned(), member.value.span(), member.comma_before));
    })
    .unwrap();
    assert_eq!(&text[span], text.trim_ascii());
    assert_eq!(seen[0].0, "model");
    assert_eq!(&text[seen[0].1.clone()], b"\"a\"");
    assert_eq!(seen[1].2, Some(20));
    let value = read(text).unwrap();
    assert_eq!(value.text_bytes, 3);
    let mut elements = 0;
    value.member("n").unwrap().elements(|_| elements += 1);
    assert_eq!(elements, 2);
}

#[test]
fn strings_are_measured_on_the_way() {
    let value = read(br#"{"name":["ab\n", {"url":"data:,A"}, 5, "data"]}"#).unwrap();
    assert_eq!(value.text_bytes, 15);
}

#[test]
fn numbers_that_count_are_whole_and_positive() {
    let number = |text: &[u8]| read(text).unwrap().as_u64();
    assert_eq!(number(b"12"), Some(12));
    for text in [&b"-1"[..], b"1.0", b"1e3", b"\"12\"", b"null", b"99999999999999999999"] {
        assert_eq!(number(text), None);
    }
    let whole = |text: &[u8]| read(text).unwrap().as_whole();
    assert_eq!(
        [whole(b"12"), whole(b"1e5"), whole(b"100000.0")],
        [Some(12), Some(100_000), Some(100_000)]
    );
    for text in [
        &b"-1"[..],
        b"-0.0",
        b"1.5",
        b"1e-1",
        b"1e400",
        b"\"12\"",
        b"null",
        b"99999999999999999999",
    ] {
        assert_eq!(whole(text), None);
    }
}
