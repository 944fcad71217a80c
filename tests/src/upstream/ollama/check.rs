//! Reads a `ChatRequest` and an `EmbedRequest` as Ollama's server does, and puts the first into the words of the fake's own
//! requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::check::{Chat, Choice, Format, Tool};
use super::super::embeddings::vector;
use super::super::refusal::Refusal;
use super::super::usage::words;
use super::Model;

/// A request that passed.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) chat: Chat,
    /// The thoughts are shown.
    pub(super) thinks: bool,
}

/// What Go's JSON reader says of a value of another type.
fn wrong(got: &Value, place: &str, wanted: &str) -> Refusal {
    let kind = match got {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Refusal::invalid(format!(
        "json: cannot unmarshal {kind} into Go struct field {place} of type {wanted}"
    ))
}

/// A member that is there and not null.
fn get<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn text<'a>(object: &'a Value, name: &str, place: &str) -> Result<&'a str, Refusal> {
    match get(object, name) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(other) => Err(wrong(other, &format!("{place}.{name}"), "string")),
    }
}

fn list<'a>(object: &'a Value, name: &str, place: &str) -> Result<&'a [Value], Refusal> {
    match get(object, name) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(other) => Err(wrong(other, &format!("{place}.{name}"), "[]api.Message")),
    }
}

/// Checks a chat.
pub(super) fn prompt(body: &Value, name: &str, model: Model) -> Result<Prompt, Refusal> {
    let mut messages = Vec::new();
    for message in list(body, "messages", "ChatRequest")? {
        messages.push(self::message(message)?);
    }
    let mut tools = Vec::new();
    for tool in list(body, "tools", "ChatRequest")? {
        tools.push(self::tool(tool)?);
    }
    let stream = match get(body, "stream") {
        None => true,
        Some(Value::Bool(stream)) => *stream,
        Some(other) => return Err(wrong(other, "ChatRequest.stream", "bool")),
    };
    let format = match get(body, "format") {
        None => Format::Text,
        Some(Value::String(word)) if word.is_empty() => Format::Text,
        Some(Value::String(word)) if word == "json" => Format::JsonObject,
        Some(schema @ Value::Object(_)) => Format::JsonSchema(schema.clone()),
        Some(other) => {
            return Err(Refusal::invalid(format!(
                "invalid format: {other}; expected \"json\" or a valid JSON Schema object"
            )));
        }
    };
    let (thinks, effort) = match get(body, "think") {
        None => (model.thinks, None),
        Some(Value::Bool(thinks)) => (*thinks, (!thinks).then(|| "none".to_owned())),
        // ollama/ollama#12561
        Some(Value::String(level)) if !name.starts_with("gpt-oss") => {
            return Err(Refusal::invalid(format!(
                "think value \"{level}\" is not supported for this model"
            )));
        }
        Some(Value::String(level)) if matches!(level.as_str(), "low" | "medium" | "high") => {
            (true, Some(level.clone()))
        }
        Some(other) => return Err(Refusal::invalid(format!("invalid think value: {other}"))),
    };
    if !tools.is_empty() && !model.calls_tools {
        return Err(Refusal::invalid(format!(
            "registry.ollama.ai/library/{name} does not support tools"
        )));
    }
    if thinks && !model.thinks {
        return Err(Refusal::invalid(format!("\"{name}\" does not support thinking")));
    }
    if model.embeds {
        return Err(Refusal::invalid(format!("\"{name}\" does not support chat")));
    }
    let pictures = messages
        .iter()
        .filter_map(|message| message["content"].as_array())
        .flatten()
        .any(|part| part["type"] == "image_url");
    if pictures && !model.sees {
        return Err(Refusal::invalid("this model does not support image input"));
    }
    let options = options(body)?;
    let limit = options.get("num_predict").and_then(Value::as_u64);
    let stop = options.get("stop").and_then(Value::as_array).into_iter().flatten();
    let stop = stop.filter_map(|stop| stop.as_str().map(str::to_owned)).collect();
    Ok(Prompt {
        chat: Chat {
            model: name.to_owned(),
            reasoning: thinks,
            stream,
            include_usage: true,
            obfuscation: false,
            n: 1,
            limit,
            stop,
            effort,
            choice: if tools.is_empty() { Choice::None } else { Choice::Auto },
            tools,
            parallel: true,
            format,
            messages,
        },
        thinks,
    })
}

fn message(message: &Value) -> Result<Value, Refusal> {
    if !message.is_object() {
        return Err(wrong(message, "ChatRequest.messages", "api.Message"));
    }
    let role = text(message, "role", "ChatRequest.messages")?;
    if !matches!(role, "system" | "user" | "assistant" | "tool") {
        return Err(Refusal::invalid(format!(
            "invalid role: {role}, role must be one of [system, user, assistant, tool]"
        )));
    }
    let said = text(message, "content", "ChatRequest.messages")?;
    text(message, "thinking", "ChatRequest.messages")?;
    text(message, "tool_name", "ChatRequest.messages")?;
    let mut content = vec![json!({"type": "text", "text": said})];
    for image in list(message, "images", "ChatRequest.messages")? {
        let data = image
            .as_str()
            .ok_or_else(|| wrong(image, "ChatRequest.messages.images", "api.ImageData"))?;
        if STANDARD.decode(data).is_err() {
            let place = data
                .bytes()
                .position(|byte| !byte.is_ascii_alphanumeric() && !b"+/=".contains(&byte));
            return Err(Refusal::invalid(format!(
                "illegal base64 data at input byte {}",
                place.unwrap_or_default()
            )));
        }
        content.push(json!({"type": "image_url"}));
    }
    for call in list(message, "tool_calls", "ChatRequest.messages")? {
        let function = &call["function"];
        text(function, "name", "ChatRequest.messages.tool_calls.function")?;
        match get(function, "arguments") {
            Some(Value::Object(_)) | None => {}
            Some(other) => {
                return Err(wrong(
                    other,
                    "ChatRequest.messages.tool_calls.function.arguments",
                    "api.ToolCallFunctionArguments",
                ));
            }
        }
    }
    Ok(json!({"role": role, "content": content}))
}

fn tool(tool: &Value) -> Result<Tool, Refusal> {
    let place = "ChatRequest.tools.function";
    let function = &tool["function"];
    let name = text(function, "name", place)?;
    text(function, "description", place)?;
    let parameters = &function["parameters"];
    if let Some(properties) = get(parameters, "properties")
        && !properties.is_object()
    {
        return Err(wrong(
            properties,
            "ChatRequest.tools.function.parameters.properties",
            "map[string]api.ToolProperty",
        ));
    }
    Ok(Tool {
        name: name.to_owned(),
        parameters: parameters.clone(),
    })
}

/// Options that are not known are skipped; those that are must have their type.
fn options(body: &Value) -> Result<Map<String, Value>, Refusal> {
    let options = match get(body, "options") {
        None => return Ok(Map::new()),
        Some(Value::Object(options)) => options.clone(),
        Some(other) => return Err(wrong(other, "ChatRequest.options", "map[string]interface {}")),
    };
    for (name, value) in &options {
        let (fits, kind) = match name.as_str() {
            "num_predict" | "top_k" | "seed" | "num_ctx" => (value.is_number(), "integer"),
            "temperature" | "top_p" | "min_p" | "repeat_penalty" | "presence_penalty" | "frequency_penalty" => {
                (value.is_number(), "float32")
            }
            "stop" => (value.is_array(), "array"),
            _ => (true, ""),
        };
        if !fits {
            return Err(Refusal::invalid(format!("option \"{name}\" must be of type {kind}")));
        }
    }
    Ok(options)
}

/// Answers a request for embeddings.
pub(super) fn embedding(body: &Value, name: &str, model: Model) -> Result<Value, Refusal> {
    let texts: Option<Vec<&str>> = match &body["input"] {
        Value::String(text) => Some(vec![text]),
        Value::Array(texts) => texts.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts.ok_or_else(|| Refusal::invalid("invalid input type"))?;
    if !model.embeds {
        return Err(Refusal::invalid("this model does not support embeddings"));
    }
    let dimensions = match get(body, "dimensions") {
        None => Some(384),
        Some(count) => count.as_u64().and_then(|count| usize::try_from(count).ok()),
    };
    let dimensions = dimensions.ok_or_else(|| wrong(&body["dimensions"], "EmbedRequest.dimensions", "int"))?;
    let vectors: Vec<Vec<f32>> = texts.iter().map(|text| vector(text, dimensions.min(384))).collect();
    let tokens: usize = texts.iter().map(|text| words(text)).sum();
    Ok(json!({
        "model": name,
        "embeddings": vectors,
        "total_duration": 14_143_917,
        "load_duration": 1_019_500,
        "prompt_eval_count": tokens,
    }))
}
