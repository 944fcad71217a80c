//! Tools and the choice among them: schemas `ChatCompletionTool`, `FunctionObject` and `ChatCompletionToolChoiceOption`
//! of the openai-openapi description.

use serde_json::{Map, Value};

use super::fields::{given, identifier, list, missing, switch, unsupported, wrong_type};
use super::strict;
use crate::upstream::refusal::Refusal;

/// A function the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// The JSON schema of its arguments; `Null` where there is none.
    pub parameters: Value,
}

/// Which tools to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// None.
    None,
    /// As the model likes; the fake likes to.
    Auto,
    /// At least one.
    Required,
    /// This one.
    Named(String),
}

pub(super) fn check(body: &Map<String, Value>) -> Result<(Vec<Tool>, Choice, bool), Refusal> {
    let parallel = switch(body, "parallel_tool_calls")?;
    let Some(tools) = given(body, "tools") else {
        for name in ["tool_choice", "parallel_tool_calls"] {
            if given(body, name).is_some() {
                return Err(Refusal::invalid(format!(
                    "Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."
                ))
                .param(name));
            }
        }
        return Ok((Vec::new(), Choice::None, true));
    };
    let tools = list(tools, "tools")?
        .iter()
        .enumerate()
        .map(tool)
        .collect::<Result<Vec<_>, _>>()?;
    let choice = choice(body, &tools)?;
    Ok((tools, choice, parallel.unwrap_or(true)))
}

fn tool((at, tool): (usize, &Value)) -> Result<Tool, Refusal> {
    match &tool["type"] {
        Value::String(kind) if kind == "function" => {}
        Value::String(kind) => {
            return Err(unsupported(&format!("tools[{at}].type"), kind, &["function", "custom"]));
        }
        Value::Null => return Err(missing(&format!("tools[{at}].type"))),
        other => return Err(wrong_type(&format!("tools[{at}].type"), "a string", other)),
    }
    let Value::Object(function) = &tool["function"] else {
        return Err(missing(&format!("tools[{at}].function")));
    };
    let place = format!("tools[{at}].function.name");
    let name = match function.get("name") {
        None => return Err(missing(&place)),
        Some(Value::String(name)) => name,
        Some(other) => return Err(wrong_type(&place, "a string", other)),
    };
    identifier(&place, name)?;
    let parameters = function.get("parameters").cloned().unwrap_or(Value::Null);
    let invalid = |fault: &str| {
        Refusal::invalid(format!("Invalid schema for function '{name}': {fault}."))
            .param(format!("tools[{at}].function.parameters"))
            .code("invalid_function_parameters")
    };
    if !parameters.is_null() {
        strict::root(&parameters).map_err(|fault| invalid(&fault))?;
    }
    let is_strict = match given(function, "strict") {
        None => false,
        Some(Value::Bool(is_strict)) => *is_strict,
        Some(other) => return Err(wrong_type(&format!("tools[{at}].function.strict"), "a boolean", other)),
    };
    if is_strict && !parameters.is_null() {
        strict::check(&parameters).map_err(|fault| invalid(&fault))?;
    }
    Ok(Tool {
        name: name.clone(),
        parameters,
    })
}

fn choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<Choice, Refusal> {
    match given(body, "tool_choice") {
        None => Ok(Choice::Auto),
        Some(Value::String(word)) => match word.as_str() {
            "none" => Ok(Choice::None),
            "auto" => Ok(Choice::Auto),
            "required" => Ok(Choice::Required),
            other => Err(unsupported("tool_choice", other, &["none", "auto", "required"])),
        },
        Some(named @ Value::Object(_)) => {
            if named["type"] != "function" {
                let kind = named["type"].as_str().unwrap_or_default();
                return Err(unsupported(
                    "tool_choice.type",
                    kind,
                    &["function", "allowed_tools", "custom"],
                ));
            }
            let Some(name) = named["function"]["name"].as_str() else {
                return Err(missing("tool_choice.function.name"));
            };
            if !tools.iter().any(|tool| tool.name == name) {
                return Err(
                    Refusal::invalid(format!("Tool choice '{name}' not found in 'tools' parameter."))
                        .param("tool_choice"),
                );
            }
            Ok(Choice::Named(name.to_owned()))
        }
        Some(other) => Err(wrong_type(
            "tool_choice",
            "one of a tool choice type or an object",
            other,
        )),
    }
}
