//! Reads a request of the framework.

use serde_json::Value;

use super::{
    super::{
        super::{
            RequestProblem,
            canonical::{Format, Request, Tool, ToolChoice},
        },
        DEFAULT_MODEL,
        fields::{self, Fields, Read, missing, problem},
    },
    message, options,
};

const TOOLS: &str = "input.tools";
const FORMAT: &str = "input.responseFormat";
const CHOICE: &str = "input.toolChoice";

/// What the client asks.
///
/// # Errors
/// [`RequestProblem`] when it is not what the framework sends.
pub fn read(body: &[u8]) -> Result<Request, RequestProblem> {
    let whole = fields::parse(body)?;
    let top = Fields::of(&whole, "");
    let input = top.object(&["input"], "input")?.ok_or_else(|| {
        missing(
            "input",
            "The field 'input' is missing: send {\"input\":{\"messages\":[…],\"modelOptions\":{\"model\":…}}}.",
        )
    })?;
    let model_options = input.object(&["modelOptions"], options::AT)?;
    let named = match &model_options {
        Some(options) => options.text(&["model"])?,
        None => None,
    };
    // Older clients name the model beside the input.
    let named = match named.filter(|name| !name.is_empty()) {
        Some(name) => Some(name),
        None => top.text(&["model"])?.filter(|name| !name.is_empty()),
    };
    let streaming = match top.object(&["options"], "options")? {
        Some(options) => options.flag(&["streaming"])?,
        None => None,
    };
    let messages = input.list(&["messages"])?.ok_or_else(|| {
        missing(
            "input.messages",
            "The field 'input.messages' is missing: send at least one message.",
        )
    })?;
    let mut request = Request {
        model: named.unwrap_or(DEFAULT_MODEL).to_owned(),
        stream: streaming.unwrap_or(false),
        messages: message::read(messages)?,
        tools: tools(&input)?,
        tool_choice: tool_choice(&input)?,
        format: format(&input)?,
        ..Request::default()
    };
    if let Some(options) = model_options {
        options::read(&options, &mut request)?;
    }
    Ok(request)
}

fn tools(input: &Fields<'_>) -> Read<Vec<Tool>> {
    let Some(list) = input.list(&["tools"])? else {
        return Ok(Vec::new());
    };
    list.iter().map(tool).collect()
}

fn tool(value: &Value) -> Read<Tool> {
    let outer = Fields::within(value, TOOLS, "tool")?;
    let function = outer
        .object(&["function"], TOOLS)?
        .ok_or_else(|| missing(TOOLS, "Each of 'input.tools' needs a 'function' with a 'name'."))?;
    let name = function.owned(&["name"])?.filter(|name| !name.is_empty());
    let schema = function.get(&["parameters"]).cloned();
    if schema.as_ref().is_some_and(|schema| !schema.is_object()) {
        return Err(fields::wrong(TOOLS, "parameters", "an object"));
    }
    Ok(Tool {
        name: name.ok_or_else(|| missing(TOOLS, "Each of 'input.tools' needs a 'function' with a 'name'."))?,
        description: function.owned(&["description"])?,
        schema: schema.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        strict: function.flag(&["strict"])?,
        cache: message::cache_mark(&outer)?,
    })
}

fn tool_choice(input: &Fields<'_>) -> Read<Option<ToolChoice>> {
    let Some(value) = input.get(&["toolChoice"]) else {
        return Ok(None);
    };
    let choice = match value {
        Value::String(word) => match word.as_str() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            "required" => ToolChoice::Required,
            _ => return Err(unknown_choice()),
        },
        // One of the tools, as it stands in their list.
        Value::Object(_) => ToolChoice::Named(tool(value).map_err(|_| unknown_choice())?.name),
        _ => return Err(unknown_choice()),
    };
    Ok(Some(choice))
}

fn unknown_choice() -> RequestProblem {
    problem(
        CHOICE,
        "invalid_value",
        "'input.toolChoice' is 'auto', 'none', 'required' or one of the tools.",
    )
}

fn format(input: &Fields<'_>) -> Read<Format> {
    let Some(format) = input.object(&["responseFormat"], FORMAT)? else {
        return Ok(Format::Text);
    };
    match format.text(&["type"])?.unwrap_or("text") {
        "text" => Ok(Format::Text),
        "json_object" => Ok(Format::JsonObject),
        "json_schema" => {
            let inner = format.object(&["jsonSchema"], FORMAT)?.ok_or_else(|| {
                missing(
                    FORMAT,
                    "'input.responseFormat' of type 'json_schema' needs its 'jsonSchema'.",
                )
            })?;
            json_schema(&inner)
        }
        _ => Err(problem(
            FORMAT,
            "invalid_value",
            "'input.responseFormat.type' is 'text' or 'json_schema'.",
        )),
    }
}

/// A schema for the answer. The framework's agents ask for strict answers with ordinary schemas, and its client leaves out nulls before it
/// checks.
pub fn json_schema(inner: &Fields<'_>) -> Read<Format> {
    let schema = inner.get(&["schema"]).filter(|schema| schema.is_object());
    let schema = schema.ok_or_else(|| missing(inner.param, "The JSON schema needs its 'schema', an object."))?;
    Ok(Format::JsonSchema {
        name: inner
            .owned(&["name"])?
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "output".to_owned()),
        description: inner.owned(&["description"])?,
        strict: inner.flag(&["strict"])?,
        schema: schema.clone(),
        nulls: true,
    })
}
