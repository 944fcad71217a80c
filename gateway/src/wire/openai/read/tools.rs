//! The tools and which of them must be used: `tools` and `tool_choice`, and the old `functions` and `function_call`. A tool of free
//! text (`custom`) becomes a function, in such a way that its calls come back as what they were.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{
    super::fields::{Fields, missing, wrong_type, wrong_value},
    parts::cache_mark,
};
use crate::wire::{
    RequestProblem,
    canonical::{Tool, ToolChoice},
    responses::{names::flat_free, read::free_tool},
};

/// What was read.
pub(super) struct Tools {
    pub(super) tools: Vec<Tool>,
    pub(super) choice: Option<ToolChoice>,
    /// The client speaks of functions alone.
    pub(super) functions: bool,
    /// Tools that only OpenAI runs or understands, by a name that says so.
    pub(super) unknown: Map<String, Value>,
}

pub(super) fn read(fields: &mut Fields) -> Result<Tools, RequestProblem> {
    let (mut tools, mut unknown) = (Vec::new(), Map::new());
    for (at, tool) in fields.list("tools")?.into_iter().flatten().enumerate() {
        let mut tool = Fields::of(format!("tools[{at}]"), tool)?;
        let kind = tool.text("type")?.unwrap_or_else(|| "function".to_owned());
        let cache = cache_mark(&mut tool)?;
        if kind == "custom" {
            let path = tool.path("custom");
            let mut custom = tool.object("custom")?.ok_or_else(|| missing(&path))?;
            let (name, description) = (custom.needed_name("name")?, custom.text("description")?);
            let format = custom.object("format")?;
            let grammar = format.map(|mut format| format.object("grammar")).transpose()?.flatten();
            tools.push(free_tool(flat_free(&name), description, grammar, cache)?);
            continue;
        }
        match tool.object("function")? {
            Some(function) if kind == "function" => tools.push(Tool {
                cache,
                ..read_function(function)?
            }),
            None if kind == "function" => return Err(missing(&tool.path("function"))),
            _ => {
                unknown.insert(format!("tools.{kind}"), Value::Object(tool.rest()));
            }
        }
    }
    let before = tools.len();
    for (at, function) in fields.list("functions")?.into_iter().flatten().enumerate() {
        tools.push(read_function(Fields::of(format!("functions[{at}]"), function)?)?);
    }
    let functions = before == 0 && unknown.is_empty() && !tools.is_empty();
    let mut choice = choose(fields, &mut tools)?;
    // A choice among tools that are left out is none.
    if let Some(ToolChoice::Named(name)) = &choice
        && !unknown.is_empty()
        && !tools.iter().any(|tool| tool.name == *name)
    {
        choice = None;
    }
    Ok(Tools {
        tools,
        choice,
        functions,
        unknown,
    })
}

fn read_function(mut function: Fields) -> Result<Tool, RequestProblem> {
    let cache = cache_mark(&mut function)?;
    Ok(Tool {
        name: function.needed_name("name")?,
        description: function.text("description")?,
        schema: function.take("parameters").unwrap_or_else(|| json!({})),
        strict: function.switch("strict")?,
        cache,
    })
}

fn choose(fields: &mut Fields, tools: &mut Vec<Tool>) -> Result<Option<ToolChoice>, RequestProblem> {
    let (name, value) = match (fields.take("tool_choice"), fields.take("function_call")) {
        (Some(value), _) => ("tool_choice", value),
        (None, Some(value)) => ("function_call", value),
        (None, None) => return Ok(None),
    };
    let mut object = match value {
        Value::String(word) => return mode(name, &word).map(Some),
        value @ Value::Object(_) => Fields::of(name, value)?,
        _ => return Err(wrong_type(name, "a string or an object")),
    };
    if let Some(mut allowed) = object.object("allowed_tools")? {
        return only(&mut allowed, tools).map(Some);
    }
    if let Some(mut function) = object.object("function")? {
        return Ok(Some(ToolChoice::Named(function.needed_name("name")?)));
    }
    if let Some(mut custom) = object.object("custom")? {
        return Ok(Some(ToolChoice::Named(flat_free(&custom.needed_name("name")?))));
    }
    Ok(Some(ToolChoice::Named(object.needed_name("name")?)))
}

fn mode(param: &str, word: &str) -> Result<ToolChoice, RequestProblem> {
    match word {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "required" | "any" => Ok(ToolChoice::Required),
        other => Err(wrong_value(param, other, "'auto', 'none' and 'required'")),
    }
}

/// Some of the tools are allowed: no other wire says that, so the others are left out.
fn only(allowed: &mut Fields, tools: &mut Vec<Tool>) -> Result<ToolChoice, RequestProblem> {
    let choice = allowed.text("mode")?.unwrap_or_else(|| "auto".to_owned());
    let choice = mode(&allowed.path("mode"), &choice)?;
    let name = |inner: &Value| inner.get("name").and_then(Value::as_str).map(str::to_owned);
    let named = |one: &Value| match one.get("custom") {
        Some(custom) => name(custom).map(|name| flat_free(&name)),
        None => name(one.get("function").unwrap_or(one)),
    };
    let listed = allowed.list("tools")?.unwrap_or_default();
    let names: HashSet<String> = listed.iter().filter_map(named).collect();
    tools.retain(|tool| names.contains(&tool.name));
    Ok(choice)
}
