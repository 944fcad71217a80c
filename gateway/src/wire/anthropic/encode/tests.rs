//! Requests as providers get them, beside what they were made of.

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

#[test]
fn empty_texts_are_left_out_where_nothing_is_lost() {
    let call = Part::ToolCall(ToolCall {
        id: "c1".to_owned(),
        name: "f".to_owned(),
        arguments: "{}".to_owned(),
        signature: None,
    });
    let result = Part::ToolResult(ToolResult {
        id: "c1".to_owned(),
        name: None,
        parts: vec![Part::text(" \n")],
        failed: false,
        cache: None,
    });
    let marked = Part::Text {
        text: "\n".to_owned(),
        cache: Some(CacheMark::FiveMinutes),
    };
    let request = Request {
        messages: vec![
            message(Role::System, vec![Part::text("")]),
            message(Role::User, vec![Part::text("hi"), Part::text("  ")]),
            message(Role::Assistant, vec![Part::text(""), call]),
            message(Role::User, vec![result]),
            message(Role::User, vec![marked]),
        ],
        ..Request::default()
    };
    let (body, dropped) = write(&request, "claude-haiku-4-5", None);
    let wanted = json!([
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1"}]},
    ]);
    assert_eq!((&body["messages"], &body["system"]), (&wanted, &Value::Null));
    assert_eq!(dropped, ["cache_control"]);
}

#[test]
fn a_question_without_words_is_refused_and_not_another_one_asked() {
    let said = |role, text: &str| message(role, vec![Part::text(text)]);
    let conversation = |messages: Vec<Message>| {
        let request = Request {
            messages,
            ..Request::default()
        };
        let target = Target {
            slug: "claude-haiku-4-5",
            cap: None,
        };
        Encoder.write(&request, &target).map_err(|problem| problem.param)
    };
    let refused = Err("messages".to_owned());
    let (system, user, assistant) = (Role::System, Role::User, Role::Assistant);
    assert_eq!(conversation(vec![said(user, " \n\t")]), refused);
    assert_eq!(conversation(Vec::new()), refused);
    // The instructions would be taken for the question.
    assert_eq!(conversation(vec![said(system, "be brief"), said(user, "")]), refused);
    // The model would go on with its own answer.
    assert_eq!(
        conversation(vec![said(user, "hi"), said(assistant, "hello"), said(user, "")]),
        refused
    );
    for fine in [
        vec![said(system, "be brief")],
        vec![said(user, ""), said(user, "hi")],
        vec![said(user, "hi"), said(user, "")],
        vec![
            said(user, "hi"),
            said(assistant, "a"),
            said(user, ""),
            said(assistant, "b"),
        ],
    ] {
        let (body, _) = conversation(fine.clone()).unwrap();
        assert!(!String::from_utf8(body).unwrap().contains("\"text\":\"\""), "{fine:?}");
    }
}

fn thinking(request: &Request, slug: &str) -> (Value, Value, Vec<String>) {
    let (body, dropped) = write(request, slug, None);
    (body["thinking"].clone(), body["output_config"].clone(), dropped)
}

#[test]
fn each_model_is_told_to_think_in_its_own_way() {
    use crate::wire::canonical::{Effort, Reasoning};
    let reasoning = |effort, budget, max_tokens| Request {
        reasoning: Some(Reasoning {
            effort,
            budget,
            ..Reasoning::default()
        }),
        max_tokens: Some(max_tokens),
        ..asking("x")
    };
    let high = reasoning(Some(Effort::High), None, 64_000);
    assert_eq!(
        thinking(&high, "claude-haiku-4-5"),
        (json!({"type": "enabled", "budget_tokens": 16_384}), Value::Null, vec![])
    );
    assert_eq!(
        thinking(&high, "claude-opus-4-7"),
        (json!({"type": "adaptive"}), json!({"effort": "high"}), vec![])
    );
    // A budget is an effort where there are no budgets; it stays below the limit of the answer.
    let budget = reasoning(None, Some(20_000), 4_000);
    assert_eq!(thinking(&budget, "claude-opus-5-5").1, json!({"effort": "xhigh"}));
    assert_eq!(thinking(&budget, "claude-haiku-4-5").0["budget_tokens"], 3_999);
    // Too little room to think at all.
    let (none, _, dropped) = thinking(&reasoning(Some(Effort::Low), None, 1_000), "claude-haiku-4-5");
    assert_eq!((none, dropped), (Value::Null, vec!["reasoning".to_owned()]));
    assert_eq!(thinking(&high, "claude-3-5-haiku-20241022").2, ["reasoning"]);
    let off = Request {
        reasoning: Some(Reasoning {
            off: true,
            ..Reasoning::default()
        }),
        ..asking("x")
    };
    assert_eq!(thinking(&off, "claude-sonnet-5").0, json!({"type": "disabled"}));
    assert_eq!(thinking(&off, "claude-opus-5-5").1, json!({"effort": "low"}));
    assert_eq!(thinking(&off, "claude-opus-4-6"), (Value::Null, Value::Null, vec![]));
}

#[test]
fn a_forced_call_and_a_call_without_its_thought_go_before_thinking() {
    use crate::wire::canonical::{Effort, Reasoning};
    let wishes = Request {
        reasoning: Some(Reasoning {
            effort: Some(Effort::High),
            ..Reasoning::default()
        }),
        max_tokens: Some(50_000),
        tools: vec![tool("t")],
        ..asking("x")
    };
    let forced = Request {
        tool_choice: Some(ToolChoice::Required),
        ..wishes.clone()
    };
    assert_eq!(
        thinking(&forced, "claude-haiku-4-5"),
        (Value::Null, Value::Null, vec!["reasoning".to_owned()])
    );
    let mut unproven = wishes.clone();
    unproven.messages.push(message(Role::Assistant, vec![call("c1", "{}")]));
    unproven.messages.push(message(Role::User, vec![result("c1")]));
    assert_eq!(thinking(&unproven, "claude-haiku-4-5").2, ["reasoning"]);
    assert_eq!(thinking(&unproven, "claude-opus-4-6").0, json!({"type": "adaptive"}));
    let proof = Part::Thought(Thought {
        text: "hm".into(),
        signature: Some("c2ln".into()),
        ..Thought::default()
    });
    unproven.messages[1].parts.insert(0, proof);
    assert_eq!(thinking(&unproven, "claude-haiku-4-5").0["type"], "enabled");
}

#[test]
fn sampling_goes_only_to_models_that_take_it() {
    let request = Request {
        temperature: Some(1.5),
        top_p: Some(0.5),
        top_k: Some(3),
        ..asking("x")
    };
    let (body, dropped) = write(&request, "claude-3-5-haiku-20241022", None);
    assert_eq!(
        (&body["temperature"], &body["top_p"], &body["top_k"]),
        (&json!(1.0), &json!(0.5), &json!(3))
    );
    assert_eq!(dropped, ["temperature"]);
    let (body, dropped) = write(&request, "claude-haiku-4-5", None);
    assert_eq!((&body["temperature"], &body["top_p"]), (&json!(1.0), &Value::Null));
    assert_eq!(dropped, ["temperature", "top_p"]);
    let (body, dropped) = write(&request, "claude-opus-5-5", None);
    assert_eq!((&body["temperature"], &body["top_k"]), (&Value::Null, &Value::Null));
    assert_eq!(dropped, ["temperature", "top_k", "top_p"]);
    let usual = Request {
        temperature: Some(1.0),
        top_p: Some(1.0),
        ..asking("x")
    };
    assert_eq!(write(&usual, "claude-opus-5-5", None).1, [""; 0]);
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
fn results_come_first_and_ids_are_valid() {
    let request = Request {
        tools: vec![tool("t")],
        parallel_tools: Some(false),
        messages: vec![
            message(Role::Assistant, vec![call("a:1", ""), call("a.1", "not json")]),
            message(Role::User, vec![Part::text("and?")]),
            message(Role::User, vec![result("a.1"), result("a:1")]),
        ],
        ..asking("")
    };
    let (body, _) = write(&request, "claude-opus-4-6", None);
    let calls = &body["messages"][0]["content"];
    assert_eq!(
        (&calls[0]["input"], &calls[1]["input"]),
        (&json!({}), &json!({"arguments": "not json"}))
    );
    let turn = &body["messages"][1]["content"];
    let ids = [&turn[0]["tool_use_id"], &turn[1]["tool_use_id"]];
    assert_eq!(ids, [&calls[1]["id"], &calls[0]["id"]]);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(turn[2], json!({"type": "text", "text": "and?"}));
    assert_eq!(
        body["tool_choice"],
        json!({"type": "auto", "disable_parallel_tool_use": true})
    );
    assert_eq!(body["tools"][0]["input_schema"], json!({"type": "object"}));
}

#[test]
fn tools_of_the_past_are_named_and_not_called() {
    let request = Request {
        messages: vec![
            message(Role::User, vec![Part::text("x")]),
            message(Role::Assistant, vec![call("1", "{}"), call("2", "{}")]),
            message(Role::User, vec![result("1"), result("2")]),
        ],
        ..asking("")
    };
    let (body, _) = write(&request, "claude-opus-4-6", None);
    assert_eq!(
        body["tools"],
        json!([{"name": "t", "input_schema": {"type": "object"}}])
    );
    assert_eq!(body["tool_choice"], json!({"type": "none"}));
}

#[test]
fn instructions_go_to_the_top_or_stay_where_the_model_takes_them() {
    let request = Request {
        messages: vec![
            message(Role::Developer, vec![Part::text("first")]),
            message(Role::User, vec![Part::text("a")]),
            message(Role::System, vec![Part::text("later")]),
            message(Role::Assistant, vec![Part::text("b  \n")]),
        ],
        ..asking("")
    };
    let (body, _) = write(&request, "claude-opus-4-6", None);
    assert_eq!(
        body["system"],
        json!([{"type": "text", "text": "first"}, {"type": "text", "text": "later"}])
    );
    // The model goes on with its own words, which must not end with white space.
    assert_eq!(body["messages"][1]["content"][0]["text"], "b");
    let (body, _) = write(&request, "claude-opus-5-5", None);
    assert_eq!(body["system"], json!([{"type": "text", "text": "first"}]));
    assert_eq!(body["messages"][1]["role"], "system");
    let alone = Request {
        messages: vec![message(Role::System, vec![Part::text("say hi")])],
        ..asking("")
    };
    let (body, _) = write(&alone, "claude-opus-4-6", None);
    assert_eq!(
        (&body["messages"][0]["role"], &body["system"]),
        (&json!("user"), &Value::Null)
    );
}

#[test]
fn thoughts_of_others_do_not_go_back() {
    let thought = |thought: Thought| Request {
        messages: vec![message(Role::Assistant, vec![Part::Thought(thought), Part::text("x")])],
        ..asking("")
    };
    let foreign = thought(Thought {
        id: Some("rs_1".into()),
        sealed: Some("gAAAA".into()),
        ..Thought::default()
    });
    let unproven = thought(Thought {
        text: "hm".into(),
        ..Thought::default()
    });
    for request in [foreign, unproven] {
        let (body, dropped) = write(&request, "claude-opus-5-5", None);
        assert_eq!(body["messages"][0]["content"], json!([{"type": "text", "text": "x"}]));
        assert_eq!(dropped, ["messages.reasoning"]);
    }
}

#[test]
fn files_are_written_or_refused_with_a_sentence() {
    let with = |kind, source| Request {
        messages: vec![message(
            Role::User,
            vec![Part::File(File {
                kind,
                source,
                name: Some("n".into()),
                detail: None,
                cache: None,
            })],
        )],
        ..asking("")
    };
    let data = |mime: &str, text: &str| Source::Data {
        mime: mime.to_owned(),
        base64: STANDARD.encode(text),
    };
    let block = |request: &Request| write(request, "claude-opus-5-5", None).0["messages"][0]["content"][0].clone();
    let text = block(&with(FileKind::Document, data("text/markdown", "# Grün")));
    assert_eq!(
        text["source"],
        json!({"type": "text", "media_type": "text/plain", "data": "# Grün"})
    );
    let kept = block(&with(FileKind::Image, Source::Id("file_01".into())));
    assert_eq!(
        kept,
        json!({"type": "image", "source": {"type": "file", "file_id": "file_01"}})
    );
    for (kind, source) in [
        (FileKind::Image, data("image/tiff", "x")),
        (FileKind::Image, Source::Id("file-abc".into())),
        (FileKind::Document, data("application/msword", "x")),
        (FileKind::Audio, data("audio/wav", "x")),
        (FileKind::Video, Source::Url("https://a.test/".into())),
    ] {
        let target = Target {
            slug: "claude-opus-5-5",
            cap: None,
        };
        let problem = Encoder.write(&with(kind, source), &target).unwrap_err();
        assert_eq!(problem.param, "messages");
        assert!(problem.message.ends_with('.'), "{problem}");
    }
}

#[test]
fn only_what_lies_behind_https_is_fetched_there() {
    let wants = |url: &str| {
        let file = File {
            kind: FileKind::Image,
            source: Source::Url(url.to_owned()),
            name: None,
            detail: None,
            cache: None,
        };
        let target = Target {
            slug: "claude-opus-5-5",
            cap: None,
        };
        Encoder.wants_content(&file, &target)
    };
    assert!(wants("http://a.test/i.png") && !wants("https://a.test/i.png"));
}

#[test]
fn what_cannot_be_said_is_named() {
    let mut request = Request {
        seed: Some(1),
        presence_penalty: Some(0.5),
        frequency_penalty: Some(0.0),
        stop: vec!["\n".into(), "END".into()],
        user: Some("u".repeat(300)),
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
            "stop",
            "user"
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
