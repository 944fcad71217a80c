//! What a schema must be under `"strict": true`, of an answer (`format.rs`) or of a tool's arguments (`tools.rs`): every
//! object closed, every property required, all the way down. OpenAI's guide "Structured outputs, supported schemas".

use serde_json::Value;

/// Checks a schema and all within it.
///
/// # Errors
/// What is wrong and where, in OpenAI's words: `In context=('properties', 'a'), …`.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    walk(schema, &mut Vec::new())
}

fn walk(schema: &Value, path: &mut Vec<String>) -> Result<(), String> {
    if !schema.is_object() {
        return Ok(());
    }
    let properties = schema["properties"].as_object();
    if properties.is_some() || schema["type"] == "object" {
        if schema["additionalProperties"] != Value::Bool(false) {
            let fault = "'additionalProperties' is required to be supplied and to be false";
            return Err(format!("In context={}, {fault}", context(path)));
        }
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_required = |key: &str| required.iter().any(|one| one == key);
        if let Some(left_out) = properties.into_iter().flatten().find(|(key, _)| !is_required(key)) {
            return Err(format!(
                "In context={}, 'required' is required to be supplied and to be an array including every key in \
                 properties. Missing '{}'",
                context(path),
                left_out.0
            ));
        }
    }
    for keyword in ["properties", "$defs"] {
        for (key, inner) in schema[keyword].as_object().into_iter().flatten() {
            within(&[keyword, key], inner, path)?;
        }
    }
    for (at, inner) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        within(&["anyOf", &at.to_string()], inner, path)?;
    }
    within(&["items"], &schema["items"], path)
}

fn within(steps: &[&str], schema: &Value, path: &mut Vec<String>) -> Result<(), String> {
    path.extend(steps.iter().map(|step| (*step).to_owned()));
    walk(schema, path)?;
    path.truncate(path.len() - steps.len());
    Ok(())
}

fn context(path: &[String]) -> String {
    let steps: Vec<String> = path.iter().map(|step| format!("'{step}'")).collect();
    format!("({})", steps.join(", "))
}
