//! What a stream says, in no dialect's words, and how it is cut into events.

use serde_json::Value;

/// A call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: String,
    /// The tool.
    pub name: String,
    /// JSON as text.
    pub arguments: String,
}

/// What a well-formed stream said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Its text.
    pub text: String,
    /// What was thought, or a summary of it.
    pub thoughts: String,
    /// The words with which it declines.
    pub refusal: String,
    /// Calls of tools, in order.
    pub calls: Vec<Call>,
    /// Why it ended, in the dialect's word.
    pub finish: Option<String>,
    /// What was counted, in the dialect's form.
    pub usage: Option<Value>,
    /// The error with which it ended instead.
    pub error: Option<Value>,
}

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its data.
    pub data: String,
}

/// Cuts a stream into its events. Comments are left out.
///
/// # Errors
/// The last event does not end, or a line is none of the three kinds that the hub writes.
pub fn events(stream: &str) -> Result<Vec<Event>, String> {
    let mut events = Vec::new();
    let (mut name, mut data) = (None, None::<String>);
    for line in stream.split_inclusive('\n') {
        let line = line
            .strip_suffix('\n')
            .ok_or_else(|| format!("the last line does not end: {line}"))?;
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            if let Some(data) = data.take() {
                events.push(Event {
                    name: name.take(),
                    data,
                });
            }
        } else if let Some(text) = line.strip_prefix("event:") {
            name = Some(text.strip_prefix(' ').unwrap_or(text).to_owned());
        } else if let Some(text) = line.strip_prefix("data:") {
            let text = text.strip_prefix(' ').unwrap_or(text);
            match &mut data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(text);
                }
                None => data = Some(text.to_owned()),
            }
        } else if !line.starts_with(':') {
            return Err(format!("a line that is none of an event: {line}"));
        }
    }
    match data {
        None => Ok(events),
        Some(data) => Err(format!("the last event does not end: {data}")),
    }
}

/// Fails with a sentence unless a rule holds.
///
/// # Errors
/// It does not.
pub fn must(holds: bool, rule: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(rule.into()) }
}

/// The arguments of a call are JSON.
#[must_use]
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}
