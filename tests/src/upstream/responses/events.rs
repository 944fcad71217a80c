//! Cuts an answer into the events of a stream, in OpenAI's order: each item is added, told in pieces and done.

use serde_json::{Value, json};

use super::output::{self, Standing};
use super::{Accepted, Answered};
use crate::upstream::answer::pieces;

/// The events of an answer: each is an object with its type. `interleaved` mixes the pieces of parallel calls.
pub(crate) fn events(asked: &Accepted, answered: &Answered, interleaved: bool) -> Vec<Value> {
    let begun = output::response(asked, answered.serial, Standing::InProgress, &[]);
    let mut events = vec![
        json!({ "type": "response.created", "response": begun }),
        json!({ "type": "response.in_progress", "response": begun }),
    ];
    let mut items: Vec<Vec<Value>> = answered.output.iter().enumerate().map(item).collect();
    if interleaved {
        events.extend(mixed(&mut items));
    }
    events.extend(items.into_iter().flatten());
    events.push(json!({ "type": output::last(&answered.answer), "response": answered.whole(asked) }));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
        if asked.chat.obfuscation && event.get("delta").is_some() {
            // Random padding at the provider; here any length that varies.
            event["obfuscation"] = json!("x".repeat(3 + number * 5 % 13));
        }
    }
    events
}

/// Takes an event of each item in turn, as long as there are some.
fn mixed(items: &mut [Vec<Value>]) -> Vec<Value> {
    let mut queues: Vec<_> = items
        .iter_mut()
        .map(|events| std::mem::take(events).into_iter())
        .collect();
    let mut events = Vec::new();
    loop {
        let before = events.len();
        events.extend(queues.iter_mut().filter_map(Iterator::next));
        if events.len() == before {
            return events;
        }
    }
}

fn item((index, item): (usize, &Value)) -> Vec<Value> {
    let kind = item["type"].as_str().unwrap_or_default();
    let mut begun = item.clone();
    let mut events = Vec::new();
    let mut told = |name: &str, members: Value| {
        let mut event = json!({ "type": format!("response.{name}"), "item_id": item["id"], "output_index": index });
        if let (Value::Object(event), Value::Object(members)) = (&mut event, members) {
            event.extend(members);
        }
        events.push(event);
    };
    match kind {
        "message" => {
            begun["content"] = json!([]);
            let part = &item["content"][0];
            let text = part["text"].as_str().unwrap_or_default();
            let mut empty = part.clone();
            empty["text"] = "".into();
            told("content_part.added", json!({ "content_index": 0, "part": empty }));
            for piece in pieces(text) {
                told(
                    "output_text.delta",
                    json!({ "content_index": 0, "delta": piece, "logprobs": [] }),
                );
            }
            told(
                "output_text.done",
                json!({ "content_index": 0, "text": text, "logprobs": [] }),
            );
            told("content_part.done", json!({ "content_index": 0, "part": part }));
        }
        "reasoning" => {
            begun["summary"] = json!([]);
            for (at, part) in item["summary"].as_array().into_iter().flatten().enumerate() {
                let text = part["text"].as_str().unwrap_or_default();
                let empty = json!({ "type": "summary_text", "text": "" });
                told(
                    "reasoning_summary_part.added",
                    json!({ "summary_index": at, "part": empty }),
                );
                for piece in pieces(text) {
                    told(
                        "reasoning_summary_text.delta",
                        json!({ "summary_index": at, "delta": piece }),
                    );
                }
                told(
                    "reasoning_summary_text.done",
                    json!({ "summary_index": at, "text": text }),
                );
                told(
                    "reasoning_summary_part.done",
                    json!({ "summary_index": at, "part": part }),
                );
            }
        }
        _ => {
            let (member, event) = match kind {
                "custom_tool_call" => ("input", "custom_tool_call_input"),
                _ => ("arguments", "function_call_arguments"),
            };
            begun[member] = "".into();
            let text = item[member].as_str().unwrap_or_default();
            let characters: Vec<char> = text.chars().collect();
            for piece in characters.chunks(6) {
                told(
                    &format!("{event}.delta"),
                    json!({ "delta": piece.iter().collect::<String>() }),
                );
            }
            let mut done = json!({ member: text });
            if kind == "function_call" {
                done["name"] = item["name"].clone();
            }
            told(&format!("{event}.done"), done);
        }
    }
    if begun.get("status").is_some() {
        begun["status"] = "in_progress".into();
    }
    let edge = |name: &str, item: &Value| json!({ "type": format!("response.output_item.{name}"), "output_index": index, "item": item });
    events.insert(0, edge("added", &begun));
    events.push(edge("done", item));
    events
}
