//! Writes tools and which of them the model must use.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    super::{
        super::canonical::{self, Request, ToolChoice},
        models::Abilities,
    },
    CacheControl, Losses, cache, messages, schema,
};

/// "Strict tools per request: 20" (platform.claude.com, "Structured outputs", "Schema complexity limits").
const MOST_STRICT: usize = 20;

/// A tool.
#[derive(Serialize)]
pub(super) struct Tool<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Cow<'a, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

/// Which tool the model must use.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Choice<'a> {
    Auto {
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        disable_parallel_tool_use: bool,
    },
    Any {
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        disable_parallel_tool_use: bool,
    },
    Tool {
        name: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        disable_parallel_tool_use: bool,
    },
    None,
}

impl Choice<'_> {
    /// The model is forced to call.
    pub fn is_forced(&self) -> bool {
        matches!(self, Self::Any { .. } | Self::Tool { .. })
    }
}

/// The tools and the choice.
pub(super) fn write<'a>(
    request: &'a Request,
    abilities: &Abilities,
    losses: &mut Losses,
) -> (Vec<Tool<'a>>, Option<Choice<'a>>) {
    if request.tools.is_empty() {
        return of_the_past(request);
    }
    let mut strict = if abilities.schema { MOST_STRICT } else { 0 };
    let tools = request.tools.iter().map(|one| tool(one, &mut strict, losses)).collect();
    let disable_parallel_tool_use = request.parallel_tools == Some(false);
    let choice = match &request.tool_choice {
        None if !disable_parallel_tool_use => None,
        None | Some(ToolChoice::Auto) => Some(Choice::Auto {
            disable_parallel_tool_use,
        }),
        Some(ToolChoice::Required) => Some(Choice::Any {
            disable_parallel_tool_use,
        }),
        Some(ToolChoice::Named(name)) => Some(Choice::Tool {
            name,
            disable_parallel_tool_use,
        }),
        Some(ToolChoice::None) => Some(Choice::None),
    };
    (tools, choice)
}

/// `left` tells how many may still be strict. One whose schema Anthropic does not enforce is offered without that.
fn tool<'a>(tool: &'a canonical::Tool, left: &mut usize, losses: &mut Losses) -> Tool<'a> {
    let given = typed(&tool.schema);
    let closed =
        (tool.strict == Some(true)).then(|| schema::closed(&given).filter(|closed| !closed.lost_members && *left > 0));
    let (input_schema, strict) = match closed {
        None => (given, None),
        Some(None) => {
            losses.add("tools.strict");
            (given, None)
        }
        Some(Some(closed)) => {
            *left -= 1;
            (Cow::Owned(closed.schema), Some(true))
        }
    };
    Tool {
        name: &tool.name,
        description: tool.description.as_deref(),
        input_schema,
        strict,
        cache_control: cache(tool.cache),
    }
}

/// A schema must say that it is one of an object.
fn typed(given: &Value) -> Cow<'_, Value> {
    match given.as_object() {
        Some(members) if members.contains_key("type") => Cow::Borrowed(given),
        members => {
            let mut whole = Map::new();
            whole.insert("type".to_owned(), json!("object"));
            whole.extend(members.cloned().unwrap_or_default());
            Cow::Owned(Value::Object(whole))
        }
    }
}

/// A conversation in which tools were called must name them, though none may be called any more.
fn of_the_past(request: &Request) -> (Vec<Tool<'_>>, Option<Choice<'_>>) {
    let of_name = |name| Tool {
        name,
        description: None,
        input_schema: Cow::Owned(json!({ "type": "object" })),
        strict: None,
        cache_control: None,
    };
    let tools: Vec<Tool<'_>> = messages::called(request).into_iter().map(of_name).collect();
    let choice = (!tools.is_empty()).then_some(Choice::None);
    (tools, choice)
}
