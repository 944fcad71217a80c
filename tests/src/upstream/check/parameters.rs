//! The numbers and switches of a chat request, with the ranges of `CreateModelResponseProperties` and
//! `CreateChatCompletionRequest` (openai-openapi), and what reasoning models do not take.

use serde_json::{Map, Value};

use super::fields::{decimal, given, integer, switch, text, text_up_to, unsupported, wrong_type};
use crate::upstream::refusal::Refusal;

/// What the answer needs of them.
pub(super) struct Parameters {
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    pub(super) obfuscation: bool,
    pub(super) n: u64,
    pub(super) limit: Option<u64>,
    pub(super) stop: Vec<String>,
    pub(super) effort: Option<String>,
}

pub(super) fn check(body: &Map<String, Value>, reasoning: bool) -> Result<Parameters, Refusal> {
    let temperature = decimal(body, "temperature", 0.0, 2.0)?;
    let top_p = decimal(body, "top_p", 0.0, 1.0)?;
    decimal(body, "presence_penalty", -2.0, 2.0)?;
    decimal(body, "frequency_penalty", -2.0, 2.0)?;
    integer(body, "seed", i64::MIN, i64::MAX)?;
    let n = integer(body, "n", 1, 128)?.unwrap_or(1);
    let max_tokens = integer(body, "max_tokens", 1, i64::MAX)?;
    let max_completion = integer(body, "max_completion_tokens", 1, i64::MAX)?;
    if max_tokens.is_some() && max_completion.is_some() {
        return Err(Refusal::invalid(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        )
        .param("max_tokens")
        .code("invalid_parameter_combination"));
    }
    let logprobs = switch(body, "logprobs")?.unwrap_or(false);
    if integer(body, "top_logprobs", 0, 20)?.is_some() && !logprobs {
        return Err(Refusal::invalid(
            "Invalid value for 'top_logprobs': 'top_logprobs' is only allowed when 'logprobs' is set to true.",
        )
        .param("top_logprobs"));
    }
    // <https://github.com/maximhq/bifrost/pull/1000>
    for name in ["user", "safety_identifier", "prompt_cache_key"] {
        text_up_to(body, name, 64)?;
    }
    switch(body, "store")?;
    one_of(
        body,
        "service_tier",
        &["auto", "default", "flex", "scale", "priority", "fast"],
    )?;
    one_of(body, "verbosity", &["low", "medium", "high"])?;
    let effort = one_of(
        body,
        "reasoning_effort",
        &["none", "minimal", "low", "medium", "high", "xhigh", "max"],
    )?;
    if reasoning {
        // GPT-5.1 thinks only where it is told to, and takes sampling where it does not.
        let rests = body.get("model").is_some_and(|model| model == "gpt-5.1")
            && matches!(effort.as_deref(), None | Some("none"));
        refuse_for_reasoning(max_tokens, temperature.filter(|_| !rests), top_p.filter(|_| !rests))?;
    } else if effort.is_some() {
        return Err(Refusal::invalid(
            "Unrecognized request argument supplied: reasoning_effort",
        ));
    }
    let stream = switch(body, "stream")?.unwrap_or(false);
    let (include_usage, obfuscation) = stream_options(body, stream)?;
    Ok(Parameters {
        stream,
        include_usage,
        obfuscation,
        n: n.unsigned_abs(),
        limit: max_completion.or(max_tokens).map(i64::unsigned_abs),
        stop: stop(body)?,
        effort,
    })
}

/// What this model knows of the words for how hard to think (`ReasoningEffort` of openai-openapi, December 2025: "The supported reasoning
/// values for `gpt-5.1` are `none`, `low`, `medium`, and `high`. All models before `gpt-5.1` […] do not support `none`";
/// `minimal` came with GPT-5), and whether it may be told how many tools to call at once
/// (<https://github.com/run-llama/llama_index/issues/20865>).
pub(super) fn known_to(body: &Map<String, Value>, model: &str) -> Result<(), Refusal> {
    let of_o = model.starts_with('o');
    if of_o && given(body, "parallel_tool_calls").is_some() {
        return Err(
            Refusal::invalid("Unsupported parameter: 'parallel_tool_calls' is not supported with this model.")
                .param("parallel_tool_calls")
                .code("unsupported_parameter"),
        );
    }
    match text(body, "reasoning_effort")? {
        Some(word) => effort(model, word, "reasoning_effort"),
        None => Ok(()),
    }
}

/// Refuses a word that this model does not know.
pub(crate) fn effort(model: &str, word: &str, place: &str) -> Result<(), Refusal> {
    let known: &[&str] = if model.starts_with('o') {
        &["low", "medium", "high"]
    } else if model.starts_with("gpt-5.1") {
        &["none", "low", "medium", "high"]
    } else if model.starts_with("gpt-5") {
        &["minimal", "low", "medium", "high"]
    } else {
        return Ok(());
    };
    if known.contains(&word) {
        return Ok(());
    }
    let quoted: Vec<String> = known.iter().map(|word| format!("'{word}'")).collect();
    let list = match quoted.as_slice() {
        [others @ .., last] => format!("{}, and {last}", others.join(", ")),
        [] => String::new(),
    };
    Err(Refusal::invalid(format!(
        "Unsupported value: '{word}' is not supported with the '{model}' model. Supported values are: {list}."
    ))
    .param(place)
    .code("unsupported_value"))
}

/// Reasoning models take the default temperature only and count by `max_completion_tokens`.
fn refuse_for_reasoning(max_tokens: Option<i64>, temperature: Option<f64>, top_p: Option<f64>) -> Result<(), Refusal> {
    if max_tokens.is_some() {
        return Err(Refusal::invalid(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        )
        .param("max_tokens")
        .code("unsupported_parameter"));
    }
    for (name, value) in [("temperature", temperature), ("top_p", top_p)] {
        if let Some(value) = value.filter(|value| (value - 1.0).abs() > f64::EPSILON) {
            return Err(Refusal::invalid(format!(
                "Unsupported value: '{name}' does not support {value} with this model. Only the default (1) value is \
                 supported."
            ))
            .param(name)
            .code("unsupported_value"));
        }
    }
    Ok(())
}

fn one_of(body: &Map<String, Value>, name: &str, supported: &[&str]) -> Result<Option<String>, Refusal> {
    match text(body, name)? {
        Some(value) if !supported.contains(&value) => Err(unsupported(name, value, supported)),
        value => Ok(value.map(str::to_owned)),
    }
}

fn stream_options(body: &Map<String, Value>, stream: bool) -> Result<(bool, bool), Refusal> {
    let Some(options) = given(body, "stream_options") else {
        return Ok((false, true));
    };
    if !stream {
        return Err(
            Refusal::invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
                .param("stream_options"),
        );
    }
    let Value::Object(options) = options else {
        return Err(wrong_type("stream_options", "an object", options));
    };
    if let Some(name) = options
        .keys()
        .find(|name| !["include_usage", "include_obfuscation"].contains(&name.as_str()))
    {
        return Err(Refusal::invalid(format!("Unknown parameter: 'stream_options.{name}'."))
            .param(format!("stream_options.{name}"))
            .code("unknown_parameter"));
    }
    let usage = switch(options, "include_usage")?.unwrap_or(false);
    Ok((usage, switch(options, "include_obfuscation")?.unwrap_or(true)))
}

fn stop(body: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let items = match given(body, "stop") {
        None => return Ok(Vec::new()),
        Some(Value::String(one)) => return Ok(vec![one.clone()]),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(wrong_type("stop", "a string or an array of strings", other)),
    };
    if items.len() > 4 {
        return Err(Refusal::invalid(format!(
            "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length {} \
             instead.",
            items.len()
        ))
        .param("stop")
        .code("array_above_max_length"));
    }
    let text = |item: &Value| {
        item.as_str()
            .map(str::to_owned)
            .ok_or_else(|| wrong_type("stop", "a string", item))
    };
    items.iter().map(text).collect()
}
