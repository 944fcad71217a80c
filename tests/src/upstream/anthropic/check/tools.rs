//! Checks tools and the choice among them.

use serde_json::{Map, Value};

use super::super::refusal::Refusal;
use super::fields::{invalid, known, missing, object, switch, text};
use super::{blocks, schema};

/// A tool of the client.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// The JSON schema of its arguments.
    pub schema: Value,
}

/// Which tools to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// None.
    None,
    /// As the model likes; the fake likes to.
    Auto,
    /// At least one.
    Any,
    /// This one.
    Named(String),
}

impl Choice {
    /// The model must call.
    pub(super) fn is_forced(&self) -> bool {
        matches!(self, Self::Any | Self::Named(_))
    }
}

/// All about tools.
pub(super) struct Tools {
    pub own: Vec<Tool>,
    pub choice: Choice,
    pub parallel: bool,
    /// The provider searches the web.
    pub searches: bool,
    /// The schemas of those that are strict.
    pub strict: Vec<Value>,
}

/// Tools that run at Anthropic, or that its models know, by the beginning of their type.
const THEIRS: [&str; 7] = [
    "web_search_",
    "web_fetch_",
    "code_execution_",
    "bash_",
    "text_editor_",
    "memory_",
    "tool_search_tool_",
];

/// Page "Structured outputs", "Schema complexity limits".
const MOST_STRICT: usize = 20;

pub(super) fn check(body: &Map<String, Value>) -> Result<Tools, Refusal> {
    let mut tools = Tools {
        own: Vec::new(),
        choice: Choice::Auto,
        parallel: true,
        searches: false,
        strict: Vec::new(),
    };
    let mut theirs = 0;
    if let Some(list) = body.get("tools") {
        let list = list
            .as_array()
            .ok_or_else(|| invalid("tools", "Input should be a valid list"))?;
        for (at, one) in list.iter().enumerate() {
            let place = format!("tools.{at}");
            let members = object(one, &place)?;
            match members.get("type").map(|kind| kind.as_str().unwrap_or_default()) {
                None | Some("custom") => tools.own.push(tool(members, &place)?),
                Some(kind) if THEIRS.iter().any(|prefix| kind.starts_with(prefix)) => {
                    theirs += 1;
                    tools.searches |= kind.starts_with("web_search_");
                }
                Some(kind) => {
                    return Err(invalid(
                        &place,
                        &format!("Input tag '{kind}' found using 'type' does not match any of the expected tags"),
                    ));
                }
            }
        }
        let strict = list.iter().filter(|one| one["strict"] == true);
        tools.strict = strict.map(|one| one["input_schema"].clone()).collect();
        if tools.strict.len() > MOST_STRICT {
            return Err(invalid(
                "tools",
                &format!(
                    "Too many strict tools ({}). The maximum number of strict tools supported is {MOST_STRICT}.",
                    tools.strict.len()
                ),
            ));
        }
        let mut names: Vec<&str> = tools.own.iter().map(|tool| tool.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(invalid("tools", "Tool names must be unique."));
        }
    }
    if let Some(choice) = body.get("tool_choice") {
        if tools.own.is_empty() && theirs == 0 {
            return Err(invalid(
                "tool_choice",
                "tool_choice may only be specified while providing tools.",
            ));
        }
        self::choice(object(choice, "tool_choice")?, &mut tools)?;
    }
    Ok(tools)
}

fn tool(members: &Map<String, Value>, place: &str) -> Result<Tool, Refusal> {
    let place = format!("{place}.custom");
    let names = [
        "type",
        "name",
        "description",
        "input_schema",
        "strict",
        "cache_control",
        "defer_loading",
        "allowed_callers",
        "eager_input_streaming",
        "input_examples",
    ];
    known(members, &place, &names)?;
    let name = text(members, &place, "name")?;
    blocks::name(name, &place)?;
    blocks::cache_control(members, &place)?;
    if members.contains_key("description") {
        text(members, &place, "description")?;
    }
    let schema_place = format!("{place}.input_schema");
    let schema = members.get("input_schema").ok_or_else(|| missing(&schema_place))?;
    match object(schema, &schema_place)?.get("type") {
        None => return Err(missing(&format!("{schema_place}.type"))),
        Some(kind) if kind == "object" => {}
        Some(_) => return Err(invalid(&format!("{schema_place}.type"), "Input should be 'object'")),
    }
    // <https://github.com/anthropics/claude-code/issues/40075>
    if ["oneOf", "allOf", "anyOf"]
        .iter()
        .any(|name| schema.get(*name).is_some())
    {
        return Err(invalid(
            &schema_place,
            "input_schema does not support oneOf, allOf, or anyOf at the top level",
        ));
    }
    if switch(members, "strict")? == Some(true) {
        schema::check(schema, &place)?;
    }
    Ok(Tool {
        name: name.to_owned(),
        schema: schema.clone(),
    })
}

fn choice(choice: &Map<String, Value>, tools: &mut Tools) -> Result<(), Refusal> {
    known(choice, "tool_choice", &["type", "name", "disable_parallel_tool_use"])?;
    tools.choice = match choice.get("type").and_then(Value::as_str) {
        Some("auto") => Choice::Auto,
        Some("any") => Choice::Any,
        Some("none") => Choice::None,
        Some("tool") => {
            let name = text(choice, "tool_choice.tool", "name")?;
            if !tools.own.iter().any(|tool| tool.name == name) {
                return Err(invalid(
                    "tool_choice.tool",
                    &format!("Tool '{name}' not found in provided tools"),
                ));
            }
            Choice::Named(name.to_owned())
        }
        _ => {
            return Err(invalid(
                "tool_choice",
                "Input tag found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'",
            ));
        }
    };
    if let Some(disabled) = switch(choice, "disable_parallel_tool_use")? {
        if tools.choice == Choice::None {
            return Err(invalid(
                "tool_choice.none.disable_parallel_tool_use",
                "Extra inputs are not permitted",
            ));
        }
        tools.parallel = !disabled;
    }
    Ok(())
}
