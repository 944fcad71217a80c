//! Calls of tools and their results.

use super::*;

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
fn no_more_marks_than_claude_takes_and_the_last_ones_stay() {
    let mark = Some(CacheMark::FiveMinutes);
    let text = |text: &str| Part::Text {
        text: text.to_owned(),
        cache: mark,
    };
    let answered = Part::ToolResult(ToolResult {
        id: "a".to_owned(),
        name: None,
        parts: vec![text("within")],
        failed: false,
        cache: mark,
    });
    let mut request = Request {
        tools: vec![Tool {
            cache: mark,
            ..tool("t")
        }],
        messages: vec![
            message(Role::System, vec![text("be brief")]),
            message(Role::User, vec![text("hi")]),
            message(Role::Assistant, vec![call("a", "{}")]),
            message(Role::User, vec![answered]),
        ],
        ..Request::default()
    };
    let marks = |request: &Request| {
        let (body, dropped) = write(request, "claude-opus-4-6", None);
        let marked = |value: &serde_json::Value| value.get("cache_control").is_some();
        let places = [
            &body["tools"][0],
            &body["system"][0],
            &body["messages"][0]["content"][0],
            &body["messages"][2]["content"][0]["content"][0],
            &body["messages"][2]["content"][0],
        ];
        (places.map(marked), dropped.iter().any(|name| name == "cache_control"))
    };
    assert_eq!(marks(&request), ([false, true, true, true, true], true));
    request.tools[0].cache = None;
    assert_eq!(marks(&request), ([false, true, true, true, true], false));
    // One for the whole request takes a place.
    request
        .extra
        .insert("cache_control".to_owned(), json!({"type": "ephemeral"}));
    assert_eq!(marks(&request), ([false, false, true, true, true], true));
}

/// "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block".
#[test]
fn no_mark_lives_longer_than_one_before_it() {
    let marked = |mark| Part::Text {
        text: "hi".to_owned(),
        cache: Some(mark),
    };
    let request = |first, second, whole: serde_json::Value| {
        let mut request = Request {
            messages: vec![
                message(Role::System, vec![marked(first)]),
                message(Role::User, vec![marked(second)]),
            ],
            ..Request::default()
        };
        request.extra.insert("cache_control".to_owned(), whole);
        let (body, dropped) = write(&request, "claude-opus-4-6", None);
        let lives = |value: &serde_json::Value| value["cache_control"]["ttl"] == "1h";
        let places = [&body["system"][0], &body["messages"][0]["content"][0], &body];
        (
            places.map(lives),
            dropped.iter().any(|name| name == "cache_control.ttl"),
        )
    };
    let (short, long) = (CacheMark::FiveMinutes, CacheMark::OneHour);
    let whole = |ttl: &str| json!({"type": "ephemeral", "ttl": ttl});
    assert_eq!(request(long, long, whole("1h")), ([true, true, true], false));
    assert_eq!(request(long, short, whole("5m")), ([true, false, false], false));
    assert_eq!(request(short, long, whole("5m")), ([false, false, false], true));
    assert_eq!(request(long, short, whole("1h")), ([true, false, false], true));
}

/// Names are told once each without a look at all before them.
#[test]
fn very_many_tools_of_the_past_are_named() {
    let of_name = |at: usize| match call(&format!("c{at}"), "{}") {
        Part::ToolCall(call) => Part::ToolCall(ToolCall {
            name: format!("t{}", at % 100_000),
            ..call
        }),
        part => part,
    };
    let calls = (0..150_000).map(of_name).collect();
    let results = (0..150_000).map(|at| result(&format!("c{at}"))).collect();
    let request = Request {
        messages: vec![message(Role::Assistant, calls), message(Role::User, results)],
        ..asking("")
    };
    let (body, _) = write(&request, "claude-opus-4-6", None);
    assert_eq!(body["tools"].as_array().unwrap().len(), 100_000);
}
