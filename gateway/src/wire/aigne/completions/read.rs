//! Reads a request of the older dialect.

use serde_json::{Map, Value};

use super::super::{
    super::{
        RequestProblem,
        call_names::CallNames,
        canonical::{
            Effort, File, FileKind, Format, Message, Part, Reasoning, Request, Role, Tool, ToolCall, ToolChoice,
            ToolResult,
        },
    },
    DEFAULT_MODEL,
    chat::{answers_tools, json_schema, stop},
    fields::{self, Fields, Read, missing, problem},
    media,
};

const MESSAGES: &str = "messages";
const TOOLS: &str = "tools";
const FORMAT: &str = "responseFormat";
const CHOICE: &str = "toolChoice";

/// What the client asks.
///
/// # Errors
/// [`RequestProblem`] when it is not of this dialect.
pub fn read(body: &[u8]) -> Result<Request, RequestProblem> {
    let whole = fields::parse(body)?;
    let top = Fields::of(&whole, "");
    let messages = match (top.text(&["prompt"])?, top.list(&[MESSAGES])?) {
        (Some(prompt), None) => vec![Message {
            role: Role::User,
            parts: vec![Part::text(prompt)],
            name: None,
        }],
        (None, Some(list)) if !list.is_empty() => read_messages(list)?,
        (None, Some(_)) => return Err(missing(MESSAGES, "'messages' is empty: send at least one message.")),
        (Some(_), Some(_)) => {
            return Err(problem(
                "prompt",
                "invalid_value",
                "Send either 'prompt' or 'messages', not both.",
            ));
        }
        (None, None) => return Err(missing(MESSAGES, "Send 'messages', at least one, or a 'prompt'.")),
    };
    let tools = match top.list(&[TOOLS])? {
        Some(list) => list.iter().map(read_tool).collect::<Read<Vec<Tool>>>()?,
        None => Vec::new(),
    };
    Ok(Request {
        model: top
            .owned(&["model"])?
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| DEFAULT_MODEL.to_owned()),
        stream: top.flag(&["stream"])?.unwrap_or(false),
        messages,
        parallel_tools: top
            .flag(&["parallelToolCalls", "parallel_tool_calls"])?
            .filter(|_| !tools.is_empty()),
        tools,
        functions: false,
        tool_choice: tool_choice(&top)?,
        format: format(&top)?,
        max_tokens: top.whole(&[
            "maxTokens",
            "max_tokens",
            "maxCompletionTokens",
            "max_completion_tokens",
        ])?,
        reasoning: reasoning(&top)?,
        temperature: top.number(&["temperature"])?,
        top_p: top.number(&["topP", "top_p"])?,
        top_k: top.whole(&["topK", "top_k"])?,
        presence_penalty: top.number(&["presencePenalty", "presence_penalty"])?,
        frequency_penalty: top.number(&["frequencyPenalty", "frequency_penalty"])?,
        seed: top.get(&["seed"]).and_then(Value::as_i64),
        stop: stop(&top)?,
        user: top.owned(&["user"])?,
        extra: extra(&top),
    })
}

/// Members that are read here. The original strips every other one without a word; here they are told to providers that know them,
/// and named where they are not.
const KNOWN: [&str; 31] = [
    "model",
    "prompt",
    MESSAGES,
    "stream",
    TOOLS,
    CHOICE,
    "tool_choice",
    FORMAT,
    "response_format",
    "parallelToolCalls",
    "parallel_tool_calls",
    "maxTokens",
    "max_tokens",
    "maxCompletionTokens",
    "max_completion_tokens",
    "reasoningEffort",
    "reasoning_effort",
    "temperature",
    "topP",
    "top_p",
    "topK",
    "top_k",
    "presencePenalty",
    "presence_penalty",
    "frequencyPenalty",
    "frequency_penalty",
    "seed",
    "stop",
    "user",
    // A stream of this dialect tells its usage unasked.
    "streamOptions",
    "stream_options",
];

fn extra(top: &Fields<'_>) -> Map<String, Value> {
    let unread = top.members().filter(|(name, _)| !KNOWN.contains(&name.as_str()));
    unread.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn read_messages(list: &[Value]) -> Read<Vec<Message>> {
    let mut messages: Vec<Message> = Vec::with_capacity(list.len());
    let mut calls = CallNames::default();
    for value in list {
        let fields = Fields::within(value, MESSAGES, "message")?;
        let role = fields.text(&["role"])?.ok_or_else(|| {
            missing(
                MESSAGES,
                "Each message needs its 'role': system, user, assistant or tool.",
            )
        })?;
        let role = match role {
            "system" => Role::System,
            "developer" => Role::Developer,
            "user" => Role::User,
            "assistant" | "agent" => Role::Assistant,
            "tool" => {
                let result = tool_result(&fields, &calls)?;
                match messages.last_mut().filter(|last| answers_tools(last)) {
                    Some(last) => last.parts.push(result),
                    None => messages.push(Message {
                        role: Role::User,
                        parts: vec![result],
                        name: None,
                    }),
                }
                continue;
            }
            other => {
                return Err(problem(
                    MESSAGES,
                    "invalid_value",
                    format!(
                        "The role '{}' is unknown: it is system, user, assistant or tool.",
                        media::short(other)
                    ),
                ));
            }
        };
        let mut parts = content(&fields)?;
        if role == Role::Assistant {
            for call in fields.list(&["toolCalls", "tool_calls"])?.into_iter().flatten() {
                parts.push(tool_call(call)?);
            }
        }
        calls.note_all(&parts);
        messages.push(Message {
            role,
            parts,
            name: fields.owned(&["name"])?.filter(|name| !name.is_empty()),
        });
    }
    Ok(messages)
}

fn content(fields: &Fields<'_>) -> Read<Vec<Part>> {
    match fields.get(&["content"]) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text.as_str())]),
        Some(Value::Array(items)) => items.iter().map(part).collect(),
        Some(_) => Err(fields::wrong(MESSAGES, "content", "a string or an array of parts")),
    }
}

fn part(item: &Value) -> Read<Part> {
    let fields = Fields::within(item, MESSAGES, "content")?;
    match fields.text(&["type"])?.unwrap_or("text") {
        "text" => {
            let text = fields.owned(&["text"])?;
            Ok(Part::text(text.ok_or_else(|| {
                missing(MESSAGES, "A part of type 'text' needs its 'text'.")
            })?))
        }
        "image_url" => {
            let image = fields.object(&["imageUrl", "image_url"], MESSAGES)?;
            let image = image.ok_or_else(|| {
                missing(
                    MESSAGES,
                    "A part of type 'image_url' needs its 'imageUrl': {\"url\":…}.",
                )
            })?;
            let url = image.text(&["url"])?.filter(|url| !url.is_empty());
            Ok(Part::File(File {
                kind: FileKind::Image,
                source: media::from_url(url.ok_or_else(|| missing(MESSAGES, "'imageUrl' needs its 'url'."))?),
                name: None,
                detail: image.owned(&["detail"])?,
                cache: None,
            }))
        }
        // As the framework writes files.
        other => Ok(Part::File(media::read(&fields, other, None)?)),
    }
}

fn tool_call(value: &Value) -> Read<Part> {
    const SENTENCE: &str = "Each of 'toolCalls' needs an 'id' and a 'function' with 'name' and 'arguments'.";
    let call = Fields::within(value, MESSAGES, "toolCalls")?;
    let function = call
        .object(&["function"], MESSAGES)?
        .ok_or_else(|| missing(MESSAGES, SENTENCE))?;
    let arguments = match function.get(&["arguments"]) {
        None => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(object @ Value::Object(_)) => object.to_string(),
        Some(_) => return Err(fields::wrong(MESSAGES, "arguments", "a string of JSON")),
    };
    Ok(Part::ToolCall(ToolCall {
        id: call.owned(&["id"])?.ok_or_else(|| missing(MESSAGES, SENTENCE))?,
        name: function.owned(&["name"])?.ok_or_else(|| missing(MESSAGES, SENTENCE))?,
        arguments,
        signature: call.owned(&["thoughtSignature"])?,
    }))
}

fn tool_result(fields: &Fields<'_>, calls: &CallNames) -> Read<Part> {
    let id = fields
        .owned(&["toolCallId", "tool_call_id"])?
        .filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| missing(MESSAGES, "A message of role 'tool' needs its 'toolCallId'."))?;
    Ok(Part::ToolResult(ToolResult {
        name: calls.of(&id).map(str::to_owned),
        id,
        parts: content(fields)?,
        failed: false,
        cache: None,
    }))
}

fn read_tool(value: &Value) -> Read<Tool> {
    const SENTENCE: &str = "Each of 'tools' needs a 'function' with a 'name'.";
    let function = Fields::within(value, TOOLS, "tool")?.object(&["function"], TOOLS)?;
    let function = function.ok_or_else(|| missing(TOOLS, SENTENCE))?;
    let schema = function.get(&["parameters"]).cloned();
    if schema.as_ref().is_some_and(|schema| !schema.is_object()) {
        return Err(fields::wrong(TOOLS, "parameters", "an object"));
    }
    Ok(Tool {
        name: function
            .owned(&["name"])?
            .filter(|name| !name.is_empty())
            .ok_or_else(|| missing(TOOLS, SENTENCE))?,
        description: function.owned(&["description"])?,
        schema: schema.unwrap_or_else(|| Value::Object(Map::new())),
        strict: function.flag(&["strict"])?,
        cache: None,
    })
}

fn tool_choice(top: &Fields<'_>) -> Read<Option<ToolChoice>> {
    let choice = match top.get(&[CHOICE, "tool_choice"]) {
        None => return Ok(None),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => Some(ToolChoice::Auto),
            "none" => Some(ToolChoice::None),
            "required" => Some(ToolChoice::Required),
            _ => None,
        },
        Some(value) => {
            let name = value
                .get("function")
                .and_then(|function| function.get("name"))
                .and_then(Value::as_str);
            name.map(|name| ToolChoice::Named(name.to_owned()))
        }
    };
    let sentence = "'toolChoice' is 'auto', 'none', 'required' or {\"type\":\"function\",\"function\":{\"name\":…}}.";
    choice
        .map(Some)
        .ok_or_else(|| problem(CHOICE, "invalid_value", sentence))
}

fn format(top: &Fields<'_>) -> Read<Format> {
    let Some(format) = top.object(&[FORMAT, "response_format"], FORMAT)? else {
        return Ok(Format::Text);
    };
    match format.text(&["type"])?.unwrap_or("text") {
        "text" => Ok(Format::Text),
        "json_object" => Ok(Format::JsonObject),
        "json_schema" => {
            let inner = format.object(&["jsonSchema", "json_schema"], FORMAT)?;
            json_schema(
                &inner
                    .ok_or_else(|| missing(FORMAT, "'responseFormat' of type 'json_schema' needs its 'jsonSchema'."))?,
            )
        }
        _ => Err(problem(
            FORMAT,
            "invalid_value",
            "'responseFormat.type' is 'text', 'json_object' or 'json_schema'.",
        )),
    }
}

fn reasoning(top: &Fields<'_>) -> Read<Option<Reasoning>> {
    let Some(word) = top.text(&["reasoningEffort", "reasoning_effort"])? else {
        return Ok(None);
    };
    let effort = match word {
        "none" => {
            return Ok(Some(Reasoning {
                off: true,
                ..Reasoning::default()
            }));
        }
        "minimal" => Effort::Minimal,
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" | "max" => Effort::Most,
        _ => {
            return Err(problem(
                "reasoningEffort",
                "invalid_value",
                "'reasoningEffort' is minimal, low, medium or high.",
            ));
        }
    };
    Ok(Some(Reasoning {
        effort: Some(effort),
        shown: true,
        ..Reasoning::default()
    }))
}
