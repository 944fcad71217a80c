//! Golden fixtures: input beside output, one case a file. And what holds for any bytes.
//!
//! `requests/*.in.json` is a request in canonical words with the model's name, `*.out.json` what Ollama is sent and what could
//! not be said. `answers/*.in.json` (whole) and `*.in.ndjson` (streamed) are what Ollama sends, `*.out.json` what that means.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{decode, encode::Writer, listen::Reader};
use crate::wire::{
    canonical::{Event, Frame, ReadProblem, StreamReader},
    golden::provider,
};

#[test]
fn requests_become_what_ollama_takes() {
    provider::requests("ollama", &Writer, 8);
}

/// What a stream of lines says.
fn stream(body: &[u8]) -> (Result<Vec<Event>, ReadProblem>, Reader) {
    let mut reader = Reader::default();
    let mut events = Vec::new();
    for data in body.split(|byte| *byte == b'\n') {
        if let Err(problem) = reader.read(Frame { name: None, data }, &mut events) {
            return (Err(problem), reader);
        }
    }
    (Ok(events), reader)
}

#[test]
fn answers_mean_what_ollama_says() {
    provider::answers("ollama", 8, decode::answer, stream);
}

const STREAM: &[u8] = include_bytes!("../../../fixtures/ollama/answers/stream_tools.in.ndjson");

proptest! {
    #[test]
    fn a_stream_that_is_cut_off_is_never_complete(end in 0..STREAM.len() - 2) {
        let (_, reader) = stream(&STREAM[..end]);
        prop_assert!(!reader.is_complete());
        prop_assert!(reader.report().is_none());
    }

    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode::answer(&body);
        let _ = stream(&body);
    }

    #[test]
    fn no_damage_makes_it_panic(damage in proptest::collection::vec((0..STREAM.len(), any::<u8>()), 1..8)) {
        let mut body = STREAM.to_vec();
        for (place, byte) in damage {
            body[place] = byte;
        }
        let _ = stream(&body);
    }

    #[test]
    fn odd_members_never_make_it_panic(value in provider::any_json(&["message", "content", "thinking", "tool_calls", "function", "name", "arguments", "done", "error"])) {
        for body in [
            json!({"message": value}),
            json!({"message": {"tool_calls": [value, {"function": value}]}, "done": true, "eval_count": value}),
            json!({"error": value}),
            json!({"message": {"content": "a"}, "done": value, "done_reason": value}),
            value,
        ] {
            let _ = decode::answer(body.to_string().as_bytes());
        }
    }
}

#[test]
fn what_follows_the_last_line_is_of_no_interest() {
    let mut body = STREAM.to_vec();
    let (before, _) = stream(&body);
    body.extend_from_slice(br#"{"message":{"role":"assistant","content":"more"},"done":true,"eval_count":9000}"#);
    let (after, reader) = stream(&body);
    assert_eq!(before, after);
    assert_eq!(reader.report().unwrap().usage.unwrap().output_text, 31);
    let _: Value = serde_json::from_slice(&reader.report().unwrap().raw).unwrap();
}
