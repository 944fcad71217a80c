//! Chat completions: what each model says, and how that is written whole or as a stream.

use serde_json::{Value, json};

use super::{
    Incoming, refused,
    request::{Request, WORDS},
    sample::{Budget, sample},
    stream, whole,
};

/// A fixed moment, so that answers are the same every time.
const CREATED: i64 = 1_735_689_600;
/// Words of `text` and `slow` without a limit.
const PROSE_LENGTH: usize = 80;
/// Longest piece of a streamed text, in characters. Languages without spaces are streamed too.
const PIECE: usize = 12;
/// Most tools of a request, as OpenAI's.
const TOOLS: usize = 128;
/// Several choices take no more than this together, in bytes. One alone is as long as what it repeats.
const CHOICES: usize = 8 << 20;
const PROSE: &str = "This text is simulated. No model wrote it, nobody pays for it, and it is the same every time. \
    It is here so that a stream can be watched, a timeout tried and a client tested without any provider. \
    When you have seen enough, connect a real provider in the console and choose one of its models. ";

/// What a model says.
enum Said {
    Text { pieces: Vec<String>, tokens: usize },
    Tools(Vec<Call>),
}

impl Said {
    /// Tokens and bytes of a choice.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Text { pieces, tokens } => (*tokens, pieces.iter().map(String::len).sum()),
            Self::Tools(calls) => (
                calls.len() * 4,
                calls.iter().map(|call| call.name.len() + call.arguments.len()).sum(),
            ),
        }
    }
}

struct Call {
    id: String,
    name: String,
    arguments: String,
}

pub(super) fn chat(request: &Request) -> Incoming {
    if request.body["tools"]
        .as_array()
        .is_some_and(|tools| tools.len() > TOOLS)
    {
        return refused("'tools' must be a list of at most 128 tools.");
    }
    let (said, finish) = say(request);
    let (tokens, bytes) = said.size();
    if request.choices > 1 && bytes.saturating_mul(request.choices) > CHOICES {
        return refused("This simulated answer would be too long: wish for one choice ('n').");
    }
    let tokens = tokens * request.choices;
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
            let words = PROSE.split_inclusive(' ').cycle();
            return (spoken(words, length, request), if cut { "length" } else { "stop" });
        }
    };
    let all = pieces(&text).count();
    let length = all.min(request.limit.unwrap_or(all));
    (
        spoken(pieces(&text), length, request),
        if length < all { "length" } else { "stop" },
    )
}

/// So many of these pieces. Where they would be too many events, each event has several.
fn spoken<'a>(pieces: impl Iterator<Item = &'a str>, length: usize, request: &Request) -> Said {
    let together = (length * request.choices).div_ceil(WORDS).max(1);
    let mut joined: Vec<String> = Vec::with_capacity(length.div_ceil(together));
    for (index, piece) in pieces.take(length).enumerate() {
        match joined.last_mut() {
            Some(last) if index % together != 0 => last.push_str(piece),
            _ => joined.push(piece.to_owned()),
        }
    }
    Said::Text {
        pieces: joined,
        tokens: length,
    }
}

/// The answer to `response_format`.
fn structured(format: &Value) -> String {
    match format["type"].as_str() {
        Some("json_schema") => sample(&format["json_schema"]["schema"], &mut Budget::new()).to_string(),
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
    let mut budget = Budget::new();
    let calls: Vec<Call> = tools
        .iter()
        .filter_map(|tool| Some((tool["function"]["name"].as_str()?, &tool["function"]["parameters"])))
        .filter(|(name, _)| *choice != "none" && wanted.is_none_or(|wanted| wanted == *name))
        .enumerate()
        .map(|(index, (name, parameters))| {
            let arguments = if parameters.is_object() {
                sample(parameters, &mut budget)
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
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(char::is_whitespace).flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let end = rest.char_indices().nth(PIECE).map_or(rest.len(), |(at, _)| at);
            let (piece, after) = rest.split_at(end);
            rest = after;
            (!piece.is_empty()).then_some(piece)
        })
    })
}

fn frame(request: &Request, object: &str, choices: &Value) -> Value {
    json!({
        "id": format!("chatcmpl-simulated-{:016x}", request.fingerprint), "object": object, "created": CREATED,
        "model": request.model, "system_fingerprint": "simulated", "choices": choices,
    })
}

fn complete(request: &Request, said: &Said, finish: &str, usage: &Value) -> Incoming {
    let message = match said {
        Said::Text { pieces, .. } => json!({ "role": "assistant", "content": pieces.concat(), "refusal": null }),
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
        json!({ "role": "assistant", "content": if matches!(said, Said::Text { .. }) { json!("") } else { Value::Null } }),
    ];
    match said {
        Said::Text { pieces, .. } => deltas.extend(pieces.iter().map(|piece| json!({ "content": piece }))),
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
    let each_choice = |delta: Value, finish: Value| -> Vec<Value> {
        (0..request.choices)
            .map(|index| chunk(index, &delta, finish.clone()))
            .collect()
    };
    if request.model == "error-stream" {
        let events = deltas
            .into_iter()
            .take(4)
            .flat_map(|delta| each_choice(delta, Value::Null));
        let error = json!({ "error": { "message": "This simulated model fails in the middle of its stream.", "type": "server_error", "param": null, "code": "simulated_failure" } });
        return stream(request, events.chain([error]), false);
    }
    let events = deltas
        .into_iter()
        .flat_map(|delta| each_choice(delta, Value::Null))
        .chain(each_choice(json!({}), finish.into()));
    let counted = request.include_usage.then(|| {
        let mut last = frame(request, "chat.completion.chunk", &json!([]));
        last["usage"] = usage.clone();
        last
    });
    stream(request, events.chain(counted), true)
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
