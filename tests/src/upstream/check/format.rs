//! `response_format`: text, json_object (which wants the word "json" in the messages) and json_schema, strict or not
//! (`strict.rs`). Schemas `ResponseFormat*` of openai-openapi.

use serde_json::{Map, Value};

use super::fields::{given, identifier, missing, unsupported, wrong_type};
use super::strict;
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
            let got = &schema["type"];
            return Err(invalid(
                name,
                &format!("In context=(), schema must be a JSON Schema of 'type: \"object\"', got 'type: {got}'"),
            ));
        }
        strict::check(schema).map_err(|fault| invalid(name, &fault))?;
    }
    Ok(Format::JsonSchema(schema.clone()))
}

fn invalid(name: &str, fault: &str) -> Refusal {
    Refusal::invalid(format!("Invalid schema for response_format '{name}': {fault}.")).param("response_format")
}
