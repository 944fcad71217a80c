//! Makes a JSON Schema strict as OpenAI understands `strict`, for a client that takes `null` for what may be left out: every property is
//! required, those that were not may be null, and nothing else may stand in an object. What is left to be done does `strict`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// The form in which nothing may be left out; none where there is none, as for an object with any members.
pub(super) fn required(schema: &Value) -> Option<Value> {
    let Value::Object(map) = schema else { return None };
    let kind = map.get("type").and_then(Value::as_str);
    let mut strict = Map::with_capacity(map.len());
    for (name, value) in map {
        // Nothing that is within is copied before it is made strict: one within another would be copied again for each.
        let made = match (name.as_str(), value) {
            ("items", items) if kind == Some("array") => self::required(items)?,
            ("anyOf" | "oneOf" | "allOf", Value::Array(choices)) => {
                let choices: Option<Vec<Value>> = choices.iter().map(self::required).collect();
                Value::Array(choices?)
            }
            ("$defs" | "definitions", Value::Object(kinds)) => {
                let kinds: Option<Map<String, Value>> = kinds
                    .iter()
                    .map(|(name, kind)| Some((name.clone(), self::required(kind)?)))
                    .collect();
                Value::Object(kinds?)
            }
            // They find their values below.
            ("properties" | "required", _) if kind == Some("object") => Value::Null,
            _ => value.clone(),
        };
        strict.insert(name.clone(), made);
    }
    if kind == Some("object") {
        object(map, &mut strict)?;
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
    let named = map.get("required").and_then(Value::as_array);
    let named: HashSet<&str> = named.into_iter().flatten().filter_map(Value::as_str).collect();
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
