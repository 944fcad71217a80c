//! What clients send, read and written for a provider of chat completions: `fixtures/responses/request`.

use std::borrow::Cow;

use domain::catalog::Wire;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::wire::{
    anthropic,
    canonical::{RequestWriter, Target},
    golden, google, ollama,
    openai::encode::Encoder,
    speech::tool_names::fitting,
};

#[test]
fn every_shape_is_understood_and_written_for_others() {
    golden::each("responses/request", 6, |case| {
        let request = read(&case.input).unwrap_or_else(|problem| panic!("{}: {problem:?}", case.name));
        case.check("read.txt", &format!("{request:#?}"));
        let target = Target {
            slug: "slug",
            cap: None,
        };
        let (named, _) = fitting(Cow::Borrowed(&request), Wire::OpenaiChat);
        let (body, dropped) = Encoder::default().write(&named, &target).unwrap();
        let body: Json = serde_json::from_slice(&body).unwrap();
        let dropped: Vec<&str> = dropped.iter().map(|one| one.0.as_str()).collect();
        let written = json!({ "dropped": dropped, "body": body });
        case.check_json("chat.json", written.to_string().as_bytes());
    });
}

/// No wire loses a word in silence: what it cannot say it names.
#[test]
fn every_wire_is_told_it_and_names_what_it_cannot_say() {
    golden::each("responses/elsewhere", 3, |case| {
        let request = read(&case.input).unwrap_or_else(|problem| panic!("{}: {problem:?}", case.name));
        let chat = Encoder::default();
        let writers: [(&str, &str, Wire, &dyn RequestWriter); 4] = [
            ("chat", "gpt-4o", Wire::OpenaiChat, &chat),
            (
                "claude",
                "claude-haiku-4-5",
                Wire::AnthropicMessages,
                &anthropic::encode::Encoder,
            ),
            (
                "gemini",
                "gemini-2.5-flash",
                Wire::GoogleGenerate,
                &google::encode::Writer,
            ),
            ("ollama", "llama3.2", Wire::OllamaChat, &ollama::encode::Writer),
        ];
        for (name, slug, wire, writer) in writers {
            let (named, _) = fitting(Cow::Borrowed(&request), wire);
            let (body, dropped) = writer.write(&named, &Target { slug, cap: None }).unwrap();
            let body: Json = serde_json::from_slice(&body).unwrap();
            let dropped: Vec<&str> = dropped.iter().map(|one| one.0.as_str()).collect();
            for left in request.extra.keys().filter(|name| name.contains('.')) {
                assert!(dropped.contains(&left.as_str()), "{} {name} {left}", case.name);
            }
            let written = json!({ "dropped": dropped, "body": body });
            case.check_json(&format!("{name}.json"), written.to_string().as_bytes());
        }
    });
}

#[test]
fn what_a_client_has_run_for_the_model_is_told_or_refused() {
    let kinds = [
        "local_shell_call_output",
        "shell_call_output",
        "apply_patch_call_output",
        "computer_call_output",
        "somebodys_call_output",
    ];
    for kind in kinds {
        let item = json!({ "type": kind, "call_id": "c", "output": "done" });
        let body = json!({ "model": "m", "input": ["hi", item] });
        let problem = read(body.to_string().as_bytes()).expect_err(kind);
        assert_eq!(
            (problem.param.as_deref(), problem.code),
            (Some("input[1]"), "unsupported_parameter")
        );
        assert!(problem.message.contains(kind), "{}", problem.message);
    }
}

#[test]
fn what_is_wrong_or_counts_on_what_openai_keeps_is_refused_with_its_place() {
    let with = |name: &str, value: Json| {
        let mut body = json!({ "model": "m", "input": "x" });
        body[name] = value;
        body
    };
    let item = |item: Json| json!({ "model": "m", "input": [item] });
    let cases = [
        (json!({}), "model", "missing_required_parameter"),
        (json!({ "model": "m" }), "input", "missing_required_parameter"),
        (with("input", json!(7)), "input", "invalid_type"),
        (
            with("previous_response_id", json!("resp_1")),
            "previous_response_id",
            "unsupported_parameter",
        ),
        (
            with("conversation", json!("conv_1")),
            "conversation",
            "unsupported_parameter",
        ),
        (
            with("prompt", json!({ "id": "pmpt_1" })),
            "prompt",
            "unsupported_parameter",
        ),
        (with("background", json!(true)), "background", "unsupported_parameter"),
        (with("tool_choice", json!("maybe")), "tool_choice", "invalid_value"),
        (
            with("tools", json!([{}])),
            "tools[0].type",
            "missing_required_parameter",
        ),
        (
            with(
                "tools",
                json!([{ "type": "namespace", "name": "n", "tools": [{ "type": "function" }] }]),
            ),
            "tools[0].tools[0].name",
            "missing_required_parameter",
        ),
        (
            with("text", json!({ "format": { "type": "xml" } })),
            "text.format.type",
            "invalid_value",
        ),
        (
            with("reasoning", json!({ "effort": "huge" })),
            "reasoning.effort",
            "invalid_value",
        ),
        (
            item(json!({ "type": "item_reference", "id": "x" })),
            "input[0]",
            "unsupported_parameter",
        ),
        (
            item(json!({ "type": "compaction", "encrypted_content": "x" })),
            "input[0]",
            "unsupported_parameter",
        ),
        (
            item(json!({ "role": "bot", "content": "x" })),
            "input[0].role",
            "invalid_value",
        ),
        (
            item(json!({ "role": "user" })),
            "input[0].content",
            "missing_required_parameter",
        ),
        (
            item(json!({ "role": "user", "content": [{ "type": "hologram" }] })),
            "input[0].content[0].type",
            "invalid_value",
        ),
        (
            item(json!({ "type": "function_call", "name": "f", "arguments": "{}" })),
            "input[0].call_id",
            "missing_required_parameter",
        ),
        (
            item(json!({ "type": "function_call_output", "call_id": "a", "output": 7 })),
            "input[0].output",
            "invalid_type",
        ),
    ];
    for (body, param, code) in cases {
        let problem = read(body.to_string().as_bytes()).expect_err(&body.to_string());
        assert_eq!((problem.param.as_deref(), problem.code), (Some(param), code), "{body}");
    }
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&body);
    }

    #[test]
    fn no_value_in_any_place_makes_it_panic(
        name in prop::sample::select(vec!["input", "tools", "tool_choice", "text", "reasoning", "instructions", "include", "stream"]),
        value in prop::sample::select(vec![
            json!(null), json!(1), json!(""), json!([]), json!([1]), json!([{}]), json!({}), json!([[]]), json!(["x"]),
            json!([{ "type": "reasoning", "summary": [1, {}, { "text": 1 }], "encrypted_content": "aigne1.call.9.x" }]),
            json!([{ "type": "custom_tool_call", "call_id": "x", "name": "y" }]),
            json!([{ "type": "custom_tool_call_output", "call_id": "x", "output": [{ "type": "input_file" }] }]),
            json!([{ "type": "namespace", "name": "x", "tools": [1] }]),
            json!([{ "type": "custom", "name": "x", "format": { "definition": "d" } }]),
            json!({ "type": "allowed_tools", "tools": [1, {}] }),
            json!({ "format": { "type": "json_schema", "name": "x" } }),
        ]),
    ) {
        let mut body = json!({ "model": "m", "input": "x" });
        body[name] = value;
        let _ = read(body.to_string().as_bytes());
    }
}

/// The signs that mark tools within the hub are nothing that a client may write.
#[test]
fn a_name_with_a_sign_of_the_hub_is_refused_where_it_stands() {
    for name in ["patch\u{1e}", "a\u{1f}b"] {
        let call = |member: &str, value: &str| {
            let mut call = json!({ "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}" });
            call[member] = value.into();
            json!([{ "role": "user", "content": "x" }, call])
        };
        let choice = |kind: &str, member: &str| {
            let mut choice = json!({ "type": kind, "name": "f" });
            choice[member] = name.into();
            choice
        };
        for (more, place) in [
            (
                json!({ "tools": [{ "type": "function", "name": name }] }),
                "tools[0].name",
            ),
            (
                json!({ "tools": [{ "type": "custom", "name": name }] }),
                "tools[0].name",
            ),
            (
                json!({ "tools": [{ "type": "namespace", "name": name, "tools": [] }] }),
                "tools[0].name",
            ),
            (
                json!({ "tools": [{ "type": "namespace", "name": "n", "tools": [{ "type": "function", "name": name }] }] }),
                "tools[0].tools[0].name",
            ),
            (json!({ "tool_choice": choice("function", "name") }), "tool_choice.name"),
            (json!({ "tool_choice": choice("custom", "name") }), "tool_choice.name"),
            (
                json!({ "tool_choice": choice("function", "namespace") }),
                "tool_choice.namespace",
            ),
            (json!({ "input": call("name", name) }), "input[1].name"),
            (json!({ "input": call("namespace", name) }), "input[1].namespace"),
        ] {
            let mut body = json!({ "model": "m", "input": "x" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let problem = read(body.to_string().as_bytes()).unwrap_err();
            assert_eq!(
                (problem.param.as_deref(), problem.code),
                (Some(place), "invalid_value"),
                "{body}"
            );
        }
    }
}

#[test]
fn of_the_tools_those_stay_that_are_allowed() {
    let tools = json!([
        { "type": "function", "name": "a" }, { "type": "function", "name": "b" },
        { "type": "namespace", "name": "s", "tools": [{ "type": "function", "name": "a" }, { "type": "function", "name": "c" }] },
        { "type": "namespace", "name": "t", "tools": [{ "type": "custom", "name": "c" }] },
    ]);
    for (allowed, wanted) in [
        (json!([{ "type": "function", "name": "a" }]), vec!["a", "s\u{1f}a"]),
        (
            json!([{ "type": "function", "name": "c", "namespace": "t" }]),
            vec!["t\u{1f}c\u{1e}"],
        ),
        (
            json!([{ "type": "namespace", "name": "s" }, { "type": "function", "name": "b" }]),
            vec!["b", "s\u{1f}a", "s\u{1f}c"],
        ),
        (
            json!([{ "type": "function", "name": "a", "namespace": "t" }, {}, 1]),
            vec![],
        ),
    ] {
        let choice = json!({ "type": "allowed_tools", "tools": allowed });
        let body = json!({ "model": "m", "input": "x", "tools": tools, "tool_choice": choice });
        let request = read(body.to_string().as_bytes()).unwrap();
        let names: Vec<&str> = request.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, wanted, "{allowed}");
    }
}

/// A hundred thousand tools of which as many are allowed are no square of work.
#[test]
fn many_tools_of_which_many_are_allowed_come_to_an_end() {
    let tools: Vec<Value> = (0..100_000)
        .map(|at| json!({ "type": "function", "name": format!("n{at}") }))
        .collect();
    let choice = json!({ "type": "allowed_tools", "tools": tools[1..] });
    let body = json!({ "model": "m", "input": "x", "tools": tools, "tool_choice": choice });
    assert_eq!(read(body.to_string().as_bytes()).unwrap().tools.len(), 99_999);
}
