//! What clients send, read and written again for a provider: `fixtures/openai/request`. `NAME.read.txt` is what was understood,
//! `NAME.out.json` what the provider gets and what it cannot be told.

mod many;

use domain::catalog::{Quirks, Thoughts};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::wire::{
    canonical::{Part, RequestWriter, Target, ToolChoice},
    golden,
    openai::encode::Encoder,
};

#[test]
fn every_shape_is_understood_and_written_again() {
    golden::each("openai/request", 9, |case| {
        let request = read(&case.input).unwrap_or_else(|problem| panic!("{}: {problem:?}", case.name));
        case.check("read.txt", &format!("{request:#?}"));
        let encoder = Encoder {
            quirks: Quirks::default(),
            thoughts: if case.name.contains("reasoning") {
                Thoughts::Details
            } else {
                Thoughts::Left
            },
        };
        let target = Target {
            slug: "slug",
            cap: None,
        };
        let (body, dropped) = encoder.write(&request, &target).unwrap();
        let body: Json = serde_json::from_slice(&body).unwrap();
        let dropped: Vec<&str> = dropped.iter().map(|one| one.0.as_str()).collect();
        let written = json!({ "dropped": dropped, "body": body });
        case.check_json("out.json", written.to_string().as_bytes());
    });
}

fn problem(body: &Json) -> (String, &'static str) {
    let problem = read(body.to_string().as_bytes()).expect_err(&body.to_string());
    (problem.param.unwrap_or_default().into_owned(), problem.code)
}

fn asking(message: &Json) -> Json {
    json!({ "model": "m", "messages": [message] })
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let cases = [
        (json!([]), "", "invalid_json"),
        (json!({}), "model", "missing_required_parameter"),
        (json!({ "model": "m" }), "messages", "missing_required_parameter"),
        (json!({ "model": "m", "messages": {} }), "messages", "invalid_type"),
        (asking(&json!("hi")), "messages[0]", "invalid_type"),
        (asking(&json!({})), "messages[0].role", "missing_required_parameter"),
        (
            asking(&json!({ "role": "bot", "content": "" })),
            "messages[0].role",
            "invalid_value",
        ),
        (
            asking(&json!({ "role": "user" })),
            "messages[0].content",
            "missing_required_parameter",
        ),
        (
            asking(&json!({ "role": "user", "content": 7 })),
            "messages[0].content",
            "invalid_type",
        ),
        (
            asking(&json!({ "role": "user", "content": [{ "type": "hologram" }] })),
            "messages[0].content[0].type",
            "invalid_value",
        ),
        (
            asking(&json!({ "role": "user", "content": [{ "type": "image_url", "image_url": {} }] })),
            "messages[0].content[0].image_url.url",
            "missing_required_parameter",
        ),
        (
            asking(&json!({ "role": "tool", "content": "x" })),
            "messages[0].tool_call_id",
            "missing_required_parameter",
        ),
        (
            asking(
                &json!({ "role": "assistant", "tool_calls": [{ "id": "a", "function": { "name": "f", "arguments": 7 } }] }),
            ),
            "messages[0].tool_calls[0].function.arguments",
            "invalid_type",
        ),
        (json!({ "model": "m", "messages": [] }), "messages", "empty_array"),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "n": 2 }),
            "n",
            "unsupported_parameter",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "n": "2" }),
            "n",
            "invalid_type",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "stop": [1] }),
            "stop",
            "invalid_type",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "temperature": "hot" }),
            "temperature",
            "invalid_type",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "max_tokens": -1 }),
            "max_tokens",
            "invalid_type",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "response_format": { "type": "xml" } }),
            "response_format.type",
            "invalid_value",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "response_format": { "type": "json_schema" } }),
            "response_format.json_schema",
            "missing_required_parameter",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "reasoning_effort": "huge" }),
            "reasoning_effort",
            "invalid_value",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "tool_choice": "maybe" }),
            "tool_choice",
            "invalid_value",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "tools": [{ "type": "function" }] }),
            "tools[0].function",
            "missing_required_parameter",
        ),
    ];
    for (body, param, code) in cases {
        assert_eq!(problem(&body), (param.to_owned(), code), "{body}");
    }
    assert_eq!(read(b"\xff").unwrap_err().code, "invalid_json");
}

#[test]
fn null_and_what_goes_without_saying_count_as_absent() {
    let body = json!({
        "model": "m", "messages": [{ "role": "user", "content": "x" }], "n": 1, "store": false, "logprobs": false, "modalities": ["text"], "stop": null,
        "temperature": null, "tools": null, "metadata": null, "stream_options": { "include_usage": true },
    });
    let request = read(body.to_string().as_bytes()).unwrap();
    let wanted = Request {
        model: "m".into(),
        messages: request.messages.clone(),
        ..Request::default()
    };
    assert_eq!((request, wanted.messages.len()), (wanted.clone(), 1));
}

#[test]
fn a_choice_of_a_tool_that_is_left_out_is_none() {
    let body = json!({
        "model": "m", "messages": [{ "role": "user", "content": "x" }],
        "tools": [{ "type": "web_search", "web_search": { "name": "find" } }],
        "tool_choice": { "type": "web_search", "name": "find" },
    });
    let request = read(body.to_string().as_bytes()).unwrap();
    assert_eq!((request.tools.len(), &request.tool_choice), (0, &None));
    assert_eq!(request.extra.keys().collect::<Vec<_>>(), ["tools.web_search"]);
    let named = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "tool_choice": { "type": "function", "function": { "name": "f" } } });
    let request = read(named.to_string().as_bytes()).unwrap();
    assert_eq!(request.tool_choice, Some(ToolChoice::Named("f".into())));
}

/// A tool of free text is a function to all others, under one name wherever it is named.
#[test]
fn a_tool_of_free_text_is_a_function_elsewhere() {
    let patch = json!({ "name": "patch", "description": "Edits.",
        "format": { "type": "grammar", "grammar": { "syntax": "lark", "definition": "start: begin" } } });
    let call = json!({ "id": "c1", "type": "custom", "custom": { "name": "patch", "input": "*** Begin" } });
    let body = json!({
        "model": "m",
        "messages": [
            { "role": "user", "content": "x" },
            { "role": "assistant", "content": null, "tool_calls": [call] },
            { "role": "tool", "tool_call_id": "c1", "content": "done" },
        ],
        "tools": [
            { "type": "custom", "custom": patch },
            { "type": "function", "function": { "name": "patch" } },
        ],
        "tool_choice": { "type": "custom", "custom": { "name": "patch" } },
    });
    let request = read(body.to_string().as_bytes()).unwrap();
    let (free, plain) = ("patch\u{1e}", "patch");
    assert_eq!(
        request.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(),
        [free, plain]
    );
    let described = request.tools[0].description.as_deref().unwrap();
    assert!(
        described.starts_with("Edits.") && described.ends_with("(lark):\nstart: begin"),
        "{described}"
    );
    assert_eq!(request.tools[0].schema["required"], json!(["input"]));
    assert_eq!(request.tool_choice, Some(ToolChoice::Named(free.into())));
    let [Part::ToolCall(call)] = &request.messages[1].parts[..] else {
        panic!("{:?}", request.messages[1])
    };
    assert_eq!(
        (call.name.as_str(), call.arguments.as_str()),
        (free, r#"{"input":"*** Begin"}"#)
    );
    let [Part::ToolResult(result)] = &request.messages[2].parts[..] else {
        panic!("{:?}", request.messages[2])
    };
    assert_eq!(result.name.as_deref(), Some(free));
    assert!(request.extra.is_empty(), "{:?}", request.extra);
    // Of two that are called the same only the one that is allowed stays.
    for (entry, left) in [
        (json!({ "type": "custom", "custom": { "name": "patch" } }), free),
        (json!({ "type": "function", "function": { "name": "patch" } }), plain),
    ] {
        let mut body = body.clone();
        body["tool_choice"] = json!({ "type": "allowed_tools", "allowed_tools": { "mode": "auto", "tools": [entry] } });
        let request = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(
            request.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(),
            [left]
        );
    }
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&body);
    }

    /// Whatever stands where something else belongs is refused or understood.
    #[test]
    fn no_value_in_any_place_makes_it_panic(
        name in prop::sample::select(vec!["messages", "tools", "functions", "tool_choice", "function_call", "response_format", "reasoning", "thinking", "stop", "n", "stream_options"]),
        value in prop::sample::select(vec![
            json!(null), json!(1), json!(""), json!([]), json!([1]), json!([{}]), json!({}), json!([[]]),
            json!([{ "role": "assistant", "content": [{}], "tool_calls": [{}] }]),
            json!([{ "role": "assistant", "reasoning_details": [1, {}, { "text": 1 }], "images": [{}], "function_call": {} }]),
            json!([{ "role": "tool", "tool_call_id": "x", "content": [{ "type": "file", "file": {} }] }]),
            json!([{ "role": "function", "name": "x", "content": null }]),
            json!([{ "function": { "name": "x", "parameters": 3 }, "type": "function" }]),
            json!({ "type": "allowed_tools", "allowed_tools": { "tools": [1, {}] } }),
            json!({ "type": "json_schema", "json_schema": { "name": "x" } }),
        ]),
    ) {
        let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }] });
        body[name] = value;
        let _ = read(body.to_string().as_bytes());
    }
}

/// The signs that mark tools within the hub are nothing that a client may write.
#[test]
fn a_name_with_a_sign_of_the_hub_is_refused_where_it_stands() {
    for name in ["patch\u{1e}", "a\u{1f}b"] {
        let tool = |kind: &str| json!([{ "type": kind, kind: { "name": name } }]);
        let said = |call: Value| json!([{ "role": "user", "content": "x" }, call]);
        let called = |kind: &str| {
            said(json!({ "role": "assistant", "tool_calls": [{ "id": "c", "type": kind, kind: { "name": name } }] }))
        };
        let old = said(json!({ "role": "assistant", "function_call": { "name": name, "arguments": "{}" } }));
        for (more, place) in [
            (json!({ "tools": tool("function") }), "tools[0].function.name"),
            (json!({ "tools": tool("custom") }), "tools[0].custom.name"),
            (json!({ "functions": [{ "name": name }] }), "functions[0].name"),
            (
                json!({ "tool_choice": { "type": "function", "function": { "name": name } } }),
                "tool_choice.function.name",
            ),
            (
                json!({ "tool_choice": { "type": "custom", "custom": { "name": name } } }),
                "tool_choice.custom.name",
            ),
            (json!({ "function_call": { "name": name } }), "function_call.name"),
            (
                json!({ "messages": called("function") }),
                "messages[1].tool_calls[0].function.name",
            ),
            (
                json!({ "messages": called("custom") }),
                "messages[1].tool_calls[0].custom.name",
            ),
            (json!({ "messages": old }), "messages[1].function_call.name"),
        ] {
            let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }] });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let problem = read(body.to_string().as_bytes()).unwrap_err();
            assert_eq!(
                (problem.param.as_deref(), problem.code),
                (Some(place), "invalid_value"),
                "{body}"
            );
            assert!(
                problem.message.contains("\\u{1") && problem.message.contains("letters"),
                "{}",
                problem.message
            );
        }
    }
}
