//! Tools and the choice among them.

use serde_json::{Value, json};

use tests::upstream::Upstream;

use super::{all_refused, chat, more};

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
    let mut chosen = tool("f");
    chosen["function"]["parameters"]["anyOf"] = json!([{"required": ["city"]}]);
    all_refused(vec![
        (
            "a choice at the root",
            bad(chosen),
            "not have 'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level",
            Some("tools[0].function.parameters"),
            Some("invalid_function_parameters"),
        ),
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
        (
            "type as number",
            bad(json!({"type": 1, "function": {"name": "f"}})),
            "expected a string, but got an integer",
            Some("tools[0].type"),
            Some("invalid_type"),
        ),
        (
            "name as number",
            bad(json!({"type": "function", "function": {"name": 1}})),
            "expected a string, but got an integer",
            Some("tools[0].function.name"),
            Some("invalid_type"),
        ),
        (
            "tools as object",
            more(json!({"tools": {}})),
            "expected an array of objects",
            Some("tools"),
            Some("invalid_type"),
        ),
        (
            "parallel as text",
            more(json!({"tools": [tool("f")], "parallel_tool_calls": "no"})),
            "expected a boolean",
            Some("parallel_tool_calls"),
            Some("invalid_type"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn strict_tools_whose_schemas_are_not() {
    let strict = |parameters: Value| {
        more(json!({"tools": [tool("f"), {"type": "function", "function": {
            "name": "g", "strict": true, "parameters": parameters,
        }}]}))
    };
    let city = json!({"city": {"type": "string"}});
    let open = json!({"type": "object", "properties": city, "required": ["city"]});
    let lax = json!({"type": "object", "properties": city, "additionalProperties": false});
    let around = |inner: Value| {
        strict(json!({
            "type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": false,
        }))
    };
    let at = Some("tools[1].function.parameters");
    let code = Some("invalid_function_parameters");
    let closed = "'additionalProperties' is required to be supplied and to be false";
    let within = |place: &str| format!("Invalid schema for function 'g': In context=({place}), {closed}");
    let (here, nested) = (within(""), within("'properties', 'a'"));
    let (listed, either) = (
        within("'properties', 'a', 'items'"),
        within("'properties', 'a', 'anyOf', '1'"),
    );
    let list = json!({"type": "array", "items": open});
    let union = json!({"anyOf": [{"type": "null"}, open]});
    let not_a_switch = more(json!({"tools": [{"type": "function", "function": {"name": "g", "strict": "yes"}}]}));
    let defined = json!({
        "type": "object", "properties": {}, "required": [], "additionalProperties": false, "$defs": {"x": open},
    });
    all_refused(vec![
        ("open", strict(open.clone()), &here, at, code),
        (
            "open without properties",
            strict(json!({"type": "object"})),
            &here,
            at,
            code,
        ),
        ("not all required", strict(lax), "Missing 'city'", at, code),
        ("open inside", around(open.clone()), &nested, at, code),
        ("open in a list", around(list), &listed, at, code),
        ("open in a union", around(union), &either, at, code),
        (
            "open in a definition",
            strict(defined),
            &within("'$defs', 'x'"),
            at,
            code,
        ),
        (
            "a format",
            around(json!({"type": "string", "format": "uri"})),
            "'uri' is not a valid format",
            at,
            code,
        ),
        (
            "an unknown word",
            around(json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true})),
            "'uniqueItems' is not permitted",
            at,
            code,
        ),
        (
            "one of several",
            around(json!({"oneOf": [{"type": "string"}]})),
            "must have a 'type' key",
            at,
            code,
        ),
        (
            "no type",
            around(json!({"description": "any"})),
            "must have a 'type' key",
            at,
            code,
        ),
        (
            "a list of what",
            around(json!({"type": "array"})),
            "array schema missing items",
            at,
            code,
        ),
        (
            "words beside a reference",
            around(json!({"$ref": "#", "description": "d"})),
            "$ref cannot have keywords {'description'}",
            at,
            code,
        ),
        (
            "a reference to nothing",
            around(json!({"$ref": "#/$defs/none"})),
            "can only point to definitions",
            at,
            code,
        ),
        (
            "strict as text",
            not_a_switch,
            "expected a boolean",
            Some("tools[0].function.strict"),
            Some("invalid_type"),
        ),
    ])
    .await;

    // What is not said to be strict may be open.
    let upstream = Upstream::start().await.unwrap();
    let (status, answer) = chat(&upstream, &more(json!({"tools": [tool("f")]})))
        .json()
        .await
        .unwrap();
    assert_eq!(status, 200, "{answer}");
}
