//! The tools and which of them to call: `Tool`, `ToolChoice…`. Tools that OpenAI runs itself are taken and never used.

use serde_json::{Map, Value};

use super::check::unknown;
use crate::upstream::check::fields::{given, identifier, list, missing, switch, unsupported, wrong_type};
use crate::upstream::check::{Choice, Tool, strict};
use crate::upstream::refusal::Refusal;

/// Tools that OpenAI runs itself.
const HOSTED: [&str; 13] = [
    "file_search",
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "web_search_preview_2025_03_11",
    "computer_use_preview",
    "computer",
    "code_interpreter",
    "image_generation",
    "mcp",
    "local_shell",
    "shell",
    "apply_patch",
];

/// The tools that can be called, by the names with which they are called (`namespace.name`); the choice; whether several may be
/// called; and which of them take free text.
type Tools = (Vec<Tool>, Choice, bool, Vec<String>);

pub(super) fn check(body: &Map<String, Value>) -> Result<Tools, Refusal> {
    let parallel = switch(body, "parallel_tool_calls")?.unwrap_or(true);
    let (mut tools, mut free) = (Vec::new(), Vec::new());
    match given(body, "tools") {
        None => {}
        Some(Value::Array(listed)) => {
            for (at, tool) in listed.iter().enumerate() {
                take(tool, &format!("tools[{at}]"), None, &mut tools, &mut free)?;
            }
        }
        Some(other) => return Err(wrong_type("tools", "an array of objects", other)),
    }
    let choice = choice(body, &tools)?;
    Ok((tools, choice, parallel, free))
}

fn take(
    tool: &Value,
    place: &str,
    namespace: Option<&str>,
    tools: &mut Vec<Tool>,
    free: &mut Vec<String>,
) -> Result<(), Refusal> {
    let Value::Object(fields) = tool else {
        return Err(wrong_type(place, "an object", tool));
    };
    let kind = match fields.get("type") {
        None => return Err(missing(&format!("{place}.type"))),
        Some(Value::String(kind)) => kind.as_str(),
        Some(other) => return Err(wrong_type(&format!("{place}.type"), "a string", other)),
    };
    if HOSTED.contains(&kind) && namespace.is_none() {
        return Ok(());
    }
    if !["function", "custom", "namespace"].contains(&kind) {
        return Err(unsupported(
            &format!("{place}.type"),
            kind,
            &["function", "custom", "namespace"],
        ));
    }
    let name = match fields.get("name") {
        // A tool in the form of chat completions has its name one level deeper.
        None => return Err(missing(&format!("{place}.name"))),
        Some(Value::String(name)) => name.as_str(),
        Some(other) => return Err(wrong_type(&format!("{place}.name"), "a string", other)),
    };
    identifier(&format!("{place}.name"), name)?;
    if kind == "namespace" {
        let inner = fields.get("tools").ok_or_else(|| missing(&format!("{place}.tools")))?;
        for (at, one) in list(inner, &format!("{place}.tools"))?.iter().enumerate() {
            take(one, &format!("{place}.tools[{at}]"), Some(name), tools, free)?;
        }
        return Ok(());
    }
    let called = namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}.{name}"));
    if kind == "custom" {
        free.push(called.clone());
        tools.push(Tool {
            name: called,
            parameters: Value::Null,
        });
        return Ok(());
    }
    let known = [
        "type",
        "name",
        "description",
        "parameters",
        "strict",
        "allowed_callers",
        "defer_loading",
        "output_schema",
    ];
    if let Some(strange) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(unknown(&format!("{place}.{strange}")));
    }
    let parameters = given(fields, "parameters").cloned().unwrap_or(Value::Null);
    let invalid = |fault: &str| {
        Refusal::invalid(format!("Invalid schema for function '{name}': {fault}."))
            .param(format!("{place}.parameters"))
            .code("invalid_function_parameters")
    };
    if !parameters.is_null() {
        strict::root(&parameters).map_err(|fault| invalid(&fault))?;
    }
    if switch(fields, "strict")?.unwrap_or(false) && !parameters.is_null() {
        strict::check(&parameters).map_err(|fault| invalid(&fault))?;
    }
    tools.push(Tool {
        name: called,
        parameters,
    });
    Ok(())
}

fn choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<Choice, Refusal> {
    let word = |word: &str| match word {
        "none" => Ok(Choice::None),
        "auto" => Ok(Choice::Auto),
        "required" => Ok(Choice::Required),
        other => Err(unsupported("tool_choice", other, &["none", "auto", "required"])),
    };
    let chosen = match given(body, "tool_choice") {
        None => return Ok(if tools.is_empty() { Choice::None } else { Choice::Auto }),
        Some(Value::String(said)) => word(said)?,
        Some(named @ Value::Object(_)) => match named["type"].as_str().unwrap_or_default() {
            "function" | "custom" => {
                let Some(name) = named["name"].as_str() else {
                    return Err(missing("tool_choice.name"));
                };
                if !tools.iter().any(|tool| tool.name == name) {
                    return Err(
                        Refusal::invalid(format!("Tool choice '{name}' not found in 'tools' parameter."))
                            .param("tool_choice"),
                    );
                }
                Choice::Named(name.to_owned())
            }
            "allowed_tools" => word(named["mode"].as_str().unwrap_or("auto"))?,
            kind if HOSTED.contains(&kind) => Choice::None,
            other => {
                return Err(unsupported(
                    "tool_choice.type",
                    other,
                    &["function", "custom", "allowed_tools"],
                ));
            }
        },
        Some(other) => {
            return Err(wrong_type(
                "tool_choice",
                "one of a tool choice type or an object",
                other,
            ));
        }
    };
    if chosen == Choice::Required && tools.is_empty() {
        return Err(
            Refusal::invalid("Tool choice 'required' must be specified with 'tools' parameter.").param("tool_choice"),
        );
    }
    Ok(chosen)
}
