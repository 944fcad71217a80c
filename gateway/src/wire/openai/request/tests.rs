use bytes::Bytes;
use domain::catalog::{Quirks, find_preset};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn chat(body: &str) -> Result<Scanned, RequestProblem> {
    scan(Endpoint::Chat, body.as_bytes())
}

fn rewritten(body: &str, quirks: &Quirks) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let result = scan(Endpoint::Chat, &body)
        .unwrap()
        .rewrite(&body, "slug", quirks, None);
    String::from_utf8(result.to_vec()).unwrap()
}

fn mistral() -> Quirks {
    find_preset("mistral").unwrap().quirks()
}

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

#[test]
fn providers_that_refuse_fields_do_not_get_them() {
    let cases = [
        (r#"{"model":"x","stream":true}"#, r#"{"model":"slug","stream":true}"#),
        (
            r#"{"model":"x","max_completion_tokens":5}"#,
            r#"{"model":"slug","max_tokens":5}"#,
        ),
        (
            r#"{"model":"x","max_tokens":4,"max_completion_tokens":5}"#,
            r#"{"model":"slug","max_tokens":4}"#,
        ),
        (
            r#"{"stream_options":{"include_usage":true} , "max_completion_tokens":5,"max_tokens":3,"model":"x","stream":true}"#,
            r#"{ "max_tokens":3,"model":"slug","stream":true}"#,
        ),
        (
            r#"{"model":"x","stream_options":null,"max_tokens":3,"max_completion_tokens":5}"#,
            r#"{"model":"slug","max_tokens":3}"#,
        ),
    ];
    for (body, wanted) in cases {
        let result = rewritten(body, &mistral());
        assert_eq!(result.replace("{  ", "{ "), wanted);
        assert!(serde_json::from_str::<Json>(&result).is_ok());
    }
}

#[test]
fn forbidden_fields_are_taken_away_within_messages_too() {
    let cases = [
        (
            r#"{"store":true,"model":"x","messages":[{"role":"user","name":"bob","content":"hi"}],"store":false}"#,
            r#"{"model":"slug","messages":[{"role":"user","content":"hi"}]}"#,
        ),
        (
            r#"{"messages":[{"name":"a","reasoning_content":"b","role":"assistant"},{"name":"a"},7,{}] , "store" : null , "model":"x"}"#,
            r#"{"messages":[{"role":"assistant"},{},7,{}] ,  "model":"slug"}"#,
        ),
        (
            "\u{feff}{\"model\":\"x\",\"messages\":[ { \"role\" : \"u\" , \"n\\u0061me\" : {\"name\":1} , \"content\":\"name\" } ],\"stream\":true,\"store\":1,\"stream_options\":{},\"max_completion_tokens\":2}",
            r#"{"model":"slug","messages":[ { "role" : "u"  , "content":"name" } ],"stream":true,"max_tokens":2}"#,
        ),
        // Elsewhere the names are somebody else's.
        (
            r#"{"model":"x","tools":[{"name":"store"}],"metadata":{"store":1}}"#,
            r#"{"model":"slug","tools":[{"name":"store"}],"metadata":{"store":1}}"#,
        ),
    ];
    for (body, wanted) in cases {
        assert_eq!(rewritten(body, &mistral()), wanted);
    }
}

#[test]
fn limits_reach_those_that_ignore_the_newer_name() {
    for preset in ["deepseek", "ollama"] {
        let quirks = find_preset(preset).unwrap().quirks();
        assert_eq!(
            rewritten(r#"{"model":"x","max_completion_tokens":5}"#, &quirks),
            r#"{"model":"slug","max_tokens":5}"#,
            "{preset}"
        );
    }
}

#[test]
fn what_cannot_be_understood_is_refused_with_the_place() {
    let cases = [
        ("", None, "invalid_json"),
        ("[]", None, "invalid_json"),
        ("{\"model\":\"x\"", None, "invalid_json"),
        ("{\"model\":\"x\"} {}", None, "invalid_json"),
        ("{\"model\":\"x\",}", None, "invalid_json"),
        ("{'model':'x'}", None, "invalid_json"),
        ("{}", Some("model"), "missing_model"),
        ("{\"model\":\"\"}", Some("model"), "missing_model"),
        ("{\"model\":7}", Some("model"), "invalid_type"),
        ("{\"model\":\"\\ud800\"}", Some("model"), "invalid_type"),
        ("{\"model\":\"x\",\"model\":\"y\"}", Some("model"), "duplicate_field"),
        (
            "{\"model\":\"x\",\"mod\\u0065l\":\"y\"}",
            Some("model"),
            "duplicate_field",
        ),
        ("{\"model\":\"x\",\"stream\":\"true\"}", Some("stream"), "invalid_type"),
        (
            "{\"model\":\"x\",\"stream\":true,\"stream\":false}",
            Some("stream"),
            "duplicate_field",
        ),
        (
            "{\"model\":\"x\",\"stream_options\":[]}",
            Some("stream_options"),
            "invalid_type",
        ),
        (
            "{\"model\":\"x\",\"stream_options\":{\"include_usage\":1}}",
            Some("stream_options.include_usage"),
            "invalid_type",
        ),
    ];
    for (body, param, code) in cases {
        let problem = chat(body).unwrap_err();
        assert_eq!((problem.param.as_deref(), problem.code), (param, code), "{body}");
    }
    assert_eq!(
        scan(Endpoint::Chat, b"{\"model\":\"\xff\"}").unwrap_err().code,
        "invalid_json"
    );
}

#[test]
fn null_counts_as_absent() {
    let scanned = chat(r#"{"model":"x","stream":null,"stream_options":{"include_usage":null}}"#).unwrap();
    assert!(!scanned.stream && !scanned.include_usage);
    assert!(chat(r#"{"model":null}"#).is_err());
}

#[test]
fn embeddings_never_stream() {
    let body = Bytes::from_static(br#"{"model":"x","input":["ab","cd"],"stream":true,"stream_options":{}}"#);
    let scanned = scan(Endpoint::Embeddings, &body).unwrap();
    assert_eq!((scanned.stream, scanned.prompt_bytes), (false, 4));
    assert_eq!(
        &scanned.rewrite(&body, "slug", &mistral(), None)[..],
        &br#"{"model":"slug","input":["ab","cd"],"stream":true,"stream_options":{}}"#[..]
    );
}

fn prompt(part: &Json) -> Scanned {
    chat(&json!({"model": "x", "messages": [{"role": "user", "content": [part]}]}).to_string()).unwrap()
}

#[test]
fn embedded_files_do_not_count_as_text() {
    let picture = format!("data:image/png;base64,{}", "A".repeat(9000));
    for part in [
        json!({"type": "image_url", "image_url": {"detail": "low", "url": picture}}),
        json!({"type": "image_url", "image_url": picture}),
    ] {
        let scanned = prompt(&part);
        assert_eq!((scanned.files.count, scanned.files.images), (1, true));
        assert!(scanned.prompt_bytes < 30 && scanned.bytes < 200, "{scanned:?}");
    }
    // Bytes bound what a document or a sound counts for.
    for (part, sound) in [
        (
            json!({"type": "file", "file": {"filename": "a.pdf", "file_data": format!("data:application/pdf;base64,{}", "A".repeat(9000))}}),
            false,
        ),
        (
            json!({"type": "input_audio", "input_audio": {"format": "wav", "data": "A".repeat(9000)}}),
            true,
        ),
    ] {
        let scanned = prompt(&part);
        assert_eq!((scanned.files.count, scanned.files.sound), (1, sound));
        assert!(scanned.prompt_bytes < 60 && scanned.bytes > 9000, "{scanned:?}");
    }
}

#[test]
fn text_that_looks_like_a_file_is_text() {
    let picture = format!("data:image/png;base64,{}", "A".repeat(9000));
    let bodies = [
        json!({"model": "x", "messages": [{"role": "user", "content": picture}]}),
        json!({"model": "x", "messages": [{"role": "user", "content": [{"type": "text", "text": picture}]}]}),
        json!({"model": "x", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture.replace("png", "svg+xml")}}]}]}),
        json!({"model": "x", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture.replace(";base64", "")}}]}]}),
        json!({"model": "x", "messages": [{"role": "user", "name": picture, "image_url": {"url": picture}}]}),
        json!({"model": "x", "messages": [], "tools": [{"function": {"parameters": {"image_url": {"url": picture}, "content": [{"image_url": picture}]}}}]}),
        json!({"model": "x", "messages": [], "metadata": {"content": [{"image_url": picture}]}}),
        json!({"model": "x", "input": [picture]}),
    ];
    for body in bodies {
        let text = body.to_string();
        assert_eq!(chat(&text).unwrap().bytes, text.len() as u64, "{text:.100}");
    }
    assert_eq!(
        prompt(&json!({"text": "x", "cache_control": {"type": "ephemeral"}})).files,
        Files::default()
    );
}

#[test]
fn images_by_their_address_count_and_what_is_only_named_is_told() {
    let image = prompt(&json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}));
    assert_eq!((image.files.count, image.files.unmeasured), (1, None));
    let escaped = r#"{"model":"x","messages":[{"content":[{"image\u005furl":{"u\u0072l":"https:\/\/example.com"}}]}]}"#;
    assert_eq!(chat(escaped).unwrap().files.count, 1);
    for (part, name) in [
        (json!({"type": "file", "file": {"file_id": "file-1"}}), "file_id"),
        (
            json!({"type": "file", "file": {"file_data": "https://example.com/a.pdf"}}),
            "file_data",
        ),
        (
            json!({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}),
            "url",
        ),
        (
            json!({"type": "input_audio", "input_audio": {"data": "https://example.com/a.wav"}}),
            "data",
        ),
        (json!({"type": "video", "video": "gs://bucket/a.mp4"}), "video"),
    ] {
        assert_eq!(prompt(&part).files.unmeasured.as_deref(), Some(name), "{part}");
    }
    assert_eq!(
        prompt(&json!({"type": "file", "file": {"file_id": null, "file_data": "data:,"}}))
            .files
            .unmeasured,
        None
    );
}

#[test]
fn limits_are_read_or_told() {
    let read = |members: &str| {
        let scanned = chat(&format!(r#"{{"model":"x",{members}}}"#)).unwrap();
        (scanned.output_limit, scanned.choices, scanned.unlimited)
    };
    for (members, wanted) in [
        (r#""max_tokens":5"#, (Some(5), 1, None)),
        (r#""max_tokens":1e5"#, (Some(100_000), 1, None)),
        (
            r#""max_tokens":null,"max_completion_tokens":2.0,"n":3"#,
            (Some(2), 3, None),
        ),
        (
            r#""max_tokens":null,"max_completion_tokens":null,"n":null"#,
            (None, 1, None),
        ),
        (r#""max_tokens":7,"max_completion_tokens":5"#, (Some(7), 1, None)),
        (r#""max_tokens":"100000""#, (None, 1, Some("max_tokens"))),
        (r#""max_tokens":-1"#, (None, 1, Some("max_tokens"))),
        (r#""max_tokens":0"#, (None, 1, Some("max_tokens"))),
        (
            r#""max_tokens":1.5,"max_completion_tokens":5"#,
            (Some(5), 1, Some("max_tokens")),
        ),
        (
            r#""max_completion_tokens":[1]"#,
            (None, 1, Some("max_completion_tokens")),
        ),
        (
            r#""max_completion_tokens":99999999999999999999"#,
            (None, 1, Some("max_completion_tokens")),
        ),
        (r#""n":"4""#, (None, 1, Some("n"))),
        (r#""n":1000"#, (None, 128, Some("n"))),
        (r#""max_tokens":5,"n_predict":-1"#, (Some(5), 1, Some("n_predict"))),
        (r#""best_of":null"#, (None, 1, None)),
    ] {
        assert_eq!(read(members), wanted, "{members}");
    }
    assert!(chat(r#"{"model":"x","max_tokens":null,"max_tokens":null}"#).is_err());
}

#[test]
fn a_cap_stands_in_the_field_that_the_provider_reads() {
    let capped = |body: &str, quirks: &Quirks| {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let result = scan(Endpoint::Chat, &body)
            .unwrap()
            .rewrite(&body, "x", quirks, Some(9));
        String::from_utf8(result.to_vec()).unwrap()
    };
    let old = Quirks {
        max_tokens_only: true,
        ..Quirks::default()
    };
    for (body, newer, older) in [
        (
            r#"{"model":"x"}"#,
            r#"{"max_completion_tokens":9,"model":"x"}"#,
            r#"{"max_tokens":9,"model":"x"}"#,
        ),
        (
            r#"{"model":"x","max_tokens":8}"#,
            r#"{"model":"x","max_tokens":8}"#,
            r#"{"model":"x","max_tokens":8}"#,
        ),
        (
            r#"{"model":"x","max_tokens":1e5}"#,
            r#"{"model":"x","max_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_completion_tokens":10}"#,
            r#"{"model":"x","max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null}"#,
            r#"{"max_completion_tokens":9,"model":"x","max_tokens":null}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_completion_tokens":null}"#,
            r#"{"model":"x","max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":5}"#,
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":5}"#,
            r#"{"model":"x","max_tokens":5}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":50}"#,
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":null}"#,
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":20,"max_completion_tokens":10}"#,
            r#"{"model":"x","max_tokens":9,"max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
    ] {
        assert_eq!(capped(body, &Quirks::default()), newer);
        assert_eq!(capped(body, &old), older);
    }
    assert_eq!(
        capped("\u{feff} {\"stream\":true,\"model\":\"x\"}", &Quirks::default()),
        " {\"stream_options\":{\"include_usage\":true},\"max_completion_tokens\":9,\"stream\":true,\"model\":\"x\"}"
    );
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

    /// Whichever members go, in whatever order they stand, exactly they are gone.
    #[test]
    fn exactly_the_forbidden_fields_are_gone(
        outer in prop::collection::vec(prop::sample::select(vec!["store", "a", "seed", "max_completion_tokens", "stream_options"]), 0..5),
        order in any::<prop::sample::Index>(),
        inner in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["name", "role", "reasoning_content", "z"]), 0..5), 0..4),
        pretty in any::<bool>(),
    ) {
        let gap = if pretty { "\n " } else { "" };
        let object = |names: &[String]| {
            let members: Vec<String> = names.iter().map(|name| format!("{gap}{name}{gap}")).collect();
            format!("{{{}}}", members.join(","))
        };
        let messages: Vec<String> = inner
            .iter()
            .map(|names| object(&names.iter().map(|name| format!("\"{name}\":{{\"name\":\"}},\"}}")).collect::<Vec<_>>()))
            .collect();
        let mut names: Vec<&str> = outer.clone();
        names.sort_unstable();
        names.dedup();
        let mut members: Vec<String> = names.iter().map(|name| format!("\"{name}\":{}", if *name == "stream_options" { "{}" } else { "1" })).collect();
        members.push(format!("\"messages\":[{}]", messages.join(",")));
        members.insert(order.index(members.len() + 1), "\"model\":\"x\"".to_owned());
        let body = object(&members);
        let mut wanted: serde_json::Map<String, Json> = serde_json::from_str(&body).unwrap();
        let after: serde_json::Map<String, Json> = serde_json::from_str(&rewritten(&body, &mistral())).unwrap();
        wanted.insert("model".into(), "slug".into());
        wanted.retain(|name, _| name != "store" && name != "stream_options");
        if let Some(limit) = wanted.remove("max_completion_tokens") {
            wanted.insert("max_tokens".into(), limit);
        }
        for message in wanted["messages"].as_array_mut().unwrap() {
            message.as_object_mut().unwrap().retain(|name, _| name != "name" && name != "reasoning_content");
        }
        prop_assert_eq!(after, wanted);
    }

    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = scan(Endpoint::Chat, &body);
    }
}
