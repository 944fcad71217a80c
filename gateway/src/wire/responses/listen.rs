//! Reads a streamed answer of a provider into events. Also listens to one that passes unchanged.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    decode::{response, weight_of},
    pieces::{Members, Said, Whole, citation, object, report, reported, text},
};
use crate::wire::{
    canonical::{Counted, Event, Frame, ReadProblem, Report, StreamReader},
    weight,
};

/// More items than any answer has: what is said of items beyond is not remembered.
const MOST_ITEMS: usize = 10_000;

/// The reader of one stream.
#[derive(Debug, Default)]
pub struct Reader {
    started: bool,
    whole: Whole,
    /// What has been said of the items that are not done.
    said: HashMap<u64, Said>,
    report: Option<Report>,
    finish_reason: Option<String>,
    text_bytes: u64,
    /// An `error` event was told, which `response.failed` may follow.
    erred: bool,
    done: bool,
}

/// What an event says of an item.
#[derive(Clone, Copy)]
enum Written {
    /// So many bytes more.
    More(u64),
    /// So many bytes in all.
    Whole(u64),
}

impl Reader {
    fn of(&mut self, event: &Members) -> Option<&mut Said> {
        let index = event.get("output_index").and_then(Value::as_u64)?;
        if self.said.len() >= MOST_ITEMS && !self.said.contains_key(&index) {
            return None;
        }
        Some(self.said.entry(index).or_default())
    }

    /// Counts what the model wrote, in whatever shape: pieces as they come, then what an item or the whole answer has beyond them.
    fn weigh(&mut self, kind: &str, event: &Members) {
        if let Some(delta) = event.get("delta").and_then(Value::as_str) {
            self.written(event, Written::More(weight::of_piece(kind, delta)));
        } else if let Some(Value::Object(item)) = event.get("item") {
            self.written(event, Written::Whole(weight::of_item(item)));
        } else if event.contains_key("partial_image_b64") {
            self.written(event, Written::Whole(weight::PICTURE));
        } else if let Some(Value::Object(response)) = event.get("response") {
            self.text_bytes = self.text_bytes.max(weight_of(response));
        }
    }

    fn written(&mut self, event: &Members, written: Written) {
        let new = match (self.of(event), written) {
            (Some(said), Written::More(bytes)) => {
                said.bytes += bytes;
                bytes
            }
            (Some(said), Written::Whole(bytes)) => {
                let new = bytes.saturating_sub(said.bytes);
                said.bytes += new;
                new
            }
            // Of which item nobody says: that it was written is sure.
            (None, Written::More(bytes)) => bytes,
            (None, Written::Whole(_)) => 0,
        };
        self.text_bytes += new;
    }

    fn hear(&mut self, kind: &str, mut event: Members, events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => self.start(&mut event, events),
            "response.output_item.added" => self.added(event, events),
            "response.output_item.done" => {
                let index = event.get("output_index").and_then(Value::as_u64);
                let said = index.and_then(|index| self.said.remove(&index)).unwrap_or_default();
                if let Some(item) = object(&mut event, "item") {
                    self.whole.item(item, said, events);
                }
            }
            "response.output_text.delta" => self.piece(event, Event::Text, events),
            "response.refusal.delta" => {
                self.whole.refused = true;
                self.piece(event, Event::Refusal, events);
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                self.piece(event, Event::Thought, events);
            }
            "response.reasoning_summary_part.added"
                if event
                    .get("summary_index")
                    .and_then(Value::as_u64)
                    .is_some_and(|index| index > 0) =>
            {
                events.push(Event::Thought("\n\n".to_owned()));
            }
            "response.output_text.annotation.added" => {
                if let Some(said) = self.of(&event) {
                    said.sources = true;
                }
                events.extend(event.get_mut("annotation").map(Value::take).map(citation));
            }
            "response.function_call_arguments.delta" => self.arguments(event, "delta", events),
            "response.function_call_arguments.done" if self.of(&event).is_some_and(|said| !said.arguments) => {
                self.arguments(event, "arguments", events);
            }
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                return self.last(kind, event, events);
            }
            "error" => {
                self.erred = true;
                return Err(reported(&event));
            }
            // Progress of what OpenAI runs itself, ends of parts that were told, and what is to come.
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, event: &mut Members, events: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.started, true) {
            let mut response = response(event);
            let name = response.get("id").and_then(Value::as_str);
            self.whole.answer = name.unwrap_or_default().to_owned();
            events.push(Event::Start {
                id: text(&mut response, "id"),
                model: text(&mut response, "model"),
            });
        }
    }

    /// Only the call of a function is told at its beginning: its arguments follow in pieces.
    fn added(&mut self, mut event: Members, events: &mut Vec<Event>) {
        let Some(mut item) = object(&mut event, "item") else {
            return;
        };
        if item.get("type").and_then(Value::as_str) != Some("function_call") {
            return;
        }
        let start = self.whole.begin(&mut item);
        let index = start.index;
        events.push(Event::ToolCall(start));
        if let Some(said) = self.of(&event) {
            said.call = Some(index);
        }
    }

    fn piece(&mut self, mut event: Members, tell: fn(String) -> Event, events: &mut Vec<Event>) {
        if let Some(said) = self.of(&event) {
            said.text = true;
        }
        events.extend(text(&mut event, "delta").map(tell));
    }

    fn arguments(&mut self, mut event: Members, member: &str, events: &mut Vec<Event>) {
        let Some(json) = text(&mut event, member) else { return };
        if let Some(said) = self.of(&event)
            && let Some(index) = said.call
        {
            said.arguments = true;
            events.push(Event::Arguments { index, json });
        }
    }

    fn last(&mut self, kind: &str, mut event: Members, events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        let response = response(&mut event);
        self.erred = false;
        self.report = report(&response).or(self.report.take());
        if kind == "response.failed" || kind == "response.cancelled" {
            return Err(reported(&response));
        }
        self.done = true;
        let reason = response
            .get("incomplete_details")
            .and_then(|details| details.get("reason"));
        let word = reason.and_then(Value::as_str).unwrap_or("completed");
        self.finish_reason = Some(word.to_owned());
        events.push(Event::Finish(self.whole.finish(&response)));
        Ok(())
    }
}

impl StreamReader for Reader {
    fn read(&mut self, frame: Frame<'_>, events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        let data = frame.data.trim_ascii();
        // Some services that speak this wire end it as they end a chat.
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        let mut event: Members = serde_json::from_slice(data).map_err(|_| ReadProblem::Malformed)?;
        let named = || {
            frame
                .name
                .and_then(|name| std::str::from_utf8(name).ok())
                .map(str::to_owned)
        };
        let kind = text(&mut event, "type").or_else(named).unwrap_or_default();
        if kind.is_empty() && event.get("error").is_some_and(|error| !error.is_null()) {
            return Err(reported(&event));
        }
        self.weigh(&kind, &event);
        self.hear(&kind, event, events)
    }

    fn is_complete(&self) -> bool {
        self.done
    }

    fn was_last(&self) -> bool {
        self.done
    }

    fn report(&self) -> Option<Report> {
        self.report.clone()
    }

    /// Only the last word counts something. Where that tells of a failure, more may have been written than was counted.
    fn counted(&self) -> Counted {
        match self.done && self.report.is_some() {
            true => Counted::All,
            false => Counted::Part,
        }
    }

    fn says_more(&self) -> bool {
        self.erred
    }

    fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }
}
