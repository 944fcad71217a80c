//! Streams, and what they say.

use proptest::prelude::*;

use super::{super::hearing::hear, *};
use crate::wire::golden;

#[test]
fn every_stream_says_what_the_file_beside_it_says() {
    golden::each("anthropic/streams", 6, |case| {
        let mut reader = Reader::default();
        let (events, problem) = hear(&mut reader, &case.input, 0);
        let report = reader.report().map(|report| String::from_utf8(report.raw).unwrap());
        let mut lines: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
        lines.extend(problem.map(|problem| format!("{problem:?}")));
        lines.push(format!("{:?}", reader.finish_reason()));
        lines.push(format!(
            "{} bytes, complete: {}",
            reader.text_bytes(),
            reader.is_complete()
        ));
        lines.extend(report);
        lines.extend(reader.report().map(|report| format!("{:?}", report.usage)));
        case.check("events.txt", &lines.join("\n"));
    });
}

fn frame(data: &str) -> Frame<'_> {
    Frame {
        name: None,
        data: data.as_bytes(),
    }
}

#[test]
fn only_the_last_word_is_the_last() {
    let mut reader = Reader::default();
    let mut read = |data: &str| {
        reader.read(frame(data), &mut Vec::new()).unwrap();
        (reader.is_complete(), reader.was_last())
    };
    assert_eq!(
        read(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}}"#),
        (true, false)
    );
    assert_eq!(read(r#"{"type":"message_stop"}"#), (true, true));
    assert_eq!(read(r#"{"type":"ping"}"#), (true, false));
}

#[test]
fn what_is_no_event_of_this_wire_is_malformed() {
    for data in [
        "{",
        "[]",
        "[DONE]",
        r#"{"type":"message_start"}"#,
        r#"{"type":"message_start","message":7}"#,
        r#"{"type":"content_block_start","index":0}"#,
        r#"{"type":"content_block_delta","index":0}"#,
    ] {
        let read = Reader::default().read(frame(data), &mut Vec::new());
        assert_eq!(read, Err(ReadProblem::Malformed), "{data}");
    }
    let not_text = Frame {
        name: None,
        data: b"{\"type\":\"\xff\"}",
    };
    assert_eq!(
        Reader::default().read(not_text, &mut Vec::new()),
        Err(ReadProblem::Malformed)
    );
}

#[test]
fn an_event_may_be_named_only_outside() {
    let mut reader = Reader::default();
    let named = Frame {
        name: Some(b"message_stop"),
        data: b"{}",
    };
    reader.read(named, &mut Vec::new()).unwrap();
    assert!(reader.is_complete());
    // An empty event, and one that nobody knows yet.
    reader.read(frame(" "), &mut Vec::new()).unwrap();
    reader
        .read(frame(r#"{"type":"message_hint"}"#), &mut Vec::new())
        .unwrap();
}

#[test]
fn blocks_that_never_end_are_no_stream_for_ever() {
    let mut reader = Reader::default();
    let ended = (0..5_000).find(|index| {
        let data =
            format!(r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"text","text":""}}}}"#);
        reader.read(frame(&data), &mut Vec::new()).is_err()
    });
    assert_eq!(ended, Some(1_000));
}

#[test]
fn a_report_does_not_grow_for_ever() {
    let mut reader = Reader::default();
    for number in 0..500 {
        let data = format!(r#"{{"type":"message_delta","usage":{{"output_tokens":{number},"m{number}":1}}}}"#);
        reader.read(frame(&data), &mut Vec::new()).unwrap();
    }
    let raw = reader.report().unwrap().raw;
    assert!(raw.len() < 1_000 && raw.starts_with(br#"{"output_tokens":499,"#));
}

proptest! {
    #[test]
    fn a_cut_changes_nothing(which in 0..3_usize, place in any::<prop::sample::Index>()) {
        let stream = [
            &include_bytes!("../../../../fixtures/anthropic/streams/text.in.sse")[..],
            include_bytes!("../../../../fixtures/anthropic/streams/tools.in.sse"),
            include_bytes!("../../../../fixtures/anthropic/streams/thinking.in.sse"),
        ][which];
        let (mut whole, mut cut) = (Reader::default(), Reader::default());
        let wanted = hear(&mut whole, stream, 0);
        let found = hear(&mut cut, stream, place.index(stream.len()));
        prop_assert_eq!(wanted, found);
        prop_assert_eq!(whole.report(), cut.report());
        prop_assert_eq!(whole.text_bytes(), cut.text_bytes());
    }

    #[test]
    fn no_bytes_make_it_panic(frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..6)) {
        let mut reader = Reader::default();
        for data in &frames {
            let _ = reader.read(Frame { name: None, data }, &mut Vec::new());
        }
        let _ = reader.report();
    }

    /// Events in any order, with any of the members that they should have.
    #[test]
    fn no_order_makes_it_panic(order in prop::collection::vec((0..14_usize, 0..3_u64), 0..30)) {
        let mut reader = Reader::default();
        let mut events = Vec::new();
        for (kind, index) in order {
            let data = [
                r#"{"type":"message_start","message":{"id":1,"usage":{"input_tokens":"x"}}}"#.to_owned(),
                format!(r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"thinking"}}}}"#),
                format!(r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"tool_use","input":{{"a":1}}}}}}"#),
                format!(r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"text","text":"a"}}}}"#),
                format!(r#"{{"type":"content_block_start","index":{index},"content_block":null}}"#),
                format!(r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"signature_delta","signature":"s"}}}}"#),
                format!(r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"input_json_delta","partial_json":"{{"}}}}"#),
                format!(r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"citations_delta","citation":5}}}}"#),
                format!(r#"{{"type":"content_block_delta","index":{index},"delta":7}}"#),
                format!(r#"{{"type":"content_block_stop","index":{index}}}"#),
                r#"{"type":"message_delta","delta":{"stop_reason":null},"usage":null}"#.to_owned(),
                r#"{"type":"message_delta","delta":{"stop_reason":"new"},"usage":{"input_tokens":1}}"#.to_owned(),
                r#"{"type":"message_stop"}"#.to_owned(),
                r#"{"type":"error","error":7}"#.to_owned(),
            ];
            let _ = reader.read(frame(&data[kind]), &mut events);
        }
        let _ = reader.report();
    }
}
