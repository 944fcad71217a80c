//! A value that a JSON schema describes: the simplest one, and always the same.

use serde_json::{Map, Value, json};

/// Deepest schema that is followed.
const DEPTH: u32 = 16;
/// So many values at the most: a short schema that refers to itself several times would describe millions.
const VALUES: usize = 10_000;

/// A value for this schema. References are looked up in its own `$defs`; what is not understood becomes a text.
pub(super) fn sample(schema: &Value) -> Value {
    follow(schema, schema, DEPTH, &mut { VALUES })
}

fn follow(schema: &Value, root: &Value, depth: u32, left: &mut usize) -> Value {
    if depth == 0 || *left == 0 {
        return Value::Null;
    }
    *left -= 1;
    if let Some(found) = schema["$ref"]
        .as_str()
        .and_then(|place| root.pointer(place.trim_start_matches('#')))
    {
        return follow(found, root, depth - 1, left);
    }
    for fixed in ["const", "default"] {
        if let Some(value) = schema.get(fixed) {
            return value.clone();
        }
    }
    for choice in ["enum", "anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|all| all.first()) {
            return if choice == "enum" {
                first.clone()
            } else {
                follow(first, root, depth - 1, left)
            };
        }
    }
    let kind = schema["type"]
        .as_str()
        .or_else(|| schema["type"].as_array()?.first()?.as_str());
    match kind.or(schema.get("properties").map(|_| "object")).unwrap_or("string") {
        "object" => {
            let empty = Map::new();
            let properties = schema["properties"].as_object().unwrap_or(&empty);
            properties
                .iter()
                .map(|(name, inner)| (name.clone(), follow(inner, root, depth - 1, left)))
                .collect::<Map<_, _>>()
                .into()
        }
        "array" => {
            let length = schema["minItems"].as_u64().unwrap_or(1).min(10);
            (0..length)
                .map(|_| follow(&schema["items"], root, depth - 1, left))
                .collect()
        }
        "integer" => schema["minimum"].as_i64().unwrap_or(1).into(),
        "number" => schema.get("minimum").cloned().unwrap_or(json!(1.5)),
        "boolean" => true.into(),
        "null" => Value::Null,
        _ => match schema["format"].as_str() {
            Some("date") => json!("2026-01-31"),
            Some("date-time") => json!("2026-01-31T12:00:00Z"),
            _ => json!("simulated"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_their_schema() {
        let schema = json!({
            "type": "object",
            "properties": {
                "city": {"type": "string"}, "days": {"type": "integer", "minimum": 3}, "unit": {"enum": ["celsius", "kelvin"]},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}}, "maybe": {"type": ["boolean", "null"]},
            },
            "$defs": {"tag": {"anyOf": [{"type": "number"}]}},
        });
        assert_eq!(
            sample(&schema),
            json!({"city": "simulated", "days": 3, "unit": "celsius", "tags": [1.5], "maybe": true})
        );
        assert_eq!(sample(&json!({})), json!("simulated"));
        // A schema that refers to itself ends all the same.
        assert!(sample(&json!({"properties": {"a": {"$ref": "#"}}})).is_object());
    }

    /// A hundred bytes of it described a hundred million values.
    #[test]
    fn a_schema_that_refers_to_itself_many_times_ends_soon() {
        let list = json!({"type": "array", "minItems": 10, "items": {"$ref": "#"}});
        let names = (0..20).map(|number| (format!("m{number}"), json!({"$ref": "#"})));
        let object = json!({"properties": names.collect::<Map<_, _>>()});
        for schema in [list, object] {
            let length = sample(&schema).to_string().len();
            assert!((1_000..2_000_000).contains(&length), "{length} bytes of {schema}");
        }
    }
}
