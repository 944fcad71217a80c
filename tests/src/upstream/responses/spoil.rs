//! Breaks a stream as a fault says. What a fault of a chat's last chunks is has its counterpart in the last event here.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answered, Asked};
use crate::upstream::fault::Fault;
use crate::upstream::playback::Step;
use crate::upstream::spoil::{BEFORE_RESET, EVENTS_BEFORE_FAULT, HUGE_CONTENT};

const SORRY: &str = "The server had an error while processing your request. Sorry about that!";

/// The steps of a stream. `pace` is the pause between two events, `quote` the sentence of an error that quotes.
pub(crate) fn stream(
    asked: &Asked,
    answered: &Answered,
    fault: Option<Fault>,
    pace: Duration,
    quote: &str,
) -> Vec<Step> {
    let mut events = super::events(asked, answered, fault == Some(Fault::Interleaved));
    rearrange(&mut events, fault);
    let mut steps = Vec::new();
    if fault == Some(Fault::OddFields) {
        steps.push(send("\u{feff}retry: 3000\nid: 1\n\n"));
    }
    let last = events.len().saturating_sub(1);
    for (at, event) in events.iter().enumerate() {
        if at == EVENTS_BEFORE_FAULT
            && let Some((broken, ends)) = broken_here(asked, answered, fault, quote)
        {
            steps.extend(broken);
            if ends {
                return steps;
            }
        }
        let text = line(event, fault, at == last);
        if fault == Some(Fault::Drip) {
            for byte in text.into_bytes() {
                steps.push(Step::Send(Bytes::from(vec![byte])));
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

/// A plain answer with the faults that concern what it says. What a connection does is the same for all answers.
pub(crate) fn plain(asked: &Asked, answered: &Answered, fault: Option<Fault>, quote: &str) -> Value {
    let mut whole = answered.whole(asked);
    match fault {
        Some(Fault::UsageMissing) => whole["usage"] = Value::Null,
        Some(Fault::UsageNonsense) => whole["usage"] = nonsense(),
        Some(Fault::HugeEvent) => whole["output"][0]["content"][0]["text"] = json!("x".repeat(HUGE_CONTENT)),
        Some(Fault::ErrorFrame) => whole = answered.failed(asked, SORRY),
        Some(Fault::QuoteFrame) => whole = answered.failed(asked, quote),
        _ => {}
    }
    whole
}

/// Faults that change what the events say or which there are.
fn rearrange(events: &mut Vec<Value>, fault: Option<Fault>) {
    let usage = events
        .last()
        .map(|last| last["response"]["usage"].clone())
        .unwrap_or_default();
    let Some(last) = events.last_mut() else { return };
    match fault {
        Some(Fault::UsageMissing) => last["response"]["usage"] = Value::Null,
        Some(Fault::UsageNonsense) => last["response"]["usage"] = nonsense(),
        Some(Fault::UsageEarly) => {
            last["response"]["usage"] = Value::Null;
            events[1]["response"]["usage"] = usage;
        }
        Some(Fault::UsageDoubled) => events[1]["response"]["usage"] = usage,
        Some(Fault::NoDone) => {
            events.pop();
        }
        Some(Fault::HugeEvent) => {
            let delta = events
                .iter_mut()
                .find(|event| event["type"] == "response.output_text.delta");
            if let Some(delta) = delta {
                delta["delta"] = json!("x".repeat(HUGE_CONTENT));
            }
        }
        _ => {}
    }
}

/// What happens in the middle instead of the next events, and whether it is the end.
fn broken_here(asked: &Asked, answered: &Answered, fault: Option<Fault>, quote: &str) -> Option<(Vec<Step>, bool)> {
    let failed = |message: &str| {
        let response = answered.failed(asked, message);
        let event = json!({ "type": "response.failed", "response": response, "sequence_number": EVENTS_BEFORE_FAULT });
        (vec![Step::Send(Bytes::from(line(&event, None, false)))], true)
    };
    Some(match fault? {
        Fault::StallMid => (vec![Step::Stall], false),
        Fault::MalformedFrame => (
            vec![send(
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\n\n",
            )],
            false,
        ),
        Fault::CutMid => (vec![Step::Cut], true),
        Fault::ResetMid => (vec![Step::Pause(BEFORE_RESET), Step::Reset], true),
        Fault::ErrorFrame => failed(SORRY),
        Fault::QuoteFrame => failed(quote),
        Fault::EndsEarly => (Vec::new(), true),
        _ => return None,
    })
}

/// One event as text.
fn line(event: &Value, fault: Option<Fault>, last: bool) -> String {
    let (name, data) = (event["type"].as_str().unwrap_or_default(), event.to_string());
    match fault {
        Some(Fault::CrLf) => format!("event: {name}\r\ndata: {data}\r\n\r\n"),
        Some(Fault::Cr) => format!("event: {name}\rdata: {data}\r\r"),
        Some(Fault::OddFields) => format!("data:{data}\nevent:{name}\n\n"),
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

fn nonsense() -> Value {
    json!({
        "input_tokens": -5,
        "output_tokens": "many",
        "total_tokens": 9.0e99,
        "input_tokens_details": null,
        "output_tokens_details": { "reasoning_tokens": 18_446_744_073_709_551_615_u64 },
    })
}
