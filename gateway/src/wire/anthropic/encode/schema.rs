//! Makes a JSON schema one that Anthropic takes as the form of an answer: objects are closed, and limits that it does not
//! enforce go into the description, where the model reads them. The same that Anthropic's own SDK does with a schema.

use serde_json::{Map, Value};

/// Formats of texts that are enforced.
const FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Members that every schema may have.
const KEPT: [&str; 9] = [
    "type",
    "description",
    "title",
    "enum",
    "const",
    "default",
    "$ref",
    "$defs",
    "definitions",
];

/// The schema, closed.
pub(super) fn closed(schema: &Value) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    if let Some(reference) = members.get("$ref") {
        let mut only = Map::new();
        only.insert("$ref".to_owned(), reference.clone());
        for name in ["$defs", "definitions"] {
            if let Some(within) = members.get(name) {
                only.insert(name.to_owned(), each(within));
            }
        }
        return Value::Object(only);
    }
    let mut whole = Map::new();
    let mut unenforced = Vec::new();
    for (name, value) in members {
        match name.as_str() {
            "properties" | "$defs" | "definitions" => {
                whole.insert(name.clone(), each(value));
            }
            "items" => {
                whole.insert(name.clone(), closed(value));
            }
            "anyOf" | "allOf" => {
                whole.insert(name.clone(), all(value));
            }
            "oneOf" => {
                whole.insert("anyOf".to_owned(), all(value));
            }
            "additionalProperties" | "$schema" | "$id" => {}
            "required" => {
                whole.insert(name.clone(), value.clone());
            }
            "format" if value.as_str().is_some_and(|format| FORMATS.contains(&format)) => {
                whole.insert(name.clone(), value.clone());
            }
            "minItems" if matches!(value.as_u64(), Some(0 | 1)) => {
                whole.insert(name.clone(), value.clone());
            }
            name if KEPT.contains(&name) => {
                whole.insert(name.to_owned(), value.clone());
            }
            name => unenforced.push(format!("{name}: {value}")),
        }
    }
    if is_object(members) {
        whole.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    if !unenforced.is_empty() {
        let told = format!("{{{}}}", unenforced.join(", "));
        let description = match whole.get("description").and_then(Value::as_str) {
            Some(before) => format!("{before}\n\n{told}"),
            None => told,
        };
        whole.insert("description".to_owned(), Value::String(description));
    }
    Value::Object(whole)
}

fn is_object(members: &Map<String, Value>) -> bool {
    match members.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => members.contains_key("properties"),
    }
}

fn each(schemas: &Value) -> Value {
    match schemas {
        Value::Object(members) => {
            let closed = members.iter().map(|(name, schema)| (name.clone(), closed(schema)));
            Value::Object(closed.collect())
        }
        other => other.clone(),
    }
}

fn all(schemas: &Value) -> Value {
    match schemas {
        Value::Array(schemas) => schemas.iter().map(closed).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_closed_and_limits_are_told() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "properties": {
                "b": {"type": "integer", "minimum": 1, "maximum": 9, "description": "A number"},
                "a": {"type": "array", "items": {"type": "object", "properties": {}}, "minItems": 2},
                "c": {"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "odd"}]},
            },
            "required": ["b"], "additionalProperties": true,
        });
        assert_eq!(
            closed(&schema).to_string(),
            json!({
                "type": "object",
                "properties": {
                    "b": {"type": "integer", "description": "A number\n\n{minimum: 1, maximum: 9}"},
                    "a": {"type": "array", "items": {"type": "object", "properties": {}, "additionalProperties": false},
                        "description": "{minItems: 2}"},
                    "c": {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "description": "{format: \"odd\"}"}]},
                },
                "required": ["b"], "additionalProperties": false,
            })
            .to_string()
        );
    }

    #[test]
    fn a_strict_schema_stays_as_it_is() {
        let schema = json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/X"}}, "required": ["x"],
            "$defs": {"X": {"type": "object", "properties": {}, "additionalProperties": false}}, "additionalProperties": false});
        assert_eq!(closed(&schema), schema);
    }
}
