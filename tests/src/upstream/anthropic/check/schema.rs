//! What a schema must be to be enforced: every object closed, and no limits that are not enforced. Page "Structured outputs".

use serde_json::Value;

use super::super::refusal::Refusal;

/// Keywords that are refused.
const UNENFORCED: [&str; 12] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "oneOf",
];

/// Checks a schema and all within it.
pub(super) fn check(schema: &Value, place: &str) -> Result<(), Refusal> {
    let Some(members) = schema.as_object() else {
        return Ok(());
    };
    let kind = schema["type"].as_str().unwrap_or("object");
    if (schema["type"] == "object" || members.contains_key("properties")) && schema["additionalProperties"] != false {
        return Err(Refusal::invalid(format!(
            "{place}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        )));
    }
    if let Some(keyword) = members.keys().find(|name| UNENFORCED.contains(&name.as_str())) {
        return Err(Refusal::invalid(format!(
            "{place}: For '{kind}' type, property '{keyword}' is not supported"
        )));
    }
    for name in ["properties", "$defs"] {
        for inner in schema[name].as_object().into_iter().flat_map(|inner| inner.values()) {
            check(inner, place)?;
        }
    }
    for name in ["anyOf", "allOf"] {
        for inner in schema[name].as_array().into_iter().flatten() {
            check(inner, place)?;
        }
    }
    check(&schema["items"], place)
}
