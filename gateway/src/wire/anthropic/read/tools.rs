//! Reads tools and which of them the model must use.

use std::borrow::Cow;

use super::{
    super::super::{
        RequestProblem,
        canonical::{Tool, ToolChoice},
        json::Value,
    },
    Extra, content, keep, parsed, problem,
};

/// Reads the client's own tools, in their order. Tools that run at Anthropic, or that only its models know, have no common
/// word: they are kept by their type.
pub(super) fn read(value: &Value<'_>, extra: &mut Extra) -> Result<Vec<Tool>, RequestProblem> {
    if !value.raw().starts_with(b"[") {
        return Err(problem("tools", "Input should be a valid list."));
    }
    let mut tools = Vec::new();
    let (mut at, mut failed) = (0, None);
    value.elements(|one| {
        if failed.is_none() {
            match tool(at, &one, extra) {
                Ok(tool) => tools.extend(tool),
                Err(problem) => failed = Some(problem),
            }
        }
        at += 1;
    });
    failed.map_or(Ok(tools), Err)
}

fn tool(at: usize, value: &Value<'_>, extra: &mut Extra) -> Result<Option<Tool>, RequestProblem> {
    let mut kind = Cow::Borrowed("custom");
    let (mut name, mut described) = (None, false);
    let mut tool = Tool {
        name: String::new(),
        description: None,
        schema: serde_json::Value::Object(Extra::new()),
        strict: None,
        cache: None,
    };
    value.members(|member| match &*member.name {
        _ if member.value.is_null() => {}
        "type" => kind = member.value.as_str().unwrap_or_default(),
        "name" => name = member.value.as_str(),
        "description" => tool.description = member.value.as_str().map(Cow::into_owned),
        "input_schema" => {
            described = member.value.is_object();
            tool.schema = parsed(&member.value);
        }
        "strict" => tool.strict = member.value.as_bool(),
        "cache_control" => tool.cache = content::mark(&member.value),
        "input_examples" => keep(extra, "tools.input_examples", &member.value),
        // When it is loaded, how it is streamed, who may call it: no other model knows of that.
        _ => {}
    });
    if kind != "custom" {
        keep(extra, &format!("tools.{kind}"), value);
        return Ok(None);
    }
    tool.name = name
        .map(Cow::into_owned)
        .ok_or_else(|| problem(format!("tools.{at}.name"), "Input should be a valid string."))?;
    // Other providers take a function without one; a client of this dialect has forgotten it.
    if !described {
        return Err(problem(
            format!("tools.{at}.input_schema"),
            "Input should be a JSON schema, an object.",
        ));
    }
    Ok(Some(tool))
}

/// Reads which tool must be used, and whether several may be called at once.
pub(super) fn choice(value: &Value<'_>) -> Result<(Option<ToolChoice>, Option<bool>), RequestProblem> {
    let word = |name: &str| value.member(name).and_then(|value| value.as_str());
    let choice = match word("type").as_deref() {
        Some("auto") => ToolChoice::Auto,
        Some("any") => ToolChoice::Required,
        Some("none") => ToolChoice::None,
        Some("tool") => {
            let name = word("name").map(Cow::into_owned);
            ToolChoice::Named(name.ok_or_else(|| problem("tool_choice.name", "Field required."))?)
        }
        _ => {
            let wanted = "Input should be 'auto', 'any', 'tool' or 'none'.";
            return Err(problem("tool_choice.type", wanted));
        }
    };
    let disabled = value
        .member("disable_parallel_tool_use")
        .and_then(|value| value.as_bool());
    Ok((Some(choice), disabled.map(|disabled| !disabled)))
}
