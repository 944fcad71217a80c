//! Reads streamed answers, frame by frame. Called by `call`; where bytes pass, only for what is counted and why it ends.

use std::borrow::Cow;

use serde_json::Map;

use super::{
    super::{
        canonical::{Counted, Event, Frame, ReadProblem, Report, StreamReader},
        json::{self, Value},
    },
    block::Blocks,
    decode, refusal, stop, usage,
};

/// More members than any report has; what comes beyond is not kept.
const MOST_MEMBERS: usize = 64;

/// What a stream has said so far.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    blocks: Blocks,
    counted: Map<String, serde_json::Value>,
    reason: Option<String>,
    /// So many bytes had been written when the output was counted at the end of the answer. `message_start` only has a placeholder for it.
    counted_at: Option<u64>,
    complete: bool,
    last: bool,
}

/// The members of a frame that mean something.
#[derive(Default)]
struct Members<'a> {
    kind: Option<Cow<'a, str>>,
    index: u64,
    message: Option<Value<'a>>,
    block: Option<Value<'a>>,
    delta: Option<Value<'a>>,
    usage: Option<Value<'a>>,
}

impl Reader {
    fn start(&mut self, message: &Value<'_>, events: &mut Vec<Event>) {
        let (mut id, mut model, mut counted) = (None, None, None);
        message.members(|member| match &*member.name {
            "id" => id = member.value.as_str().map(Cow::into_owned),
            "model" => model = member.value.as_str().map(Cow::into_owned),
            "usage" => counted = Some(member.value),
            _ => {}
        });
        self.count(counted.as_ref());
        self.blocks.answer = id.clone().unwrap_or_default();
        events.push(Event::Start { id, model });
    }

    fn finish(&mut self, delta: &Value<'_>, events: &mut Vec<Event>) {
        let word = |name: &str| delta.member(name).and_then(|value| value.as_str());
        if let Some(reason) = word("stop_reason") {
            events.push(Event::Finish(stop::read(&reason, word("stop_sequence").as_deref())));
            self.reason = Some(reason.into_owned());
        }
    }

    fn count(&mut self, counted: Option<&Value<'_>>) {
        let tree = counted.and_then(|counted| serde_json::from_slice(counted.raw()).ok());
        if let Some(serde_json::Value::Object(later)) = tree {
            usage::merge(&mut self.counted, later);
            while self.counted.len() > MOST_MEMBERS {
                self.counted.pop_last();
            }
        }
    }
}

/// Pops the member that came last.
trait PopLast {
    fn pop_last(&mut self);
}

impl PopLast for Map<String, serde_json::Value> {
    fn pop_last(&mut self) {
        if let Some(name) = self.keys().next_back().cloned() {
            self.shift_remove(&name);
        }
    }
}

impl StreamReader for Reader {
    fn read(&mut self, frame: Frame<'_>, events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        self.last = false;
        let data = frame.data.trim_ascii();
        if data.is_empty() {
            return Ok(());
        }
        std::str::from_utf8(data).map_err(|_| ReadProblem::Malformed)?;
        let mut members = Members::default();
        json::read_object(data, |member| match &*member.name {
            "type" => members.kind = member.value.as_str(),
            "index" => members.index = member.value.as_u64().unwrap_or_default(),
            "message" => members.message = Some(member.value).filter(Value::is_object),
            "content_block" => members.block = Some(member.value),
            "delta" => members.delta = Some(member.value),
            "usage" => members.usage = Some(member.value),
            _ => {}
        })
        .map_err(|_| ReadProblem::Malformed)?;
        let named = frame.name.and_then(|name| std::str::from_utf8(name).ok());
        let kind = members.kind.as_deref().or(named).unwrap_or_default();
        match (kind, members.message, members.block, members.delta) {
            ("message_start", Some(message), ..) => self.start(&message, events),
            ("content_block_start", _, Some(block), _) => self
                .blocks
                .begin(members.index, &block, events)
                .map_err(|_| ReadProblem::Malformed)?,
            ("content_block_delta", _, _, Some(delta)) => self.blocks.grow(members.index, &delta, events),
            ("content_block_stop", ..) => self.blocks.end(members.index, events),
            ("message_delta", _, _, delta) => {
                self.count(members.usage.as_ref());
                if let Some(delta) = delta {
                    self.finish(&delta, events);
                }
                let counted = members.usage.and_then(|usage| usage.member("output_tokens"));
                if self.reason.is_some() && counted.is_some() {
                    self.counted_at = Some(self.blocks.text_bytes);
                }
            }
            ("message_stop", ..) => (self.complete, self.last) = (true, true),
            ("error", ..) => {
                let said = refusal::read(data);
                return Err(ReadProblem::Reported {
                    message: said.message,
                    code: said.code,
                });
            }
            ("message_start" | "content_block_start" | "content_block_delta", ..) => {
                return Err(ReadProblem::Malformed);
            }
            // Pings, and whatever is added to the wire one day.
            _ => {}
        }
        Ok(())
    }

    /// With the reason of its end an answer is whole, whether `message_stop` follows or not.
    fn is_complete(&self) -> bool {
        self.complete || self.reason.is_some()
    }

    fn was_last(&self) -> bool {
        self.last
    }

    fn report(&self) -> Option<Report> {
        let raw = serde_json::to_vec(&self.counted).ok()?;
        (!self.counted.is_empty()).then(|| decode::report(raw))
    }

    fn counted(&self) -> Counted {
        match self.counted_at {
            None => Counted::Part,
            Some(bytes) if bytes < self.blocks.text_bytes => Counted::UpTo(bytes),
            Some(_) => Counted::All,
        }
    }

    fn text_bytes(&self) -> u64 {
        self.blocks.text_bytes
    }

    fn finish_reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

#[cfg(test)]
mod tests;
