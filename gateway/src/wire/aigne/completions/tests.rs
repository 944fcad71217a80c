//! Golden files, and bodies of any kind.

use proptest::prelude::*;
use serde_json::json;

use super::{
    super::{
        super::canonical::{Finish, Opening, StreamWriter},
        golden,
    },
    *,
};

#[test]
fn requests_are_understood() {
    crate::wire::golden::each("aigne/completions", 2, |case| {
        let request = read(&case.input).unwrap();
        case.check("out.txt", &format!("{request:#?}"));
    });
}

#[test]
fn answers_are_written() {
    let end = golden::end(Finish::ToolCalls);
    let events = golden::thoughts_text_and_tools();
    let writer = Writer::new(golden::ids(), Opening::default());
    golden::expect(
        "completions/tools.stream.sse",
        &golden::streamed(writer, events.clone(), &end),
    );
    let mut whole = answer(&golden::whole(events), &end, &golden::ids());
    whole.push(b'\n');
    golden::expect("completions/tools.answer.json", &whole);
}

/// What nobody reads is kept under its name, so that a provider gets it or the answer's head names it; `null` is nothing.
#[test]
fn what_is_not_read_keeps_its_name() {
    let body =
        br#"{"prompt":"a","topP":1,"top_k":2,"stream_options":{},"logitBias":{"1":1},"verbosity":"low","odd":null}"#;
    let request = read(body).unwrap();
    let names: Vec<&str> = request.extra.keys().map(String::as_str).collect();
    assert_eq!(names, ["logitBias", "verbosity"]);
}

#[test]
fn an_error_has_no_name() {
    let mut out = Vec::new();
    Writer::new(golden::ids(), Opening::default()).fail(
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
        "data: {\"error\":{\"message\":\"It broke.\",\"type\":\"UNAVAILABLE\",\"code\":\"upstream_error\"}}\n\n"
    );
}

#[test]
fn what_is_wrong_is_said() {
    for (body, code, param) in [
        ("{}", "missing_field", Some("messages")),
        (r#"{"prompt":"a","messages":[]}"#, "invalid_value", Some("prompt")),
        (r#"{"messages":[]}"#, "missing_field", Some("messages")),
        (r#"{"messages":"a"}"#, "invalid_type", Some("messages")),
        (
            r#"{"messages":[{"role":"tool","content":"x"}]}"#,
            "missing_field",
            Some("messages"),
        ),
        (r#"{"prompt":"a","toolChoice":{}}"#, "invalid_value", Some("toolChoice")),
        (
            r#"{"prompt":"a","responseFormat":{"type":"xml"}}"#,
            "invalid_value",
            Some("responseFormat"),
        ),
        (r#"{"prompt":"a","maxTokens":-1}"#, "invalid_type", Some("maxTokens")),
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
    fn no_damage_breaks_the_reader(name in prop::sample::select(vec!["chat", "snake"]), at in 0_usize..4000, byte: u8, cut: bool) {
        let mut body = golden::input(&format!("completions/{name}.in.json"));
        let at = at % body.len();
        if cut { body.truncate(at) } else { body[at] = byte }
        let _ = read(&body);
    }
}

/// Each result finds the name of its tool without a look at all calls and at all results before it.
#[test]
fn many_calls_and_their_results_are_no_square_of_work() {
    let call = |at: usize| json!({ "id": format!("c{at}"), "type": "function", "function": { "name": format!("f{at}"), "arguments": "{}" } });
    let calls: Vec<_> = (0..100_000).map(call).collect();
    let mut messages = vec![json!({ "role": "assistant", "toolCalls": calls })];
    messages.extend((0..100_000).map(|at| json!({ "role": "tool", "toolCallId": format!("c{at}"), "content": "x" })));
    let request = read(json!({ "messages": messages, "model": "m" }).to_string().as_bytes()).unwrap();
    assert_eq!((request.messages.len(), request.messages[1].parts.len()), (2, 100_000));
    for (at, part) in request.messages[1].parts.iter().enumerate() {
        let name = format!("f{at}");
        assert!(
            matches!(part, crate::wire::canonical::Part::ToolResult(result) if result.name.as_ref() == Some(&name))
        );
    }
}
