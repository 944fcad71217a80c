//! The tools and which of them must be used. Namespaces are flattened and tools of free text become functions, in such a way that
//! calls come back as what they were; tools that only OpenAI runs are left out by name.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{super::names::Callee, Fields, wrong_type, wrong_value};
use crate::wire::{
    RequestProblem,
    canonical::{CacheMark, Tool, ToolChoice, leave_out},
    openai::read::cache_mark,
};

pub(super) fn read(list: Vec<Value>, unknown: &mut Map<String, Value>) -> Result<Vec<Tool>, RequestProblem> {
    let mut tools = Vec::new();
    for (at, tool) in list.into_iter().enumerate() {
        let mut tool = Fields::of(format!("tools[{at}]"), tool)?;
        if tool.peek("type").and_then(Value::as_str) != Some("namespace") {
            take(tool, None, &mut tools, unknown)?;
            continue;
        }
        let namespace = tool.needed_name("name")?;
        let path = tool.path("tools");
        for (at, inner) in tool.list("tools")?.into_iter().flatten().enumerate() {
            let inner = Fields::of(format!("{path}[{at}]"), inner)?;
            take(inner, Some(&namespace), &mut tools, unknown)?;
        }
    }
    Ok(tools)
}

fn take(
    mut tool: Fields,
    namespace: Option<&str>,
    tools: &mut Vec<Tool>,
    unknown: &mut Map<String, Value>,
) -> Result<(), RequestProblem> {
    let kind = tool.needed_text("type")?;
    if kind != "function" && kind != "custom" {
        leave_out(unknown, format!("tools.{kind}"));
        return Ok(());
    }
    let name = tool.needed_name("name")?;
    let callee = Callee {
        namespace,
        name: &name,
        free: kind == "custom",
    };
    let cache = cache_mark(&mut tool)?;
    let description = tool.text("description")?;
    tools.push(if callee.free {
        free_tool(callee.flat(), description, tool.object("format")?, cache)?
    } else {
        Tool {
            name: callee.flat(),
            description,
            schema: tool.take("parameters").unwrap_or_else(|| json!({})),
            strict: tool.switch("strict")?,
            cache,
        }
    });
    Ok(())
}

/// A tool of free text as a function whose argument is that text. `grammar` has the members `definition` and `syntax`. Also chat's.
pub(in crate::wire) fn free_tool(
    flat: String,
    description: Option<String>,
    grammar: Option<Fields>,
    cache: Option<CacheMark>,
) -> Result<Tool, RequestProblem> {
    Ok(Tool {
        name: flat,
        description: free_text(description, grammar)?,
        schema: json!({
            "type": "object",
            "properties": { "input": { "type": "string" } },
            "required": ["input"],
            "additionalProperties": false,
        }),
        strict: None,
        cache,
    })
}

/// What a tool of free text is for, with the grammar of the text, which no other wire can enforce.
fn free_text(description: Option<String>, format: Option<Fields>) -> Result<Option<String>, RequestProblem> {
    let mut text = description.unwrap_or_default();
    if let Some(mut format) = format
        && let Some(definition) = format.text("definition")?
    {
        let syntax = format.text("syntax")?.unwrap_or_else(|| "lark".to_owned());
        text.push_str(&format!(
            "\n\nThe input must obey this grammar ({syntax}):\n{definition}"
        ));
    }
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Reads `tool_choice`.
pub(super) fn choose(
    fields: &mut Fields,
    tools: &mut Vec<Tool>,
    unknown: &mut Map<String, Value>,
) -> Result<Option<ToolChoice>, RequestProblem> {
    let mut choice = match fields.take("tool_choice") {
        None => return Ok(None),
        Some(Value::String(word)) => return mode("tool_choice", &word).map(Some),
        Some(value @ Value::Object(_)) => Fields::of("tool_choice", value)?,
        Some(_) => return Err(wrong_type("tool_choice", "a string or an object")),
    };
    match choice.needed_text("type")?.as_str() {
        "allowed_tools" => {
            let mode = mode(
                "tool_choice.mode",
                &choice.text("mode")?.unwrap_or_else(|| "auto".to_owned()),
            )?;
            // No other wire says which of the tools are allowed, so the others are left out.
            let listed = choice.list("tools")?.unwrap_or_default();
            let allowed = Allowed::of(&listed);
            tools.retain(|tool| allowed.holds(tool));
            Ok(Some(mode))
        }
        kind @ ("function" | "custom") => {
            let name = choice.needed_name("name")?;
            let namespace = choice.name("namespace")?;
            let callee = Callee {
                namespace: namespace.as_deref(),
                name: &name,
                free: kind == "custom",
            };
            Ok(Some(ToolChoice::Named(callee.flat())))
        }
        // One of those that are left out.
        other => {
            leave_out(unknown, format!("tool_choice.{other}"));
            Ok(None)
        }
    }
}

/// The tools that a list of `allowed_tools` names.
#[derive(Default)]
struct Allowed<'a> {
    /// Namespaces, each of which names all of its tools.
    spaces: HashSet<Option<&'a str>>,
    /// Names of tools in whatever namespace.
    names: HashSet<&'a str>,
    /// A tool of this namespace alone.
    within: HashSet<(&'a str, &'a str)>,
}

impl<'a> Allowed<'a> {
    fn of(list: &'a [Value]) -> Self {
        let mut allowed = Self::default();
        for entry in list {
            let word = |name: &str| entry.get(name).and_then(Value::as_str);
            match (word("type"), word("namespace"), word("name")) {
                (Some("namespace"), _, name) => {
                    allowed.spaces.insert(name);
                }
                (_, None, Some(name)) => {
                    allowed.names.insert(name);
                }
                (_, Some(space), Some(name)) => {
                    allowed.within.insert((space, name));
                }
                (_, _, None) => {}
            }
        }
        allowed
    }

    fn holds(&self, tool: &Tool) -> bool {
        let Callee { namespace, name, .. } = Callee::of(&tool.name);
        self.spaces.contains(&namespace)
            || self.names.contains(name)
            || namespace.is_some_and(|space| self.within.contains(&(space, name)))
    }
}

fn mode(param: &str, word: &str) -> Result<ToolChoice, RequestProblem> {
    match word {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "required" => Ok(ToolChoice::Required),
        other => Err(wrong_value(param, other, "'auto', 'none' and 'required'")),
    }
}
