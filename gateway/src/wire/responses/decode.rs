//! Reads a whole answer of a provider into events. Where both sides speak this dialect its bytes pass, and this is read for the
//! log.

use super::pieces::{Members, Said, Whole, object, report, reported, text};
use crate::wire::{
    canonical::{Event, ReadProblem, Report},
    weight,
};
use serde_json::Value;

/// What the answer says, and what it counted.
///
/// # Errors
/// [`ReadProblem`]; also for an answer that failed, was cancelled or is not there yet.
pub fn answer(body: &[u8]) -> Result<(Vec<Event>, Option<Report>), ReadProblem> {
    let mut answer: Members = serde_json::from_slice(body).map_err(|_| ReadProblem::Malformed)?;
    let failed = matches!(
        answer.get("status").and_then(Value::as_str),
        Some("failed" | "cancelled")
    );
    if failed || answer.get("error").is_some_and(|error| !error.is_null()) {
        return Err(reported(&answer));
    }
    // Nobody asked for it to be made later, and nobody could fetch it here.
    if let Some(status @ ("queued" | "in_progress")) = answer.get("status").and_then(Value::as_str) {
        return Err(ReadProblem::Reported {
            message: format!("The provider has not answered yet: the response is '{status}'."),
            code: String::new(),
        });
    }
    let report = report(&answer);
    let Some(Value::Array(output)) = answer.get_mut("output").map(Value::take) else {
        return Err(ReadProblem::Malformed);
    };
    let mut whole = Whole {
        answer: answer.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        ..Whole::default()
    };
    let mut events = Vec::from([Event::Start {
        id: text(&mut answer, "id"),
        model: text(&mut answer, "model"),
    }]);
    for item in output {
        if let Value::Object(item) = item {
            whole.item(item, Said::default(), &mut events);
        }
    }
    events.push(Event::Finish(whole.finish(&answer)));
    Ok((events, report))
}

/// The response within an event of a stream.
pub(super) fn response(event: &mut Members) -> Members {
    object(event, "response").unwrap_or_default()
}

/// Bytes of what the model wrote in all items of an answer.
pub(super) fn weight_of(response: &Members) -> u64 {
    let output = response.get("output").and_then(Value::as_array);
    let items = output.into_iter().flatten().filter_map(Value::as_object);
    items.map(weight::of_item).sum()
}

/// The same of a whole answer's body. Nothing of a body that is none.
pub(in crate::wire) fn text_bytes(body: &[u8]) -> u64 {
    serde_json::from_slice::<Members>(body).map_or(0, |answer| weight_of(&answer))
}
