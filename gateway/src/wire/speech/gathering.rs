//! A stream that came where a whole answer was asked for: some servers always stream. What its events say is gathered, and told
//! as a whole answer.

use bytes::Bytes;
use domain::catalog::{Quirks, Wire};
use serde_json::{Map, Value};

use super::{
    super::{
        canonical::{Answer, Counts, Event, Frame, Moment},
        halves::Halves,
        ndjson,
        openai::{self, request::MOST_CHOICES},
        sse::{self, Batch},
    },
    Content, Kept, Speech, Unheard,
    telling::Whole,
};

impl Speech {
    /// Hears a stream to its end as one answer. None of its events may be larger than `limit`.
    ///
    /// # Errors
    /// [`Unheard`]; also where the stream breaks off.
    pub fn gather(self, body: &Bytes, quirks: &Quirks, kept: &Kept, limit: usize) -> Result<Whole, Unheard> {
        let batches = self.cut(body, limit)?;
        if matches!(kept, Kept::Embedding { .. } | Kept::Pictures) || self.wire == Wire::OpenaiImages {
            return Err(Unheard::Malformed("it is a stream".to_owned()));
        }
        if self.passes() && self.wire == Wire::OpenaiCompletions {
            return completion(&batches, quirks);
        }
        let mut reader = self.reader(quirks);
        let (mut halves, mut events, mut last) = (Halves::default(), Vec::new(), Vec::new());
        for frame in batches.iter().flat_map(Batch::events) {
            let data = frame.data.as_deref().unwrap_or_default();
            if data.trim_ascii().is_empty() || reader.was_last() {
                continue;
            }
            let data = halves.mended(data);
            let frame = Frame {
                name: frame.name,
                data: &data,
            };
            reader.read(frame, &mut events)?;
            last = data.into_owned();
        }
        if !reader.is_complete() {
            return Err(Unheard::Malformed("it is a stream that breaks off".to_owned()));
        }
        let finish_reason = events.iter().rev().find_map(|event| match event {
            Event::Finish(finish) => Some(finish.word().to_owned()),
            _ => None,
        });
        let (content, defect) = match self.response_of(&last) {
            Some(response) => (Content::Instead(response), None),
            None => {
                kept.tools().put_back(&mut events);
                let (answer, defect) = Answer::judged(events);
                (Content::Chat(Box::new(answer)), defect)
            }
        };
        let report = reader.report();
        Ok(Whole {
            content,
            defect,
            counted: reader.counted().at_end(report.as_ref(), reader.text_bytes()),
            report,
            finish_reason,
            text_bytes: reader.text_bytes(),
            pictures: 0,
        })
    }

    fn cut(self, body: &Bytes, limit: usize) -> Result<[Batch; 2], Unheard> {
        let cut = match self.wire.sends_lines() {
            true => {
                let mut framer = ndjson::Framer::new(limit);
                framer.push(body).map(|batch| [batch, framer.finish()])
            }
            false => {
                let mut framer = sse::Framer::new(limit);
                framer.push(body.clone()).map(|batch| [batch, framer.finish()])
            }
        };
        cut.map_err(|large| Unheard::Malformed(large.to_string()))
    }

    /// Where both sides speak responses, the last event holds the whole answer as its provider tells it.
    fn response_of(self, last: &[u8]) -> Option<Bytes> {
        if !self.passes() || self.wire != Wire::OpenaiResponses {
            return None;
        }
        let mut event: Map<String, Value> = serde_json::from_slice(last).ok()?;
        let response = event.get_mut("response").map(Value::take).filter(Value::is_object)?;
        Some(response.to_string().into())
    }
}

/// A legacy completion: its texts put together, in the shape of its first chunk.
fn completion(batches: &[Batch], quirks: &Quirks) -> Result<Whole, Unheard> {
    let malformed = |words: &str| Unheard::Malformed(words.to_owned());
    let mut answer: Option<Map<String, Value>> = None;
    let (mut choices, mut usage) = (Vec::<Map<String, Value>>::new(), None);
    let (mut text_bytes, mut counts) = (0, Counts::default());
    for frame in batches.iter().flat_map(Batch::events) {
        let data = frame.data.as_deref().unwrap_or_default().trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            continue;
        }
        let mut chunk: Map<String, Value> =
            serde_json::from_slice(data).map_err(|_| malformed("an event of it is not JSON"))?;
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(openai::decode::reported(data).into());
        }
        let said = chunk.shift_remove("usage").filter(Value::is_object);
        let mut alone = true;
        if let Some(Value::Array(more)) = chunk.get_mut("choices").map(Value::take) {
            for choice in more {
                alone = false;
                text_bytes += grow(&mut choices, choice)
                    .ok_or_else(|| malformed("it has a choice whose number is none, or one of a chat"))?;
            }
        }
        if let Some(said) = said {
            let moment = Moment {
                bytes: text_bytes,
                ended: have_ended(&choices),
                of_one: !alone && choices.len() > 1,
            };
            counts.take(openai::usage::report(said.to_string().into_bytes(), quirks), moment);
            usage = Some(said);
        }
        answer.get_or_insert(chunk);
    }
    let mut answer = answer
        .filter(|_| have_ended(&choices))
        .ok_or_else(|| malformed("it is a stream that breaks off"))?;
    let finish_reason = choices
        .first()
        .and_then(|choice| word(choice, "finish_reason"))
        .map(str::to_owned);
    answer.insert("choices".into(), choices.into_iter().map(Value::Object).collect());
    if let Some(usage) = usage {
        answer.insert("usage".into(), usage);
    }
    let report = counts.report().cloned();
    Ok(Whole {
        content: Content::Instead(Value::Object(answer).to_string().into()),
        defect: None,
        counted: counts.counted(text_bytes).at_end(report.as_ref(), text_bytes),
        report,
        finish_reason,
        text_bytes,
        pictures: 0,
    })
}

fn have_ended(choices: &[Map<String, Value>]) -> bool {
    !choices.is_empty() && choices.iter().all(|choice| word(choice, "finish_reason").is_some())
}

fn word<'a>(choice: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    choice.get(name).and_then(Value::as_str)
}

/// Adds a piece of a choice to what came of it before, and gives the bytes of its text. None: its number is none that can have been
/// asked for.
fn grow(choices: &mut Vec<Map<String, Value>>, piece: Value) -> Option<u64> {
    let Value::Object(mut piece) = piece else {
        return Some(0);
    };
    let index = piece.get("index").cloned().unwrap_or_else(|| 0.into());
    index.as_u64().filter(|number| *number < MOST_CHOICES)?;
    let text = match piece.get_mut("text").map(Value::take) {
        Some(Value::String(text)) => text,
        // Of a chat, which nobody asked for.
        _ if piece.contains_key("delta") || piece.contains_key("message") => return None,
        _ => String::new(),
    };
    let bytes = text.len() as u64;
    let reason = piece.get("finish_reason").cloned().unwrap_or_default();
    let known = choices.iter_mut().find(|choice| choice.get("index") == Some(&index));
    let Some(choice) = known else {
        piece.insert("index".into(), index);
        piece.insert("text".into(), text.into());
        piece.insert("finish_reason".into(), reason);
        choices.push(piece);
        return Some(bytes);
    };
    // Of the first piece alone they would be taken for those of all.
    choice.shift_remove("logprobs");
    if let Some(Value::String(before)) = choice.get_mut("text") {
        before.push_str(&text);
    }
    if !reason.is_null() {
        choice.insert("finish_reason".into(), reason);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
