//! A value that a JSON schema describes: the simplest one, and always the same.

use serde_json::{Map, Value, json};

/// Deepest schema that is followed.
const DEPTH: u32 = 16;
/// About what a value takes when it is written.
const VALUE: usize = 20;

/// How many bytes all samples of an answer may still take. A short schema that refers to itself several times describes millions of
/// values, and one that refers to a long text repeats it as often.
pub(super) struct Budget(usize);

impl Budget {
    /// For one answer.
    pub const fn new() -> Self {
        Self(200_000)
    }

    /// Takes so much; where there is less, there is nothing left.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or_default();
        left.is_some()
    }

    fn copy(&mut self, value: &Value) -> Value {
        if self.take(value.to_string().len()) {
            value.clone()
        } else {
            Value::Null
        }
    }
}

/// A value for this schema. References are looked up in its own `$defs`; what is not understood becomes a text.
pub(super) fn sample(schema: &Value, budget: &mut Budget) -> Value {
    follow(schema, schema, DEPTH, budget)
}

fn follow(schema: &Value, root: &Value, depth: u32, budget: &mut Budget) -> Value {
    if depth == 0 || !budget.take(VALUE) {
        return Value::Null;
    }
    if let Some(found) = schema["$ref"]
        .as_str()
        .and_then(|place| root.pointer(place.trim_start_matches('#')))
    {
        return follow(found, root, depth - 1, budget);
    }
    for fixed in ["const", "default"] {
        if let Some(value) = schema.get(fixed) {
            return budget.copy(value);
        }
    }
    for choice in ["enum", "anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|all| all.first()) {
            return if choice == "enum" {
                budget.copy(first)
            } else {
                follow(first, root, depth - 1, budget)
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
                .map_while(|(name, inner)| {
                    let room_for_it = budget.take(name.len());
                    room_for_it.then(|| (name.clone(), follow(inner, root, depth - 1, budget)))
                })
                .collect::<Map<_, _>>()
                .into()
        }
        "array" => {
            let length = schema["minItems"].as_u64().unwrap_or(1).min(10);
            (0..length)
                .map(|_| follow(&schema["items"], root, depth - 1, budget))
                .collect()
        }
        "integer" => schema["minimum"].as_i64().unwrap_or(1).into(),
        "number" => schema["minimum"].as_f64().unwrap_or(1.5).into(),
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
            sample(&schema, &mut Budget::new()),
            json!({"city": "simulated", "days": 3, "unit": "celsius", "tags": [1.5], "maybe": true})
        );
        assert_eq!(sample(&json!({}), &mut Budget::new()), json!("simulated"));
        // A schema that refers to itself ends all the same.
        assert!(sample(&json!({"properties": {"a": {"$ref": "#"}}}), &mut Budget::new()).is_object());
    }

    /// A hundred bytes of it described a hundred million values, and another hundred a thousand times a long text.
    #[test]
    fn a_schema_that_refers_to_itself_many_times_ends_soon() {
        let list = json!({"type": "array", "minItems": 10, "items": {"$ref": "#"}});
        let names = (0..20).map(|number| (format!("m{number}"), json!({"$ref": "#"})));
        let object = json!({"properties": names.collect::<Map<_, _>>()});
        let long = "x".repeat(50_000);
        let again = |inner: Value| {
            let names = (0..1_000).map(|number| (format!("m{number}"), json!({"$ref": "#/$defs/long"})));
            json!({"properties": names.collect::<Map<_, _>>(), "$defs": {"long": inner}})
        };
        let texts = again(json!({ "default": long }));
        let choices = again(json!({ "enum": [long] }));
        let named = again(json!({"properties": {long: true}}));
        for schema in [list, object, texts, choices, named] {
            let length = sample(&schema, &mut Budget::new()).to_string().len();
            assert!((1_000..400_000).contains(&length), "{length} bytes of {schema}");
        }
    }
}
