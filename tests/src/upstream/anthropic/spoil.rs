//! Turns events into steps on the wire and breaks them as a fault says, as OpenAI's half does. Faults that Anthropic's streams
//! have no place for (interleaved calls, usage beside a choice) change nothing.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::frames::{Event, Kind};
use crate::upstream::fault::Fault;
use crate::upstream::playback::Step;
use crate::upstream::spoil::{self, BEFORE_RESET, HUGE_CONTENT};

/// A fault in the middle comes after this many events: a beginning, a block, a ping, two words.
const EVENTS_BEFORE_FAULT: usize = 5;

/// The steps of a stream.
pub(super) fn stream(mut events: Vec<Event>, fault: Option<Fault>, pace: Duration, quote: &str) -> Vec<Step> {
    if let Some(fault) = fault {
        rearrange(&mut events, fault);
    }
    let mut steps = Vec::new();
    if fault == Some(Fault::OddFields) {
        steps.push(send("\u{feff}retry: 3000\nid: 1\n\n"));
    }
    let last = events.len().saturating_sub(1);
    for (at, event) in events.iter().enumerate() {
        if at == EVENTS_BEFORE_FAULT
            && let Some(broken) = broken_here(fault, quote)
        {
            steps.extend(broken);
            if fault != Some(Fault::StallMid) && fault != Some(Fault::MalformedFrame) {
                return steps;
            }
        }
        let text = lines(&event.data, fault, at == last);
        if fault == Some(Fault::Drip) {
            for byte in text.into_bytes() {
                steps.push(Step::Send(Bytes::from(vec![byte])));
                if at < 2 {
                    steps.push(Step::Pause(Duration::from_millis(1)));
                }
            }
        } else {
            steps.push(Step::Send(Bytes::from(text)));
        }
        if !pace.is_zero() && at != last {
            steps.push(Step::Pause(pace));
        }
    }
    steps
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

/// What happens in the middle instead of the next events.
fn broken_here(fault: Option<Fault>, quote: &str) -> Option<Vec<Step>> {
    let error = |kind, message: &str| vec![send(&format!("event: error\ndata: {}\n\n", error(kind, message)))];
    Some(match fault? {
        Fault::StallMid => vec![Step::Stall],
        Fault::CutMid => vec![Step::Cut],
        Fault::ResetMid => vec![Step::Pause(BEFORE_RESET), Step::Reset],
        Fault::MalformedFrame => vec![send(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":\n\n",
        )],
        Fault::ErrorFrame => error("overloaded_error", "Overloaded"),
        Fault::QuoteFrame => error("api_error", quote),
        Fault::EndsEarly => Vec::new(),
        _ => return None,
    })
}

/// One event as text.
fn lines(data: &Value, fault: Option<Fault>, last: bool) -> String {
    let name = data["type"].as_str().unwrap_or_default();
    let data = data.to_string();
    match fault {
        Some(Fault::CrLf) => format!("event: {name}\r\ndata: {data}\r\n\r\n"),
        Some(Fault::Cr) => format!("event: {name}\rdata: {data}\r\r"),
        Some(Fault::OddFields) => format!("id: 7\nevent:{name}\ndata:{data}\n\n"),
        Some(Fault::Comments) => format!(": keep-alive\n\n\nevent: {name}\ndata: {data}\n\n"),
        // White space between the members of an object may be a line end.
        Some(Fault::MultiLine) => {
            let rest = data.strip_prefix('{').unwrap_or(&data);
            format!("event: {name}\ndata: {{\ndata: {rest}\n\n")
        }
        Some(Fault::NoFinalBlank) if last => format!("event: {name}\ndata: {data}\n"),
        _ => format!("event: {name}\ndata: {data}\n\n"),
    }
}

fn send(text: &str) -> Step {
    Step::Send(Bytes::copy_from_slice(text.as_bytes()))
}

fn error(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"details": null, "type": kind, "message": message}, "request_id": "req_fake"})
}

fn nonsense() -> Value {
    json!({"input_tokens": -5, "output_tokens": "many", "cache_read_input_tokens": 9.0e99})
}
