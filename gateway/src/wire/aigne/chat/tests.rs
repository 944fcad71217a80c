//! Golden files, the client's own reading of a stream, and bodies of any kind.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    super::{
        super::canonical::{Event, File, FileKind, Finish, Opening, Part, Role, Source, StreamWriter, Thought},
        golden,
    },
    *,
};

const AS_JSON: Opening = Opening {
    include_usage: false,
    input_tokens: 0,
    as_json: true,
    functions: false,
    asked: crate::wire::responses::echo::Repeated::NOTHING,
};

#[test]
fn requests_are_understood() {
    crate::wire::golden::each("aigne/chat", 4, |case| {
        let request = read(&case.input).unwrap();
        case.check("out.txt", &format!("{request:#?}"));
    });
}

#[test]
fn answers_are_written() {
    let told = |name: &str, events: Vec<Event>, finish: Finish, opening: Opening| {
        let end = golden::end(finish);
        let writer = Writer::new(golden::ids(), &opening);
        golden::expect(
            &format!("chat/{name}.stream.sse"),
            &golden::streamed(writer, events.clone(), &end),
        );
        let mut whole = answer(&golden::whole(events), &end, &golden::ids(), opening.as_json);
        whole.push(b'\n');
        golden::expect(&format!("chat/{name}.answer.json"), &whole);
    };
    told(
        "tools",
        golden::thoughts_text_and_tools(),
        Finish::ToolCalls,
        Opening::default(),
    );
    told("json", golden::json_in_pieces(), Finish::Stop, AS_JSON);
    let cut = vec![
        Event::Text("{\"name\":".to_owned()),
        golden::tool(0, "c", "t", None),
        golden::arguments(0, "{\"a"),
    ];
    told("cut", cut, Finish::Length, AS_JSON);
    let source = |url: Option<&str>, quoted: Option<&str>| {
        Event::Citation(crate::wire::canonical::Citation {
            url: url.map(str::to_owned),
            title: Some("A page".to_owned()),
            quoted: quoted.map(str::to_owned),
            raw: json!({}),
        })
    };
    let sources = vec![
        Event::Text("Oslo is the capital.".to_owned()),
        source(Some("https://example.org/oslo"), Some("the capital")),
        source(Some("https://example.org/oslo"), Some("the capital")),
        source(None, None),
    ];
    told("sources", sources, Finish::Stop, Opening::default());
    let file = File {
        kind: FileKind::Image,
        source: Source::Data {
            mime: "image/png".to_owned(),
            base64: "iVBORw0KGgo=".to_owned(),
        },
        name: None,
        detail: None,
        cache: None,
    };
    told(
        "file",
        vec![Event::File(file), Event::Refusal("No more.".to_owned())],
        Finish::Refusal,
        Opening::default(),
    );
}

/// As `EventStreamParser` and `AgentResponseStreamParser` of the framework read a stream: every frame is parsed first, texts
/// are appended, members of `json` replace what was there.
fn as_client(stream: &[u8]) -> Value {
    let mut all = Map::new();
    for event in std::str::from_utf8(stream).unwrap().split_terminator("\n\n") {
        let data = event.strip_prefix("data: ").expect("an unnamed event of one line");
        let frame: Value = serde_json::from_str(data).expect("every frame is JSON");
        let delta = frame["delta"].as_object().expect("a delta");
        for (name, value) in delta.get("json").and_then(Value::as_object).into_iter().flatten() {
            all.insert(name.clone(), value.clone());
        }
        for (name, more) in delta.get("text").and_then(Value::as_object).into_iter().flatten() {
            let before = all.get(name).and_then(Value::as_str).unwrap_or_default();
            let text = format!("{before}{}", more.as_str().unwrap());
            all.insert(name.clone(), Value::from(text));
        }
    }
    Value::Object(all)
}

#[test]
fn a_stream_comes_to_what_the_whole_answer_says() {
    for (events, opening) in [
        (golden::thoughts_text_and_tools(), Opening::default()),
        (golden::json_in_pieces(), AS_JSON),
        (golden::json_in_pieces(), Opening::default()),
    ] {
        let end = golden::end(Finish::Stop);
        let stream = golden::streamed(Writer::new(golden::ids(), &opening), events.clone(), &end);
        let whole = answer(&golden::whole(events), &end, &golden::ids(), opening.as_json);
        assert_eq!(as_client(&stream), serde_json::from_slice::<Value>(&whole).unwrap());
    }
}

#[test]
fn proofs_of_thoughts_survive_the_client() {
    let mut events = golden::thoughts_text_and_tools();
    events.insert(4, Event::Sealed("eHl6".to_owned()));
    let end = golden::end(Finish::ToolCalls);
    let stream = golden::streamed(Writer::new(golden::ids(), &Opening::default()), events, &end);
    let calls = as_client(&stream)["toolCalls"].clone();
    let history = json!({ "input": { "messages": [{ "role": "agent", "toolCalls": calls }] } });
    let request = read(history.to_string().as_bytes()).unwrap();
    let [message] = request.messages.as_slice() else {
        panic!("one message")
    };
    assert_eq!(message.role, Role::Assistant);
    let proven = Thought {
        text: "Two cities.".to_owned(),
        signature: Some("cHJvb2Y=".to_owned()),
        ..Thought::default()
    };
    let sealed = Thought {
        sealed: Some("eHl6".to_owned()),
        ..Thought::default()
    };
    assert_eq!(message.parts[..2], [Part::Thought(proven), Part::Thought(sealed)]);
    let signatures: Vec<_> = message.parts[2..]
        .iter()
        .map(|part| match part {
            Part::ToolCall(call) => call.signature.as_deref(),
            _ => panic!("a call"),
        })
        .collect();
    assert_eq!(signatures, [Some("c2ln"), None]);
}

#[test]
fn an_error_is_the_last_event_and_named() {
    let mut out = Vec::new();
    Writer::new(golden::ids(), &Opening::default()).fail(
        &crate::wire::canonical::Failing {
            message: "It broke.",
            code: "upstream_error",
            status: 502,
            facts: crate::call::Facts::default(),
        },
        &mut out,
    );
    assert_eq!(
        String::from_utf8_lossy(&out),
        "event: error\ndata: {\"message\":\"It broke.\",\"type\":\"UNAVAILABLE\",\"code\":\"upstream_error\"}\n\n"
    );
}

#[test]
fn what_is_wrong_is_said() {
    for (body, code, param) in [
        ("[]", "invalid_json", None),
        ("{", "invalid_json", None),
        ("{}", "missing_field", Some("input")),
        (r#"{"input":7}"#, "invalid_type", Some("input")),
        (r#"{"input":{}}"#, "missing_field", Some("input.messages")),
        (r#"{"input":{"messages":[]}}"#, "missing_field", Some("input.messages")),
        (
            r#"{"input":{"messages":[{"content":"x"}]}}"#,
            "missing_field",
            Some("input.messages"),
        ),
        (
            r#"{"input":{"messages":[{"role":"robot"}]}}"#,
            "invalid_value",
            Some("input.messages"),
        ),
        (
            r#"{"input":{"messages":[{"role":"tool","content":"x"}]}}"#,
            "missing_field",
            Some("input.messages"),
        ),
        (
            r#"{"input":{"messages":[{"role":"user","content":[{"type":"local","path":"/etc/passwd"}]}]}}"#,
            "unsupported_file",
            Some("input.messages"),
        ),
        (
            r#"{"input":{"messages":[{"role":"user"}],"toolChoice":"some"}}"#,
            "invalid_value",
            Some("input.toolChoice"),
        ),
        (
            r#"{"input":{"messages":[{"role":"user"}],"tools":[{}]}}"#,
            "missing_field",
            Some("input.tools"),
        ),
        (
            r#"{"input":{"messages":[{"role":"user"}],"modelOptions":{"reasoningEffort":"much"}}}"#,
            "invalid_value",
            Some("input.modelOptions"),
        ),
        (
            r#"{"input":{"messages":[{"role":"user"}],"responseFormat":{"type":"json_schema"}}}"#,
            "missing_field",
            Some("input.responseFormat"),
        ),
    ] {
        let problem = read(body.as_bytes()).unwrap_err();
        assert_eq!(
            (problem.code, problem.param.as_deref()),
            (code, param),
            "{body}: {problem}"
        );
    }
}

proptest! {
    #[test]
    fn no_body_breaks_the_reader(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&body);
    }

    /// A request that is cut, or in which a byte is changed, is refused or read, and never breaks anything.
    #[test]
    fn no_damage_breaks_the_reader(name in prop::sample::select(vec!["client", "tools", "files", "json"]), at in 0_usize..4000, byte: u8, cut: bool) {
        let mut body = golden::input(&format!("chat/{name}.in.json"));
        let at = at % body.len();
        if cut { body.truncate(at) } else { body[at] = byte }
        let _ = read(&body);
    }

    /// Whatever texts a model writes, every frame is JSON and the client gets the same text.
    #[test]
    fn every_text_arrives(texts in prop::collection::vec(".{0,20}", 0..8)) {
        let events: Vec<Event> = texts.iter().map(|text| Event::Text(text.clone())).collect();
        let end = golden::end(Finish::Stop);
        let stream = golden::streamed(Writer::new(golden::ids(), &Opening::default()), events, &end);
        let client = as_client(&stream);
        prop_assert_eq!(client["text"].as_str().unwrap_or_default(), texts.concat());
    }
}

/// Each result finds the name of its tool without a look at all calls and at all results before it.
#[test]
fn many_calls_and_their_results_are_no_square_of_work() {
    let call = |at: usize| json!({ "id": format!("c{at}"), "type": "function", "function": { "name": format!("f{at}"), "arguments": {} } });
    let calls: Vec<_> = (0..100_000).map(call).collect();
    let mut messages = vec![json!({ "role": "agent", "toolCalls": calls })];
    messages.extend((0..100_000).map(|at| json!({ "role": "tool", "toolCallId": format!("c{at}"), "content": "x" })));
    let request = read(
        json!({ "input": { "messages": messages }, "model": "m" })
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert_eq!((request.messages.len(), request.messages[1].parts.len()), (2, 100_000));
    for (at, part) in request.messages[1].parts.iter().enumerate() {
        let name = format!("f{at}");
        assert!(
            matches!(part, crate::wire::canonical::Part::ToolResult(result) if result.name.as_ref() == Some(&name))
        );
    }
}
