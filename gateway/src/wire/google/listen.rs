//! Reads a streamed answer. Each event's data is one `GenerateContentResponse`. Nothing says "done": the end of the body is
//! the end, and it is an honest one when the reason of the end has been told before.

use super::chunk::State;
use crate::wire::canonical::{Counted, Event, Frame, ReadProblem, Report, StreamReader};

/// Reads a stream of Gemini's.
#[derive(Debug, Default)]
pub struct Reader(State);

impl StreamReader for Reader {
    fn read(&mut self, frame: Frame<'_>, events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        match frame.data.trim_ascii() {
            b"" => Ok(()),
            data => self.0.read(data, events),
        }
    }

    fn is_complete(&self) -> bool {
        self.0.finish_reason.is_some()
    }

    fn was_last(&self) -> bool {
        // Usage may still follow in a piece of its own.
        false
    }

    fn report(&self) -> Option<Report> {
        self.0.counts.report().cloned()
    }

    fn counted(&self) -> Counted {
        self.0.counts.counted(self.0.scale.bytes)
    }

    fn text_bytes(&self) -> u64 {
        self.0.scale.bytes
    }

    fn finish_reason(&self) -> Option<&str> {
        self.0.finish_reason.as_deref()
    }
}
