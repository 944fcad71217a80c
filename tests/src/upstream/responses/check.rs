//! The members of a request, but for its items and its tools: `ResponseCreateParamsBase`.

use serde_json::{Map, Value, json};

use super::{Accepted, Kept, input, tools};
use crate::upstream::catalogue::Ability;
use crate::upstream::check::fields::{
    decimal, given, identifier, integer, missing, switch, text, text_up_to, unsupported, wrong_type,
};
use crate::upstream::check::{self, Chat, Format, strict};
use crate::upstream::refusal::Refusal;

const KNOWN: [&str; 32] = [
    "background",
    "context_management",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
    "client_metadata",
];

const INCLUDABLE: [&str; 8] = [
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
];

/// Checks a request.
///
/// # Errors
/// The refusal that OpenAI would send.
pub(crate) fn check(body: &Value, kept: &Kept) -> Result<Accepted, Refusal> {
    let body = check::object(body)?;
    if let Some(strange) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(unknown(strange));
    }
    let (model, ability) = check::model(body)?;
    if matches!(ability, Ability::Embedding(_) | Ability::Text | Ability::Drawing) {
        return Err(Refusal::invalid(format!(
            "The requested model '{model}' cannot be used with the Responses API."
        ))
        .param("model")
        .code("model_not_supported"));
    }
    let reasoning = ability == Ability::Reasoning;
    let store = switch(body, "store")?.unwrap_or(true);
    if switch(body, "background")?.unwrap_or(false) {
        return Err(Refusal::invalid("Background mode is not part of this fake.").param("background"));
    }
    let effort = thinking(body, reasoning)?;
    if let Some(word) = &effort {
        check::effort(check::bare(&model), word, "reasoning.effort")?;
    }
    let (limit, stream, obfuscation) = numbers(body, reasoning)?;
    let encrypted = include(body, reasoning)?;
    let (tools, choice, parallel, free) = tools::check(body)?;
    let input::Input { conversation, messages } = input::check(body, store, kept)?;
    let format = format(body, &messages)?;
    let echo = echo(body, store);
    Ok(Accepted {
        chat: Chat {
            model,
            reasoning,
            stream,
            include_usage: true,
            obfuscation,
            n: 1,
            limit,
            stop: Vec::new(),
            effort,
            tools,
            choice,
            parallel,
            format,
            messages,
        },
        encrypted,
        summary: body
            .get("reasoning")
            .is_some_and(|reasoning| reasoning["summary"].is_string()),
        store,
        free,
        conversation,
        echo,
    })
}

/// "Unknown parameter: 'x'."
pub(super) fn unknown(name: &str) -> Refusal {
    Refusal::invalid(format!("Unknown parameter: '{name}'."))
        .param(name)
        .code("unknown_parameter")
}

/// "Unsupported parameter: 'x' is not supported with this model."
fn not_with_this_model(name: &str) -> Refusal {
    Refusal::invalid(format!(
        "Unsupported parameter: '{name}' is not supported with this model."
    ))
    .param(name)
    .code("unsupported_parameter")
}

fn one_of(body: &Map<String, Value>, place: &str, name: &str, known: &[&str]) -> Result<Option<String>, Refusal> {
    match text(body, name)? {
        Some(word) if !known.contains(&word) => Err(unsupported(place, word, known)),
        word => Ok(word.map(str::to_owned)),
    }
}

fn thinking(body: &Map<String, Value>, reasoning: bool) -> Result<Option<String>, Refusal> {
    let Some(value) = given(body, "reasoning") else {
        return Ok(None);
    };
    let Value::Object(object) = value else {
        return Err(wrong_type("reasoning", "an object", value));
    };
    let known = ["effort", "summary", "generate_summary", "context", "mode"];
    if let Some(strange) = object.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(unknown(&format!("reasoning.{strange}")));
    }
    let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    let effort = one_of(object, "reasoning.effort", "effort", &efforts)?;
    let summary = one_of(object, "reasoning.summary", "summary", &["auto", "concise", "detailed"])?;
    for (name, said) in [("effort", effort.is_some()), ("summary", summary.is_some())] {
        if said && !reasoning {
            return Err(not_with_this_model(&format!("reasoning.{name}")));
        }
    }
    Ok(effort)
}

fn numbers(body: &Map<String, Value>, reasoning: bool) -> Result<(Option<u64>, bool, bool), Refusal> {
    let temperature = decimal(body, "temperature", 0.0, 2.0)?;
    let top_p = decimal(body, "top_p", 0.0, 1.0)?;
    for (name, said) in [("temperature", temperature.is_some()), ("top_p", top_p.is_some())] {
        if said && reasoning {
            return Err(not_with_this_model(name));
        }
    }
    integer(body, "top_logprobs", 0, 20)?;
    integer(body, "max_tool_calls", 1, i64::MAX)?;
    let limit = integer(body, "max_output_tokens", 16, i64::MAX)?;
    one_of(body, "truncation", "truncation", &["auto", "disabled"])?;
    let tiers = ["auto", "default", "flex", "scale", "priority"];
    one_of(body, "service_tier", "service_tier", &tiers)?;
    // <https://github.com/maximhq/bifrost/pull/1000>
    for name in ["user", "safety_identifier", "prompt_cache_key"] {
        text_up_to(body, name, 64)?;
    }
    for name in ["metadata", "client_metadata"] {
        match given(body, name) {
            None => {}
            Some(Value::Object(pairs)) if pairs.values().all(Value::is_string) => {}
            Some(other) => return Err(wrong_type(name, "an object with string values", other)),
        }
    }
    let stream = switch(body, "stream")?.unwrap_or(false);
    let obfuscation = match given(body, "stream_options") {
        None => true,
        Some(_) if !stream => {
            return Err(
                Refusal::invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
                    .param("stream_options"),
            );
        }
        Some(Value::Object(options)) => {
            if let Some(strange) = options.keys().find(|name| *name != "include_obfuscation") {
                return Err(unknown(&format!("stream_options.{strange}")));
            }
            switch(options, "include_obfuscation")?.unwrap_or(true)
        }
        Some(other) => return Err(wrong_type("stream_options", "an object", other)),
    };
    Ok((limit.and_then(|limit| u64::try_from(limit).ok()), stream, obfuscation))
}

fn include(body: &Map<String, Value>, reasoning: bool) -> Result<bool, Refusal> {
    let list = match given(body, "include") {
        None => return Ok(false),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong_type("include", "an array of strings", other)),
    };
    let mut encrypted = false;
    for (at, word) in list.iter().enumerate() {
        let place = format!("include[{at}]");
        let Some(word) = word.as_str() else {
            return Err(wrong_type(&place, "a string", word));
        };
        if !INCLUDABLE.contains(&word) {
            return Err(unsupported(&place, word, &INCLUDABLE));
        }
        encrypted |= word == "reasoning.encrypted_content";
    }
    if encrypted && !reasoning {
        return Err(Refusal::invalid("Encrypted content is not supported with this model.").param("include"));
    }
    Ok(encrypted)
}

fn format(body: &Map<String, Value>, messages: &[Value]) -> Result<Format, Refusal> {
    let config = match given(body, "text") {
        None => return Ok(Format::Text),
        Some(Value::Object(config)) => config,
        Some(other) => return Err(wrong_type("text", "an object", other)),
    };
    if let Some(strange) = config
        .keys()
        .find(|name| !["format", "verbosity"].contains(&name.as_str()))
    {
        return Err(unknown(&format!("text.{strange}")));
    }
    one_of(config, "text.verbosity", "verbosity", &["low", "medium", "high"])?;
    let format = match given(config, "format") {
        None => return Ok(Format::Text),
        Some(Value::Object(format)) => format,
        Some(other) => return Err(wrong_type("text.format", "an object", other)),
    };
    match format.get("type").and_then(Value::as_str) {
        None => Err(missing("text.format.type")),
        Some("text") => Ok(Format::Text),
        Some("json_object") => {
            let said = |message: &Value| message["content"].to_string().to_lowercase().contains("json");
            if messages.iter().any(said) {
                return Ok(Format::JsonObject);
            }
            Err(Refusal::invalid(
                "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
            )
            .param("input"))
        }
        Some("json_schema") => schema(format),
        Some(other) => Err(unsupported(
            "text.format.type",
            other,
            &["json_object", "json_schema", "text"],
        )),
    }
}

fn schema(format: &Map<String, Value>) -> Result<Format, Refusal> {
    let Some(name) = format.get("name").and_then(Value::as_str) else {
        return Err(missing("text.format.name"));
    };
    identifier("text.format.name", name)?;
    let schema = match format.get("schema") {
        None => return Err(missing("text.format.schema")),
        Some(schema @ Value::Object(_)) => schema,
        Some(other) => return Err(wrong_type("text.format.schema", "an object", other)),
    };
    if format.get("strict").and_then(Value::as_bool).unwrap_or(false) {
        let root =
            (schema["type"] != "object").then(|| "schema must be a JSON Schema of 'type: \"object\"'".to_owned());
        root.map_or_else(|| strict::check(schema), Err).map_err(|fault| {
            Refusal::invalid(format!("Invalid schema for response_format '{name}': {fault}."))
                .param("text.format.schema")
                .code("invalid_json_schema")
        })?;
    }
    Ok(Format::JsonSchema(schema.clone()))
}

/// What an answer repeats of its request, with what holds where nothing was said.
fn echo(body: &Map<String, Value>, store: bool) -> Map<String, Value> {
    let usual = [
        ("instructions", Value::Null),
        ("max_output_tokens", Value::Null),
        ("metadata", json!({})),
        ("parallel_tool_calls", json!(true)),
        ("previous_response_id", Value::Null),
        ("reasoning", json!({ "effort": null, "summary": null })),
        ("temperature", json!(1.0)),
        ("text", json!({ "format": { "type": "text" } })),
        ("tool_choice", json!("auto")),
        ("tools", json!([])),
        ("top_p", json!(1.0)),
        ("truncation", json!("disabled")),
        ("user", Value::Null),
    ];
    let said = |name: &str| given(body, name).cloned();
    let mut echo: Map<String, Value> = usual
        .into_iter()
        .map(|(name, usual)| (name.to_owned(), said(name).unwrap_or(usual)))
        .collect();
    echo.insert("store".to_owned(), store.into());
    echo
}
