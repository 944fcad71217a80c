//! A whole answer that came where a stream was asked for: some servers pay no heed to `stream`. It is written as the stream that
//! its own wire makes of such an answer, and goes on like any other. Called by `call`; the way back is
//! [`super::speech::Speech::gather`].
//!
//! Nothing of an answer is lost on the way: what is known is cut into the events that clients wait for, what is not goes along
//! in the event that holds its whole. What is no answer becomes one event, for the wire's reader to say so.

mod messages;
mod responses;

use domain::catalog::Wire;
use serde_json::{Map, Value, json, value::RawValue};

use super::halves::Halves;

type Members = Map<String, Value>;

/// More is not written of an answer. What its events repeat of it, for each choice and each part, could make any size of a small one.
const MOST_WRITTEN: usize = 64 << 20;

/// The stream; nothing where the answer is no JSON, or would make too large a stream.
pub(crate) fn as_stream(wire: Wire, body: &[u8]) -> Option<Vec<u8>> {
    let body: &[u8] = &Halves::default().mended(body);
    let answer: &RawValue = serde_json::from_slice(body).ok()?;
    let mut out = Vec::with_capacity(body.len() * 2);
    match wire {
        Wire::OllamaChat | Wire::OllamaEmbed => line(answer, &mut out),
        Wire::GoogleGenerate | Wire::GoogleEmbed => google(answer, &mut out),
        Wire::OpenaiChat | Wire::OpenaiCompletions | Wire::OpenaiEmbeddings | Wire::OpenaiImages => {
            match read(answer, "choices") {
                Ok(answer) if wire == Wire::OpenaiChat => chat(answer, &mut out),
                Ok(answer) => completion(answer, &mut out),
                Err(other) => whole(&other, &mut out),
            }
        }
        Wire::AnthropicMessages => match read(answer, "content") {
            Ok(message) => messages::write(message, answer, &mut out),
            Err(other) => whole(&other, &mut out),
        },
        Wire::OpenaiResponses => match read(answer, "output") {
            Ok(response) => responses::write(&response, &mut out),
            Err(other) => whole(&other, &mut out),
        },
    }
    (!is_full(&out)).then_some(out)
}

/// So much was written that nothing comes of it any more.
fn is_full(out: &[u8]) -> bool {
    out.len() > MOST_WRITTEN
}

/// The answer's members where it has such a list, and no error; else what it is.
fn read(answer: &RawValue, list: &str) -> Result<Members, Value> {
    // What was JSON a moment ago is JSON, but for numbers beyond measure.
    match serde_json::from_str(answer.get()).unwrap_or_default() {
        Value::Object(answer) if has(&answer, list) => Ok(answer),
        other => Err(other),
    }
}

/// The JSON in one line. Between its words a line's end is as good as a space; within a text there is none.
fn line(json: &RawValue, out: &mut Vec<u8>) {
    let bytes = json.get().bytes();
    out.extend(bytes.map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    out.push(b'\n');
}

/// Gemini's whole answers have the shape of its events. Without `alt=sse` its stream is one list.
fn google(answer: &RawValue, out: &mut Vec<u8>) {
    let chunks: Vec<&RawValue> = match answer.get().starts_with('[') {
        true => serde_json::from_str(answer.get()).unwrap_or_default(),
        false => Vec::from([answer]),
    };
    for chunk in chunks {
        out.extend_from_slice(b"data: ");
        line(chunk, out);
        out.push(b'\n');
    }
}

/// What is no answer, as one event.
fn whole(other: &Value, out: &mut Vec<u8>) {
    event(other["type"].as_str(), other, out);
}

/// There is such a list, and no error.
fn has(answer: &Members, list: &str) -> bool {
    let errs = answer.get("error").is_some_and(|error| !error.is_null());
    !errs && answer.get(list).is_some_and(Value::is_array)
}

/// Takes a list out of an object, which has one.
fn list(object: &mut Members, name: &str) -> Vec<Value> {
    match object.get_mut(name).map(Value::take) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

fn event(name: Option<&str>, data: &Value, out: &mut Vec<u8>) {
    if let Some(name) = name.filter(|name| !name.contains(['\n', '\r'])) {
        out.extend_from_slice(format!("event: {name}\n").as_bytes());
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data.to_string().as_bytes());
    out.extend_from_slice(b"\n\n");
}

const DONE: &[u8] = b"data: [DONE]\n\n";

/// Chunks of a chat: each choice in one, its reason in another, what was counted in the last.
fn chat(mut answer: Members, out: &mut Vec<u8>) {
    let choices = list(&mut answer, "choices");
    // The hub always asks for usage, and OpenAI then writes a place for it in each chunk, empty but for the last.
    let usage = answer.shift_remove("usage").filter(Value::is_object);
    if usage.is_some() {
        answer.insert("usage".into(), Value::Null);
    }
    answer.insert("object".into(), "chat.completion.chunk".into());
    let mut chunk = |choices: Vec<Value>, usage: Option<Value>| {
        answer.insert("choices".into(), choices.into());
        if let Some(usage) = usage {
            answer.insert("usage".into(), usage);
        }
        event(None, &Value::Object(answer.clone()), out);
        is_full(out)
    };
    for (at, choice) in choices.into_iter().enumerate() {
        let Value::Object(mut choice) = choice else { continue };
        let index = choice.get("index").cloned().unwrap_or_else(|| at.into());
        if choice.contains_key("text") && !choice.contains_key("message") {
            // A legacy completion: goes on as such, for the wire's reader to say so.
            if chunk(vec![Value::Object(choice)], None) {
                return;
            }
            continue;
        }
        let reason = choice.insert("finish_reason".into(), Value::Null).unwrap_or_default();
        let mut delta = choice.shift_remove("message").unwrap_or_else(|| json!({}));
        let calls = delta.get_mut("tool_calls").and_then(Value::as_array_mut);
        for (at, call) in calls.into_iter().flatten().enumerate() {
            if let Value::Object(call) = call {
                call.entry("index").or_insert_with(|| at.into());
            }
        }
        choice.insert("index".into(), index.clone());
        choice.insert("delta".into(), delta);
        let end = json!({ "index": index, "delta": {}, "finish_reason": reason });
        if chunk(vec![Value::Object(choice)], None) || chunk(vec![end], None) {
            return;
        }
    }
    if usage.is_some() {
        chunk(Vec::new(), usage);
    }
    out.extend_from_slice(DONE);
}

/// A legacy completion streams objects like the whole one.
fn completion(mut answer: Members, out: &mut Vec<u8>) {
    let choices = list(&mut answer, "choices");
    let usage = answer.shift_remove("usage").filter(Value::is_object);
    for choice in choices {
        answer.insert("choices".into(), json!([choice]));
        event(None, &Value::Object(answer.clone()), out);
        if is_full(out) {
            return;
        }
    }
    if let Some(usage) = usage {
        answer.insert("choices".into(), json!([]));
        answer.insert("usage".into(), usage);
        event(None, &Value::Object(answer), out);
    }
    out.extend_from_slice(DONE);
}

#[cfg(test)]
mod tests;
