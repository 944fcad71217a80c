//! Reads whole answers. Called by `call` for clients that do not stream; also for those that get the bytes as they came, for
//! what the call used and why it ended.

use super::{
    super::{
        canonical::{Event, ReadProblem, Report},
        json::{self, Value},
    },
    block::Blocks,
    refusal, stop, usage,
};

/// What an answer says, and what was counted.
///
/// # Errors
/// [`ReadProblem`] when it is no answer of this wire, or an error in spite of its status.
pub(crate) fn answer(body: &[u8]) -> Result<(Vec<Event>, Option<Report>), ReadProblem> {
    std::str::from_utf8(body).map_err(|_| ReadProblem::Malformed)?;
    let (mut kind, mut content, mut counted, mut error) = (None, None, None, None);
    let (mut id, mut model, mut reason, mut sequence) = (None, None, None, None);
    json::read_object(body, |member| match &*member.name {
        "type" => kind = member.value.as_str(),
        "content" => content = Some(member.value),
        "usage" => counted = Some(member.value).filter(Value::is_object),
        "error" => error = Some(member.value).filter(|error| !error.is_null()),
        "id" => id = member.value.as_str(),
        "model" => model = member.value.as_str(),
        "stop_reason" => reason = member.value.as_str(),
        "stop_sequence" => sequence = member.value.as_str(),
        _ => {}
    })
    .map_err(|_| ReadProblem::Malformed)?;
    if kind.as_deref() == Some("error") || error.is_some() {
        let said = refusal::read(body);
        return Err(ReadProblem::Reported {
            message: said.message,
            code: said.code,
        });
    }
    let Some(content) = content.filter(|content| content.raw().starts_with(b"[")) else {
        return Err(ReadProblem::Malformed);
    };
    let name = id.as_deref().unwrap_or_default().to_owned();
    let mut events = vec![Event::Start {
        id: id.map(std::borrow::Cow::into_owned),
        model: model.map(std::borrow::Cow::into_owned),
    }];
    let mut blocks = Blocks::of(name);
    content.elements(|block| {
        // Each ends before the next begins, so never are there too many.
        let _ = blocks.begin(0, &block, &mut events);
        blocks.end(0, &mut events);
    });
    if let Some(reason) = reason {
        events.push(Event::Finish(stop::read(&reason, sequence.as_deref())));
    }
    let report = counted.map(|counted| report(counted.raw().to_vec()));
    Ok((events, report))
}

/// A usage object and what it comes to.
pub(super) fn report(raw: Vec<u8>) -> Report {
    let usage = usage::normalise(&raw).map_err(|nonsense| nonsense.to_string());
    Report { raw, usage }
}

#[cfg(test)]
mod tests;
