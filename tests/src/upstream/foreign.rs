//! Answers of the interfaces beside OpenAI's, cut into frames and broken as a fault says. What differs by interface comes with
//! the answer; what a connection does is the same for all (`course`). Called by `serve`, made by `google` and `ollama`.

use std::time::Duration;

use serde_json::Value;

use super::course::{self, Course};
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
    let one = |data: &str| framed(stream.framing, data, None, false, false);
    let course = Course {
        fault,
        pace: stream.pace,
        odd: (stream.framing == Framing::Events).then_some(course::ODD_BEGINNING),
        after: EVENTS_BEFORE_FAULT,
        malformed: one("{\"candidates\":[{\"content\":"),
        error: one(&stream.error.to_string()),
    };
    let last = stream.frames.len().saturating_sub(1);
    let text = |(at, frame): (usize, &Value)| framed(stream.framing, &frame.to_string(), fault, at == 0, at == last);
    course.steps(stream.frames.iter().enumerate().map(text).collect())
}

/// One frame as text.
fn framed(framing: Framing, data: &str, fault: Option<Fault>, first: bool, last: bool) -> String {
    match (framing, fault) {
        (
            Framing::Events,
            Some(Fault::Cr | Fault::OddFields | Fault::Comments | Fault::MultiLine | Fault::NoFinalBlank),
        ) => course::event(None, data, fault, last),
        // Google ends its lines as HTTP does.
        (Framing::Events, _) => course::event(None, data, Some(Fault::CrLf), last),
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

/// What a plain answer becomes: another in its place, or the text on the wire with its steps.
pub(crate) fn plain(answer: &Value, error: &Value, fault: Option<Fault>) -> (Vec<Step>, usize) {
    let answer = match fault {
        Some(Fault::ErrorFrame | Fault::QuoteFrame) => error,
        _ => answer,
    };
    spoil::cut(answer.to_string(), fault)
}
