//! Chat completions: what each model says, and how that is written whole or as a stream.

use serde_json::{Value, json};

use super::{Incoming, request::Request, sample::sample, stream, whole};

/// A fixed moment, so that answers are the same every time.
const CREATED: i64 = 1_735_689_600;
/// Words of `text` and `slow` without a limit.
const PROSE_LENGTH: usize = 80;
/// Longest piece of a streamed text, in characters. Languages without spaces are streamed too.
const PIECE: usize = 12;
const PROSE: &str = "This text is simulated. No model wrote it, nobody pays for it, and it is the same every time. \
    It is here so that a stream can be watched, a timeout tried and a client tested without any provider. \
    When you have seen enough, connect a real provider in the console and choose one of its models. ";

/// What a model says.
enum Said {
    Text(Vec<String>),
    Tools(Vec<Call>),
}

struct Call {
    id: String,
    name: String,
    arguments: String,
}

pub(super) fn chat(request: &Request) -> Incoming {
    let (said, finish) = say(request);
    let tokens = match &said {
        Said::Text(pieces) => pieces.len(),
        Said::Tools(calls) => calls.len() * 4,
    } * request.choices;
    let prompt = request.prompt_tokens();
    let usage = json!({
        "prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens,
        "prompt_tokens_details": { "cached_tokens": 0 }, "completion_tokens_details": { "reasoning_tokens": 0 },
    });
    if request.stream {
        streamed(request, &said, finish, &usage)
    } else {
        complete(request, &said, finish, &usage)
    }
}

fn say(request: &Request) -> (Said, &'static str) {
    let last = request.last_text("user").unwrap_or_default();
    let text = match request.model.as_str() {
        "echo" => last,
        "json" => structured(&request.body["response_format"]),
        "tools" => match calls(request) {
            Ok(calls) => return (Said::Tools(calls), "tool_calls"),
            Err(text) => text,
        },
        _ => {
            let wished = request.length.unwrap_or(PROSE_LENGTH);
            let length = wished.min(request.limit.unwrap_or(wished));
            let cut = request.length.is_some() || length < wished;
            let words: Vec<String> = PROSE
                .split_inclusive(' ')
                .map(str::to_owned)
                .cycle()
                .take(length)
                .collect();
            return (Said::Text(words), if cut { "length" } else { "stop" });
        }
    };
    let mut pieces = pieces(&text);
    let cut = request.limit.is_some_and(|limit| limit < pieces.len());
    if let Some(limit) = request.limit {
        pieces.truncate(limit);
    }
    (Said::Text(pieces), if cut { "length" } else { "stop" })
}

/// The answer to `response_format`.
fn structured(format: &Value) -> String {
    match format["type"].as_str() {
        Some("json_schema") => sample(&format["json_schema"]["schema"]).to_string(),
        _ => json!({ "simulated": true }).to_string(),
    }
}

/// One call of every tool that may be called; or a text when there is nothing to call.
fn calls(request: &Request) -> Result<Vec<Call>, String> {
    if request.last_role() == Some("tool") {
        return Err(format!(
            "The tool answered (simulated): {}",
            request.last_text("tool").unwrap_or_default()
        ));
    }
    let choice = &request.body["tool_choice"];
    let wanted = choice["function"]["name"].as_str();
    let tools = request.body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    let calls: Vec<Call> = tools
        .iter()
        .filter_map(|tool| Some((tool["function"]["name"].as_str()?, &tool["function"]["parameters"])))
        .filter(|(name, _)| *choice != "none" && wanted.is_none_or(|wanted| wanted == *name))
        .enumerate()
        .map(|(index, (name, parameters))| {
            let arguments = if parameters.is_object() {
                sample(parameters)
            } else {
                json!({})
            };
            Call {
                id: format!("call_simulated_{:016x}_{index}", request.fingerprint),
                name: name.to_owned(),
                arguments: arguments.to_string(),
            }
        })
        .collect();
    if calls.is_empty() {
        Err("There is no tool to call (simulated).".to_owned())
    } else {
        Ok(calls)
    }
}

/// A text in pieces that join to the same text: words, and parts of long ones.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let letters: Vec<char> = word.chars().collect();
        pieces.extend(letters.chunks(PIECE).map(|piece| piece.iter().collect::<String>()));
    }
    pieces
}

fn frame(request: &Request, object: &str, choices: &Value) -> Value {
    json!({
        "id": format!("chatcmpl-simulated-{:016x}", request.fingerprint), "object": object, "created": CREATED,
        "model": request.model, "system_fingerprint": "simulated", "choices": choices,
    })
}

fn complete(request: &Request, said: &Said, finish: &str, usage: &Value) -> Incoming {
    let message = match said {
        Said::Text(pieces) => json!({ "role": "assistant", "content": pieces.concat(), "refusal": null }),
        Said::Tools(calls) => {
            let written = |call: &Call| json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } });
            json!({ "role": "assistant", "content": null, "refusal": null, "tool_calls": calls.iter().map(written).collect::<Vec<_>>() })
        }
    };
    let choice = |index| json!({ "index": index, "message": message, "logprobs": null, "finish_reason": finish });
    let mut answer = frame(request, "chat.completion", &(0..request.choices).map(choice).collect());
    answer["usage"] = usage.clone();
    whole(request, &answer)
}

fn streamed(request: &Request, said: &Said, finish: &str, usage: &Value) -> Incoming {
    let mut deltas = vec![
        json!({ "role": "assistant", "content": if matches!(said, Said::Text(_)) { json!("") } else { Value::Null } }),
    ];
    match said {
        Said::Text(pieces) => deltas.extend(pieces.iter().map(|piece| json!({ "content": piece }))),
        Said::Tools(calls) => deltas.extend(tool_deltas(calls)),
    }
    let chunk = |index: usize, delta: &Value, finish: Value| {
        let mut chunk = frame(
            request,
            "chat.completion.chunk",
            &json!([{ "index": index, "delta": delta, "logprobs": null, "finish_reason": finish }]),
        );
        if request.include_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    };
    let each_choice = |delta: &Value, finish: Value| -> Vec<Value> {
        (0..request.choices)
            .map(|index| chunk(index, delta, finish.clone()))
            .collect()
    };
    if request.model == "error-stream" {
        let mut events: Vec<Value> = deltas
            .iter()
            .take(4)
            .flat_map(|delta| each_choice(delta, Value::Null))
            .collect();
        events.push(json!({ "error": { "message": "This simulated model fails in the middle of its stream.", "type": "server_error", "param": null, "code": "simulated_failure" } }));
        return stream(request, events, false);
    }
    let mut events: Vec<Value> = deltas
        .iter()
        .flat_map(|delta| each_choice(delta, Value::Null))
        .collect();
    events.extend(each_choice(&json!({}), finish.into()));
    if request.include_usage {
        let mut last = frame(request, "chat.completion.chunk", &json!([]));
        last["usage"] = usage.clone();
        events.push(last);
    }
    stream(request, events, true)
}

/// Parallel calls: first every name, then the arguments in halves, call by call, as models interleave them.
fn tool_deltas(calls: &[Call]) -> Vec<Value> {
    let numbered = || calls.iter().enumerate();
    let begin = numbered().map(|(index, call)| {
        json!({ "tool_calls": [{ "index": index, "id": call.id, "type": "function", "function": { "name": call.name, "arguments": "" } }] })
    });
    let halves = (0..2).flat_map(|half| {
        numbered().map(move |(index, call)| {
            let letters: Vec<char> = call.arguments.chars().collect();
            let (before, after) = letters.split_at(letters.len() / 2);
            let piece: String = if half == 0 { before } else { after }.iter().collect();
            json!({ "tool_calls": [{ "index": index, "function": { "arguments": piece } }] })
        })
    });
    begin.chain(halves).collect()
}
