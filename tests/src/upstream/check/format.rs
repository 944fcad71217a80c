//! `response_format`: text, json_object (which wants the word "json" in the messages) and json_schema, whose strict
//! schemas must close every object and require every property. Schemas `ResponseFormat*` of openai-openapi and OpenAI's
//! guide "Structured outputs, supported schemas".

use serde_json::{Map, Value};

use super::fields::{given, identifier, missing, unsupported, wrong_type};
use crate::upstream::refusal::Refusal;

/// The form of the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Format {
    /// Plain text.
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON that conforms to this schema.
    JsonSchema(Value),
}

pub(super) fn check(body: &Map<String, Value>, messages: &[Value]) -> Result<Format, Refusal> {
    let Some(format) = given(body, "response_format") else {
        return Ok(Format::Text);
    };
    if !format.is_object() {
        return Err(wrong_type("response_format", "an object", format));
    }
    match format["type"].as_str() {
        None => Err(missing("response_format.type")),
        Some("text") => Ok(Format::Text),
        Some("json_object") => {
            let said = |message: &Value| message["content"].to_string().to_lowercase().contains("json");
            if messages.iter().any(said) {
                return Ok(Format::JsonObject);
            }
            Err(Refusal::invalid(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            )
            .param("messages"))
        }
        Some("json_schema") => json_schema(&format["json_schema"]),
        Some(other) => Err(unsupported(
            "response_format.type",
            other,
            &["json_object", "json_schema", "text"],
        )),
    }
}

fn json_schema(described: &Value) -> Result<Format, Refusal> {
    let Value::Object(fields) = described else {
        return Err(missing("response_format.json_schema"));
    };
    let Some(name) = fields.get("name").and_then(Value::as_str) else {
        return Err(missing("response_format.json_schema.name"));
    };
    identifier("response_format.json_schema.name", name)?;
    let schema = match fields.get("schema") {
        None => return Err(missing("response_format.json_schema.schema")),
        Some(schema @ Value::Object(_)) => schema,
        Some(other) => {
            return Err(wrong_type("response_format.json_schema.schema", "an object", other));
        }
    };
    if fields.get("strict").and_then(Value::as_bool).unwrap_or(false) {
        if schema["type"] != "object" {
            return Err(invalid(
                name,
                "()",
                &format!(
                    "schema must be a JSON Schema of 'type: \"object\"', got 'type: {}'",
                    schema["type"]
                ),
            ));
        }
        strict(name, schema, &mut Vec::new())?;
    }
    Ok(Format::JsonSchema(schema.clone()))
}

/// Every object closed, every property required, all the way down.
fn strict(name: &str, schema: &Value, path: &mut Vec<String>) -> Result<(), Refusal> {
    let context = |path: &[String]| {
        let steps: Vec<String> = path.iter().map(|step| format!("'{step}'")).collect();
        format!("({})", steps.join(", "))
    };
    if let Some(properties) = schema["properties"].as_object() {
        if schema["additionalProperties"] != Value::Bool(false) {
            let fault = "'additionalProperties' is required to be supplied and to be false";
            return Err(invalid(name, &context(path), fault));
        }
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(left_out) = properties
            .keys()
            .find(|key| !required.iter().any(|one| one == key.as_str()))
        {
            return Err(invalid(
                name,
                &context(path),
                &format!(
                    "'required' is required to be supplied and to be an array including every key in properties. \
                     Missing '{left_out}'"
                ),
            ));
        }
        for (key, inner) in properties {
            path.push("properties".to_owned());
            path.push(key.clone());
            strict(name, inner, path)?;
            path.truncate(path.len() - 2);
        }
    }
    if schema["items"].is_object() {
        path.push("items".to_owned());
        strict(name, &schema["items"], path)?;
        path.pop();
    }
    Ok(())
}

fn invalid(name: &str, context: &str, fault: &str) -> Refusal {
    Refusal::invalid(format!(
        "Invalid schema for response_format '{name}': In context={context}, {fault}."
    ))
    .param("response_format")
}
