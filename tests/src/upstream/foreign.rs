//! Answers of the interfaces beside OpenAI's, cut into frames and broken as a fault says. What differs by interface comes with
//! the answer; what a connection does is the same for all. Called by `serve`, made by `google` and `ollama`.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::fault::Fault;
use super::playback::Step;
use super::spoil::{self, EVENTS_BEFORE_FAULT};

/// How frames stand in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events, as Google writes them: with CR LF.
    Events,
    /// One JSON list.
    List,
    /// Lines of JSON.
    Lines,
}

impl Framing {
    /// The content type of such a body.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::List => "application/json; charset=UTF-8",
            Self::Lines => "application/x-ndjson",
        }
    }
}

/// A streamed answer.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) framing: Framing,
    /// What it says, frame by frame, with the faults of usage done.
    pub(crate) frames: Vec<Value>,
    /// The pause between two frames.
    pub(crate) pace: Duration,
    /// What stands there instead of a frame for `error-frame` and `quote-frame`.
    pub(crate) error: Value,
}

/// The steps of a streamed answer.
pub(crate) fn steps(stream: &Stream, fault: Option<Fault>) -> Vec<Step> {
    let mut steps = Vec::new();
    if fault == Some(Fault::OddFields) && stream.framing == Framing::Events {
        steps.push(send("\u{feff}retry: 3000\r\nid: 1\r\n\r\n".to_owned()));
    }
    let last = stream.frames.len().saturating_sub(1);
    for (at, frame) in stream.frames.iter().enumerate() {
        if at == EVENTS_BEFORE_FAULT
            && let Some((broken, ends)) = broken_here(stream, fault)
        {
            steps.extend(broken);
            if ends {
                return steps;
            }
        }
        let text = framed(stream.framing, &frame.to_string(), fault, at == 0, at == last);
        if fault == Some(Fault::Drip) {
            let slow = at < 2;
            for byte in text.into_bytes() {
                steps.push(Step::Send(Bytes::from(vec![byte])));
                if slow {
                    steps.push(Step::Pause(Duration::from_millis(1)));
                }
            }
        } else {
            steps.push(send(text));
        }
        if !stream.pace.is_zero() && at != last {
            steps.push(Step::Pause(stream.pace));
        }
    }
    steps
}

/// What happens in the middle instead of the next frames, and whether it is the end.
fn broken_here(stream: &Stream, fault: Option<Fault>) -> Option<(Vec<Step>, bool)> {
    let one = |text: &str| vec![send(framed(stream.framing, text, None, false, false))];
    Some(match fault? {
        Fault::StallMid => (vec![Step::Stall], false),
        Fault::MalformedFrame => (one("{\"candidates\":[{\"content\":"), false),
        Fault::CutMid => (vec![Step::Cut], true),
        Fault::ResetMid => (vec![Step::Pause(spoil::BEFORE_RESET), Step::Reset], true),
        Fault::ErrorFrame | Fault::QuoteFrame => (one(&stream.error.to_string()), true),
        Fault::EndsEarly => (Vec::new(), true),
        _ => return None,
    })
}

/// One frame as text.
fn framed(framing: Framing, data: &str, fault: Option<Fault>, first: bool, last: bool) -> String {
    match (framing, fault) {
        (Framing::Events, Some(Fault::Cr)) => format!("data: {data}\r\r"),
        (Framing::Events, Some(Fault::OddFields)) => format!("event: message\ndata:{data}\n\n"),
        (Framing::Events, Some(Fault::Comments)) => format!(": keep-alive\n\n\ndata: {data}\n\n"),
        (Framing::Events, Some(Fault::MultiLine)) => {
            let rest = data.strip_prefix('{').unwrap_or(data);
            format!("data: {{\ndata: {rest}\n\n")
        }
        (Framing::Events, Some(Fault::NoFinalBlank)) if last => format!("data: {data}\n"),
        (Framing::Events, _) => format!("data: {data}\r\n\r\n"),
        (Framing::Lines, Some(Fault::CrLf)) => format!("{data}\r\n"),
        (Framing::Lines, Some(Fault::Comments)) => format!("\n\n{data}\n"),
        (Framing::Lines, Some(Fault::NoFinalBlank)) if last => data.to_owned(),
        (Framing::Lines, _) => format!("{data}\n"),
        (Framing::List, _) => {
            let (before, after) = (if first { "[" } else { ",\r\n" }, if last { "\n]" } else { "" });
            format!("{before}{data}{after}")
        }
    }
}

fn send(text: String) -> Step {
    Step::Send(Bytes::from(text))
}

/// What a plain answer becomes: another in its place, or the text on the wire with its steps.
pub(crate) fn plain(answer: &Value, error: &Value, fault: Option<Fault>) -> (Vec<Step>, usize) {
    let answer = match fault {
        Some(Fault::ErrorFrame | Fault::QuoteFrame) => error,
        _ => answer,
    };
    spoil::cut(answer.to_string(), fault)
}
