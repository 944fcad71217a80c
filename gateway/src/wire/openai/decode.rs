//! Reads a whole chat answer of a provider into events. Called by `call` when the client's dialect is another one.

use domain::catalog::Quirks;
use serde_json::{Map, Value};

use super::{error, pieces::Pieces, usage};
use crate::wire::{
    canonical::{Event, ReadProblem, Report},
    json,
};

/// What the answer says, and what it counted. Only the first choice is read.
///
/// # Errors
/// [`ReadProblem`].
pub fn answer(body: &[u8], quirks: &Quirks) -> Result<(Vec<Event>, Option<Report>), ReadProblem> {
    let mut answer: Map<String, Value> = serde_json::from_slice(body).map_err(|_| ReadProblem::Malformed)?;
    if answer.get("error").is_some_and(|error| !error.is_null()) {
        return Err(reported(body));
    }
    let mut pieces = Pieces::of(name(&answer));
    let mut events = Vec::from([start(&mut answer)]);
    let Some(Value::Array(mut choices)) = answer.get_mut("choices").map(Value::take) else {
        return Err(ReadProblem::Malformed);
    };
    if let Some(Value::Object(choice)) = choices.first_mut() {
        // Nor is a legacy completion, whose text would be lost.
        match choice.get_mut("message") {
            Some(Value::Object(message)) => pieces.hear(message, &mut events),
            _ => return Err(ReadProblem::Malformed),
        }
        if let Some(word) = choice.get("finish_reason").and_then(Value::as_str) {
            events.push(Event::Finish(pieces.finish(word)));
        }
    }
    Ok((events, report(&answer, quirks)))
}

/// What tells an answer from others: its name, and when it was made.
pub(super) fn name(answer: &Map<String, Value>) -> String {
    let id = answer.get("id").and_then(Value::as_str).unwrap_or_default();
    let created = answer.get("created").map(Value::to_string).unwrap_or_default();
    format!("{id} {created}")
}

/// The beginning of an answer, or of a stream.
pub(super) fn start(answer: &mut Map<String, Value>) -> Event {
    let mut word = |name: &str| match answer.get_mut(name).map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    Event::Start {
        id: word("id"),
        model: word("model"),
    }
}

/// The error that stands in an answer or a frame.
pub(in crate::wire) fn reported(text: &[u8]) -> ReadProblem {
    let said = json::read(text).ok().and_then(|whole| error::read_value(&whole));
    let said = said.unwrap_or_default();
    ReadProblem::Reported {
        message: said.message,
        code: said.code,
    }
}

/// The usage object of an answer or a chunk; Groq keeps it in a member of its own.
pub(super) fn report(answer: &Map<String, Value>, quirks: &Quirks) -> Option<Report> {
    let groq = || answer.get("x_groq").and_then(|groq| groq.get("usage"));
    let usage = answer.get("usage").filter(|usage| usage.is_object());
    let usage = usage.or_else(groq).filter(|usage| usage.is_object())?;
    let raw = usage.to_string().into_bytes();
    let usage = usage::normalise(&raw, quirks).map_err(|nonsense| nonsense.to_string());
    Some(Report { raw, usage })
}
