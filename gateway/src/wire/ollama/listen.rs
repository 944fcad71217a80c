//! Reads a streamed answer: lines of JSON, the last of them with `"done": true`. A body that ends without it was cut.

use super::{line::State, usage};
use crate::wire::canonical::{Counted, Event, Frame, ReadProblem, Report, StreamReader};

/// Reads a stream of Ollama's.
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
        self.0.done
    }

    fn was_last(&self) -> bool {
        self.0.done
    }

    fn report(&self) -> Option<Report> {
        self.0.usage.as_deref().map(usage::report)
    }

    /// Only the last line counts something.
    fn counted(&self) -> Counted {
        match self.0.usage.is_some() {
            true => Counted::All,
            false => Counted::Part,
        }
    }

    fn text_bytes(&self) -> u64 {
        self.0.text_bytes
    }

    fn finish_reason(&self) -> Option<&str> {
        self.0.finish_reason.as_deref()
    }
}
