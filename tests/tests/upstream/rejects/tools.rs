//! Tools and the choice among them.

use serde_json::{Value, json};

use super::{all_refused, more};

/// A tool that takes a city.
fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
    }}})
}

#[tokio::test]
async fn bad_tools() {
    let bad = |tool: Value| more(json!({"tools": [tool]}));
    let choice = |choice: Value| more(json!({"tools": [tool("f")], "tool_choice": choice}));
    let mut loose = tool("f");
    loose["function"]["parameters"] = json!({"type": "string"});
    all_refused(vec![
        (
            "empty",
            more(json!({"tools": []})),
            "empty array",
            Some("tools"),
            Some("empty_array"),
        ),
        (
            "no type",
            bad(json!({"function": {"name": "f"}})),
            "Missing required parameter",
            Some("tools[0].type"),
            Some("missing_required_parameter"),
        ),
        (
            "strange type",
            bad(json!({"type": "web", "function": {"name": "f"}})),
            "Supported values are: 'function' and 'custom'",
            Some("tools[0].type"),
            Some("invalid_value"),
        ),
        (
            "flat",
            bad(json!({"type": "function", "name": "f"})),
            "Missing required parameter",
            Some("tools[0].function"),
            Some("missing_required_parameter"),
        ),
        (
            "no name",
            bad(json!({"type": "function", "function": {}})),
            "Missing required parameter",
            Some("tools[0].function.name"),
            Some("missing_required_parameter"),
        ),
        (
            "bad name",
            bad(tool("get weather")),
            "does not match pattern",
            Some("tools[0].function.name"),
            Some("invalid_value"),
        ),
        (
            "bad schema",
            bad(loose),
            "Invalid schema for function 'f'",
            Some("tools[0].function.parameters"),
            Some("invalid_function_parameters"),
        ),
        (
            "choice without tools",
            more(json!({"tool_choice": "auto"})),
            "only allowed when 'tools' are specified",
            Some("tool_choice"),
            None,
        ),
        (
            "parallel without tools",
            more(json!({"parallel_tool_calls": false})),
            "only allowed when 'tools' are specified",
            Some("parallel_tool_calls"),
            None,
        ),
        (
            "any",
            choice(json!("any")),
            "Supported values are: 'none', 'auto', and 'required'",
            Some("tool_choice"),
            Some("invalid_value"),
        ),
        (
            "number",
            choice(json!(1)),
            "Invalid type for 'tool_choice'",
            Some("tool_choice"),
            Some("invalid_type"),
        ),
        (
            "another type",
            choice(json!({"type": "tool", "name": "f"})),
            "Invalid value: 'tool'",
            Some("tool_choice.type"),
            Some("invalid_value"),
        ),
        (
            "no function",
            choice(json!({"type": "function"})),
            "Missing required parameter",
            Some("tool_choice.function.name"),
            Some("missing_required_parameter"),
        ),
        (
            "a stranger",
            choice(json!({"type": "function", "function": {"name": "g"}})),
            "Tool choice 'g' not found",
            Some("tool_choice"),
            None,
        ),
    ])
    .await;
}
