//! What a schema must be to be enforced: every object closed, no limits that are not enforced, nothing that contains itself. Page
//! "Structured outputs", "JSON Schema limitations".

use serde_json::Value;

use super::super::refusal::Refusal;

/// Keywords that are refused.
const UNENFORCED: [&str; 16] = [
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
    "patternProperties",
    "prefixItems",
    "not",
    "if",
];

/// "Optional parameters" and "Parameters with union types" of all strict schemas of a request (page "Structured outputs", "Schema complexity
/// limits"); the sentences after <https://github.com/elie222/inbox-zero/issues/2323>.
pub(super) fn complexity<'a>(schemas: impl Iterator<Item = &'a Value>) -> Result<(), Refusal> {
    let (mut optional, mut unions) = (0, 0);
    schemas.for_each(|schema| weigh(schema, &mut optional, &mut unions));
    if optional > 24 {
        return Err(Refusal::invalid(format!(
            "Schemas contains too many optional parameters ({optional}), which would make grammar compilation inefficient. Reduce the \
             number of optional parameters in your tool schemas (limit: 24)."
        )));
    }
    if unions > 16 {
        return Err(Refusal::invalid(format!(
            "Schemas contains too many parameters with union types ({unions} parameters with type arrays or anyOf). This causes \
             exponential compilation cost. Reduce the number of nullable or union-typed parameters (limit: 16)."
        )));
    }
    Ok(())
}

fn weigh(schema: &Value, optional: &mut usize, unions: &mut usize) {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = || schema["properties"].as_object().into_iter().flatten();
    *optional += properties()
        .filter(|(name, _)| !required.iter().any(|one| one == *name))
        .count();
    *unions += usize::from(schema["anyOf"].is_array() || schema["type"].is_array());
    let definitions = ["$defs", "definitions"]
        .into_iter()
        .filter_map(|name| schema[name].as_object())
        .flatten();
    let several = ["anyOf", "allOf"]
        .into_iter()
        .filter_map(|name| schema[name].as_array())
        .flatten();
    let within = properties()
        .chain(definitions)
        .map(|(_, inner)| inner)
        .chain(several)
        .chain(schema.get("items"));
    within.for_each(|inner| weigh(inner, optional, unions));
}

/// Checks a schema and all within it.
pub(super) fn check(schema: &Value, place: &str) -> Result<(), Refusal> {
    // <https://github.com/egonSchiele/agency-lang/issues/487>
    if let Some(name) = circle(schema, schema, &mut Vec::new()) {
        return Err(Refusal::invalid(format!(
            "{place}: Circular reference detected in schema definitions: {name} -> {name}. Self-referencing or mutually-referencing \
             definitions are not supported."
        )));
    }
    walk(schema, place)
}

/// The reference that leads back to where it stands.
fn circle(schema: &Value, root: &Value, open: &mut Vec<String>) -> Option<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if reference == "#" || open.iter().any(|one| one == reference) {
            return Some(reference.rsplit('/').next().unwrap_or_default().to_owned());
        }
        open.push(reference.to_owned());
        let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        let found = target.and_then(|target| circle(target, root, open));
        open.pop();
        return found.or_else(|| circle(schema.get("$defs")?, root, open));
    }
    match schema {
        Value::Object(members) => members.values().find_map(|inner| circle(inner, root, open)),
        Value::Array(values) => values.iter().find_map(|inner| circle(inner, root, open)),
        _ => None,
    }
}

fn walk(schema: &Value, place: &str) -> Result<(), Refusal> {
    let Some(members) = schema.as_object() else {
        return Ok(());
    };
    if schema["$ref"]
        .as_str()
        .is_some_and(|reference| !reference.starts_with('#'))
    {
        return Err(Refusal::invalid(format!("{place}: External $ref is not supported")));
    }
    let parts = schema["allOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    if parts.iter().any(|part| part.get("$ref").is_some()) {
        return Err(Refusal::invalid(format!("{place}: allOf with $ref is not supported")));
    }
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
    if schema["minItems"].as_u64().is_some_and(|least| least > 1) {
        return Err(Refusal::invalid(format!(
            "{place}: For 'array' type, 'minItems' values other than 0 or 1 are not supported"
        )));
    }
    let literals = schema["enum"].as_array().map(Vec::as_slice).unwrap_or_default();
    if literals.iter().any(|literal| literal.is_object() || literal.is_array()) {
        return Err(Refusal::invalid(format!(
            "{place}: Complex types within enums are not supported"
        )));
    }
    // Why Anthropic's own SDK leaves the type out beside literals (`lib/transform-json-schema.ts`).
    if let (true, Some(first)) = (schema["type"].is_array(), literals.first()) {
        return Err(Refusal::invalid(format!(
            "{place}: Enum value {first} does not match declared type '{}'",
            schema["type"]
        )));
    }
    for name in ["properties", "$defs", "definitions"] {
        for inner in schema[name].as_object().into_iter().flat_map(|inner| inner.values()) {
            walk(inner, place)?;
        }
    }
    for name in ["anyOf", "allOf"] {
        for inner in schema[name].as_array().into_iter().flatten() {
            walk(inner, place)?;
        }
    }
    walk(&schema["items"], place)
}
