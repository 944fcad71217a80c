//! Streams of providers, read and written again for a client: `fixtures/openai/chunks`. `NAME.events.txt` is what was understood,
//! `NAME.out.sse` what the client gets.

use bytes::Bytes;
use domain::{catalog::Quirks, usage::Usage};
use proptest::prelude::*;

use super::*;
use crate::wire::{
    canonical::{Answer, Event, Finish, Frame, Part, ReadProblem, Sequencer, StreamReader, ToolCall, ToolStart},
    golden, grammar,
    openai::listen::Reader,
    sse::Framer,
};

fn ids() -> Ids {
    Ids {
        call: "call_7".into(),
        model: "p/m".into(),
        created: 1_700_000_000,
    }
}

fn writer(include_usage: bool) -> Writer {
    Writer::new(
        ids(),
        &Opening {
            include_usage,
            input_tokens: 9,
            ..Opening::default()
        },
    )
}

/// Everything that a stream in these pieces says.
fn heard<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Reader, Result<(), ReadProblem>) {
    let (mut framer, mut reader) = (Framer::new(1 << 20), Reader::new(Quirks::default()));
    let mut events = Vec::new();
    let mut batches: Vec<_> = pieces
        .into_iter()
        .map(|piece| framer.push(Bytes::copy_from_slice(piece)).unwrap())
        .collect();
    batches.push(framer.finish());
    for batch in batches {
        for event in batch.events() {
            if let Some(data) = &event.data {
                let frame = Frame { name: event.name, data };
                if let Err(problem) = reader.read(frame, &mut events) {
                    return (events, reader, Err(problem));
                }
            }
        }
    }
    (events, reader, Ok(()))
}

/// The stream that a client gets of these events.
fn written(events: Vec<Event>, usage: Usage, include_usage: bool) -> Vec<u8> {
    let (mut sequencer, mut writer) = (Sequencer::default(), writer(include_usage));
    let (mut steps, mut out) = (Vec::new(), Vec::new());
    for event in events {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    for step in &steps {
        writer.step(step, &mut out);
    }
    let end = End {
        finish: sequencer.finish().cloned().unwrap_or(Finish::Stop),
        usage,
        charge: None,
    };
    writer.end(&end, &mut out);
    out
}

#[test]
fn every_stream_is_understood_and_written_again() {
    golden::each("openai/chunks", 9, |case| {
        let (events, reader, result) = heard([&case.input[..]]);
        assert_eq!(result, Ok(()), "{}", case.name);
        assert!(reader.is_complete() && reader.was_last(), "{}", case.name);
        let usage = reader.report().unwrap().usage.unwrap();
        case.check(
            "events.txt",
            &format!("{events:#?}\n{usage:?}\n{:?}", reader.finish_reason()),
        );
        let asked = case.name != "mistral";
        let out = written(events, usage, asked);
        let said = grammar::chat::check(std::str::from_utf8(&out).unwrap(), asked);
        assert!(said.is_ok(), "{}: {said:?}", case.name);
        case.check("out.sse", &String::from_utf8(out).unwrap());
    });
}

/// The text is said when the JSON that holds it is whole.
#[test]
fn a_call_of_a_tool_of_free_text_is_streamed_as_one() {
    let start = |index, name: &str| {
        Event::ToolCall(ToolStart {
            index,
            id: format!("c{index}"),
            name: name.into(),
            signature: None,
        })
    };
    let arguments = |index, json: &str| Event::Arguments {
        index,
        json: json.into(),
    };
    let events = vec![
        start(0, "patch\u{1e}"),
        arguments(0, r#"{"input":"*** "#),
        arguments(0, r#"Begin"}"#),
        start(1, "find"),
        arguments(1, "{}"),
    ];
    let out = String::from_utf8(written(events, Usage::default(), false)).unwrap();
    let chunks = out.lines().filter_map(|line| line.strip_prefix("data: {"));
    let calls: Vec<Value> = chunks
        .filter_map(|chunk| {
            let chunk: Value = serde_json::from_str(&format!("{{{chunk}")).unwrap();
            chunk["choices"][0]["delta"]["tool_calls"].get(0).cloned()
        })
        .collect();
    assert_eq!(
        calls,
        [
            json!({ "index": 0, "id": "c0", "type": "custom", "custom": { "name": "patch", "input": "" } }),
            json!({ "index": 0, "custom": { "input": "*** Begin" } }),
            json!({ "index": 1, "id": "c1", "type": "function", "function": { "name": "find", "arguments": "" } }),
            json!({ "index": 1, "function": { "arguments": "{}" } }),
        ]
    );
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    golden::each("openai/chunks", 9, |case| {
        let whole = heard([&case.input[..]]);
        for cut in 0..=case.input.len() {
            let (before, after) = case.input.split_at(cut);
            let parts = heard([before, after]);
            assert_eq!(
                (&parts.0, parts.1.report()),
                (&whole.0, whole.1.report()),
                "{} at {cut}",
                case.name
            );
        }
    });
}

#[test]
fn a_stream_without_its_last_word_is_whole_after_its_reason() {
    let chunk = |finish: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"a\"}},\"finish_reason\":{finish}}}]}}\n\n"
        )
    };
    let (_, reader, _) = heard([chunk("null").as_bytes()]);
    assert!(!reader.is_complete());
    let (_, reader, _) = heard([chunk("\"stop\"").as_bytes()]);
    assert!(reader.is_complete() && !reader.was_last());
}

#[test]
fn errors_and_broken_frames_are_recognised() {
    let read = |stream: &str| heard([stream.as_bytes()]).2;
    let reported = Err(ReadProblem::Reported {
        message: "m".into(),
        code: "502".into(),
    });
    assert_eq!(
        read("data: {\"error\":{\"message\":\"m\",\"code\":502},\"choices\":[{\"finish_reason\":\"error\"}]}\n\n"),
        reported
    );
    assert_eq!(
        read("event: error\ndata: {\"message\":\"m\",\"code\":\"502\"}\n\n"),
        reported
    );
    for broken in [
        "data: {\"a\":\n\n",
        "data: hello\n\n",
        "data: []\n\n",
        "data: {} {}\n\n",
    ] {
        assert_eq!(read(broken), Err(ReadProblem::Malformed), "{broken}");
    }
    assert_eq!(
        heard([&b"data: {\"a\":\"\xff\"}\n\n"[..]]).2,
        Err(ReadProblem::Malformed)
    );
    for silent in [": comment\n\n", "data:\n\n", "event: ping\n\n", "data: {}\n\n"] {
        assert_eq!(read(silent), Ok(()), "{silent}");
    }
}

#[test]
fn an_error_is_the_last_event_and_no_end_follows() {
    let mut out = Vec::new();
    writer(true).fail(
        &crate::wire::canonical::Failing {
            message: "The provider broke off.",
            code: "upstream_interrupted",
            status: 502,
            facts: crate::call::Facts::default(),
        },
        &mut out,
    );
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "data: {\"error\":{\"message\":\"The provider broke off.\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_interrupted\"}}\n\n"
    );
}

fn any_event() -> impl Strategy<Value = Event> {
    let tool = |index: usize| {
        Event::ToolCall(ToolStart {
            index,
            id: format!("call_{index}"),
            name: format!("tool_{index}"),
            signature: (index == 1).then(|| "sig".to_owned()),
        })
    };
    let arguments = |(index, json): (usize, &str)| Event::Arguments {
        index,
        json: json.to_owned(),
    };
    let pieces = prop_oneof![Just("{"), Just("}"), Just("{}"), Just("\"a\":1")];
    prop_oneof![
        "[a-zé]{1,3}".prop_map(Event::Text),
        "[a-z]{1,3}".prop_map(Event::Thought),
        "[a-z]{1,3}".prop_map(Event::Refusal),
        "[a-z]{1,3}".prop_map(Event::Sealed),
        (0..3_usize).prop_map(tool),
        (0..3_usize, pieces).prop_map(arguments),
    ]
}

/// What of an answer this dialect can say, whatever the order of its parts.
#[derive(Debug, Default, PartialEq)]
struct Essence {
    text: String,
    thoughts: String,
    refusal: String,
    sealed: Vec<String>,
    calls: Vec<ToolCall>,
}

impl Essence {
    fn of(events: Vec<Event>) -> Self {
        let mut essence = Self::default();
        for part in Answer::gather(events).parts {
            match part {
                Part::Text { text, .. } => essence.text.push_str(&text),
                Part::Refusal(text) => essence.refusal.push_str(&text),
                Part::Thought(thought) => {
                    essence.thoughts.push_str(&thought.text);
                    essence.sealed.extend(thought.sealed);
                }
                Part::ToolCall(mut call) => {
                    if call.arguments.is_empty() {
                        call.arguments.push_str("{}");
                    }
                    essence.calls.push(call);
                }
                _ => {}
            }
        }
        essence
    }
}

proptest! {
    #[test]
    fn no_stream_makes_it_panic(stream in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = heard([stream.as_slice()]);
    }

    /// Whatever is said, in whatever order, is read again from what was written.
    #[test]
    fn nothing_is_lost_on_the_way(events in prop::collection::vec(any_event(), 0..25)) {
        let mut events = events;
        events.push(Event::Finish(Finish::Length));
        let stream = written(events.clone(), Usage::default(), true);
        let said = grammar::chat::check(std::str::from_utf8(&stream).unwrap(), true);
        prop_assert!(said.is_ok(), "{:?}", said);
        let (read, reader, result) = heard([&stream[..]]);
        prop_assert_eq!(result, Ok(()));
        prop_assert!(reader.was_last() && reader.finish_reason().is_some());
        prop_assert_eq!(Essence::of(read), Essence::of(events));
    }
}

#[test]
fn who_speaks_of_functions_gets_one_call_in_pieces_of_one() {
    let start = |index, name: &str| {
        Event::ToolCall(ToolStart {
            index,
            id: format!("c{index}"),
            name: name.into(),
            signature: None,
        })
    };
    let piece = |json: &str| Event::Arguments {
        index: 0,
        json: json.into(),
    };
    let opening = Opening {
        functions: true,
        ..Opening::default()
    };
    let (mut sequencer, mut writer) = (Sequencer::default(), Writer::new(ids(), &opening));
    let (mut steps, mut out) = (Vec::new(), Vec::new());
    for event in [
        start(0, "f"),
        piece("{\"a\":"),
        piece("1}"),
        start(1, "g"),
        Event::Finish(Finish::ToolCalls),
    ] {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    steps.iter().for_each(|step| writer.step(step, &mut out));
    let end = End {
        finish: Finish::ToolCalls,
        usage: Usage::default(),
        charge: None,
    };
    writer.end(&end, &mut out);
    let out = String::from_utf8(out).unwrap();
    let choices: Vec<Value> = out
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .map(|mut chunk| chunk["choices"][0].take())
        .collect();
    let calls = choices.iter().map(|choice| &choice["delta"]["function_call"]);
    let name: String = calls.clone().filter_map(|call| call["name"].as_str()).collect();
    let arguments: String = calls.filter_map(|call| call["arguments"].as_str()).collect();
    assert_eq!((name.as_str(), arguments.as_str()), ("f", "{\"a\":1}"));
    assert_eq!(choices.last().unwrap()["finish_reason"], "function_call");
    assert!(!out.contains("tool_calls"), "{out}");
}
