//! Typed look-ups in a JSON object whose failures are OpenAI's sentences. All checks use them.

use serde_json::{Map, Value};

use crate::upstream::refusal::Refusal;

/// What kind of value this is, in OpenAI's words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a decimal number",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// "Invalid type for 'x': expected a, but got b instead."
pub(crate) fn wrong_type(name: &str, expected: &str, got: &Value) -> Refusal {
    Refusal::invalid(format!(
        "Invalid type for '{name}': expected {expected}, but got {} instead.",
        kind(got)
    ))
    .param(name)
    .code("invalid_type")
}

/// "Missing required parameter: 'x'."
pub(crate) fn missing(name: &str) -> Refusal {
    Refusal::invalid(format!("Missing required parameter: '{name}'."))
        .param(name)
        .code("missing_required_parameter")
}

/// "Invalid value: 'v'. Supported values are: 'a' and 'b'."
pub(crate) fn unsupported(name: &str, value: &str, supported: &[&str]) -> Refusal {
    let quoted: Vec<String> = supported.iter().map(|one| format!("'{one}'")).collect();
    let list = match quoted.as_slice() {
        [first, second] => format!("{first} and {second}"),
        [most @ .., last] if !most.is_empty() => format!("{}, and {last}", most.join(", ")),
        other => other.join(""),
    };
    Refusal::invalid(format!("Invalid value: '{value}'. Supported values are: {list}."))
        .param(name)
        .code("invalid_value")
}

/// A value that is there and not null.
pub(crate) fn given<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

/// A switch; absent is `false`.
pub(crate) fn switch(body: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    match given(body, name) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(other) => Err(wrong_type(name, "a boolean", other)),
    }
}

/// A text.
pub(crate) fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match given(body, name) {
        None => Ok(None),
        Some(Value::String(value)) => Ok(Some(value)),
        Some(other) => Err(wrong_type(name, "a string", other)),
    }
}

/// A text of so many letters at the most.
pub(crate) fn text_up_to(body: &Map<String, Value>, name: &str, most: usize) -> Result<(), Refusal> {
    match text(body, name)?.map(|text| text.chars().count()) {
        Some(length) if length > most => Err(Refusal::invalid(format!(
            "Invalid '{name}': string too long. Expected a string with maximum length {most}, but got a string with length {length} \
             instead."
        ))
        .param(name)
        .code("string_above_max_length")),
        _ => Ok(()),
    }
}

/// A decimal number within bounds.
pub(crate) fn decimal(body: &Map<String, Value>, name: &str, low: f64, high: f64) -> Result<Option<f64>, Refusal> {
    let Some(value) = given(body, name) else {
        return Ok(None);
    };
    let Some(number) = value.as_f64() else {
        return Err(wrong_type(name, "a decimal number", value));
    };
    if number > high {
        return Err(Refusal::invalid(format!(
            "Invalid '{name}': decimal above maximum value. Expected a value <= {high}, but got {value} instead."
        ))
        .param(name)
        .code("decimal_above_max_value"));
    }
    if number < low {
        return Err(Refusal::invalid(format!(
            "Invalid '{name}': decimal below minimum value. Expected a value >= {low}, but got {value} instead."
        ))
        .param(name)
        .code("decimal_below_min_value"));
    }
    Ok(Some(number))
}

/// A whole number within bounds.
pub(crate) fn integer(body: &Map<String, Value>, name: &str, low: i64, high: i64) -> Result<Option<i64>, Refusal> {
    let Some(value) = given(body, name) else {
        return Ok(None);
    };
    let Some(number) = value.as_i64() else {
        return Err(wrong_type(name, "an integer", value));
    };
    if number > high {
        return Err(Refusal::invalid(format!(
            "Invalid '{name}': integer above maximum value. Expected a value <= {high}, but got {number} instead."
        ))
        .param(name)
        .code("integer_above_max_value"));
    }
    if number < low {
        return Err(Refusal::invalid(format!(
            "Invalid '{name}': integer below minimum value. Expected a value >= {low}, but got {number} instead."
        ))
        .param(name)
        .code("integer_below_min_value"));
    }
    Ok(Some(number))
}

/// A list that is not empty.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Refusal> {
    let Value::Array(items) = value else {
        return Err(wrong_type(name, "an array of objects", value));
    };
    if items.is_empty() {
        return Err(Refusal::invalid(format!(
            "Invalid '{name}': empty array. Expected an array with minimum length 1, but got an empty array instead."
        ))
        .param(name)
        .code("empty_array"));
    }
    Ok(items)
}

/// A name of letters, digits, `_` and `-`, at most 64 of them.
pub(crate) fn identifier(name: &str, value: &str) -> Result<(), Refusal> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if value.is_empty() || value.len() > 64 || !value.bytes().all(fits) {
        return Err(Refusal::invalid(format!(
            "Invalid '{name}': string does not match pattern. Expected a string that matches the pattern \
             '^[a-zA-Z0-9_-]+$'."
        ))
        .param(name)
        .code("invalid_value"));
    }
    Ok(())
}
