//! What is streamed instead says what the whole answer says: heard by the same readers.

use domain::{call::Dialect, catalog::Quirks};
use proptest::prelude::*;

use super::*;
use crate::wire::{
    canonical::{Answer, Frame, Report},
    speech::{Kept, Speech, pieces},
    sse,
};

/// Both as one wire's readers hear them: whole, and cut into events.
fn heard(wire: Wire, body: &[u8]) -> [Option<(Answer, Option<Report>)>; 2] {
    // A line's end between the words of JSON is as good as a space, and within an event there is none.
    let body: Vec<u8> = body
        .iter()
        .map(|byte| if *byte == b'\n' { b' ' } else { *byte })
        .collect();
    let body = body.as_slice();
    // No dialect but this one is that wire's own, so both are read to be told anew.
    let speech = Speech {
        dialect: Dialect::AigneChat,
        kind: pieces::kind(wire),
        wire,
    };
    let whole = speech.events(body, &Quirks::default()).ok();
    let stream = as_stream(wire, body).and_then(|stream| {
        let (mut reader, mut events) = (speech.reader(&Quirks::default()), Vec::new());
        let ends: &[u8] = if wire.sends_lines() { b"\n" } else { b"\n\n" };
        let text = String::from_utf8(stream).unwrap();
        for event in text
            .split(std::str::from_utf8(ends).unwrap())
            .filter(|event| !event.is_empty())
        {
            let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
            let frame = Frame {
                name: line("event: ").map(str::as_bytes),
                data: line("data: ").unwrap_or(event).as_bytes(),
            };
            reader.read(frame, &mut events).ok()?;
        }
        reader.is_complete().then(|| (events, reader.report()))
    });
    [whole, stream].map(|heard| heard.map(|(events, report)| (Answer::judged(events).0, report)))
}

#[test]
fn a_stream_that_is_made_of_an_answer_says_the_same() {
    let mut met = 0;
    for wire in Wire::ALL {
        if wire.embeds() || wire == Wire::OpenaiCompletions {
            continue;
        }
        for body in pieces::answers(wire) {
            let [Some((whole, counted)), stream] = heard(wire, body) else {
                continue;
            };
            let (streamed, report) = stream.unwrap_or_else(|| panic!("{wire:?}"));
            assert_eq!(
                (&streamed.parts, &streamed.finish),
                (&whole.parts, &whole.finish),
                "{wire:?}"
            );
            assert_eq!((streamed.id, streamed.model), (whole.id, whole.model), "{wire:?}");
            assert_eq!(streamed.citations.len(), whole.citations.len(), "{wire:?}");
            let usage = |report: Option<Report>| report.map(|report| report.usage);
            assert_eq!(usage(report), usage(counted), "{wire:?}");
            met += 1;
        }
    }
    assert!(met >= 6, "{met}");
}

#[test]
fn every_choice_of_a_chat_and_every_unknown_member_goes_along() {
    let body = json!({"id": "c", "object": "chat.completion", "novel": [1], "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "a", "novel": 2}, "finish_reason": "stop", "logprobs": {"content": []}},
            {"index": 1, "message": {"role": "assistant", "tool_calls": [{"id": "t"}, {"id": "u"}]}, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1}});
    let stream = String::from_utf8(as_stream(Wire::OpenaiChat, body.to_string().as_bytes()).unwrap()).unwrap();
    let mut frames: Vec<&str> = stream.split("\n\n").filter(|frame| !frame.is_empty()).collect();
    assert_eq!(frames.pop(), Some("data: [DONE]"));
    let chunks: Vec<Value> = frames
        .iter()
        .map(|frame| serde_json::from_str(frame.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    assert_eq!(chunks.len(), 5);
    for chunk in &chunks {
        assert_eq!(
            (&chunk["object"], &chunk["novel"]),
            (&json!("chat.completion.chunk"), &json!([1]))
        );
    }
    let first = &chunks[0]["choices"][0];
    assert_eq!(
        (&first["delta"]["novel"], &first["finish_reason"]),
        (&json!(2), &Value::Null)
    );
    assert_eq!(first["logprobs"], json!({"content": []}));
    assert_eq!(
        chunks[1]["choices"][0],
        json!({"index": 0, "delta": {}, "finish_reason": "stop"})
    );
    assert_eq!(
        chunks[2]["choices"][0]["delta"]["tool_calls"][1],
        json!({"id": "u", "index": 1})
    );
    assert_eq!(
        (&chunks[4]["choices"], &chunks[4]["usage"]),
        (&json!([]), &json!({"prompt_tokens": 1}))
    );
    assert!(chunks[..4].iter().all(|chunk| chunk.get("usage") == Some(&Value::Null)));
}

/// What passes is what the client of that dialect reads: its own grammar, from the ear that hears what any provider streams.
#[test]
fn where_bytes_pass_the_stream_has_its_last_word_and_is_counted() {
    let mut met = 0;
    for (dialect, wire) in [
        (Dialect::OpenaiChat, Wire::OpenaiChat),
        (Dialect::AnthropicMessages, Wire::AnthropicMessages),
        (Dialect::OpenaiResponses, Wire::OpenaiResponses),
    ] {
        let speech = Speech {
            dialect,
            kind: pieces::kind(wire),
            wire,
        };
        for body in pieces::answers(wire) {
            let stream = as_stream(wire, body).unwrap();
            let carried = pieces::carry(speech, &[&stream], 1 << 20).unwrap();
            assert_eq!(carried.ending, pieces::Ending::Done, "{dialect:?}");
            assert!(carried.counted.is_some_and(|counted| counted.is_ok()), "{dialect:?}");
            let whole = speech.hear(body, &Quirks::default(), &Kept::Nothing).ok().unwrap();
            assert_eq!(carried.finish, whole.finish_reason, "{dialect:?}");
            met += 1;
        }
    }
    assert!(met >= 4, "{met}");
}

#[test]
fn what_is_no_answer_is_left_to_the_reader() {
    assert_eq!(as_stream(Wire::OpenaiChat, b"<html>"), None);
    let error = br#"{"error":{"message":"no"},"choices":[]}"#;
    let stream = as_stream(Wire::OpenaiChat, error).unwrap();
    assert_eq!(stream, [b"data: ", &error[..], b"\n\n"].concat());
    let error = br#"{"type":"error","error":{"type":"overloaded_error","message":"no"}}"#;
    let stream = as_stream(Wire::AnthropicMessages, error).unwrap();
    assert_eq!(stream, [b"event: error\ndata: ", &error[..], b"\n\n"].concat());
}

/// A megabyte with a hundred choices or parts, each of whose events would repeat it.
#[test]
fn a_small_answer_does_not_become_a_large_stream() {
    let long = "a".repeat(1 << 20);
    let choices: Vec<Value> = (0..100)
        .map(|index| json!({ "index": index, "message": { "content": "a" }, "text": "a", "finish_reason": "stop" }))
        .collect();
    let parts = vec![json!({ "type": "output_text", "text": "a" }); 100];
    for (wire, answer) in [
        (Wire::OpenaiChat, json!({ "id": "c", "x": long, "choices": choices })),
        (
            Wire::OpenaiCompletions,
            json!({ "id": "c", "x": long, "choices": choices }),
        ),
        (
            Wire::OpenaiResponses,
            json!({ "id": "r", "output": [{ "type": "message", "id": long, "content": parts }] }),
        ),
    ] {
        assert!(as_stream(wire, answer.to_string().as_bytes()).is_none(), "{wire:?}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_never_panics(which in any::<prop::sample::Index>(), damage in pieces::damage(), wire in prop::sample::select(Wire::ALL.to_vec())) {
        let answers = pieces::answers(wire);
        let body = damage.done(answers[which.index(answers.len())]);
        let _ = as_stream(wire, &body);
    }

    #[test]
    fn any_json_never_panics(value in crate::wire::golden::provider::any_json(&["choices", "content", "output", "type", "text", "summary", "message", "input", "usage", "error"]), wire in prop::sample::select(Wire::ALL.to_vec())) {
        for list in ["choices", "content", "output"] {
            let body = json!({ list: [value, { "type": "message", "content": [value] }, { "type": "reasoning", "summary": [value] }] });
            let stream = as_stream(wire, body.to_string().as_bytes()).unwrap();
            if !wire.sends_lines() {
                let mut framer = sse::Framer::new(1 << 20);
                let batch = framer.push(stream.into()).unwrap();
                let sound = batch.events().all(|event| event.data.is_some_and(|data| &*data == b"[DONE]" || serde_json::from_slice::<Value>(&data).is_ok()));
                prop_assert!(sound);
            }
        }
    }
}
