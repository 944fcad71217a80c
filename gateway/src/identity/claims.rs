//! What claims say, as texts: for the rules, and for the fields of plain OAuth 2.

use serde_json::{Map, Value};

/// Claims or fields by their names.
pub(super) type Claims = Map<String, Value>;

/// The value with this name. A name with dots also leads into objects, as `realm_access.roles` does.
pub(super) fn find<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    find(claims.get(first)?.as_object()?, rest)
}

/// A value as one text; numbers and truth values as they are written.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A truth value, also where it was written as a text.
pub(super) fn flag(value: &Value) -> Option<bool> {
    text(value)?.parse().ok()
}

/// Every text of a value: a list says several.
pub(super) fn texts(claims: &Claims, name: &str) -> Vec<String> {
    match find(claims, name) {
        Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_found_by_name_and_by_path() {
        let claims = serde_json::json!({
            "groups": ["a", 7, {"x": 1}],
            "a.b": "whole",
            "realm_access": { "roles": ["admin"] },
            "id": 583_231,
            "verified": "true",
        });
        let Value::Object(claims) = claims else {
            panic!("an object")
        };
        assert_eq!(texts(&claims, "groups"), ["a", "7"]);
        assert_eq!(texts(&claims, "a.b"), ["whole"]);
        assert_eq!(texts(&claims, "realm_access.roles"), ["admin"]);
        assert_eq!(texts(&claims, "id"), ["583231"]);
        assert!(texts(&claims, "realm_access").is_empty() && texts(&claims, "no.where").is_empty());
        assert_eq!(find(&claims, "verified").and_then(flag), Some(true));
    }
}
