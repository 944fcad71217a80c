//! Breaks what a response says as a fault wants it; `course` does the rest. What a fault of a chat's last chunks is has its counterpart in the last event here.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Accepted, Answered};
use crate::upstream::course::{self, Course};
use crate::upstream::fault::Fault;
use crate::upstream::playback::Step;
use crate::upstream::spoil::{EVENTS_BEFORE_FAULT, HUGE_CONTENT};

const SORRY: &str = "The server had an error while processing your request. Sorry about that!";

/// The steps of a stream. `pace` is the pause between two events, `quote` the sentence of an error that quotes.
pub(crate) fn stream(
    asked: &Accepted,
    answered: &Answered,
    fault: Option<Fault>,
    pace: Duration,
    quote: &str,
) -> Vec<Step> {
    let mut events = super::events(asked, answered, fault == Some(Fault::Interleaved));
    rearrange(&mut events, fault);
    let message = if fault == Some(Fault::QuoteFrame) { quote } else { SORRY };
    let failed = json!({
        "type": "response.failed",
        "response": answered.failed(asked, message),
        "sequence_number": EVENTS_BEFORE_FAULT,
    });
    // <https://platform.openai.com/docs/api-reference/responses-streaming/error>
    let bare = json!({
        "type": "error", "code": "server_error", "message": SORRY, "param": null, "sequence_number": EVENTS_BEFORE_FAULT,
    });
    let error = if fault == Some(Fault::BareError) { bare } else { failed };
    let malformed = "{\"type\":\"response.output_text.delta\",\"delta\":";
    let course = Course {
        fault,
        pace,
        odd: Some(course::ODD_BEGINNING),
        after: EVENTS_BEFORE_FAULT,
        malformed: course::event(Some("response.output_text.delta"), malformed, None, false),
        error: course::event(error["type"].as_str(), &error.to_string(), None, false),
    };
    let last = events.len().saturating_sub(1);
    let text =
        |(at, event): (usize, &Value)| course::event(event["type"].as_str(), &event.to_string(), fault, at == last);
    course.steps(events.iter().enumerate().map(text).collect())
}

/// A plain answer with the faults that concern what it says. What a connection does is the same for all answers.
pub(crate) fn plain(asked: &Accepted, answered: &Answered, fault: Option<Fault>, quote: &str) -> Value {
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

fn nonsense() -> Value {
    json!({
        "input_tokens": -5,
        "output_tokens": "many",
        "total_tokens": 9.0e99,
        "input_tokens_details": null,
        "output_tokens_details": { "reasoning_tokens": 18_446_744_073_709_551_615_u64 },
    })
}
