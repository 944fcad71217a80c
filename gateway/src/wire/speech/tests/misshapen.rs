//! Answers that are JSON and none of what their wire prescribes: at each place of real answers stands something of another
//! kind. Nothing of it may panic, nor lose what was counted.

use bytes::Bytes;
use domain::{catalog::Quirks, usage::Usage};
use serde_json::{Value, json};

use super::super::{
    Kept, Speech,
    pieces::{Ending, answers, carry, end, named, speeches, streams},
};
use crate::wire::{canonical::Opening, unstreamed};

/// Members by which wires tell usage, and by which they tell one event from another.
const TELLING: [&str; 9] = [
    "usage",
    "usageMetadata",
    "x_groq",
    "prompt_eval_count",
    "eval_count",
    "type",
    "done",
    "done_reason",
    "object",
];

fn odd(which: usize) -> Value {
    match which % 12 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1e308),
        4 => json!(u64::MAX),
        5 => json!(""),
        6 => json!("\u{0}\u{202e}\u{fffd}"),
        7 => json!([]),
        8 => json!([[{ "a": [null] }], "x", 7]),
        9 => json!({}),
        10 => json!({ "type": { "type": [] }, "text": 7, "url": null, "index": -1, "content": [null, { "text": [] }] }),
        _ => {
            json!([{ "type": "url_citation", "url_citation": { "url": 7, "start_index": -5, "end_index": u64::MAX } }])
        }
    }
}

/// Pointers to every place that holds nothing telling. Whether this one does.
fn places(value: &Value, pointer: &str, out: &mut Vec<String>) -> bool {
    let mut tells = false;
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.as_str();
                let told = TELLING.contains(&name);
                let place = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                tells |= told || places(member, &place, out);
            }
        }
        Value::Array(list) => {
            for (at, one) in list.iter().enumerate() {
                tells |= places(one, &format!("{pointer}/{at}"), out);
            }
        }
        _ => {}
    }
    if !tells {
        out.push(pointer.to_owned());
    }
    tells
}

/// The answer with something odd at one place, for each place, a few of all oddities each.
fn damaged(answer: &Value, turn: usize) -> impl Iterator<Item = (String, Value)> {
    let mut all = Vec::new();
    places(answer, "", &mut all);
    all.into_iter().enumerate().flat_map(move |(at, place)| {
        [0, 5].map(|step| {
            let mut damaged = answer.clone();
            let odd = odd(at + turn + step);
            let said = format!("{place} is {odd}");
            if let Some(there) = damaged.pointer_mut(&place) {
                *there = odd;
            }
            (said, damaged)
        })
    })
}

/// What was counted of an answer that is one.
fn heard(speech: Speech, body: &[u8]) -> Result<Option<Result<Usage, String>>, ()> {
    let whole = speech.hear(body, &Quirks::default(), &Kept::Nothing).map_err(|_| ())?;
    let counted = whole.report.as_ref().map(|report| report.usage.clone());
    let _ = speech.tell(
        whole.content,
        Bytes::copy_from_slice(body),
        end(),
        named,
        &Opening::default(),
    );
    Ok(counted)
}

#[test]
fn whole_answers_of_odd_shapes_lose_no_usage() {
    let (mut met, mut counted) = (0, 0);
    for (turn, speech) in speeches()
        .into_iter()
        .filter(|speech| !speech.wire.embeds())
        .enumerate()
    {
        for answer in answers(speech.wire) {
            let Ok(usual) = heard(speech, answer) else { continue };
            let answer: Value = serde_json::from_slice(answer).unwrap();
            for (said, damaged) in damaged(&answer, turn) {
                met += 1;
                if let Ok(told) = heard(speech, damaged.to_string().as_bytes()) {
                    assert_eq!(told, usual, "{speech:?}: {said}");
                    counted += 1;
                }
            }
        }
    }
    assert!(met > 1_500 && counted > 1_000, "{met} {counted}");
}

#[test]
fn streams_of_odd_shapes_lose_no_usage() {
    let (mut met, mut counted) = (0, 0);
    for (turn, speech) in speeches()
        .into_iter()
        .filter(|speech| !speech.wire.embeds())
        .enumerate()
    {
        // One stream each, in turn, and a whole answer that came in its place.
        let whole = answers(speech.wire)
            .iter()
            .find_map(|answer| unstreamed::as_stream(speech.wire, answer));
        let own = streams(speech.wire);
        for stream in [Some(own[turn % own.len()].to_vec()), whole].into_iter().flatten() {
            let succeeds = |bytes: &[u8]| {
                let carried = carry(speech, &[bytes], 1 << 20).unwrap();
                let whole = matches!(carried.ending, Ending::Done | Ending::Silence) && carried.finish.is_some();
                whole.then_some(carried.counted)
            };
            let Some(usual) = succeeds(&stream) else { continue };
            let text = String::from_utf8(stream).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                let (mark, data) = line.split_at(if line.starts_with("data: ") { 6 } else { 0 });
                let Ok(event @ Value::Object(_)) = serde_json::from_str::<Value>(data) else {
                    continue;
                };
                // Of long streams every third event.
                if lines.len() > 60 && at % 3 != turn % 3 {
                    continue;
                }
                for (said, damaged) in damaged(&event, turn) {
                    met += 1;
                    let line = format!("{mark}{damaged}");
                    let mut lines = lines.clone();
                    lines[at] = &line;
                    if let Some(told) = succeeds((lines.join("\n") + "\n").as_bytes()) {
                        assert_eq!(told, usual, "{speech:?}: line {at}: {said}");
                        counted += 1;
                    }
                }
            }
        }
    }
    assert!(met > 3_000 && counted > 500, "{met} {counted}");
}
