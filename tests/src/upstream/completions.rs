//! The fake's legacy `/v1/completions`: the prompt is what a person says to its chat. Members are those of `CreateCompletionRequest` of
//! openai-openapi. `serve` calls it.

use serde_json::{Map, Value, json};

use super::answer::{self, Answer, pieces};
use super::catalogue::Ability;
use super::check::fields::{decimal, given, integer, missing, switch, text, wrong_type};
use super::check::{self, Chat, Choice, Format};
use super::fault::Fault;
use super::frames::{Event, Kind};
use super::refusal::Refusal;

const KNOWN: [&str; 18] = [
    "model",
    "prompt",
    "best_of",
    "echo",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "n",
    "presence_penalty",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "suffix",
    "temperature",
    "top_p",
    "user",
];

/// Checks a request and turns it into a chat. Of several prompts each is a choice, and so the chat has the first alone.
///
/// # Errors
/// The refusal that OpenAI would send.
pub(crate) fn check(body: &Value) -> Result<Chat, Refusal> {
    let body = check::object(body)?;
    check::unknown(body, &KNOWN)?;
    let (model, ability) = check::model(body)?;
    if ability != Ability::Text && Fault::of_model(&model).is_none() {
        return Err(Refusal::invalid(
            "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?",
        )
        .param("model")
        .status(http::StatusCode::NOT_FOUND));
    }
    decimal(body, "temperature", 0.0, 2.0)?;
    decimal(body, "top_p", 0.0, 1.0)?;
    decimal(body, "presence_penalty", -2.0, 2.0)?;
    decimal(body, "frequency_penalty", -2.0, 2.0)?;
    integer(body, "logprobs", 0, 5)?;
    integer(body, "seed", i64::MIN, i64::MAX)?;
    switch(body, "echo")?;
    text(body, "suffix")?;
    text(body, "user")?;
    let n = integer(body, "n", 1, 128)?.unwrap_or(1);
    if integer(body, "best_of", 1, 20)?.is_some_and(|best| best < n) {
        return Err(
            Refusal::invalid("You requested that the server return more choices than it will generate.")
                .param("best_of"),
        );
    }
    // Without a word it is 16.
    let limit = integer(body, "max_tokens", 1, i64::MAX)?.unwrap_or(16);
    let stream = switch(body, "stream")?.unwrap_or(false);
    let include_usage = match given(body, "stream_options") {
        None => false,
        Some(_) if !stream => {
            return Err(
                Refusal::invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
                    .param("stream_options"),
            );
        }
        Some(Value::Object(options)) => switch(options, "include_usage")?.unwrap_or(false),
        Some(other) => return Err(wrong_type("stream_options", "an object", other)),
    };
    Ok(Chat {
        model,
        reasoning: false,
        stream,
        include_usage,
        obfuscation: false,
        n: u64::try_from(n).unwrap_or(1),
        limit: u64::try_from(limit).ok(),
        stop: stops(body)?,
        effort: None,
        tools: Vec::new(),
        choice: Choice::None,
        parallel: true,
        format: Format::Text,
        messages: vec![json!({ "role": "user", "content": prompt(body)? })],
    })
}

fn stops(body: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    match given(body, "stop") {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(list)) => Ok(list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()),
        Some(other) => Err(wrong_type("stop", "a string or an array of strings", other)),
    }
}

fn prompt(body: &Map<String, Value>) -> Result<String, Refusal> {
    match body.get("prompt") {
        None | Some(Value::Null) => Err(missing("prompt")),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(list)) => match list.first() {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(_) | Value::Array(_)) => Ok("tokens".to_owned()),
            _ => Err(wrong_type("prompt", "a string or an array", &Value::Null)),
        },
        Some(other) => Err(wrong_type("prompt", "a string or an array", other)),
    }
}

fn object(serial: u64, chat: &Chat, choices: &Value) -> Value {
    json!({
        "id": format!("cmpl-fake{serial:08}"),
        "object": "text_completion",
        "created": 1_760_000_000,
        "model": chat.model,
        "choices": choices,
    })
}

fn choice(index: usize, text: &str, finish: Option<&str>) -> Value {
    json!({ "text": text, "index": index, "logprobs": null, "finish_reason": finish })
}

/// The whole answer.
pub(crate) fn whole(serial: u64, chat: &Chat) -> Value {
    let answer = answer::answer(chat);
    let said = answer.parts.iter().enumerate();
    let choices = said.map(|(at, part)| choice(at, part.content.as_deref().unwrap_or_default(), Some(part.finish)));
    let mut whole = object(serial, chat, &choices.collect::<Value>());
    whole["usage"] = answer.usage.json();
    whole
}

/// The events of a stream.
pub(crate) fn events(serial: u64, chat: &Chat) -> Vec<Event> {
    let answer: Answer = answer::answer(chat);
    let mut events = Vec::new();
    let mut add = |kind, choices: Value, usage: Value| {
        let mut chunk = object(serial, chat, &choices);
        if chat.include_usage {
            chunk["usage"] = usage;
        }
        events.push(Event {
            kind,
            data: chunk.to_string(),
        });
    };
    for (at, part) in answer.parts.iter().enumerate() {
        for piece in pieces(part.content.as_deref().unwrap_or_default()) {
            add(Kind::Content, json!([choice(at, piece, None)]), Value::Null);
        }
        add(Kind::Finish, json!([choice(at, "", Some(part.finish))]), Value::Null);
    }
    if chat.include_usage {
        add(Kind::Usage, json!([]), answer.usage.json());
    }
    events.push(Event {
        kind: Kind::Done,
        data: "[DONE]".to_owned(),
    });
    events
}
