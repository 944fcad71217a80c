//! How a stream goes on the wire: its events as text, and the faults that every wire's streams can have, whatever they say: odd
//! lines, a drip, what breaks off in the middle. Which events there are, and what their faults are, each wire says itself: `spoil`,
//! `anthropic::spoil`, `responses::spoil`, `foreign`.

use std::time::Duration;

use bytes::Bytes;

use super::fault::Fault;
use super::playback::Step;
use super::spoil::BEFORE_RESET;

/// What [`Fault::OddFields`] begins server-sent events with.
pub(crate) const ODD_BEGINNING: &str = "\u{feff}retry: 3000\nid: 1\n\n";

/// The course of one stream.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) fault: Option<Fault>,
    /// The pause between two events.
    pub(crate) pace: Duration,
    /// What [`Fault::OddFields`] begins with, where the wire has a place for such.
    pub(crate) odd: Option<&'static str>,
    /// A fault in the middle comes after this many events.
    pub(crate) after: usize,
    /// What [`Fault::MalformedFrame`] puts there; the rest follows.
    pub(crate) malformed: String,
    /// What [`Fault::ErrorFrame`], [`Fault::QuoteFrame`] and [`Fault::BareError`] end with.
    pub(crate) error: String,
}

impl Course {
    /// The steps of the events that these texts are.
    pub(crate) fn steps(&self, texts: Vec<String>) -> Vec<Step> {
        let mut steps = Vec::new();
        if let (Some(Fault::OddFields), Some(odd)) = (self.fault, self.odd) {
            steps.push(send(odd));
        }
        let last = texts.len().saturating_sub(1);
        for (at, text) in texts.into_iter().enumerate() {
            if at == self.after
                && let Some((broken, ends)) = self.broken()
            {
                steps.extend(broken);
                if ends {
                    return steps;
                }
            }
            if self.fault == Some(Fault::Drip) {
                for byte in text.into_bytes() {
                    steps.push(Step::Send(Bytes::from(vec![byte])));
                    // Slow enough to be read byte by byte, and soon over.
                    if at < 2 {
                        steps.push(Step::Pause(Duration::from_millis(1)));
                    }
                }
            } else if self.fault == Some(Fault::CrLfCut) {
                for piece in text.split_inclusive('\r') {
                    steps.push(send(piece));
                    steps.push(Step::Pause(Duration::from_millis(1)));
                }
            } else {
                steps.push(Step::Send(Bytes::from(text)));
            }
            if !self.pace.is_zero() && at != last {
                steps.push(Step::Pause(self.pace));
            }
        }
        steps
    }

    /// What happens in the middle instead of the next events, and whether it is the end.
    fn broken(&self) -> Option<(Vec<Step>, bool)> {
        Some(match self.fault? {
            Fault::StallMid => (vec![Step::Stall], false),
            Fault::MalformedFrame => (vec![send(&self.malformed)], false),
            Fault::CutMid => (vec![Step::Cut], true),
            Fault::ResetMid => (vec![Step::Pause(BEFORE_RESET), Step::Reset], true),
            Fault::ErrorFrame | Fault::QuoteFrame | Fault::BareError => (vec![send(&self.error)], true),
            Fault::EndsEarly => (Vec::new(), true),
            _ => return None,
        })
    }
}

/// A server-sent event as text: its name, where the wire has names, and its data.
pub(crate) fn event(name: Option<&str>, data: &str, fault: Option<Fault>, last: bool) -> String {
    let named = |end: &str| name.map(|name| format!("event: {name}{end}")).unwrap_or_default();
    match (fault, data.strip_prefix('{')) {
        (Some(Fault::CrLf | Fault::CrLfCut), _) => format!("{}data: {data}\r\n\r\n", named("\r\n")),
        (Some(Fault::Cr), _) => format!("{}data: {data}\r\r", named("\r")),
        (Some(Fault::OddFields), _) => format!("data:{data}\nevent:{}\n\n", name.unwrap_or("message")),
        (Some(Fault::Comments), _) => {
            format!(
                ": keep-alive\n\n: OPENROUTER PROCESSING\n\n\n{}data: {data}\n\n",
                named("\n")
            )
        }
        // White space between the members of an object may be a line end.
        (Some(Fault::MultiLine), Some(rest)) => format!("{}data: {{\ndata: {rest}\n\n", named("\n")),
        (Some(Fault::NoFinalBlank), _) if last => format!("{}data: {data}\n", named("\n")),
        _ => format!("{}data: {data}\n\n", named("\n")),
    }
}

fn send(text: &str) -> Step {
    Step::Send(Bytes::copy_from_slice(text.as_bytes()))
}
