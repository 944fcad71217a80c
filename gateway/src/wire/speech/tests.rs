//! What holds between every dialect and every wire.

mod foreign;
mod grid;
mod misshapen;

use bytes::Bytes;
use domain::{catalog::Quirks, money::Amount};
use serde_json::{Value, json};

use super::{super::canonical::Ids, *};
use crate::call::Shortfall;

const KINDS: [(ProviderKind, &str); 5] = [
    (ProviderKind::OpenaiCompatible, "m"),
    (ProviderKind::Openai, "o1-pro"),
    (ProviderKind::Anthropic, "claude-opus-4-6"),
    (ProviderKind::Google, "gemini-2.5-flash"),
    (ProviderKind::Ollama, "llama3"),
];

fn asked(dialect: Dialect, kind: ProviderKind, slug: &str, body: &str) -> (String, Vec<String>) {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let mut scanned = scan(dialect, &body).unwrap();
    let speech = Speech::between(dialect, kind, slug);
    speech.prepare(&mut scanned, &body, "m").unwrap();
    let asked = speech.ask(&scanned, &body, slug, &Quirks::default(), None).unwrap();
    let dropped = asked.dropped.into_iter().map(|dropped| dropped.0).collect();
    (String::from_utf8(asked.body.to_vec()).unwrap(), dropped)
}

/// The order of tools decides whether a provider's cache hits: it is the caller's, everywhere, and so is that of a schema's members.
#[test]
fn tools_keep_the_callers_order() {
    let names = ["zebra", "apple", "mango", "kiwi"];
    let schema = json!({"type": "object", "properties": {"zz": {"type": "string"}, "aa": {"type": "string"}, "mm": {"type": "string"}}});
    let tools = |tool: &dyn Fn(&str) -> Value| Value::from(names.map(tool).to_vec());
    let chat = json!({"model": "m", "messages": [{"role": "user", "content": "x"}],
        "tools": tools(&|name| json!({"type": "function", "function": {"name": name, "parameters": schema}}))});
    let responses = json!({"model": "m", "input": "x",
        "tools": tools(&|name| json!({"type": "function", "name": name, "parameters": schema}))});
    let messages = json!({"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "x"}],
        "tools": tools(&|name| json!({"name": name, "input_schema": schema}))});
    for (dialect, body) in [
        (Dialect::OpenaiChat, chat),
        (Dialect::OpenaiResponses, responses),
        (Dialect::AnthropicMessages, messages),
    ] {
        for (kind, slug) in KINDS {
            let (body, _) = asked(dialect, kind, slug, &body.to_string());
            let places: Vec<usize> = names
                .iter()
                .map(|name| body.find(&format!("\"{name}\"")).unwrap())
                .collect();
            assert!(places.is_sorted(), "{dialect:?} {kind:?}: {body}");
            let members: Vec<usize> = ["\"zz\"", "\"aa\"", "\"mm\""]
                .iter()
                .map(|name| body.find(name).unwrap())
                .collect();
            assert!(members.is_sorted(), "{dialect:?} {kind:?}: {body}");
        }
    }
}

/// Any JSON has no counterpart at Anthropic; the others are told.
#[test]
fn a_wish_for_json_is_told_or_named() {
    let body =
        r#"{"model":"m","messages":[{"role":"user","content":"JSON!"}],"response_format":{"type":"json_object"}}"#;
    let of = |kind, slug| asked(Dialect::OpenaiChat, kind, slug, body);
    assert_eq!(
        of(ProviderKind::Anthropic, "claude-opus-4-6").1,
        ["response_format.json_object"]
    );
    for (kind, slug, told) in [
        (ProviderKind::Openai, "o1-pro", r#"{"type":"json_object"}"#),
        (
            ProviderKind::Google,
            "gemini-2.5-flash",
            r#""responseMimeType":"application/json""#,
        ),
        (ProviderKind::Ollama, "llama3", r#""format":"json""#),
    ] {
        let (body, dropped) = of(kind, slug);
        assert!(body.contains(told) && dropped.is_empty(), "{body} {dropped:?}");
    }
}

/// What credit came to: the same facts in the body of an error and within a stream, in each dialect.
#[test]
fn credit_is_told_alike_in_bodies_and_within_streams() {
    let amount = |nano| Amount::from_nano(nano).unwrap();
    let credit = Shortfall {
        spendable: amount(5),
        needed: amount(7),
        debt: amount(1),
        missing: amount(2),
        held: amount(3),
        waiting_helps: true,
        url: "https://hub.example/credits".to_owned(),
    };
    let problem = Problem {
        message: "Too little.",
        fault: Fault::Credit,
        status: 402,
        code: "insufficient_credits",
        param: None,
        facts: Facts {
            credit: Some(&credit),
            limit: None,
        },
        request_id: None,
        at: None,
    };
    let ids = || Ids {
        call: "call_1".to_owned(),
        model: "p/m".to_owned(),
        created: 1,
    };
    fn find(value: &Value) -> Option<&Value> {
        match value {
            Value::Object(members) => members.get("credit").or_else(|| members.values().find_map(find)),
            _ => None,
        }
    }
    let wanted = json!(credit);
    for dialect in Dialect::ALL {
        let body: Value = serde_json::from_slice(&error_body(dialect, &problem)).unwrap();
        assert_eq!(find(&body), Some(&wanted), "{dialect:?}");
        let event = last_words(dialect, &problem, ids(), None);
        let event = String::from_utf8(event.to_vec()).unwrap();
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(find(&data), Some(&wanted), "{dialect:?}: {event}");
        let none = last_words(
            dialect,
            &Problem {
                facts: Facts::default(),
                ..problem
            },
            ids(),
            None,
        );
        assert!(!none.windows(8).any(|some| some == b"\"credit\""), "{dialect:?}");
    }
}

/// A client gets a call of the tool that it knows, however its provider had to be told of it; whole and streamed.
#[test]
fn tools_with_names_that_a_provider_refuses_come_back_by_their_own() {
    let name = format!("mcp__files__{}", "read_a_file_".repeat(5));
    let call = json!([{"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}}]);
    let chat = json!({"model": "m", "messages": [
            {"role": "user", "content": "x"},
            {"role": "assistant", "tool_calls": call}, {"role": "tool", "tool_call_id": "c1", "content": "y"}],
        "tools": [{"type": "function", "function": {"name": name}}]});
    let responses = json!({"model": "m", "input": "x", "tools": [{"type": "function", "name": name}]});
    let messages = json!({"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "x"}],
        "tools": [{"name": name, "input_schema": {}}], "tool_choice": {"type": "tool", "name": name}});
    let aigne = json!({"input": {"messages": [{"role": "user", "content": "x"}], "modelOptions": {"model": "m"},
        "tools": [{"type": "function", "function": {"name": name, "parameters": {}}}]}});
    let mut met = 0;
    for (dialect, body) in [
        (Dialect::OpenaiChat, chat),
        (Dialect::OpenaiResponses, responses),
        (Dialect::AnthropicMessages, messages),
        (Dialect::AigneChat, aigne),
    ] {
        let body = Bytes::from(body.to_string());
        for (kind, slug) in [
            (ProviderKind::OpenaiCompatible, "m"),
            (ProviderKind::Anthropic, "claude-haiku-4-5"),
        ] {
            let speech = Speech::between(dialect, kind, slug);
            if speech.passes() {
                continue;
            }
            let mut scanned = scan(dialect, &body).unwrap();
            speech.prepare(&mut scanned, &body, "m").unwrap();
            let asked = speech.ask(&scanned, &body, slug, &Quirks::default(), None).unwrap();
            let sent: Value = serde_json::from_slice(&asked.body).unwrap();
            let tool = &sent["tools"][0];
            let told = tool["name"].as_str().or(tool["function"]["name"].as_str()).unwrap();
            assert!(
                told.len() <= 64 && !asked.body.windows(name.len()).any(|piece| piece == name.as_bytes()),
                "{sent}"
            );
            let whole = match kind {
                ProviderKind::Anthropic => json!({"id": "a", "type": "message", "role": "assistant", "model": "m",
                    "content": [{"type": "tool_use", "id": "c", "name": told, "input": {}}], "stop_reason": "tool_use",
                    "usage": {"input_tokens": 1, "output_tokens": 1}}),
                _ => json!({"id": "a", "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
                    "tool_calls": [{"id": "c", "type": "function", "function": {"name": told, "arguments": "{}"}}]}}]}),
            };
            let heard = speech.hear(whole.to_string().as_bytes(), &Quirks::default(), &asked.kept);
            let Ok(heard) = heard else {
                panic!("{dialect:?} {kind:?}")
            };
            let answer = speech.tell(
                heard.content,
                Bytes::new(),
                pieces::end(),
                pieces::named,
                &crate::wire::canonical::Opening::default(),
            );
            let answer = String::from_utf8(answer.to_vec()).unwrap();
            assert!(answer.contains(&name) && !answer.contains(told), "{answer}");
            met += 1;
            if kind == ProviderKind::Anthropic {
                continue;
            }
            let mut ear = speech.ear(
                &Quirks::default(),
                pieces::named,
                crate::wire::canonical::Opening::default(),
                &asked.kept,
            );
            let chunk = json!({"id": "a", "choices": [{"index": 0, "delta": {
                "tool_calls": [{"index": 0, "id": "c", "function": {"name": told, "arguments": "{}"}}]}, "finish_reason": "tool_calls"}]});
            let data = chunk.to_string();
            ear.hear(&crate::wire::sse::Event {
                span: 0..0,
                data: Some(data.as_bytes().into()),
                name: None,
                content: crate::wire::sse::Content::Fields,
            });
            let mut told_anew = ear.written();
            told_anew.extend(ear.end(pieces::end()));
            let told_anew = String::from_utf8(told_anew).unwrap();
            assert!(told_anew.contains(&name) && !told_anew.contains(told), "{told_anew}");
        }
    }
    assert_eq!(met, 6);
}

/// A model that declines without a word: each dialect says so, and none takes it for an answer that ended as it should.
#[test]
fn a_refusal_without_words_is_told_as_one() {
    let told = json!({"id": "a", "type": "message", "role": "assistant", "model": "claude", "content": [],
        "stop_reason": "refusal", "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1}});
    let stream = crate::wire::unstreamed::as_stream(Wire::AnthropicMessages, told.to_string().as_bytes()).unwrap();
    for (dialect, words) in [
        (Dialect::OpenaiChat, "\"finish_reason\":\"content_filter\""),
        (Dialect::OpenaiCompletions, "\"finish_reason\":\"content_filter\""),
        (
            Dialect::OpenaiResponses,
            "\"incomplete_details\":{\"reason\":\"content_filter\"}",
        ),
        (Dialect::AigneChat, "\"finishReason\":\"refusal\""),
    ] {
        let speech = Speech::between(dialect, ProviderKind::Anthropic, "claude-opus-5-5");
        let heard = speech.hear(told.to_string().as_bytes(), &Quirks::default(), &Kept::Nothing);
        let Ok(heard) = heard else { panic!("{dialect:?}") };
        assert_eq!(
            (heard.defect, heard.finish_reason.as_deref()),
            (None, Some("refusal")),
            "{dialect:?}"
        );
        let answer = speech.tell(
            heard.content,
            Bytes::new(),
            pieces::end(),
            pieces::named,
            &crate::wire::canonical::Opening::default(),
        );
        let answer = String::from_utf8(answer.to_vec()).unwrap();
        assert!(answer.contains(words), "{dialect:?}: {answer}");
        let carried = pieces::carry(speech, &[&stream], 1 << 20).unwrap();
        let streamed = String::from_utf8(carried.out).unwrap();
        assert_eq!(carried.finish.as_deref(), Some("refusal"));
        assert!(streamed.contains(words), "{dialect:?}: {streamed}");
    }
}

/// Vertex can tell the arguments of a call in parts, to whoever asks for that. Nobody here does, so such an answer is refused,
/// whole and streamed: no client may run a tool with a part of its arguments.
#[test]
fn calls_of_gemini_that_come_in_parts_are_refused() {
    let chunk = |call: Value, end: bool| {
        let mut chunk = json!({"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"functionCall": call}]}}], "responseId": "r"});
        if end {
            chunk["candidates"][0]["finishReason"] = "STOP".into();
        }
        chunk
    };
    let parts = [
        chunk(json!({"name": "pay", "willContinue": true}), false),
        chunk(
            json!({"partialArgs": [{"jsonPath": "$.sum", "numberValue": 1}], "willContinue": true}),
            false,
        ),
        chunk(json!({}), true),
    ];
    let sound = [chunk(json!({"name": "pay", "args": {"sum": 1}}), true)];
    for dialect in [
        Dialect::OpenaiChat,
        Dialect::AnthropicMessages,
        Dialect::OpenaiResponses,
        Dialect::AigneChat,
    ] {
        let speech = Speech::between(dialect, ProviderKind::Google, "gemini-2.5-flash");
        for (chunks, defective) in [(&parts[..], true), (&sound, false)] {
            let stream: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
            let whole = speech.gather(&Bytes::from(stream), &Quirks::default(), &Kept::Nothing, 1 << 20);
            let Ok(whole) = whole else { panic!("{dialect:?}") };
            assert_eq!(whole.defect.is_some(), defective, "{dialect:?}: {:?}", whole.defect);
            let mut ear = speech.ear(
                &Quirks::default(),
                pieces::named,
                crate::wire::canonical::Opening::default(),
                &Kept::Nothing,
            );
            for chunk in chunks {
                let data = chunk.to_string();
                ear.hear(&crate::wire::sse::Event {
                    span: 0..0,
                    data: Some(data.as_bytes().into()),
                    name: None,
                    content: crate::wire::sse::Content::Fields,
                });
            }
            assert_eq!(ear.defect().is_some(), defective, "{dialect:?}");
        }
    }
}

/// What providers of these kinds are sent of each request in a folder of fixtures.
fn check_requests(folder: &str, dialect: Dialect, kinds: &[(&str, ProviderKind, &str)]) {
    crate::wire::golden::each(folder, 2, |case| {
        for (name, kind, slug) in kinds {
            let body = std::str::from_utf8(&case.input).unwrap();
            let (sent, dropped) = asked(dialect, *kind, slug, body);
            assert_eq!(asked(dialect, *kind, slug, body).0, sent, "the same each time");
            let sent: Value = serde_json::from_str(&sent).unwrap();
            let written = json!({ "dropped": dropped, "body": sent });
            case.check_json(&format!("to.{name}.json"), written.to_string().as_bytes());
        }
    });
}

#[test]
fn legacy_completions_are_asked_as_the_files_beside_them_say() {
    let kinds = [
        ("openai", ProviderKind::Openai, "gpt-4o"),
        ("anthropic", ProviderKind::Anthropic, "claude-haiku-4-5"),
        ("google", ProviderKind::Google, "gemini-2.5-flash"),
        ("ollama", ProviderKind::Ollama, "llama3"),
    ];
    check_requests("completions/requests", Dialect::OpenaiCompletions, &kinds);
}

#[test]
fn embeddings_are_asked_as_the_files_beside_them_say() {
    let kinds = [
        ("openai", ProviderKind::Openai, "text-embedding-3-small"),
        ("google", ProviderKind::Google, "gemini-embedding-001"),
        ("ollama", ProviderKind::Ollama, "nomic-embed-text"),
    ];
    check_requests("embeddings/requests", Dialect::OpenaiEmbeddings, &kinds);
}

#[test]
fn pictures_are_asked_for_as_the_files_beside_them_say() {
    let kinds = [
        ("openai", ProviderKind::Openai, "gpt-image-1"),
        ("dalle", ProviderKind::Openai, "dall-e-3"),
        ("compatible", ProviderKind::OpenaiCompatible, "doubao-seedream-4-0"),
        ("google", ProviderKind::Google, "gemini-2.5-flash-image"),
    ];
    check_requests("images/requests", Dialect::OpenaiImages, &kinds);
}

#[test]
fn geminis_pictures_are_told_as_the_file_beside_them_says() {
    let speech = Speech::between(Dialect::OpenaiImages, ProviderKind::Google, "gemini-2.5-flash-image");
    crate::wire::golden::each("images/answers", 1, |case| {
        let heard = speech.hear(&case.input, &Quirks::default(), &Kept::Pictures);
        let Ok(whole) = heard else { panic!("it is not heard") };
        assert_eq!((whole.pictures, whole.defect), (1, None));
        let usage = whole.report.unwrap().usage.unwrap();
        assert_eq!((usage.output_image, usage.output_text), (1_290, 5));
        let end = crate::wire::canonical::End {
            finish: crate::wire::canonical::Finish::Stop,
            usage,
            charge: None,
        };
        let ids = || Ids {
            created: 1_800_000_000,
            ..pieces::named()
        };
        let told = speech.tell(
            whole.content,
            Bytes::new(),
            end,
            ids,
            &crate::wire::canonical::Opening::default(),
        );
        case.check_json("out.json", &told);
    });
}

/// OpenAI draws from words alone where it is asked for new pictures; others that speak its wire may take some to begin with.
#[test]
fn pictures_to_begin_with_go_where_they_are_taken() {
    let body = Bytes::from_static(br#"{"model":"p/m","prompt":"x","image":["data:image/png;base64,AAAA"]}"#);
    let scanned = scan(Dialect::OpenaiImages, &body).unwrap();
    let of = |kind, slug| {
        let speech = Speech::between(Dialect::OpenaiImages, kind, slug);
        let asked = speech.ask(&scanned, &body, slug, &Quirks::default(), None);
        asked
            .map(|asked| String::from_utf8(asked.body.to_vec()).unwrap())
            .map_err(|problem| match problem {
                Unasked::Unspeakable(problem) => problem.param,
                Unasked::Unread(problem) => problem.message,
            })
    };
    assert_eq!(of(ProviderKind::Openai, "gpt-image-1"), Err("image".to_owned()));
    assert!(
        of(ProviderKind::OpenaiCompatible, "seedream")
            .unwrap()
            .contains("base64,AAAA")
    );
    assert!(
        of(ProviderKind::Google, "gemini-2.5-flash-image")
            .unwrap()
            .contains("inlineData")
    );
    for kind in [ProviderKind::Anthropic, ProviderKind::Ollama] {
        assert_eq!(of(kind, "m"), Err("model".to_owned()), "nothing is drawn there");
    }
}
