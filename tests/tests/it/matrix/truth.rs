//! What the provider itself counts for the bytes that it got: it is asked the same again, without the hub, and its answer is
//! read here by what each provider's documents say of its counters. Nothing of the hub's own reading is used.

use http::Method;
use serde_json::Value;
use tests::client::Call;
use tests::upstream::Record;

use super::hall::{Hall, PRICES};

/// Tokens by bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub input: i64,
    pub cached: i64,
    pub written: i64,
    /// For an hour.
    pub kept: i64,
    pub output: i64,
    pub reasoning: i64,
}

impl Counted {
    /// From the row of a call.
    pub fn of_row(row: &Value) -> Self {
        let of = |name: &str| row["usage"][name].as_i64().unwrap_or_default();
        Self {
            input: of("input_uncached") + of("input_image") + of("input_audio"),
            cached: of("cache_read"),
            written: of("cache_write_5m"),
            kept: of("cache_write_1h"),
            output: of("output_text"),
            reasoning: of("output_reasoning"),
        }
    }

    /// What it costs, in nano-USD.
    pub fn price(&self) -> i64 {
        let [input, cached, written, kept, output, reasoning] = PRICES.map(|(_, price)| price);
        1_000
            * (self.input * input
                + self.cached * cached
                + self.written * written
                + self.kept * kept
                + self.output * output
                + self.reasoning * reasoning)
    }
}

/// Asks the provider the same again: what it counts.
pub async fn of(hall: &Hall, record: &Record) -> Result<Counted, String> {
    let text = again(hall, record, |_| false).await?;
    read(&record.path, &frames(&text)).ok_or_else(|| format!("the provider counts nothing: {text}"))
}

/// Asks the provider the same again: its answer, as far as it comes or is `enough`.
pub async fn again(hall: &Hall, record: &Record, enough: impl Fn(&str) -> bool) -> Result<String, String> {
    let path = match &record.query {
        Some(query) => format!("{}?{query}", record.path),
        None => record.path.clone(),
    };
    let mut again = Call::new(hall.upstream.address(), Method::POST, &path).body(record.body.clone());
    for name in [
        "content-type",
        "authorization",
        "x-api-key",
        "anthropic-version",
        "x-goog-api-key",
        "accept",
    ] {
        if let Some(value) = record.header(name) {
            again = again.header(name, value);
        }
    }
    let mut answer = again.send().await.map_err(|error| error.to_string())?;
    let mut text = String::new();
    // An answer that breaks off is read as far as it goes.
    while let Ok(Some(piece)) = answer.chunk().await {
        text += &String::from_utf8_lossy(&piece);
        if enough(&text) {
            break;
        }
    }
    if answer.status == 200 {
        Ok(text)
    } else {
        Err(format!(
            "the provider refuses the same a second time: {} {text}",
            answer.status
        ))
    }
}

/// What an answer consists of, whole or streamed.
pub fn frames(text: &str) -> Vec<Value> {
    match serde_json::from_str(text) {
        // Gemini's stream without `alt=sse` is one list.
        Ok(Value::Array(chunks)) => chunks,
        Ok(whole) => vec![whole],
        Err(_) => text
            .lines()
            .map(|line| line.strip_prefix("data:").unwrap_or(line))
            .filter_map(|line| serde_json::from_str(line.trim()).ok())
            .collect(),
    }
}

/// What a provider asked under this path counts in these frames, if it does.
pub fn read(path: &str, frames: &[Value]) -> Option<Counted> {
    match path {
        "/v1/chat/completions" => chat(frames),
        "/v1/responses" => responses(frames),
        "/v1/messages" => messages(frames),
        "/api/chat" => ollama(frames),
        _ => gemini(frames),
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

fn chat(frames: &[Value]) -> Option<Counted> {
    let usage = frames
        .iter()
        .rev()
        .map(|frame| &frame["usage"])
        .find(|usage| usage.is_object())?;
    let cached = number(&usage["prompt_tokens_details"]["cached_tokens"]);
    let reasoning = number(&usage["completion_tokens_details"]["reasoning_tokens"]);
    Some(Counted {
        input: number(&usage["prompt_tokens"]) - cached,
        cached,
        output: number(&usage["completion_tokens"]) - reasoning,
        reasoning,
        ..Counted::default()
    })
}

fn responses(frames: &[Value]) -> Option<Counted> {
    let of = |frame: &Value| match frame["response"]["usage"].is_object() {
        true => frame["response"]["usage"].clone(),
        false => frame["usage"].clone(),
    };
    let usage = frames.iter().rev().map(of).find(Value::is_object)?;
    let cached = number(&usage["input_tokens_details"]["cached_tokens"]);
    let reasoning = number(&usage["output_tokens_details"]["reasoning_tokens"]);
    Some(Counted {
        input: number(&usage["input_tokens"]) - cached,
        cached,
        output: number(&usage["output_tokens"]) - reasoning,
        reasoning,
        ..Counted::default()
    })
}

/// Counters are cumulative: the last word of each counts.
fn messages(frames: &[Value]) -> Option<Counted> {
    let mut last = serde_json::Map::new();
    for frame in frames {
        for usage in [&frame["usage"], &frame["message"]["usage"]] {
            let members = usage.as_object().into_iter().flatten();
            last.extend(
                members
                    .filter(|(_, value)| !value.is_null())
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
    }
    let of = |name: &str| last.get(name).map(number).unwrap_or_default();
    let hour = last
        .get("cache_creation")
        .map_or(0, |details| number(&details["ephemeral_1h_input_tokens"]));
    let reasoning = last
        .get("output_tokens_details")
        .map_or(0, |details| number(&details["thinking_tokens"]));
    (!last.is_empty()).then(|| Counted {
        input: of("input_tokens"),
        cached: of("cache_read_input_tokens"),
        written: of("cache_creation_input_tokens") - hour,
        kept: hour,
        output: of("output_tokens") - reasoning,
        reasoning,
    })
}

/// Thoughts are not among the candidates' tokens; what is cached is part of the prompt's.
fn gemini(frames: &[Value]) -> Option<Counted> {
    let usage = frames
        .iter()
        .rev()
        .map(|frame| &frame["usageMetadata"])
        .find(|usage| usage.is_object())?;
    let cached = number(&usage["cachedContentTokenCount"]);
    Some(Counted {
        input: number(&usage["promptTokenCount"]) + number(&usage["toolUsePromptTokenCount"]) - cached,
        cached,
        output: number(&usage["candidatesTokenCount"]),
        reasoning: number(&usage["thoughtsTokenCount"]),
        ..Counted::default()
    })
}

fn ollama(frames: &[Value]) -> Option<Counted> {
    let last = frames.iter().rev().find(|frame| frame["eval_count"].is_i64())?;
    Some(Counted {
        input: number(&last["prompt_eval_count"]),
        output: number(&last["eval_count"]),
        ..Counted::default()
    })
}
