//! Breaks what a chat says as a fault wants it: order and number of usage chunks, nonsense, errors; `course` does the rest. The
//! server calls it for streams ([`stream`]) and plain answers ([`plain`]).

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::course::{self, Course};
use super::fault::Fault;
use super::frames::{Event, Kind};
use super::playback::Step;

/// A fault in the middle comes after this many events.
pub const EVENTS_BEFORE_FAULT: usize = 3;

/// The size of the one event of [`Fault::HugeEvent`], in bytes of content.
pub const HUGE_CONTENT: usize = 8 << 20;

/// Long enough for a caller on this machine to have read what came before a reset, which else would be lost with it.
pub(crate) const BEFORE_RESET: Duration = Duration::from_millis(50);

/// What [`Fault::TextWithinArguments`] says.
pub const ASIDE: &str = "By the way. ";

const SORRY: &str = "The server had an error while processing your request. Sorry about that!";

/// The steps of a stream. `pace` is the pause between two events, `quote` the sentence of an error that quotes.
pub(crate) fn stream(mut events: Vec<Event>, fault: Option<Fault>, pace: Duration, quote: &str) -> Vec<Step> {
    if let Some(fault) = fault {
        rearrange(&mut events, fault);
    }
    let message = if fault == Some(Fault::QuoteFrame) { quote } else { SORRY };
    let course = Course {
        fault,
        pace,
        odd: Some(course::ODD_BEGINNING),
        after: EVENTS_BEFORE_FAULT,
        malformed: course::event(
            None,
            "{\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":",
            None,
            false,
        ),
        error: course::event(None, &error_event(message).to_string(), None, false),
    };
    let last = events.len().saturating_sub(1);
    let text = |(at, event): (usize, &Event)| course::event(None, &event.data, fault, at == last);
    course.steps(events.iter().enumerate().map(text).collect())
}

/// The steps of a plain answer, with the length to announce.
pub(crate) fn plain(mut answer: Value, fault: Option<Fault>, quote: &str) -> (Vec<Step>, usize) {
    match fault {
        Some(Fault::UsageMissing) => {
            answer.as_object_mut().map(|fields| fields.remove("usage"));
        }
        Some(Fault::UsageNonsense) => answer["usage"] = nonsense(),
        Some(Fault::UsageContradictory) => contradict(&mut answer["usage"]),
        Some(Fault::HugeEvent) => {
            huge(&mut answer["choices"][0], "message");
        }
        Some(Fault::ErrorFrame) => answer = error_event(SORRY),
        Some(Fault::QuoteFrame) => answer = error_event(quote),
        _ => {}
    }
    cut(answer.to_string(), fault)
}

/// The steps of a plain answer whose text this is, with the length to announce.
pub(crate) fn cut(mut text: String, fault: Option<Fault>) -> (Vec<Step>, usize) {
    if fault == Some(Fault::MalformedFrame) {
        text.truncate(text.len() - 2);
    }
    if fault == Some(Fault::Comments) {
        // DeepSeek sends empty lines before a plain body while a request is queued.
        text.insert_str(0, "\n\n\n");
    }
    let whole = Bytes::from(text);
    let length = whole.len();
    let half = whole.slice(..length / 2);
    let rest = whole.slice(length / 2..);
    let steps = match fault {
        Some(Fault::StallMid) => vec![Step::Send(half), Step::Stall, Step::Send(rest)],
        Some(Fault::CutMid) => vec![Step::Send(half), Step::Cut],
        Some(Fault::ResetMid) => vec![Step::Send(half), Step::Pause(BEFORE_RESET), Step::Reset],
        Some(Fault::Drip) => (0..length).map(|at| Step::Send(whole.slice(at..=at))).collect(),
        _ => vec![Step::Send(whole)],
    };
    (steps, length)
}

/// Faults that change which events there are.
fn rearrange(events: &mut Vec<Event>, fault: Fault) {
    let usage = events.iter().position(|event| event.kind == Kind::Usage);
    match (fault, usage) {
        (Fault::UsageMissing, Some(at)) => {
            events.remove(at);
        }
        (Fault::UsageEarly, Some(at)) => {
            let event = events.remove(at);
            events.insert(0, event);
        }
        (Fault::UsageDoubled, Some(at)) => events.insert(at, events[at].clone()),
        (Fault::UsageNonsense, Some(at)) => edit(&mut events[at], |chunk| {
            chunk["usage"] = nonsense();
        }),
        (Fault::UsageContradictory, Some(at)) => edit(&mut events[at], |chunk| contradict(&mut chunk["usage"])),
        (Fault::UsageWithChoice, Some(at)) => {
            let usage = events.remove(at);
            let usage = serde_json::from_str::<Value>(&usage.data).unwrap_or_default()["usage"].take();
            if let Some(finish) = events.iter_mut().rev().find(|event| event.kind == Kind::Finish) {
                edit(finish, |chunk| chunk["usage"] = usage);
            }
        }
        (Fault::UsageRepeatsChoice, Some(at)) => edit(&mut events[at], |chunk| {
            chunk["choices"] =
                json!([{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }]);
        }),
        (Fault::ArgumentsCut, _) => {
            if let Some(at) = events.iter().rposition(|event| called(event).is_some()) {
                events.remove(at);
            }
        }
        (Fault::TextWithinArguments, _) => {
            let begun = |event: &Event| called(event).is_some_and(|call| call["id"].is_null());
            if let Some(at) = events.iter().position(begun) {
                let mut aside = events[at].clone();
                edit(&mut aside, |chunk| {
                    chunk["choices"][0]["delta"] = json!({ "content": ASIDE });
                });
                events.insert(at + 1, aside);
            }
        }
        (Fault::SameId, _) => {
            for event in events.iter_mut() {
                if called(event).is_some_and(|call| call["id"].is_string()) {
                    edit(event, |chunk| {
                        chunk["choices"][0]["delta"]["tool_calls"][0]["id"] = json!("call_same");
                    });
                }
            }
        }
        (Fault::NoFinish, _) => events.retain(|event| event.kind != Kind::Finish),
        (Fault::NoDone, _) => events.retain(|event| event.kind != Kind::Done),
        (Fault::HugeEvent, _) => {
            if let Some(first) = events.iter_mut().find(|event| event.kind == Kind::Content) {
                edit(first, |chunk| huge(&mut chunk["choices"][0], "delta"));
            }
        }
        _ => {}
    }
}

/// Makes the text of a choice huge: of a chat's `member`, or of a legacy completion.
fn huge(choice: &mut Value, member: &str) {
    let text = json!("x".repeat(HUGE_CONTENT));
    if choice.get("text").is_some() {
        choice["text"] = text;
    } else {
        choice[member]["content"] = text;
    }
}

/// The piece of a call that an event holds.
fn called(event: &Event) -> Option<Value> {
    let chunk: Value = serde_json::from_str(&event.data).ok()?;
    let call = chunk.pointer("/choices/0/delta/tool_calls/0")?.clone();
    call.is_object().then_some(call)
}

fn edit(event: &mut Event, change: impl FnOnce(&mut Value)) {
    if let Ok(mut chunk) = serde_json::from_str(&event.data) {
        change(&mut chunk);
        event.data = chunk.to_string();
    }
}

/// An error in the middle of a stream, in OpenRouter's and OpenAI's common shape.
fn error_event(message: &str) -> Value {
    json!({"error": {
        "message": message,
        "type": "server_error",
        "param": null,
        "code": "server_error",
    }})
}

/// A part of the prompt that is larger than the whole.
fn contradict(usage: &mut Value) {
    usage["prompt_tokens_details"]["cached_tokens"] = json!(usage["prompt_tokens"].as_u64().unwrap_or_default() + 1);
}

fn nonsense() -> Value {
    json!({
        "prompt_tokens": -5,
        "completion_tokens": "many",
        "total_tokens": 9.0e99,
        "prompt_tokens_details": null,
        "completion_tokens_details": {"reasoning_tokens": 18_446_744_073_709_551_615_u64},
    })
}
