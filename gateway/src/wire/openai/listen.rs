//! Reads a streamed chat answer of a provider into events. Called by `call` when the client's dialect is another one; where it is
//! the same, [`super::stream`] listens to the bytes that pass.

use domain::catalog::Quirks;
use serde_json::{Map, Value};

use super::{decode, pieces::Pieces};
use crate::wire::canonical::{Counted, Counts, Event, Frame, Moment, ReadProblem, Report, StreamReader};

/// The reader of one stream. Only the first choice is read.
#[derive(Debug)]
pub struct Reader {
    quirks: Quirks,
    started: bool,
    pieces: Pieces,
    finish_reason: Option<String>,
    counts: Counts,
    done: bool,
}

impl Reader {
    /// For a provider with these quirks.
    #[must_use]
    pub fn new(quirks: Quirks) -> Self {
        Self {
            quirks,
            started: false,
            pieces: Pieces::default(),
            finish_reason: None,
            counts: Counts::default(),
            done: false,
        }
    }

    fn count(&mut self, report: Option<Report>) {
        let moment = Moment {
            bytes: self.pieces.scale.bytes,
            ended: self.finish_reason.is_some(),
            of_one: false,
        };
        if let Some(report) = report {
            self.counts.take(report, moment);
        }
    }

    fn choice(&mut self, choice: &mut Map<String, Value>, events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        if choice.get("index").and_then(Value::as_u64).unwrap_or_default() != 0 {
            return Ok(());
        }
        if let Some(Value::Object(delta)) = choice.get_mut("delta") {
            self.pieces.hear(delta, events);
        } else if choice.get("text").is_some_and(Value::is_string) {
            // Of a legacy completion, which nobody asked for.
            return Err(ReadProblem::Malformed);
        }
        if let Some(word) = choice.get("finish_reason").and_then(Value::as_str)
            && self.finish_reason.is_none()
        {
            events.push(Event::Finish(self.pieces.finish(word)));
            self.finish_reason = Some(word.to_owned());
        }
        Ok(())
    }
}

impl StreamReader for Reader {
    fn read(&mut self, frame: Frame<'_>, events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        let data = frame.data.trim_ascii();
        if data.is_empty() {
            return Ok(());
        }
        if data == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        let mut chunk: Map<String, Value> = serde_json::from_slice(data).map_err(|_| ReadProblem::Malformed)?;
        let report = decode::report(&chunk, &self.quirks);
        if frame.name == Some(b"error") || chunk.get("error").is_some_and(|error| !error.is_null()) {
            self.count(report);
            return Err(decode::reported(data));
        }
        let choices = match chunk.get_mut("choices").map(Value::take) {
            Some(Value::Array(choices)) => choices,
            _ => Vec::new(),
        };
        // Azure's first chunk has no id and no model.
        let named = chunk
            .get("model")
            .and_then(Value::as_str)
            .is_some_and(|model| !model.is_empty());
        if !self.started && (named || !choices.is_empty()) {
            self.started = true;
            self.pieces.answer = decode::name(&chunk);
            events.push(decode::start(&mut chunk));
        }
        for mut choice in choices {
            if let Value::Object(choice) = &mut choice {
                self.choice(choice, events)?;
            }
        }
        self.count(report);
        Ok(())
    }

    /// Some services never say `[DONE]`: a stream that ends after the reason of its end is whole, and one without is not,
    /// whatever it says. Usage may follow the reason, so the stream is read until [`Reader::was_last`] or its end.
    fn is_complete(&self) -> bool {
        self.finish_reason.is_some()
    }

    fn was_last(&self) -> bool {
        self.done
    }

    fn report(&self) -> Option<Report> {
        self.counts.report().cloned()
    }

    fn counted(&self) -> Counted {
        self.counts.counted(self.text_bytes())
    }

    fn text_bytes(&self) -> u64 {
        self.pieces.scale.bytes
    }

    fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }
}
