//! Breaks what Anthropic says as a fault wants it; `course` does the rest. Faults that Anthropic's streams
//! have no place for (interleaved calls, usage beside a choice) change nothing.

use std::time::Duration;

use serde_json::{Value, json};

use super::frames::{Event, Kind};
use crate::upstream::course::{self, Course};
use crate::upstream::fault::Fault;
use crate::upstream::playback::Step;
use crate::upstream::spoil::{self, HUGE_CONTENT};

/// A fault in the middle comes after this many events: a beginning, a block, a ping, two words.
const EVENTS_BEFORE_FAULT: usize = 5;

/// The steps of a stream.
pub(super) fn stream(mut events: Vec<Event>, fault: Option<Fault>, pace: Duration, quote: &str) -> Vec<Step> {
    if let Some(fault) = fault {
        rearrange(&mut events, fault);
    }
    let (kind, message) = match fault {
        Some(Fault::QuoteFrame) => ("api_error", quote),
        _ => ("overloaded_error", "Overloaded"),
    };
    let malformed = "{\"type\":\"content_block_delta\",\"delta\":";
    let course = Course {
        fault,
        pace,
        odd: Some(course::ODD_BEGINNING),
        after: EVENTS_BEFORE_FAULT,
        malformed: course::event(Some("content_block_delta"), malformed, None, false),
        error: course::event(Some("error"), &error(kind, message).to_string(), None, false),
    };
    let last = events.len().saturating_sub(1);
    let text = |(at, event): (usize, &Event)| {
        course::event(event.data["type"].as_str(), &event.data.to_string(), fault, at == last)
    };
    course.steps(events.iter().enumerate().map(text).collect())
}

/// The steps of a plain answer, with the length to announce.
pub(super) fn plain(mut answer: Value, fault: Option<Fault>, quote: &str) -> (Vec<Step>, usize) {
    match fault {
        Some(Fault::UsageMissing) => {
            answer.as_object_mut().map(|members| members.remove("usage"));
        }
        Some(Fault::UsageNonsense) => answer["usage"] = nonsense(),
        Some(Fault::HugeEvent) => answer["content"] = json!([{"type": "text", "text": "x".repeat(HUGE_CONTENT)}]),
        Some(Fault::ErrorFrame) => answer = error("overloaded_error", "Overloaded"),
        Some(Fault::QuoteFrame) => answer = error("api_error", quote),
        _ => {}
    }
    spoil::cut(answer.to_string(), fault)
}

/// Faults that change which events there are.
fn rearrange(events: &mut Vec<Event>, fault: Fault) {
    let end = events
        .iter()
        .position(|event| event.kind == Kind::Delta)
        .unwrap_or_default();
    match fault {
        Fault::UsageMissing => {
            for event in events.iter_mut() {
                let holder = match event.kind {
                    Kind::Start => &mut event.data["message"],
                    _ => &mut event.data,
                };
                holder.as_object_mut().map(|members| members.remove("usage"));
            }
        }
        // All of it at the beginning, none at the end.
        Fault::UsageEarly => {
            let usage = events[end].data["usage"].take();
            events[end].data.as_object_mut().map(|members| members.remove("usage"));
            if let (Some(Value::Object(early)), Value::Object(late)) =
                (events[0].data["message"].get_mut("usage"), usage)
            {
                early.extend(late);
            }
        }
        Fault::UsageMissingAtTheEnd => {
            events[end].data.as_object_mut().map(|members| members.remove("usage"));
        }
        Fault::ArgumentsCut => {
            let is_piece = |event: &Event| event.data["delta"]["type"] == "input_json_delta";
            if let Some(at) = events.iter().rposition(is_piece) {
                events.remove(at);
            }
        }
        Fault::NoFinish => events.retain(|event| event.kind != Kind::Delta),
        Fault::UsageDoubled => events.insert(end, events[end].clone()),
        // Reports are cumulative: an earlier one with less, and without an end.
        Fault::UsageRepeatsChoice => {
            let mut early = events[end].clone();
            early.data["delta"] = json!({"stop_reason": null, "stop_sequence": null});
            early.data["usage"]["output_tokens"] = json!(1);
            early.data["usage"]
                .as_object_mut()
                .map(|usage| usage.remove("output_tokens_details"));
            events.insert(end, early);
        }
        Fault::UsageNonsense => events[end].data["usage"] = nonsense(),
        Fault::NoDone => events.retain(|event| event.kind != Kind::Stop),
        Fault::HugeEvent => {
            if let Some(first) = events.iter_mut().find(|event| event.kind == Kind::Content) {
                first.data["delta"] = json!({"type": "text_delta", "text": "x".repeat(HUGE_CONTENT)});
            }
        }
        _ => {}
    }
}

fn error(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"details": null, "type": kind, "message": message}, "request_id": "req_fake"})
}

fn nonsense() -> Value {
    json!({"input_tokens": -5, "output_tokens": "many", "cache_read_input_tokens": 9.0e99})
}
