//! Writes tools and which of them the model must use.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::super::{
        canonical::{self, Request, ToolChoice},
        combined,
    },
    CacheControl, Losses, cache, messages,
    schema::{self, Spent},
};

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
    pub(super) cache_control: Option<CacheControl>,
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

/// The tools and the choice. `spent` is what the form of the answer leaves of the room for strict schemas; none of a model that knows no
/// such schemas.
pub(super) fn write<'a>(
    request: &'a Request,
    mut spent: Option<Spent>,
    losses: &mut Losses,
) -> (Vec<Tool<'a>>, Option<Choice<'a>>) {
    if request.tools.is_empty() {
        return of_the_past(request);
    }
    let tools = request.tools.iter().map(|one| tool(one, &mut spent, losses)).collect();
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

/// One whose schema Anthropic does not enforce, or has no room for, is offered without that.
fn tool<'a>(tool: &'a canonical::Tool, spent: &mut Option<Spent>, losses: &mut Losses) -> Tool<'a> {
    let given = combined::rooted(&tool.schema);
    let (input_schema, strict) = if tool.strict != Some(true) {
        (given, None)
    } else if let Some((closed, all)) = enforced(&given, *spent) {
        *spent = Some(all);
        (Cow::Owned(closed), Some(true))
    } else {
        losses.add("tools.strict");
        (given, None)
    };
    Tool {
        name: &tool.name,
        description: tool.description.as_deref(),
        input_schema,
        strict,
        cache_control: cache(tool.cache),
    }
}

/// The schema as it is enforced, and what all strict ones have spent with it.
fn enforced(given: &Value, spent: Option<Spent>) -> Option<(Value, Spent)> {
    let closed = schema::closed(given).filter(|closed| !closed.lost_members)?;
    let all = spent?.with_tool(&closed.schema)?;
    Some((closed.schema, all))
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
