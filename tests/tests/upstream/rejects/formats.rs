//! Forms of the answer, and schemas that are not strict enough.

use serde_json::{Value, json};

use super::{all_refused, more};

fn schema(schema: Value) -> Value {
    more(json!({"response_format": {"type": "json_schema", "json_schema": schema}}))
}

#[tokio::test]
async fn bad_formats() {
    let format = |format: Value| more(json!({"response_format": format}));
    let open = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    let lax = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": false});
    let nested = json!({"type": "object", "properties": {"list": {"type": "array", "items": open}}, "required": ["list"], "additionalProperties": false});
    let strict = |inner: &Value| schema(json!({"name": "r", "strict": true, "schema": inner}));
    let at = Some("response_format");
    all_refused(vec![
        (
            "text",
            format(json!("json")),
            "expected an object",
            at,
            Some("invalid_type"),
        ),
        (
            "no type",
            format(json!({})),
            "Missing required parameter",
            Some("response_format.type"),
            Some("missing_required_parameter"),
        ),
        (
            "strange type",
            format(json!({"type": "xml"})),
            "Supported values are",
            Some("response_format.type"),
            Some("invalid_value"),
        ),
        (
            "json not spoken of",
            format(json!({"type": "json_object"})),
            "must contain the word 'json'",
            Some("messages"),
            None,
        ),
        (
            "no schema object",
            format(json!({"type": "json_schema"})),
            "Missing required parameter",
            Some("response_format.json_schema"),
            Some("missing_required_parameter"),
        ),
        (
            "no name",
            schema(json!({"schema": open})),
            "Missing required parameter",
            Some("response_format.json_schema.name"),
            Some("missing_required_parameter"),
        ),
        (
            "bad name",
            schema(json!({"name": "a b", "schema": open})),
            "does not match pattern",
            Some("response_format.json_schema.name"),
            Some("invalid_value"),
        ),
        (
            "no schema",
            schema(json!({"name": "r"})),
            "Missing required parameter",
            Some("response_format.json_schema.schema"),
            Some("missing_required_parameter"),
        ),
        (
            "schema as text",
            schema(json!({"name": "r", "schema": "{}"})),
            "expected an object",
            Some("response_format.json_schema.schema"),
            Some("invalid_type"),
        ),
        (
            "root not an object",
            strict(&json!({"type": "array", "items": {}})),
            "got 'type: \"array\"'",
            at,
            None,
        ),
        (
            "left open",
            strict(&open),
            "In context=(), 'additionalProperties' is required",
            at,
            None,
        ),
        ("not all required", strict(&lax), "Missing 'a'", at, None),
        (
            "left open inside",
            strict(&nested),
            "In context=('properties', 'list', 'items'), 'additionalProperties'",
            at,
            None,
        ),
    ])
    .await;
}
