//! Makes a JSON Schema strict as OpenAI understands `strict`, for a client that takes `null` for what may be left out: every property is
//! required, those that were not may be null, and nothing else may stand in an object. What is left to be done does `strict`.

use serde_json::{Map, Value, json};

/// The form in which nothing may be left out; none where there is none, as for an object with any members.
pub(super) fn required(schema: &Value) -> Option<Value> {
    let Value::Object(map) = schema else { return None };
    let mut strict = map.clone();
    match map.get("type") {
        Some(Value::String(kind)) if kind == "object" => object(map, &mut strict)?,
        Some(Value::String(kind)) if kind == "array" => {
            if let Some(items) = map.get("items") {
                strict.insert("items".to_owned(), self::required(items)?);
            }
        }
        _ => {}
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(choices)) = map.get(choice) {
            let choices: Option<Vec<Value>> = choices.iter().map(self::required).collect();
            strict.insert(choice.to_owned(), Value::Array(choices?));
        }
    }
    for named in ["$defs", "definitions"] {
        if let Some(Value::Object(kinds)) = map.get(named) {
            let kinds: Option<Map<String, Value>> = kinds
                .iter()
                .map(|(name, kind)| Some((name.clone(), self::required(kind)?)))
                .collect();
            strict.insert(named.to_owned(), Value::Object(kinds?));
        }
    }
    Some(Value::Object(strict))
}

fn object(map: &Map<String, Value>, strict: &mut Map<String, Value>) -> Option<()> {
    // Any other member would be lost.
    if map
        .get("additionalProperties")
        .is_some_and(|others| *others != Value::Bool(false))
    {
        return None;
    }
    let properties = map.get("properties")?.as_object()?;
    let named: Vec<&str> = map
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mut all = Map::new();
    for (name, property) in properties {
        let inner = self::required(property)?;
        let inner = if named.contains(&name.as_str()) {
            inner
        } else {
            json!({ "anyOf": [inner, { "type": "null" }] })
        };
        all.insert(name.clone(), inner);
    }
    let names: Vec<Value> = all.keys().map(|name| Value::from(name.as_str())).collect();
    strict.insert("properties".to_owned(), Value::Object(all));
    strict.insert("required".to_owned(), Value::Array(names));
    strict.insert("additionalProperties".to_owned(), Value::Bool(false));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_optional_may_be_null() {
        let schema = json!({
            "type": "object",
            "properties": {
                "b": { "type": "string" },
                "a": { "type": "array", "items": { "type": "object", "properties": { "x": { "type": "number" } }, "required": ["x"] } }
            },
            "required": ["b"]
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "b": { "type": "string" },
                "a": { "anyOf": [
                    { "type": "array", "items": {
                        "type": "object", "properties": { "x": { "type": "number" } }, "required": ["x"], "additionalProperties": false
                    } },
                    { "type": "null" }
                ] }
            },
            "required": ["b", "a"],
            "additionalProperties": false
        });
        let made = required(&schema).unwrap();
        assert_eq!(made.to_string(), expected.to_string(), "the order of members stays");
    }

    #[test]
    fn what_takes_any_member_has_no_strict_form() {
        for schema in [
            json!({ "type": "object" }),
            json!({ "type": "object", "properties": {}, "additionalProperties": true }),
            json!({ "type": "object", "properties": { "a": { "type": "object" } } }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "object" }] }),
            json!(true),
        ] {
            assert_eq!(required(&schema), None, "{schema}");
        }
    }
}
