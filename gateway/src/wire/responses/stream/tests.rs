//! Streams of providers, read and written again for a client: `fixtures/responses/stream`.

use bytes::Bytes;
use domain::usage::Usage;
use proptest::prelude::*;

use super::*;
use crate::wire::{
    canonical::{
        Answer, Event, Finish, Frame, Part as Piece, ReadProblem, Sequencer, StreamReader, Thought, ToolCall, ToolStart,
    },
    golden, grammar,
    responses::{listen::Reader, read, sealed},
    sse::Framer,
};

fn writer() -> Writer {
    let ids = Ids {
        call: "call_7".into(),
        model: "p/m".into(),
        created: 1_700_000_000,
    };
    Writer::new(ids, Opening::default())
}

/// Everything that a stream in these pieces says.
fn heard<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Reader, Result<(), ReadProblem>) {
    let (mut framer, mut reader) = (Framer::new(1 << 20), Reader::default());
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
fn written(events: Vec<Event>, usage: Usage) -> String {
    let (mut sequencer, mut writer) = (Sequencer::default(), writer());
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
    String::from_utf8(out).unwrap()
}

#[test]
fn every_stream_is_understood_and_written_again() {
    golden::each("responses/stream", 6, |case| {
        let (events, reader, result) = heard([&case.input[..]]);
        assert_eq!(result, Ok(()), "{}", case.name);
        assert!(
            reader.is_complete() && reader.was_last() && reader.text_bytes() > 0,
            "{}",
            case.name
        );
        let usage = reader.report().unwrap().usage.unwrap();
        case.check(
            "events.txt",
            &format!("{events:#?}\n{usage:?}\n{:?}", reader.finish_reason()),
        );
        let out = written(events, usage);
        let said = grammar::responses::check(&out);
        assert!(said.is_ok(), "{}: {said:?}", case.name);
        case.check("out.sse", &out);
    });
}

/// The fixtures themselves are what the checker takes for a stream, as far as it knows their events.
#[test]
fn a_cut_at_any_byte_changes_nothing() {
    golden::each("responses/stream", 6, |case| {
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

/// Their events have passed by then, and who reads the whole answer misses nothing.
#[test]
fn sources_that_come_behind_a_call_stand_in_the_whole_answer() {
    let source = |title: &str| {
        Event::Citation(Citation {
            title: Some(title.to_owned()),
            url: Some(format!("https://a.test/{title}")),
            quoted: None,
            raw: Value::Null,
        })
    };
    let call = Event::ToolCall(ToolStart {
        index: 0,
        id: "c".into(),
        name: "n".into(),
        signature: None,
    });
    let events = vec![
        Event::Text("Ü 1".into()),
        source("soon"),
        call,
        source("late"),
        Event::Finish(Finish::ToolCalls),
    ];
    let stream = written(events, Usage::default());
    assert!(grammar::responses::check(&stream).is_ok(), "{stream}");
    let last = stream.trim_end().rsplit("data: ").next().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    let told = &last["response"]["output"][0]["content"][0]["annotations"];
    let wanted = |title: &str| json!({"type": "url_citation", "url": format!("https://a.test/{title}"), "title": title, "start_index": 0, "end_index": 3});
    assert_eq!(*told, json!([wanted("soon"), wanted("late")]));
}

#[test]
fn failures_are_reported_with_what_was_counted() {
    let usage = r#"{"input_tokens":3,"output_tokens":2}"#;
    let failed = format!(
        "data: {{\"type\":\"response.failed\",\"response\":{{\"status\":\"failed\",\"error\":{{\"code\":\"c\",\"message\":\"m\"}},\"usage\":{usage}}}}}\n\n"
    );
    let (_, reader, result) = heard([failed.as_bytes()]);
    let reported = Err(ReadProblem::Reported {
        message: "m".into(),
        code: "c".into(),
    });
    assert_eq!(result, reported);
    assert_eq!(reader.report().unwrap().usage.unwrap().output_total(), 2);
    for error in [
        "event: error\ndata: {\"type\":\"error\",\"code\":\"c\",\"message\":\"m\",\"param\":null,\"sequence_number\":3}\n\n",
        "data: {\"type\":\"error\",\"error\":{\"code\":\"c\",\"message\":\"m\"}}\n\n",
        "data: {\"error\":{\"code\":\"c\",\"message\":\"m\"}}\n\n",
    ] {
        assert_eq!(heard([error.as_bytes()]).2, reported, "{error}");
    }
    for broken in ["data: {\"a\":\n\n", "data: hello\n\n", "data: []\n\n"] {
        assert_eq!(heard([broken.as_bytes()]).2, Err(ReadProblem::Malformed), "{broken}");
    }
    for silent in [
        ": comment\n\n",
        "data:\n\n",
        "data: [DONE]\n\n",
        "data: {\"type\":\"keepalive\"}\n\n",
    ] {
        let (events, reader, result) = heard([silent.as_bytes()]);
        assert_eq!(
            (events.len(), reader.is_complete(), result),
            (0, false, Ok(())),
            "{silent}"
        );
    }
}

#[test]
fn a_failure_is_the_last_event_with_a_code_that_codex_understands() {
    for (code, status, wanted) in [
        ("upstream_interrupted", 502, "upstream_interrupted"),
        ("credit_exhausted", 402, "insufficient_quota"),
        ("too_many", 429, "rate_limit_exceeded"),
    ] {
        let (mut writer, mut out) = (writer(), Vec::new());
        let mut steps = Vec::new();
        Sequencer::default().take(Event::Text("Half".into()), &mut steps);
        for step in &steps {
            writer.step(step, &mut out);
        }
        writer.fail(
            &crate::wire::canonical::Failing {
                message: "It broke.",
                code,
                status,
                facts: crate::call::Facts::default(),
            },
            &mut out,
        );
        let said = grammar::responses::check(std::str::from_utf8(&out).unwrap()).unwrap();
        assert_eq!(said.error, Some(json!({ "code": wanted, "message": "It broke." })));
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let tool = |(index, free): (usize, bool)| {
        Event::ToolCall(ToolStart {
            index,
            id: format!("call_{index}"),
            name: format!("tool_{index}{}", if free { "\u{1e}" } else { "-free-text" }),
            signature: (index == 1).then(|| "sig".to_owned()),
        })
    };
    let arguments = |(index, json): (usize, &str)| Event::Arguments {
        index,
        json: json.to_owned(),
    };
    let pieces = prop_oneof![Just("{"), Just("}"), Just("{}"), Just("{\"input\":\"x\"}")];
    prop_oneof![
        "[a-zé]{1,3}".prop_map(Event::Text),
        "[a-z]{1,3}".prop_map(Event::Thought),
        "[a-z]{1,3}".prop_map(Event::Signature),
        "[a-z]{1,3}".prop_map(Event::Refusal),
        "[a-z]{1,3}".prop_map(Event::Sealed),
        (0..3_usize, any::<bool>()).prop_map(tool),
        (0..3_usize, pieces).prop_map(arguments),
    ]
}

/// What a turn of the model says, as the next request brings it back.
fn brought_back(output: &Value) -> Vec<Piece> {
    if output.as_array().is_some_and(Vec::is_empty) {
        return Vec::new();
    }
    let body = json!({ "model": "m", "input": output });
    let mut request = read::read(body.to_string().as_bytes()).unwrap();
    request.messages.pop().map(|message| message.parts).unwrap_or_default()
}

proptest! {
    #[test]
    fn no_stream_makes_it_panic(stream in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = heard([stream.as_slice()]);
    }

    /// Whatever is said, in whatever order: the stream is well-formed, and a client that sends its items back on the next turn
    /// sends back what was said, proofs and ciphers included.
    #[test]
    fn every_answer_comes_back_as_it_was(events in prop::collection::vec(any_event(), 0..25)) {
        let mut events = events;
        events.push(Event::Finish(Finish::Length));
        let stream = written(events.clone(), Usage::default());
        let said = grammar::responses::check(&stream);
        prop_assert!(said.is_ok(), "{:?}\n{}", said, stream);
        let last = stream.trim_end().rsplit("data: ").next().unwrap();
        let last: Value = serde_json::from_str(last).unwrap();
        let wanted: Vec<Piece> = Answer::gather(events).parts.into_iter().map(as_brought).collect();
        prop_assert_eq!(brought_back(&last["response"]["output"]), wanted);
    }
}

/// What this dialect makes of a part: arguments are JSON, and free text is the text alone.
fn as_brought(part: Piece) -> Piece {
    match part {
        Piece::ToolCall(call) => {
            let arguments = match call.name.ends_with('\u{1e}') {
                true => json!({ "input": items::free_text(&call.arguments) }).to_string(),
                false if call.arguments.is_empty() => "{}".to_owned(),
                false => call.arguments,
            };
            Piece::ToolCall(ToolCall { arguments, ..call })
        }
        part => part,
    }
}

#[test]
fn openais_cipher_keeps_its_name_on_its_way_through_other_dialects() {
    let (events, ..) = heard([&include_bytes!("../../../../fixtures/responses/stream/tools-and-reasoning.in.sse")[..]]);
    let thoughts: Vec<Thought> = Answer::gather(events)
        .parts
        .into_iter()
        .filter_map(|part| match part {
            Piece::Thought(thought) => Some(thought),
            _ => None,
        })
        .collect();
    assert_eq!(thoughts[0].text, "One.\n\nTwo.");
    assert_eq!(
        sealed::split_own(thoughts[1].sealed.as_deref().unwrap()),
        Some(("rs_1", "gAAAAB"))
    );
}

/// Late sources are placed without a look at all items, and without counting the letters of their text again.
#[test]
fn many_late_sources_of_a_long_text_are_no_square_of_work() {
    let source = |at: usize| {
        Event::Citation(Citation {
            url: Some(format!("https://a.test/{at}")),
            title: None,
            quoted: None,
            raw: Value::Null,
        })
    };
    let mut events = vec![Event::Text("é".repeat(1_000_000))];
    events.extend((0..30_000).map(|_| Event::Sealed("x".into())));
    events.extend((0..30_000).map(source));
    let stream = written(events, Usage::default());
    let last = stream.trim_end().rsplit("data: ").next().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    let sources = &last["response"]["output"][0]["content"][0]["annotations"];
    assert_eq!(sources.as_array().unwrap().len(), 30_000);
    assert_eq!(
        (&sources[29_999]["url"], &sources[0]["end_index"]),
        (&json!("https://a.test/29999"), &json!(1_000_000))
    );
}
