//! Typed look-ups whose failures are Anthropic's sentences: the place with dots, a colon, what is wrong. All checks use them.

use serde_json::{Map, Value};

use crate::upstream::anthropic::refusal::Refusal;

/// "place: what is wrong".
pub(super) fn invalid(place: &str, what: &str) -> Refusal {
    Refusal::invalid(format!("{place}: {what}"))
}

/// "place: Field required".
pub(super) fn missing(place: &str) -> Refusal {
    invalid(place, "Field required")
}

/// Refuses members that do not exist.
pub(super) fn known(object: &Map<String, Value>, place: &str, names: &[&str]) -> Result<(), Refusal> {
    match object.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(invalid(&format!("{place}.{name}"), "Extra inputs are not permitted")),
        None => Ok(()),
    }
}

/// A switch.
pub(super) fn switch(object: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(_) => Err(invalid(name, "Input should be a valid boolean")),
    }
}

/// A whole number from 0.
pub(super) fn integer(object: &Map<String, Value>, name: &str) -> Result<Option<u64>, Refusal> {
    match object.get(name) {
        None => Ok(None),
        Some(value) if value.is_i64() && !value.is_u64() => {
            Err(invalid(name, "Input should be greater than or equal to 0"))
        }
        Some(value) => match value.as_u64() {
            Some(number) => Ok(Some(number)),
            None => Err(invalid(name, "Input should be a valid integer")),
        },
    }
}

/// A number within bounds.
pub(super) fn decimal(object: &Map<String, Value>, name: &str, low: f64, high: f64) -> Result<Option<f64>, Refusal> {
    match object.get(name).map(Value::as_f64) {
        None => Ok(None),
        Some(None) => Err(invalid(name, "Input should be a valid number")),
        Some(Some(number)) if number < low || number > high => Err(invalid(name, &format!("range: {low}..{high}"))),
        Some(number) => Ok(number),
    }
}

/// A text that must be there.
pub(super) fn text<'a>(object: &'a Map<String, Value>, place: &str, name: &str) -> Result<&'a str, Refusal> {
    let place = format!("{place}.{name}");
    match object.get(name) {
        None => Err(missing(&place)),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(invalid(&place, "Input should be a valid string")),
    }
}

/// An object.
pub(super) fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, Refusal> {
    value
        .as_object()
        .ok_or_else(|| invalid(place, "Input should be a valid dictionary"))
}

/// A name of letters, digits, `_` and `-`, so many at the most.
pub(super) fn is_name(text: &str, longest: usize) -> bool {
    let valid = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    !text.is_empty() && text.len() <= longest && text.chars().all(valid)
}
