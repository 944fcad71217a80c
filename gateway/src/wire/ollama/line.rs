//! Reads one line of an answer, or all of it: both have the same shape, and lines of a stream hold what is new. Used by
//! `decode` and `listen`.

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use crate::wire::canonical::{Event, Finish, ReadProblem, ToolStart};

/// As it comes. Members that are not read are skipped.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default, borrow)]
    message: Option<Message<'a>>,
    #[serde(default)]
    done: Option<bool>,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default, borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    name: String,
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

/// The members that count something.
const COUNTERS: [&str; 6] = [
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
];

/// The counters of a line as an object; `None` when no tokens were counted.
pub(super) fn counters(data: &[u8]) -> Option<Vec<u8>> {
    let line: Map<String, Value> = serde_json::from_slice(data).ok()?;
    let counted = line.into_iter().filter(|(name, _)| COUNTERS.contains(&name.as_str()));
    let counted: Map<String, Value> = counted.collect();
    let has = |name| counted.get(name).is_some_and(|count| !count.is_null());
    if !has("prompt_eval_count") && !has("eval_count") {
        return None;
    }
    serde_json::to_vec(&counted).ok()
}

/// What an answer has said so far.
#[derive(Debug, Default)]
pub(super) struct State {
    started: bool,
    /// When the answer began, in the server's words; makes ids differ between answers.
    began: String,
    /// How many calls have begun.
    calls: usize,
    /// The line with `done` has been read.
    pub(super) done: bool,
    /// Why it ended, in Ollama's word.
    pub(super) finish_reason: Option<String>,
    /// The counters of the last line that has some.
    pub(super) usage: Option<Vec<u8>>,
    /// Bytes that the model wrote.
    pub(super) text_bytes: u64,
}

impl State {
    /// Reads a line.
    ///
    /// # Errors
    /// [`ReadProblem`].
    pub(super) fn read(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        let line: Line<'_> = serde_json::from_slice(data).map_err(|_| ReadProblem::Malformed)?;
        if line.error.is_some_and(|error| !error.is_null()) {
            let said = super::refusal::read(data);
            return Err(ReadProblem::Reported {
                message: said.message,
                code: said.code,
            });
        }
        if line.message.is_none() && line.done.is_none() {
            return Err(ReadProblem::Malformed);
        }
        if self.done {
            return Ok(());
        }
        if !std::mem::replace(&mut self.started, true) {
            self.began = line.created_at.unwrap_or_default();
            events.push(Event::Start {
                id: None,
                model: line.model,
            });
        }
        if let Some(message) = line.message {
            self.message(message, events);
        }
        if line.done == Some(true) {
            self.done = true;
            self.usage = counters(data);
            let reason = line.done_reason.filter(|reason| !reason.is_empty());
            let reason = reason.unwrap_or_else(|| "stop".to_owned());
            events.push(Event::Finish(finish(&reason, self.calls > 0)));
            self.finish_reason = Some(reason);
        }
        Ok(())
    }

    fn message(&mut self, message: Message<'_>, events: &mut Vec<Event>) {
        if let Some(thought) = message.thinking.filter(|thought| !thought.is_empty()) {
            self.text_bytes += thought.len() as u64;
            events.push(Event::Thought(thought));
        }
        if let Some(text) = message.content.filter(|text| !text.is_empty()) {
            self.text_bytes += text.len() as u64;
            events.push(Event::Text(text));
        }
        for call in message.tool_calls.into_iter().flatten() {
            let index = self.calls;
            self.calls += 1;
            let Function { name, arguments } = call.function;
            let json = arguments
                .map(RawValue::get)
                .filter(|json| *json != "null")
                .unwrap_or("{}");
            self.text_bytes += (name.len() + json.len()) as u64;
            let id = call.id.filter(|id| !id.is_empty());
            let id = id.unwrap_or_else(|| ToolStart::made_up_id(&self.began, index, &name, json));
            events.push(Event::ToolCall(ToolStart {
                index,
                id,
                name,
                signature: None,
            }));
            events.push(Event::Arguments {
                index,
                json: json.to_owned(),
            });
        }
    }
}

/// Ollama's `done_reason` in common words. A call of a tool ends with `stop`, too.
fn finish(reason: &str, called: bool) -> Finish {
    match reason {
        "stop" if called => Finish::ToolCalls,
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        other => Finish::Other(other.to_owned()),
    }
}
