use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::wire::canonical::{Message, Role, Tool, ToolCall, ToolResult, ToolStart};

fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        schema: json!({}),
        strict: None,
        cache: None,
    }
}

/// A conversation in which each of these tools is offered, was called and has answered; the first must be used.
fn request(names: &[String]) -> Request {
    let call = |(at, name): (usize, &String)| {
        Part::ToolCall(ToolCall {
            id: format!("c{at}"),
            name: name.clone(),
            arguments: "{}".to_owned(),
            signature: None,
        })
    };
    let result = |(at, name): (usize, &String)| {
        Part::ToolResult(ToolResult {
            id: format!("c{at}"),
            name: Some(name.clone()),
            parts: Vec::new(),
            failed: false,
            cache: None,
        })
    };
    let said = |role, parts| Message {
        role,
        parts,
        name: None,
    };
    Request {
        tools: names.iter().map(|name| tool(name)).collect(),
        tool_choice: names.first().cloned().map(ToolChoice::Named),
        messages: vec![
            said(Role::Assistant, names.iter().enumerate().map(call).collect()),
            said(Role::User, names.iter().enumerate().map(result).collect()),
        ],
        ..Request::default()
    }
}

fn start(name: &str) -> Event {
    Event::ToolCall(ToolStart {
        index: 0,
        id: "c".to_owned(),
        name: name.to_owned(),
        signature: None,
    })
}

/// What the provider is told, tool by tool; and what of its calls comes back.
fn there_and_back(names: &[String], wire: Wire) -> (Vec<String>, Vec<String>) {
    let request = request(names);
    let (told, way_back) = fitting(Cow::Borrowed(&request), wire);
    let there: Vec<String> = told.tools.iter().map(|tool| tool.name.clone()).collect();
    let all: Vec<&str> = super::names(&told).collect();
    let mut wanted: Vec<&str> = there.iter().map(String::as_str).collect();
    wanted.extend(there.first().map(String::as_str));
    wanted.extend(there.iter().chain(&there).map(String::as_str));
    assert_eq!(
        all, wanted,
        "a call, its result and the choice name the tool as it is told"
    );
    let mut events: Vec<Event> = there.iter().map(|name| start(name)).collect();
    way_back.put_back(&mut events);
    let back = events.into_iter().map(|event| match event {
        Event::ToolCall(start) => start.name,
        _ => unreachable!(),
    });
    (there, back.collect())
}

#[test]
fn what_fits_stays_as_it_is() {
    let names = ["get_weather", "A-1"].map(str::to_owned);
    let request = request(&names);
    for wire in Wire::ALL {
        let (told, way_back) = fitting(Cow::Borrowed(&request), wire);
        assert!(matches!(told, Cow::Borrowed(_)), "{wire:?}");
        assert_eq!(way_back, ToolNames::default());
    }
}

#[test]
fn long_and_odd_names_are_told_and_come_back() {
    let long = |end: &str| format!("mcp__a_server_with_a_name__{}{end}", "x".repeat(60));
    let names = [
        long("1"),
        long("2"),
        "files.read".to_owned(),
        "查天气".to_owned(),
        "1st".to_owned(),
    ];
    for wire in [
        Wire::OpenaiChat,
        Wire::OpenaiResponses,
        Wire::AnthropicMessages,
        Wire::GoogleGenerate,
    ] {
        let (there, back) = there_and_back(&names, wire);
        assert!(there.iter().all(|name| takes(wire, name)), "{wire:?} {there:?}");
        assert_eq!(back, names, "{wire:?}");
        assert_eq!(there_and_back(&names, wire).0, there, "the same each time");
        assert_eq!(
            there_and_back(&names[1..], wire).0,
            there[1..],
            "whatever stands beside it"
        );
    }
    assert_eq!(there_and_back(&names, Wire::GoogleGenerate).0[2], "files.read");
    assert!(there_and_back(&names, Wire::OpenaiChat).0[0].starts_with("mcp__a_server_with_a_name__x"));
    assert_eq!(there_and_back(&names, Wire::OllamaChat).0, names);
}

#[test]
fn a_name_that_looks_like_a_short_one_is_nobody_elses() {
    let long = "y".repeat(70);
    let names = [short(&long, 0), long.clone(), short(&long, 1)];
    let (there, back) = there_and_back(&names, Wire::OpenaiChat);
    assert_eq!((&there[0], &there[2]), (&names[0], &names[2]));
    assert_eq!(there[1], short(&long, 2));
    assert_eq!(back, names);
}

/// A tool of free text and one in a namespace are told in words; a function that is called like them stays one, and keeps its name.
#[test]
fn what_a_name_says_beyond_itself_is_told_in_words_and_comes_back_by_the_list() {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let both = own(&[
        "edit\u{1e}",
        "edit-free-text",
        "files\u{1f}read",
        "files-ns-read",
        "a\u{1f}b\u{1e}",
    ]);
    for wire in Wire::ALL {
        let (there, back) = there_and_back(&both, wire);
        assert_eq!(back, both, "{wire:?}");
        assert_eq!(
            [&there[1], &there[3], &there[4]],
            ["edit-free-text", "files-ns-read", "a-ns-b-free-text"]
        );
        assert!(
            there[0].starts_with("edit-free-text_") && there[2].starts_with("files-ns-read_"),
            "{there:?}"
        );
        let (there, back) = there_and_back(&both[..1], wire);
        assert_eq!((&*there[0], &*back[0]), ("edit-free-text", "edit\u{1e}"), "{wire:?}");
        // Of a list that knows no such tool nothing is taken for one, nor is a call of what was never offered.
        assert_eq!(there_and_back(&both[1..2], wire).1, ["edit-free-text"]);
        let (_, way_back) = fitting(Cow::Owned(request(&both[..1])), wire);
        let mut events = [start("other-free-text")];
        way_back.put_back(&mut events);
        assert_eq!(events, [start("other-free-text")]);
    }
}

proptest! {
    #[test]
    fn any_names_stay_apart_and_come_back(names in proptest::collection::hash_set(".{1,90}|[a-z.]{60,70}", 1..8), wire in proptest::sample::select(Wire::ALL.to_vec())) {
        let names: Vec<String> = names.into_iter().collect();
        let (there, back) = there_and_back(&names, wire);
        prop_assert!(there.iter().all(|name| takes(wire, name)), "{:?}", there);
        let distinct: HashSet<&String> = there.iter().collect();
        prop_assert_eq!(distinct.len(), names.len());
        prop_assert_eq!(back, names);
    }
}
