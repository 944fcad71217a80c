//! Whatever canonical words this wire can say, its own reader understands again as they were.

use domain::catalog::{Field, Quirks};
use proptest::prelude::*;

use super::*;
use crate::wire::{
    canonical::{CacheMark, File, FileKind, Format, Message, Part, Role, Source, Thought, ToolCall, ToolResult},
    openai::read::read,
};

fn encoder(thoughts: Thoughts) -> Encoder {
    Encoder {
        quirks: Quirks::default(),
        thoughts,
    }
}

fn written(encoder: &Encoder, request: &Request, cap: Option<u64>) -> (Value, Vec<String>) {
    let target = Target { slug: "slug", cap };
    let (body, dropped) = encoder.write(request, &target).unwrap();
    let names = dropped.into_iter().map(|one| one.0).collect();
    (serde_json::from_slice(&body).unwrap(), names)
}

fn says(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        name: None,
    }
}

fn any_text() -> impl Strategy<Value = String> {
    "[a-zé\"\\\\{}]{1,6}"
}

fn any_file() -> impl Strategy<Value = Part> {
    let source = prop_oneof![
        Just((FileKind::Image, Source::Url("https://example.com/a.png".into()))),
        Just((
            FileKind::Image,
            Source::Data {
                mime: "image/png".into(),
                base64: "QQ==".into()
            }
        )),
        Just((
            FileKind::Document,
            Source::Data {
                mime: "application/pdf".into(),
                base64: "QQ==".into()
            }
        )),
        Just((FileKind::Document, Source::Id("file-1".into()))),
        Just((
            FileKind::Audio,
            Source::Data {
                mime: "audio/mpeg".into(),
                base64: "QQ==".into()
            }
        )),
    ];
    source.prop_map(|(kind, source)| {
        let embedded = kind == FileKind::Document && matches!(source, Source::Data { .. });
        Part::File(File {
            kind,
            source,
            name: embedded.then(|| "a.pdf".to_owned()),
            detail: (kind == FileKind::Image).then(|| "low".to_owned()),
            cache: None,
        })
    })
}

/// A turn of the person, of several parts unless it is one text.
fn any_turn() -> impl Strategy<Value = Vec<Message>> {
    let person = prop::collection::vec(prop_oneof![any_text().prop_map(Part::text), any_file()], 1..4)
        .prop_map(|parts| vec![says(Role::User, parts)]);
    let thought = (any_text(), prop::option::of("[a-z]{1,4}")).prop_map(|(text, signature)| {
        Part::Thought(Thought {
            text,
            signature,
            ..Thought::default()
        })
    });
    let calls = prop::collection::vec((any_text(), prop::option::of("[a-z]{1,4}")), 0..3);
    let model = (
        prop::option::of(thought),
        prop::option::of(any_text()),
        prop::option::of(any_text()),
        calls,
    );
    let model = model.prop_filter_map("it says something", |(thought, text, refusal, calls)| {
        let mut parts: Vec<Part> = thought.into_iter().collect();
        parts.extend(text.map(Part::text));
        parts.extend(refusal.map(Part::Refusal));
        let mut results = Vec::new();
        for (at, (text, signature)) in calls.into_iter().enumerate() {
            let (id, name) = (format!("call_{at}"), format!("tool_{at}"));
            results.push(Part::ToolResult(ToolResult {
                id: id.clone(),
                name: Some(name.clone()),
                parts: vec![Part::text(text)],
                failed: false,
                cache: None,
            }));
            parts.push(Part::ToolCall(ToolCall {
                id,
                name,
                arguments: "{\"a\": 1}".into(),
                signature,
            }));
        }
        let said = parts.iter().any(|part| !matches!(part, Part::Thought(_)));
        let mut turn = vec![says(Role::Assistant, parts)];
        if !results.is_empty() {
            turn.push(says(Role::User, results));
        }
        said.then_some(turn)
    });
    prop_oneof![
        person,
        model,
        any_text().prop_map(|text| vec![says(Role::System, vec![Part::text(text)])])
    ]
}

proptest! {
    #[test]
    fn what_both_know_comes_back(turns in prop::collection::vec(any_turn(), 1..6)) {
        let request = Request {
            model: "slug".into(),
            messages: turns.into_iter().flatten().collect(),
            tools: vec![Tool {
                name: "tool_0".into(),
                description: Some("It helps.".into()),
                schema: json!({
                    "type": "object",
                    "properties": { "z": { "type": "string" }, "a": { "type": "number" } },
                    "required": ["z", "a"],
                    "additionalProperties": false,
                }),
                strict: Some(true),
                cache: None,
            }],
            tool_choice: Some(ToolChoice::Named("tool_0".into())),
            parallel_tools: Some(false),
            format: Format::JsonSchema { name: "n".into(), description: None, schema: json!({}), strict: None, nulls: false },
            max_tokens: Some(7),
            reasoning: Some(Reasoning { effort: Some(Effort::Most), shown: true, ..Reasoning::default() }),
            temperature: Some(0.5),
            seed: Some(-3),
            stop: vec!["x".into()],
            user: Some("u".into()),
            ..Request::default()
        };
        let encoder = encoder(Thoughts::Details);
        let (body, dropped) = written(&encoder, &request, None);
        prop_assert_eq!(dropped, Vec::<String>::new());
        prop_assert_eq!(read(body.to_string().as_bytes()).unwrap(), request);
    }
}

/// "Root objects must not be anyOf and must be an object".
#[test]
fn the_form_of_an_answer_has_an_object_at_its_root() {
    let choice =
        |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] });
    let schema = json!({ "anyOf": [choice("a"), choice("b")] });
    for strict in [None, Some(true)] {
        let request = Request {
            format: Format::JsonSchema {
                name: "n".into(),
                description: None,
                schema: schema.clone(),
                strict,
                nulls: false,
            },
            messages: vec![says(Role::User, vec![Part::text("x")])],
            ..Request::default()
        };
        let (body, dropped) = written(&encoder(Thoughts::Left), &request, None);
        let made = &body["response_format"]["json_schema"];
        assert_eq!((&made["schema"]["type"], made.get("strict")), (&json!("object"), None));
        assert_eq!(
            made["schema"]["properties"],
            json!({ "a": { "type": "string" }, "b": { "type": "string" } })
        );
        assert_eq!(made["schema"].get("anyOf"), None);
        assert_eq!(dropped, ["response_format.strict"]);
    }
}

/// An object would not obey it, and there are services that take it.
#[test]
fn the_form_of_an_answer_that_is_no_object_stays() {
    let color = json!({ "type": "string", "enum": ["red", "blue"] });
    for schema in [
        json!({ "$ref": "#/$defs/Color", "$defs": { "Color": color } }),
        json!({ "enum": ["yes", "no"] }),
        json!({ "anyOf": [{ "type": "object", "properties": {} }, { "type": "null" }] }),
        json!({}),
    ] {
        let request = Request {
            format: Format::JsonSchema {
                name: "n".into(),
                description: None,
                schema: schema.clone(),
                strict: Some(true),
                nulls: false,
            },
            messages: vec![says(Role::User, vec![Part::text("x")])],
            ..Request::default()
        };
        let (body, dropped) = written(&encoder(Thoughts::Left), &request, None);
        let made = &body["response_format"]["json_schema"];
        assert_eq!((&made["schema"], made.get("strict")), (&schema, None));
        assert_eq!(dropped, ["response_format.strict"]);
    }
}

#[test]
fn what_cannot_be_said_is_named() {
    let thought = Part::Thought(Thought {
        text: "Hm.".into(),
        ..Thought::default()
    });
    let request = Request {
        messages: vec![
            says(
                Role::User,
                vec![Part::Text {
                    text: "x".into(),
                    cache: Some(CacheMark::OneHour),
                }],
            ),
            says(Role::Assistant, vec![thought, Part::text("So.")]),
        ],
        top_k: Some(3),
        extra: [("min_p".to_owned(), json!(0.1)), ("store".to_owned(), json!(true))]
            .into_iter()
            .collect(),
        ..Request::default()
    };
    let (body, dropped) = written(&encoder(Thoughts::Left), &request, None);
    assert_eq!(
        dropped,
        ["cache_control", "messages[].reasoning", "min_p", "store", "top_k"]
    );
    assert_eq!(body.get("store"), None);
    assert_eq!(body["messages"][1], json!({ "role": "assistant", "content": "So." }));
    let (body, _) = written(&encoder(Thoughts::Plain), &request, None);
    assert_eq!(body["messages"][1]["reasoning_content"], "Hm.");
}

#[test]
fn quirks_and_caps_are_obeyed() {
    let mut encoder = encoder(Thoughts::Left);
    encoder.quirks.max_tokens_only = true;
    encoder.quirks.stream_options = false;
    encoder.quirks.forbidden_fields = ["store", "messages[].name"]
        .into_iter()
        .map(|field| field.parse::<Field>().unwrap())
        .collect();
    let mut request = Request {
        stream: true,
        max_tokens: Some(50),
        messages: vec![Message {
            name: Some("ann".into()),
            ..says(Role::User, vec![Part::text("x")])
        }],
        extra: [("store".to_owned(), json!(true))].into_iter().collect(),
        ..Request::default()
    };
    let (body, dropped) = written(&encoder, &request, Some(9));
    assert_eq!(dropped, ["messages[].name", "store"]);
    assert_eq!(
        body,
        json!({ "model": "slug", "messages": [{ "role": "user", "content": "x" }], "max_tokens": 9, "stream": true })
    );
    request.max_tokens = None;
    assert_eq!(written(&encoder, &request, Some(9)).0["max_tokens"], 9);
    assert_eq!(written(&encoder, &request, None).0.get("max_tokens"), None);
}

#[test]
fn what_would_change_the_meaning_is_refused() {
    let file = |kind, source| {
        Part::File(File {
            kind,
            source,
            name: None,
            detail: None,
            cache: None,
        })
    };
    let url = || Source::Url("https://example.com/x".into());
    for part in [
        file(FileKind::Image, Source::Id("file-1".into())),
        file(FileKind::Document, url()),
        file(FileKind::Audio, url()),
        file(FileKind::Video, url()),
    ] {
        let request = Request {
            messages: vec![says(Role::User, vec![part.clone()])],
            ..Request::default()
        };
        let target = Target { slug: "s", cap: None };
        assert!(encoder(Thoughts::Left).write(&request, &target).is_err(), "{part:?}");
    }
}

#[test]
fn files_and_failures_of_tools_are_told_after_their_answers() {
    let result = Part::ToolResult(ToolResult {
        id: "a".repeat(50),
        name: None,
        parts: vec![
            Part::text("no such page"),
            Part::File(File {
                kind: FileKind::Image,
                source: Source::Url("https://example.com/a.png".into()),
                name: None,
                detail: None,
                cache: None,
            }),
        ],
        failed: true,
        cache: None,
    });
    let call = Part::ToolCall(ToolCall {
        id: "a".repeat(50),
        name: "f".into(),
        arguments: String::new(),
        signature: None,
    });
    let request = Request {
        messages: vec![
            says(Role::Assistant, vec![call]),
            says(Role::User, vec![result, Part::text("Well?")]),
        ],
        ..Request::default()
    };
    let (body, dropped) = written(&encoder(Thoughts::Left), &request, None);
    assert_eq!(dropped, Vec::<String>::new());
    let id = body["messages"][0]["tool_calls"][0]["id"].as_str().unwrap();
    assert_eq!(id.len(), 40);
    assert_eq!(body["messages"][0]["tool_calls"][0]["function"]["arguments"], "{}");
    assert_eq!(
        body["messages"][1],
        json!({ "role": "tool", "content": "Error: no such page", "tool_call_id": id })
    );
    assert_eq!(
        body["messages"][2]["content"][1]["image_url"]["url"],
        "https://example.com/a.png"
    );
    assert_eq!(body["messages"][2]["content"][2]["text"], "Well?");
}

#[test]
fn each_service_gets_thoughts_and_ids_as_it_takes_them() {
    let thought = Part::Thought(Thought {
        text: "Hm.".into(),
        signature: Some("proof".into()),
        ..Thought::default()
    });
    let call = Part::ToolCall(ToolCall {
        id: "toolu_01AbCdEfGhIjKlMnOpQrStUv".into(),
        name: "f".into(),
        arguments: "{}".into(),
        signature: None,
    });
    let result = Part::ToolResult(ToolResult {
        id: "toolu_01AbCdEfGhIjKlMnOpQrStUv".into(),
        name: None,
        parts: vec![Part::text("18 C")],
        failed: false,
        cache: None,
    });
    let request = Request {
        messages: vec![
            says(Role::Assistant, vec![thought, call]),
            says(Role::User, vec![result]),
        ],
        ..Request::default()
    };
    let of = |preset: &str, slug: &str| {
        let quirks = domain::catalog::find_preset(preset).unwrap().quirks();
        let thoughts = thoughts_of(&quirks, slug);
        let (body, dropped) = written(&Encoder { quirks, thoughts }, &request, None);
        let [said, answered] = body["messages"].as_array().unwrap().as_slice() else {
            panic!("{body}")
        };
        let id = said["tool_calls"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(
            answered["tool_call_id"],
            id.as_str(),
            "a call and its result find each other"
        );
        (said.clone(), id, dropped)
    };
    let (said, _, dropped) = of("openrouter", "anthropic/claude-sonnet-4.5");
    assert_eq!(
        said["reasoning_details"],
        json!([{ "type": "reasoning.text", "text": "Hm.", "index": 0, "signature": "proof" }])
    );
    assert!(dropped.is_empty(), "{dropped:?}");
    for (preset, slug) in [("deepseek", "deepseek-reasoner"), ("openai", "deepseek-r1")] {
        assert_eq!(of(preset, slug).0["reasoning_content"], "Hm.", "{preset}");
    }
    let (said, id, dropped) = of("mistral", "mistral-large-latest");
    assert!(
        id.len() == 9 && id.bytes().all(|letter| letter.is_ascii_alphanumeric()),
        "{id}"
    );
    assert!(said.get("reasoning_content").is_none() && said.get("reasoning_details").is_none());
    assert_eq!(dropped, ["messages[].reasoning"]);
    assert!(of("groq", "x").1.starts_with("toolu_"));
}

/// Anthropic's word for a tier that is none of OpenAI's.
#[test]
fn tiers_are_told_in_openais_words() {
    let with = |tier: &str| {
        let request = Request {
            messages: vec![says(Role::User, vec![Part::text("Hi")])],
            extra: [("service_tier".to_owned(), json!(tier))].into_iter().collect(),
            ..Request::default()
        };
        let chat = written(&encoder(Thoughts::Left), &request, None).0;
        let target = Target {
            slug: "slug",
            cap: None,
        };
        let (responses, _) = crate::wire::responses::encode::Encoder
            .write(&request, &target)
            .unwrap();
        let responses: Value = serde_json::from_slice(&responses).unwrap();
        assert_eq!(chat["service_tier"], responses["service_tier"]);
        chat["service_tier"].clone()
    };
    assert_eq!(with("standard_only"), "default");
    for same in ["auto", "default", "flex", "priority"] {
        assert_eq!(with(same), same);
    }
}

/// Neither a message nor a tool's answer has a place for it beside the text.
#[test]
fn the_title_of_a_document_is_said_above_it() {
    let document = |name: Option<&str>, source| {
        Part::File(File {
            kind: FileKind::Document,
            source,
            name: name.map(str::to_owned),
            detail: None,
            cache: None,
        })
    };
    let text = |name| document(name, Source::Text("It rains.".into()));
    let result = Part::ToolResult(ToolResult {
        id: "call_1".into(),
        name: None,
        parts: vec![text(Some("Report")), text(None)],
        failed: false,
        cache: None,
    });
    let kept = document(Some("Report"), Source::Id("file-1".into()));
    let request = Request {
        messages: vec![
            says(Role::User, vec![text(Some("Report"))]),
            says(Role::User, vec![text(Some(" "))]),
            says(Role::User, vec![result]),
            says(Role::User, vec![kept]),
        ],
        ..Request::default()
    };
    let (body, dropped) = written(&encoder(Thoughts::Left), &request, None);
    let said = |at: usize| &body["messages"][at]["content"];
    assert_eq!((said(0), said(1)), (&json!("Report\n\nIt rains."), &json!("It rains.")));
    assert_eq!(said(2), "Report\n\nIt rains.\nIt rains.");
    assert_eq!(dropped, ["messages[].filename"]);
}
