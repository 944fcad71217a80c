//! Requests of real clients, and what is wrong with others.

use proptest::prelude::*;

use super::*;
use crate::wire::golden;

#[test]
fn every_request_is_read_as_the_file_beside_it_says() {
    golden::each("anthropic/requests", 5, |case| {
        let request = read(&case.input).unwrap();
        case.check("request.txt", &format!("{request:#?}"));
    });
}

#[test]
fn arguments_stay_the_text_that_they_were() {
    let request = read(include_bytes!(
        "../../../../fixtures/anthropic/requests/claude-code.in.json"
    ))
    .unwrap();
    let arguments = request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .find_map(|part| match part {
            Part::ToolCall(call) => Some(call.arguments.as_str()),
            _ => None,
        });
    assert_eq!(
        arguments,
        Some(r#"{"file_path": "a.txt", "limit": 12345678901234567890}"#)
    );
}

#[test]
fn a_signature_in_an_id_is_found_again() {
    let id = super::super::tool_id::wrap("call_1", Some("c2ln/+=="));
    let body = serde_json::json!({"model": "m", "messages": [
        {"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": "t", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id}]},
    ]});
    let request = read(body.to_string().as_bytes()).unwrap();
    let Part::ToolCall(call) = &request.messages[0].parts[0] else {
        panic!()
    };
    assert_eq!(
        (call.id.as_str(), call.signature.as_deref()),
        ("call_1", Some("c2ln/+=="))
    );
    let Part::ToolResult(result) = &request.messages[1].parts[0] else {
        panic!()
    };
    assert_eq!((result.id.as_str(), result.name.as_deref()), ("call_1", Some("t")));
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        ("[]", None),
        ("{", None),
        ("{}", Some("model")),
        (r#"{"model":"m"}"#, Some("messages")),
        (r#"{"model":1,"messages":[]}"#, Some("model")),
        (r#"{"model":"m","messages":{}}"#, Some("messages")),
        (r#"{"model":"m","system":"x","messages":[]}"#, Some("messages")),
        (
            r#"{"model":"m","messages":[],"tools":[{"name":"x"}]}"#,
            Some("tools.0.input_schema"),
        ),
        (
            r#"{"model":"m","messages":[],"tools":[{"name":"x","input_schema":"any"}]}"#,
            Some("tools.0.input_schema"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#,
            Some("messages.0.role"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user"}]}"#,
            Some("messages.0.content"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]}"#,
            Some("messages.0.content.0.type"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
            Some("messages.0.content.0.text"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"disk"}}]}]}"#,
            Some("messages.0.content.0.source.type"),
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text"}]}]}]}"#,
            Some("messages.0.content.0.content.0.text"),
        ),
        (r#"{"model":"m","messages":[],"stream":"yes"}"#, Some("stream")),
        (r#"{"model":"m","messages":[],"max_tokens":-1}"#, Some("max_tokens")),
        (
            r#"{"model":"m","messages":[],"temperature":"warm"}"#,
            Some("temperature"),
        ),
        (r#"{"model":"m","messages":[],"tools":{}}"#, Some("tools")),
        (
            r#"{"model":"m","messages":[],"tools":[{"input_schema":{}}]}"#,
            Some("tools.0.name"),
        ),
        (
            r#"{"model":"m","messages":[],"tool_choice":{"type":"some"}}"#,
            Some("tool_choice.type"),
        ),
        (
            r#"{"model":"m","messages":[],"tool_choice":{"type":"tool"}}"#,
            Some("tool_choice.name"),
        ),
        (
            r#"{"model":"m","messages":[],"thinking":{"type":"hard"}}"#,
            Some("thinking.type"),
        ),
    ];
    for (body, param) in cases {
        let problem = read(body.as_bytes()).unwrap_err();
        assert_eq!(problem.param.as_deref(), param, "{body}: {problem}");
    }
    assert!(read(b"{\"model\":\"\xff\"}").is_err());
}

/// JSON of any shape, made mostly of this dialect's words.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let word = prop::sample::select(vec![
        "text",
        "image",
        "document",
        "tool_use",
        "tool_result",
        "thinking",
        "redacted_thinking",
        "base64",
        "content",
        "user",
        "assistant",
        "system",
        "enabled",
        "adaptive",
        "auto",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (0..9_u64).prop_map(Into::into),
        word.prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let name = prop::sample::select(vec![
            "type",
            "role",
            "content",
            "source",
            "data",
            "media_type",
            "text",
            "id",
            "tool_use_id",
            "input",
            "name",
            "thinking",
            "signature",
            "title",
            "citations",
            "cache_control",
            "ttl",
            "url",
            "file_id",
            "budget_tokens",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((name, inner), 0..6).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&body);
    }

    #[test]
    fn no_json_makes_it_panic(messages in any_json(), system in any_json(), tools in any_json(), thinking in any_json()) {
        let body = serde_json::json!({"model": "m", "messages": messages, "system": system, "tools": tools,
            "tool_choice": thinking, "thinking": thinking, "output_config": thinking, "metadata": thinking});
        let _ = read(body.to_string().as_bytes());
        let body = serde_json::json!({"model": "m", "messages": [{"role": "user", "content": messages}]});
        let _ = read(body.to_string().as_bytes());
    }
}

/// What a client sends is read, refused with its name, or kept to be named; nothing is lost without a word.
#[test]
fn nothing_is_lost_in_silence() {
    let of = |more: &str| {
        let body = format!(r#"{{"model":"m","max_tokens":5,"messages":[{{"role":"user","content":"x"}}],{more}}}"#);
        read(body.as_bytes())
    };
    for (more, place) in [
        (r#""stop_sequences":"END""#, "stop_sequences"),
        (r#""stop_sequences":[1,"A"]"#, "stop_sequences"),
        (r#""top_k":"x""#, "top_k"),
        (r#""top_k":999999999999999999999999"#, "top_k"),
        (
            r#""thinking":{"type":"enabled","budget_tokens":"many"}"#,
            "thinking.budget_tokens",
        ),
        (r#""messages":[{"role":"user","content":"y"}]"#, "messages"),
        (r#""messages":[]"#, "messages"),
        (r#""top_p":1,"top_p":0.5"#, "top_p"),
    ] {
        let problem = of(more).unwrap_err();
        assert_eq!(problem.param.as_deref(), Some(place), "{more}");
    }
    let twice = br#"{"model":"m","messages":[{"role":"user","content":"x","content":"y"}]}"#;
    assert_eq!(read(twice).unwrap_err().code, "duplicate_field");
    let request = of(r#""stop_sequences":["A","B"],"top_k":5.0,"output_config":{"effort":"banana"},"metadata":{"user_id":"u","x":1}"#).unwrap();
    assert_eq!(
        (request.stop.len(), request.top_k, request.user.as_deref()),
        (2, Some(5), Some("u"))
    );
    let kept: Vec<&str> = request.extra.keys().map(String::as_str).collect();
    assert_eq!(kept, ["output_config.effort", "metadata.x"]);
}
