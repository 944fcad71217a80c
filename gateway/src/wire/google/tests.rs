//! Golden fixtures: input beside output, one case a file. And what holds for any bytes, cut anywhere.
//!
//! `requests/*.in.json` is a request in canonical words with the model's name, `*.out.json` what Google is sent and what could
//! not be said. `answers/*.in.json` (whole) and `*.in.sse` (streamed) are what Google sends, `*.out.json` what that means.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{decode, encode::Writer, listen::Reader};
use crate::wire::{
    canonical::{Event, Frame, ReadProblem, Request, RequestWriter, StreamReader, Target},
    golden::provider,
    sse::Framer,
    weight::Scale,
};

#[test]
fn requests_become_what_google_takes() {
    provider::requests("google", &Writer, 10);
}

/// What a stream says when its body comes in these pieces.
fn stream(pieces: &[&[u8]]) -> (Result<Vec<Event>, ReadProblem>, Reader) {
    let mut framer = Framer::new(1 << 20);
    let mut reader = Reader::default();
    let mut events = Vec::new();
    let mut batches = Vec::new();
    for piece in pieces {
        batches.extend(framer.push(bytes::Bytes::copy_from_slice(piece)));
    }
    batches.push(framer.finish());
    for batch in &batches {
        for event in batch.events() {
            let Some(data) = event.data else { continue };
            let frame = Frame {
                name: event.name,
                data: &data,
            };
            if let Err(problem) = reader.read(frame, &mut events) {
                return (Err(problem), reader);
            }
        }
    }
    (Ok(events), reader)
}

#[test]
fn answers_mean_what_google_says() {
    provider::answers("google", 10, decode::answer, |body| stream(&[body]));
}

/// Pictures and what code put out are written, streamed or not: a hold grows by the same bytes, and reports are believed alike.
#[test]
fn a_stream_weighs_what_the_whole_answer_weighs() {
    let case = |bytes: &[u8], least: u64| {
        let whole: Value = serde_json::from_slice(bytes).unwrap();
        let mut scale = Scale::default();
        scale.add(&decode::answer(bytes).unwrap().0);
        let (events, reader) = stream(&[format!("data: {whole}\n\n").as_bytes()]);
        assert!(events.is_ok());
        assert_eq!(reader.text_bytes(), scale.bytes, "{whole:.200}");
        assert!(scale.bytes >= least, "{} bytes of {whole:.200}", scale.bytes);
    };
    let saying = |part: Value| json!({"candidates": [{"content": {"parts": [part]}}]}).to_string();
    case(include_bytes!("../../../fixtures/google/answers/code.in.json"), 20);
    case(
        include_bytes!("../../../fixtures/google/answers/picture.in.json"),
        4_000,
    );
    case(include_bytes!("../../../fixtures/google/answers/signatures.in.json"), 1);
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": "A".repeat(800_000)}});
    case(saying(picture).as_bytes(), 4_000);
    let sound = json!({"inlineData": {"mimeType": "audio/pcm", "data": "A".repeat(64_000)}});
    case(saying(sound).as_bytes(), 1_000);
    let page = json!({"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}});
    case(saying(page).as_bytes(), 4_000);
    let output = json!({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "4".repeat(900)}});
    case(saying(output).as_bytes(), 900);
}

/// What a client that kept nothing of a call but id, name and arguments sends back reaches Google as Google said it.
#[test]
fn signatures_return_to_their_places() {
    use crate::wire::canonical::{Answer, Message, Part, Role, ToolResult};
    let (events, _) = decode::answer(include_bytes!("../../../fixtures/google/answers/signatures.in.json")).unwrap();
    let answer = Answer::gather(events);
    let results = answer.parts.iter().filter_map(|part| match part {
        Part::ToolCall(call) => Some(Part::ToolResult(ToolResult {
            id: call.id.clone(),
            name: None,
            parts: vec![Part::text("21 degrees")],
            failed: false,
            cache: None,
        })),
        _ => None,
    });
    let results: Vec<Part> = results.collect();
    let message = |role, parts| Message {
        role,
        parts,
        name: None,
    };
    let request = Request {
        messages: vec![
            message(Role::User, vec![Part::text("How is the weather?")]),
            message(Role::Assistant, answer.parts),
            message(Role::User, results),
        ],
        ..Request::default()
    };
    let target = Target {
        slug: "gemini-3-pro-preview",
        cap: None,
    };
    let (body, dropped) = Writer.write(&request, &target).unwrap();
    assert_eq!(dropped, []);
    let body: Value = serde_json::from_slice(&body).unwrap();
    let sent: Value =
        serde_json::from_slice(include_bytes!("../../../fixtures/google/answers/signatures.in.json")).unwrap();
    assert_eq!(body["contents"][1], sent["candidates"][0]["content"]);
    let names: Vec<_> = body["contents"][2]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["functionResponse"]["name"])
        .collect();
    assert_eq!(names, ["get_weather", "get_weather", "get_time"]);
    assert_eq!(body["contents"][2]["parts"][2]["functionResponse"]["id"], "fc_time");
}

const NAMES: [&str; 15] = [
    "text",
    "name",
    "args",
    "id",
    "content",
    "parts",
    "functionCall",
    "groundingChunks",
    "groundingSupports",
    "groundingChunkIndices",
    "citations",
    "promptTokenCount",
    "promptTokensDetails",
    "details",
    "blockReason",
];
const STREAM: &[u8] = include_bytes!("../../../fixtures/google/answers/stream_tools.in.sse");

proptest! {
    #[test]
    fn a_stream_means_the_same_wherever_it_is_cut(cuts in proptest::collection::vec(0..STREAM.len(), 0..6)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut start = 0;
        for cut in cuts {
            pieces.push(&STREAM[start..cut]);
            start = cut;
        }
        pieces.push(&STREAM[start..]);
        let (whole, _) = stream(&[STREAM]);
        let (events, reader) = stream(&pieces);
        prop_assert!(reader.is_complete());
        prop_assert_eq!(events, whole);
    }

    #[test]
    fn a_stream_that_is_cut_off_is_never_complete(end in 0..STREAM.len()) {
        let (_, reader) = stream(&[&STREAM[..end]]);
        let told = STREAM[..end].windows(12).any(|window| window == b"finishReason");
        prop_assert!(told || !reader.is_complete());
    }

    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode::answer(&body);
        let _ = stream(&[&body]);
    }

    /// Changes a few bytes of what Google sends.
    #[test]
    fn no_damage_makes_it_panic(damage in proptest::collection::vec((0..STREAM.len(), any::<u8>()), 1..8)) {
        let mut body = STREAM.to_vec();
        for (place, byte) in damage {
            body[place] = byte;
        }
        let _ = stream(&[&body]);
    }

    #[test]
    fn odd_members_never_make_it_panic(value in provider::any_json(&NAMES)) {
        for body in [
            json!({"candidates": value}),
            json!({"candidates": [value]}),
            json!({"candidates": [{"content": {"parts": [value, {"functionCall": value}, {"text": value}]}, "groundingMetadata": value, "citationMetadata": value}]}),
            json!({"usageMetadata": value, "promptFeedback": value}),
            json!({"error": value}),
            value,
        ] {
            let _ = decode::answer(body.to_string().as_bytes());
        }
    }
}
