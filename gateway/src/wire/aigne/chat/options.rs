//! `modelOptions` of a request of the framework.

use serde_json::Value;

use super::{
    super::{
        super::canonical::{CacheMark, Effort, Reasoning, Request, Role},
        fields::{self, Fields, Read, problem},
    },
    message,
};

pub(super) const AT: &str = "input.modelOptions";

/// Names that are read here; every other one is passed on under its own.
const KNOWN: [&str; 15] = [
    "model",
    "temperature",
    "topP",
    "topK",
    "maxTokens",
    "frequencyPenalty",
    "presencePenalty",
    "parallelToolCalls",
    "reasoningEffort",
    "cacheConfig",
    "modalities",
    "stop",
    "seed",
    // The client obeys this one by itself.
    "preferInputFileType",
    "user",
];

/// Reads the options into a request whose messages and tools are there.
pub(super) fn read(options: &Fields<'_>, request: &mut Request) -> Read<()> {
    request.temperature = options.number(&["temperature"])?;
    request.top_p = options.number(&["topP"])?;
    request.top_k = options.whole(&["topK"])?;
    request.max_tokens = options.whole(&["maxTokens"])?;
    request.frequency_penalty = options.number(&["frequencyPenalty"])?;
    request.presence_penalty = options.number(&["presencePenalty"])?;
    request.seed = options.get(&["seed"]).and_then(Value::as_i64);
    request.user = options.owned(&["user"])?;
    request.stop = stop(options)?;
    let parallel = options.flag(&["parallelToolCalls"])?;
    // The client sets it also where there is no tool, and providers refuse it there.
    request.parallel_tools = parallel.filter(|_| !request.tools.is_empty());
    request.reasoning = reasoning(options)?;
    if let Some(config) = options.object(&["cacheConfig"], AT)? {
        cache(&config, request)?;
    }
    if let Some(modalities) = options.list(&["modalities"])? {
        let only_text = modalities.iter().all(|modality| modality == "text");
        if !only_text {
            request
                .extra
                .insert("modalities".to_owned(), Value::Array(modalities.clone()));
        }
    }
    for (name, value) in options.members() {
        if !KNOWN.contains(&name.as_str()) {
            request.extra.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}

/// A text, or several.
pub fn stop(options: &Fields<'_>) -> Read<Vec<String>> {
    let texts = match options.get(&["stop"]) {
        None => Some(Vec::new()),
        Some(Value::String(text)) => Some(vec![text.clone()]),
        Some(Value::Array(texts)) => texts.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    };
    texts.ok_or_else(|| fields::wrong(options.param, "stop", "a string or an array of strings"))
}

/// A word, or a number of tokens. A number is both: who thinks by words is told the word that the framework has for it.
fn reasoning(options: &Fields<'_>) -> Read<Option<Reasoning>> {
    let Some(value) = options.get(&["reasoningEffort"]) else {
        return Ok(None);
    };
    let shown = Reasoning {
        shown: true,
        ..Reasoning::default()
    };
    if let Some(budget) = fields::whole(value) {
        let effort = match budget {
            0 => {
                return Ok(Some(Reasoning {
                    off: true,
                    ..Reasoning::default()
                }));
            }
            1..=500 => Effort::Minimal,
            501..=1000 => Effort::Low,
            1001..=5000 => Effort::Medium,
            _ => Effort::High,
        };
        return Ok(Some(Reasoning {
            effort: Some(effort),
            budget: Some(budget),
            ..shown
        }));
    }
    let effort = match value.as_str() {
        Some("none") => {
            return Ok(Some(Reasoning {
                off: true,
                ..Reasoning::default()
            }));
        }
        Some("minimal") => Effort::Minimal,
        Some("low") => Effort::Low,
        Some("medium") => Effort::Medium,
        Some("high") => Effort::High,
        Some("xhigh" | "max") => Effort::Most,
        _ => {
            return Err(problem(
                AT,
                "invalid_value",
                "'input.modelOptions.reasoningEffort' is a number of tokens, or minimal, low, medium or high.",
            ));
        }
    };
    Ok(Some(Reasoning {
        effort: Some(effort),
        ..shown
    }))
}

/// Marks what the provider is asked to keep: the tools, the instructions, the last message. Where the client says nothing of
/// caches nothing is marked, as writing one costs more than not writing it.
fn cache(config: &Fields<'_>, request: &mut Request) -> Read<()> {
    let by_hand = config.text(&["strategy"])? == Some("manual");
    if by_hand || config.flag(&["enabled"])? == Some(false) {
        return Ok(());
    }
    let mark = match config.get(&["ttl"]) {
        Some(Value::String(word)) if word == "1h" => CacheMark::OneHour,
        Some(seconds) if seconds.as_f64().is_some_and(|seconds| seconds >= 3600.0) => CacheMark::OneHour,
        _ => CacheMark::FiveMinutes,
    };
    let at = config.object(&["autoBreakpoints"], AT)?;
    let wanted = |name: &str, usual: bool| match &at {
        Some(at) => Ok(at.flag(&[name])?.unwrap_or(usual)),
        None => Ok(usual),
    };
    if wanted("tools", true)?
        && let Some(tool) = request.tools.last_mut()
    {
        tool.cache.get_or_insert(mark);
    }
    if wanted("system", true)?
        && let Some(system) = request
            .messages
            .iter_mut()
            .rev()
            .find(|message| message.role == Role::System)
    {
        message::mark_last(&mut system.parts, mark);
    }
    if wanted("lastMessage", false)?
        && let Some(last) = request.messages.last_mut()
    {
        message::mark_last(&mut last.parts, mark);
    }
    Ok(())
}
