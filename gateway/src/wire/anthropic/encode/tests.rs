//! Requests as providers get them, beside what they were made of.

mod files;
mod thinking;
mod tools;
mod words;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::json;

use super::{super::read, *};
use crate::wire::canonical::{
    File, FileKind, Message, Part, Role, Source, Thought, Tool, ToolCall, ToolChoice, ToolResult,
};
use crate::wire::{golden, openai};

fn write(request: &Request, slug: &str, cap: Option<u64>) -> (Value, Vec<String>) {
    let (body, dropped) = Encoder.write(request, &Target { slug, cap }).unwrap();
    let dropped = dropped.into_iter().map(|Dropped(name)| name).collect();
    (serde_json::from_slice(&body).unwrap(), dropped)
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        name: None,
    }
}

fn asking(text: &str) -> Request {
    Request {
        model: "m".to_owned(),
        messages: vec![message(Role::User, vec![Part::text(text)])],
        ..Request::default()
    }
}

/// A Claude of each generation that is told things in its own way, and another model behind the same wire.
const MODELS: [&str; 4] = [
    "claude-haiku-4-5",
    "claude-opus-4-6",
    "claude-opus-5-5",
    "deepseek-chat",
];

fn check(case: &golden::Case, request: &Request) {
    for slug in MODELS {
        let (body, dropped) = write(request, slug, None);
        assert_eq!((&body, &dropped), (&write(request, slug, None).0, &dropped));
        let whole = json!({"body": body, "dropped": dropped});
        case.check_json(&format!("to.{slug}.json"), whole.to_string().as_bytes());
    }
}

#[test]
fn every_request_is_written_as_the_files_beside_it_say() {
    golden::each("anthropic/requests", 5, |case| {
        check(case, &read::read(&case.input).unwrap());
    });
}

#[test]
fn requests_of_openai_clients_are_written_as_the_files_beside_them_say() {
    golden::each("anthropic/from-openai", 3, |case| {
        check(case, &openai::read::read(&case.input).unwrap());
    });
}

#[test]
fn the_lower_limit_counts_and_there_always_is_one() {
    let limit = |max_tokens, cap| {
        let request = Request {
            max_tokens,
            ..asking("x")
        };
        write(&request, "claude-opus-4-6", cap).0["max_tokens"].clone()
    };
    assert_eq!(limit(None, None), 128_000);
    assert_eq!(limit(None, Some(100)), 100);
    assert_eq!(limit(Some(50), Some(100)), 50);
    assert_eq!(limit(Some(500), Some(100)), 100);
    assert_eq!(limit(None, Some(1_000_000)), 128_000);
}

fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        schema: json!({}),
        strict: None,
        cache: None,
    }
}

fn call(id: &str, arguments: &str) -> Part {
    Part::ToolCall(ToolCall {
        id: id.to_owned(),
        name: "t".to_owned(),
        arguments: arguments.to_owned(),
        signature: None,
    })
}

fn result(id: &str) -> Part {
    Part::ToolResult(ToolResult {
        id: id.to_owned(),
        name: None,
        parts: vec![Part::text("done")],
        failed: false,
        cache: None,
    })
}

#[test]
fn what_cannot_be_said_is_named() {
    let mut request = Request {
        seed: Some(1),
        presence_penalty: Some(0.5),
        frequency_penalty: Some(0.0),
        stop: vec!["\n".into(), "END".into()],
        user: Some("ann@example.com".into()),
        format: Format::JsonObject,
        ..asking("x")
    };
    request.extra.insert("logit_bias".into(), json!({"1": 2}));
    request.extra.insert("speed".into(), json!("fast"));
    let (body, dropped) = write(&request, "claude-opus-4-6", None);
    assert_eq!(
        dropped,
        [
            "logit_bias",
            "presence_penalty",
            "response_format.json_object",
            "seed",
            "stop"
        ]
    );
    assert_eq!(
        (&body["stop_sequences"], &body["speed"]),
        (&json!(["END"]), &json!("fast"))
    );
    let schema = Request {
        format: Format::JsonSchema {
            name: "n".into(),
            description: None,
            schema: json!({"type": "object"}),
            strict: None,
            nulls: false,
        },
        ..asking("x")
    };
    let target = Target {
        slug: "claude-3-5-haiku-20241022",
        cap: None,
    };
    assert_eq!(Encoder.write(&schema, &target).unwrap_err().param, "response_format");
}

proptest! {
    /// Whatever stands in a conversation: speakers take turns, results come first, nothing is empty, and the same is written twice.
    #[test]
    fn turns_are_in_order(turns in prop::collection::vec((0..4_u8, prop::collection::vec(0..6_u8, 0..4)), 0..8), newest in any::<bool>()) {
        let part = |kind: &u8| match kind {
            0 => Part::text("a"),
            1 => Part::text(" "),
            2 => call("c:1", "{}"),
            3 => result("c:1"),
            4 => Part::Thought(Thought { text: "t".into(), signature: Some("s".into()), ..Thought::default() }),
            _ => Part::Refusal("no".into()),
        };
        let roles = [Role::System, Role::Developer, Role::User, Role::Assistant];
        let messages = turns.iter().map(|(role, parts)| message(roles[usize::from(*role)], parts.iter().map(part).collect())).collect();
        let request = Request { messages, ..asking("") };
        let slug = if newest { "claude-opus-5-5" } else { "claude-opus-4-5" };
        // Without a question there is nothing to write.
        if Encoder.write(&request, &Target { slug, cap: None }).is_err() {
            return Ok(());
        }
        let (body, _) = write(&request, slug, None);
        prop_assert_eq!(&body, &write(&request, slug, None).0);
        let turns = body["messages"].as_array().unwrap();
        for pair in turns.windows(2) {
            prop_assert_ne!(&pair[0]["role"], &pair[1]["role"]);
        }
        for turn in turns {
            let blocks = turn["content"].as_array().unwrap();
            prop_assert!(!blocks.is_empty());
            let results: Vec<bool> = blocks.iter().map(|block| block["type"] == "tool_result").collect();
            prop_assert!(turn["role"] != "user" || results.is_sorted_by_key(|is_result| !is_result), "{}", turn);
        }
    }
}
