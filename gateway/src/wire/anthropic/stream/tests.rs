//! Streams as clients get them, and back again.

use domain::usage::Usage;
use proptest::prelude::*;

use super::{
    super::{
        super::canonical::{Event, Finish, Sequencer, ToolStart},
        hearing::hear,
        listen::Reader,
    },
    *,
};
use crate::wire::{canonical::StreamReader, golden, grammar, openai};

fn writer() -> Writer {
    let ids = Ids {
        call: "call_42".to_owned(),
        model: "hub/some-model".to_owned(),
        created: 1_760_000_000,
    };
    let opening = Opening {
        include_usage: true,
        input_tokens: 11,
        as_json: false,
        functions: false,
        asked: crate::wire::responses::echo::Repeated::NOTHING,
    };
    Writer::new(ids, opening)
}

fn write(events: Vec<Event>, usage: Usage, charge: Option<String>) -> Vec<u8> {
    let (mut writer, mut sequencer, mut out) = (writer(), Sequencer::default(), Vec::new());
    let mut steps = Vec::new();
    for event in events {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    for step in &steps {
        writer.step(step, &mut out);
    }
    let finish = sequencer.finish().cloned().unwrap_or(Finish::Stop);
    writer.end(&End { finish, usage, charge }, &mut out);
    out
}

#[test]
fn every_stream_is_written_as_the_file_beside_it_says() {
    golden::each("anthropic/streams", 6, |case| {
        let mut reader = Reader::default();
        let (events, problem) = hear(&mut reader, &case.input, 0);
        if problem.is_some() {
            return;
        }
        let usage = reader.report().unwrap().usage.unwrap();
        let out = write(events, usage, Some("0.5".to_owned()));
        let out = String::from_utf8(out).unwrap();
        grammar::messages::check(&out).unwrap();
        case.check("out.sse", &out);
    });
}

#[test]
fn streams_of_openai_are_written_as_the_files_beside_them_say() {
    golden::each("openai/chunks", 5, |case| {
        let mut reader = openai::listen::Reader::new(domain::catalog::Quirks::default());
        let (events, problem) = hear(&mut reader, &case.input, 0);
        assert_eq!(problem, None, "{}", case.name);
        let usage = reader.report().and_then(|report| report.usage.ok()).unwrap_or_default();
        let out = String::from_utf8(write(events, usage, None)).unwrap();
        let said = grammar::messages::check(&out).unwrap().said();
        assert!(said.finish.is_some() && said.usage.is_some(), "{}", case.name);
        case.check("messages.sse", &out);
    });
}

#[test]
fn an_error_is_an_event_of_its_own() {
    let mut out = Vec::new();
    writer().fail(
        &crate::wire::canonical::Failing {
            message: "The provider\nbroke off.",
            code: "upstream_interrupted",
            status: 502,
            facts: crate::call::Facts::default(),
        },
        &mut out,
    );
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"The provider\\nbroke off.\",\"details\":{\"error_code\":\"upstream_interrupted\"}},\"request_id\":\"call_42\"}\n\n"
    );
}

#[test]
fn an_answer_that_says_nothing_is_whole_all_the_same() {
    let out = String::from_utf8(write(Vec::new(), Usage::default(), None)).unwrap();
    let names: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["message_start", "ping", "message_delta", "message_stop"]);
}

fn arguments(pieces: &[&str]) -> Vec<String> {
    let start = ToolStart {
        index: 0,
        id: "c".into(),
        name: "t".into(),
        signature: None,
    };
    let mut events = vec![Event::ToolCall(start)];
    events.extend(pieces.iter().map(|json| Event::Arguments {
        index: 0,
        json: (*json).to_owned(),
    }));
    let out = String::from_utf8(write(events, Usage::default(), None)).unwrap();
    let data = out.lines().filter_map(|line| line.strip_prefix("data: "));
    let data = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
    data.filter_map(|event| Some(event["delta"]["partial_json"].as_str()?.to_owned()))
        .collect()
}

#[test]
fn no_arguments_are_no_piece() {
    assert_eq!(arguments(&[]), [""; 0]);
    assert_eq!(arguments(&["{}"]), [""; 0]);
    assert_eq!(arguments(&["{", " ", "}"]), [""; 0]);
    assert_eq!(arguments(&["{", "\"a\":", "{}}"]), ["{\"a\":", "{}}"]);
    assert_eq!(arguments(&["{}", "x"]), ["{}x"]);
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        "[a-z界\n\"]{1,3}".prop_map(Event::Text),
        "[a-z]{1,3}".prop_map(Event::Thought),
        "[a-zA-Z0-9+/=]{1,9}".prop_map(Event::Signature),
        "[a-zA-Z0-9+/=]{1,9}".prop_map(Event::Sealed),
        (0..3_usize).prop_map(|index| Event::ToolCall(ToolStart {
            index,
            id: format!("call_{index}"),
            name: format!("tool_{index}"),
            signature: None,
        })),
        (0..3_usize, prop_oneof![Just("{\"a\":1}"), Just("{}")]).prop_map(|(index, json)| Event::Arguments {
            index,
            json: json.to_owned(),
        }),
    ]
}

/// The steps of events, with pieces of one kind joined.
fn blocks(events: Vec<Event>) -> Vec<Step> {
    let (mut sequencer, mut steps) = (Sequencer::default(), Vec::new());
    for event in events {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    let mut joined: Vec<Step> = Vec::new();
    for step in steps {
        match (joined.last_mut(), step) {
            (_, Step::Start { .. }) => {}
            (
                Some(Step::Delta {
                    delta: Delta::Text(before),
                    ..
                }),
                Step::Delta {
                    delta: Delta::Text(more),
                    ..
                },
            )
            | (
                Some(Step::Delta {
                    delta: Delta::Arguments(before),
                    ..
                }),
                Step::Delta {
                    delta: Delta::Arguments(more),
                    ..
                },
            ) => {
                before.push_str(&more);
            }
            (_, step) => joined.push(step),
        }
    }
    joined
}

proptest! {
    /// What is written is read as what it was: texts, thoughts with their proofs, calls.
    #[test]
    fn what_is_written_is_read_again(mut events in prop::collection::vec(any_event(), 0..20)) {
        // A call without arguments is read as one with none.
        let mut begun = std::collections::BTreeSet::new();
        let mut filled = std::collections::BTreeSet::new();
        events.retain(|event| match event {
            Event::ToolCall(start) => begun.insert(start.index),
            Event::Arguments { index, .. } => begun.contains(index) && filled.insert(*index),
            _ => true,
        });
        for index in begun.difference(&filled) {
            let at = events.iter().position(|event| matches!(event, Event::ToolCall(start) if start.index == *index)).unwrap();
            events.insert(at + 1, Event::Arguments { index: *index, json: "{}".into() });
        }
        // Arguments come before anything else is said.
        let wanted = blocks(events.clone());
        let out = write(events, Usage::default(), None);
        prop_assert!(grammar::messages::check(std::str::from_utf8(&out).unwrap()).is_ok());
        let (read, problem) = hear(&mut Reader::default(), &out, 0);
        prop_assert_eq!(problem, None);
        let renumber = |steps: Vec<Step>| -> Vec<String> {
            steps.into_iter().map(|step| match step {
                Step::Open { index, block: Block::Tool(start) } => format!("{index} {} {}", start.id, start.name),
                Step::Delta { index, delta: Delta::Arguments(json) } => format!("{index} {json}"),
                other => format!("{other:?}"),
            }).collect()
        };
        let lost = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::Open { block: Block::Tool(_), .. }));
        let (wanted, found) = (wanted, blocks(read));
        if lost(&wanted) && wanted.len() != found.len() {
            // Arguments that came after their call had ended belong to nobody; the reader tells `{}` in their place.
            prop_assert!(found.len() > wanted.len());
        } else {
            prop_assert_eq!(renumber(wanted), renumber(found));
        }
    }
}

/// White space in very many pieces is no square of work, and comes with what follows it.
#[test]
fn white_space_in_many_pieces_comes_to_an_end() {
    let mut pieces = vec![" "; 300_000];
    pieces.push("{");
    assert_eq!(arguments(&[&pieces[..], &["}"]].concat()), Vec::<String>::new());
    let said = arguments(&[&pieces[..], &["\"a\":1", "}"]].concat());
    assert_eq!(said, [format!("{}{{\"a\":1", " ".repeat(300_000)), "}".to_owned()]);
}
