//! What an edit changes, and that it changes nothing else.

use super::*;

#[test]
fn only_what_must_change_changes() {
    let cases = [
        (r#"{"model":"a/b","messages":[]}"#, r#"{"model":"slug","messages":[]}"#),
        (
            "{ \"messages\" : [ ] ,\r\n\t\"stream\":true, \"model\" : \"x\" , \"unknown\": 1.50e+2 }",
            "{\"stream_options\":{\"include_usage\":true}, \"messages\" : [ ] ,\r\n\t\"stream\":true, \"model\" : \"slug\" , \"unknown\": 1.50e+2 }",
        ),
        (
            r#"{"model":"x","stream":true,"stream_options":{}}"#,
            r#"{"model":"slug","stream":true,"stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"model":"x","stream":true,"stream_options":{"include_obfuscation":false}}"#,
            r#"{"model":"slug","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}"#,
        ),
        (
            r#"{"model":"x","stream":true,"stream_options":{"include_usage":false,"o":1}}"#,
            r#"{"model":"slug","stream":true,"stream_options":{"include_usage":true,"o":1}}"#,
        ),
        (
            r#"{"model":"x","stream":true,"stream_options":null}"#,
            r#"{"model":"slug","stream":true,"stream_options":{"include_usage":true}}"#,
        ),
        // Without a stream the options are the client's own affair; the provider says what it thinks of them.
        (
            r#"{"model":"x","stream_options":{"include_usage":true}}"#,
            r#"{"model":"slug","stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"mod\u0065l":"x","str\u0065am":false}"#,
            r#"{"mod\u0065l":"slug","str\u0065am":false}"#,
        ),
        (r#"{"model":"\u0078/y"}"#, r#"{"model":"slug"}"#),
        (
            r#"{"model":"x","max_completion_tokens":5}"#,
            r#"{"model":"slug","max_completion_tokens":5}"#,
        ),
        (
            "\u{feff}{\"model\":\"x\",\"stream\":true}",
            "{\"stream_options\":{\"include_usage\":true},\"model\":\"slug\",\"stream\":true}",
        ),
        // Names of places and keys are nothing special, and members within members are not ours.
        (
            r#"{"api_base":"http://evil","base_url":"http://evil","api_key":"k","nested":{"model":"m","stream":true},"model":"x"}"#,
            r#"{"api_base":"http://evil","base_url":"http://evil","api_key":"k","nested":{"model":"m","stream":true},"model":"slug"}"#,
        ),
        (
            r#"{"model":"x","seed":1,"seed":2}"#,
            r#"{"model":"slug","seed":1,"seed":2}"#,
        ),
    ];
    for (body, wanted) in cases {
        assert_eq!(rewritten(body, &Quirks::default()), wanted);
    }
}

#[test]
fn a_body_that_needs_no_edit_is_not_copied() {
    let body = Bytes::from_static(br#"{"model":"slug","messages":[]}"#);
    let result = scan(Endpoint::Chat, &body)
        .unwrap()
        .rewrite(&body, "slug", &Quirks::default(), None);
    assert_eq!(result.as_ptr(), body.as_ptr());
}

/// A limit that is put in may begin where something goes out.
#[test]
fn a_limit_is_put_in_wherever_options_go_out() {
    let members = [
        r#""stream_options":{"include_usage":true}"#,
        r#""model":"x""#,
        r#""stream":true"#,
        r#""messages":[]"#,
    ];
    for turn in 0..members.len() {
        for gap in ["", " "] {
            let mut turned = members;
            turned.rotate_left(turn);
            let body = Bytes::from(format!("{{{gap}{}}}", turned.join(",")));
            let scanned = scan(Endpoint::Chat, &body).unwrap();
            let edited = scanned.rewrite(&body, "slug", &mistral(), Some(7));
            let edited: Json = serde_json::from_slice(&edited).unwrap();
            assert_eq!(
                edited,
                json!({"model": "slug", "stream": true, "messages": [], "max_tokens": 7}),
                "{turned:?}"
            );
        }
    }
}

proptest! {
    /// Seen by somebody who does parse: after the edit exactly the named members differ, whatever else is in the body.
    #[test]
    fn an_edit_changes_nothing_else(
        names in prop::collection::vec("[a-z_]{1,9}|é|\"|\\\\", 0..5),
        order in any::<prop::sample::Index>(),
        stream in any::<Option<bool>>(),
        options in prop::sample::select(vec![Json::Null, json!({}), json!({"include_usage": false}), json!({"a": [1, "]}"]}), json!({"include_usage": true, "b": 1})]),
        with_options in any::<bool>(),
        limits in any::<(bool, bool)>(),
        quirky in any::<bool>(),
        pretty in any::<bool>(),
    ) {
        let mut members: Vec<(String, Json)> = names.into_iter().map(|name| (format!("x{name}"), json!({"v": ["{", 1.5, null]}))).collect();
        if let Some(stream) = stream { members.push(("stream".into(), stream.into())); }
        if with_options { members.push(("stream_options".into(), options.clone())); }
        if limits.0 { members.push(("max_tokens".into(), 1.into())); }
        if limits.1 { members.push(("max_completion_tokens".into(), 2.into())); }
        members.insert(order.index(members.len() + 1), ("model".into(), "p/m".into()));
        // Written by hand: serde would sort the members.
        let gap = if pretty { "\n  " } else { "" };
        let text: Vec<String> = members.iter().map(|(name, value)| format!("{gap}{}{gap}:{gap}{value}{gap}", json!(name))).collect();
        let body = format!("{{{}}}", text.join(","));
        let before: serde_json::Map<String, Json> = serde_json::from_str(&body).unwrap();
        let quirks = if quirky { mistral() } else { Quirks::default() };
        let after: serde_json::Map<String, Json> = serde_json::from_str(&rewritten(&body, &quirks)).unwrap();

        let mut wanted = before.clone();
        wanted.insert("model".into(), "slug".into());
        if quirky {
            wanted.remove("stream_options");
            if let Some(limit) = wanted.remove("max_completion_tokens") {
                wanted.entry("max_tokens").or_insert(limit);
            }
        } else if stream == Some(true) {
            let mut inner = before.get("stream_options").and_then(Json::as_object).cloned().unwrap_or_default();
            inner.insert("include_usage".into(), true.into());
            wanted.insert("stream_options".into(), inner.into());
        }
        prop_assert_eq!(after, wanted);
    }
}
