//! Makes a value that conforms to a simple JSON schema, always the same one. Arguments of tool calls and `json_schema`
//! answers come from here.

use serde_json::{Map, Value, json};

/// A value that conforms; `{}` where the schema says nothing.
pub(crate) fn instance(schema: &Value) -> Value {
    build(schema, schema, 0)
}

fn build(schema: &Value, root: &Value, depth: usize) -> Value {
    // A schema may contain itself; nobody needs more than a few levels of it.
    if depth > 8 {
        return Value::Null;
    }
    if let Some(target) = schema["$ref"]
        .as_str()
        .and_then(|path| root.pointer(path.trim_start_matches('#')))
    {
        return build(target, root, depth + 1);
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    for union in ["anyOf", "oneOf"] {
        if let Some(first) = schema[union].get(0) {
            return build(first, root, depth + 1);
        }
    }
    let kind = schema["type"]
        .as_str()
        .or_else(|| schema["type"].get(0).and_then(Value::as_str));
    match kind {
        Some("string") => text(schema),
        Some("integer") => json!(schema["minimum"].as_i64().unwrap_or(7)),
        Some("number") => json!(schema["minimum"].as_f64().unwrap_or(1.5)),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => {
            let count = schema["minItems"].as_u64().unwrap_or(1).min(64);
            (0..count).map(|_| build(&schema["items"], root, depth + 1)).collect()
        }
        _ => {
            let properties = schema["properties"].as_object();
            let fields: Map<String, Value> = properties
                .into_iter()
                .flatten()
                .map(|(name, inner)| (name.clone(), build(inner, root, depth + 1)))
                .collect();
            Value::Object(fields)
        }
    }
}

fn text(schema: &Value) -> Value {
    json!(match schema["format"].as_str() {
        Some("date-time") => "2026-01-02T03:04:05Z",
        Some("date") => "2026-01-02",
        Some("time") => "03:04:05Z",
        Some("email") => "someone@example.com",
        Some("uuid") => "00000000-0000-4000-8000-000000000001",
        // Not ASCII on purpose: a character cut in two must show.
        _ => "Zürich 東京",
    })
}
