//! `tools` and `toolConfig`.

use serde_json::{Map, Value};

use super::super::check::{Choice, Tool};
use super::super::refusal::Refusal;
use super::check::{get, known, object};
use super::invalid;

/// The words of `Schema`, Google's part of OpenAPI.
const SCHEMA: [&str; 22] = [
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "maxItems",
    "minItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "anyOf",
    "propertyOrdering",
    "default",
    "items",
    "minimum",
    "maximum",
];

pub(super) fn check(body: &Map<String, Value>) -> Result<(Vec<Tool>, Choice), Refusal> {
    let mut tools = Vec::new();
    let listed = get(body, "tools").and_then(Value::as_array);
    for (at, tool) in listed.into_iter().flatten().enumerate() {
        let place = format!("tools[{at}]");
        let tool = object(tool, &place)?;
        known(
            tool,
            &["functionDeclarations", "googleSearch", "codeExecution", "urlContext"],
            &place,
        )?;
        let declarations = get(tool, "functionDeclarations").and_then(Value::as_array);
        for (index, declaration) in declarations.into_iter().flatten().enumerate() {
            tools.push(declared(
                declaration,
                &format!("{place}.function_declarations[{index}]"),
            )?);
        }
    }
    let choice = match get(body, "toolConfig") {
        Some(config) => choice(config, &tools)?,
        None => Choice::Auto,
    };
    Ok((tools, choice))
}

fn declared(declaration: &Value, place: &str) -> Result<Tool, Refusal> {
    let declaration = object(declaration, place)?;
    let names = [
        "name",
        "description",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
        "behavior",
    ];
    known(declaration, &names, place)?;
    let name = declaration.get("name").and_then(Value::as_str).unwrap_or_default();
    let begins_well = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | ':' | '-');
    if !begins_well || name.len() > 128 || !name.chars().all(fits) {
        return Err(invalid(format!(
            "* GenerateContentRequest.{place}.name: Invalid function name. Must start with a letter or an underscore. Must be \
             alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n"
        )));
    }
    let parameters = match (get(declaration, "parameters"), get(declaration, "parametersJsonSchema")) {
        (Some(_), Some(_)) => {
            return Err(invalid(format!(
                "* GenerateContentRequest.{place}: parameters and parameters_json_schema are mutually exclusive.\n"
            )));
        }
        (Some(schema), None) => {
            openapi(schema, &format!("{place}.parameters"))?;
            schema
        }
        (None, Some(schema)) => {
            json_schema(schema, &format!("{place}.parameters_json_schema"))?;
            if schema.get("$ref").is_none() && schema["type"] != "object" {
                return Err(invalid(format!(
                    "* GenerateContentRequest.{place}.parameters_json_schema: schema should be of type OBJECT.\n"
                )));
            }
            schema
        }
        (None, None) => &Value::Null,
    };
    Ok(Tool {
        name: name.to_owned(),
        parameters: parameters.clone(),
    })
}

/// Google's part of OpenAPI: anything else is refused.
fn openapi(schema: &Value, place: &str) -> Result<(), Refusal> {
    let schema = object(schema, place)?;
    known(schema, &SCHEMA, place)?;
    if schema.get("type").is_some_and(|kind| !kind.is_string()) {
        return Err(invalid(format!(
            "Invalid JSON payload received. Unknown name \"type\" at '{place}': Proto field is not repeating, cannot start list."
        )));
    }
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        openapi(property, &format!("{place}.properties[{name}]"))?;
    }
    schema
        .get("items")
        .map_or(Ok(()), |items| openapi(items, &format!("{place}.items")))
}

/// JSON Schema: beside a reference nothing else may stand, and it must end within the document.
pub(super) fn json_schema(schema: &Value, place: &str) -> Result<(), Refusal> {
    walk(schema, schema, place)
}

fn walk(schema: &Value, root: &Value, place: &str) -> Result<(), Refusal> {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                if target.is_none() || members.keys().any(|name| !name.starts_with('$')) {
                    return Err(invalid(format!(
                        "* GenerateContentRequest.{place}: invalid $ref {reference}\n"
                    )));
                }
            }
            members.values().try_for_each(|inner| walk(inner, root, place))
        }
        Value::Array(values) => values.iter().try_for_each(|inner| walk(inner, root, place)),
        _ => Ok(()),
    }
}

fn choice(config: &Value, tools: &[Tool]) -> Result<Choice, Refusal> {
    let config = object(config, "tool_config")?;
    known(config, &["functionCallingConfig", "retrievalConfig"], "tool_config")?;
    let Some(calling) = get(config, "functionCallingConfig") else {
        return Ok(Choice::Auto);
    };
    let calling = object(calling, "tool_config.function_calling_config")?;
    known(
        calling,
        &["mode", "allowedFunctionNames"],
        "tool_config.function_calling_config",
    )?;
    let mode = calling.get("mode").and_then(Value::as_str).unwrap_or("AUTO");
    let allowed = get(calling, "allowedFunctionNames").and_then(Value::as_array);
    let allowed: Vec<&str> = allowed.into_iter().flatten().filter_map(Value::as_str).collect();
    if !allowed.is_empty() && mode != "ANY" {
        return Err(invalid(
            "Function calling config: allowed_function_names should only be set when the function calling mode is ANY.",
        ));
    }
    if let Some(strange) = allowed
        .iter()
        .find(|name| !tools.iter().any(|tool| tool.name == **name))
    {
        return Err(invalid(format!(
            "Function calling config: allowed function name {strange} is not one of the function declarations."
        )));
    }
    match (mode, allowed.as_slice()) {
        ("NONE", _) => Ok(Choice::None),
        ("AUTO" | "VALIDATED", _) => Ok(Choice::Auto),
        ("ANY", [name, ..]) => Ok(Choice::Named((*name).to_owned())),
        ("ANY", []) => Ok(Choice::Required),
        _ => Err(invalid(format!(
            "Invalid value at 'tool_config.function_calling_config.mode' (type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode), \"{mode}\""
        ))),
    }
}
