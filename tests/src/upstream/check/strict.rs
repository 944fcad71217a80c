//! What a schema must be under `"strict": true`, of an answer (`format.rs`) or of a tool's arguments (`tools.rs`): every
//! object closed, every property required, every schema of a type, no word that is not known, all the way down. OpenAI's guide
//! "Structured outputs, supported schemas"; the words that are refused are those that its own SDK refuses to send (openai-node,
//! `lib/transform.ts`), the sentences those of public reports.

use serde_json::Value;

/// Refused: "'uri' is not a valid format" (<https://github.com/cyanheads/git-mcp-server/issues/47>) of any other.
const FORMATS: [&str; 9] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uuid",
];
const REFUSED: [&str; 24] = [
    "allOf",
    "oneOf",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "then",
    "not",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "$anchor",
];

/// Checks a schema and all within it.
///
/// # Errors
/// What is wrong and where, in OpenAI's words: `In context=('properties', 'a'), …`.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    if schema.get("anyOf").is_some() {
        return Err("In context=(), 'anyOf' is not permitted".to_owned());
    }
    walk(schema, schema, &mut Vec::new())?;
    let mut properties = 0;
    let levels = deepest(schema, &mut properties);
    if properties > 5_000 || levels > 10 {
        return Err(format!(
            "schema has {properties} properties and {levels} levels of nesting, which exceeds the limits of 5000 and 10"
        ));
    }
    Ok(())
}

/// Counts properties, and tells how deep objects and lists stand within each other ("Objects have limitations on nesting depth and size").
fn deepest(schema: &Value, properties: &mut usize) -> usize {
    let mut below = 0;
    for keyword in ["properties", "$defs", "definitions"] {
        for inner in schema[keyword].as_object().into_iter().flat_map(|all| all.values()) {
            *properties += usize::from(keyword == "properties");
            below = below.max(deepest(inner, properties));
        }
    }
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    for inner in choices.chain(schema.get("items")) {
        below = below.max(deepest(inner, properties));
    }
    below + usize::from(schema["properties"].is_object() || schema["items"].is_object())
}

/// Words that may not stand at the root of a function's parameters, strict or not.
const NOT_AT_THE_ROOT: [&str; 6] = ["oneOf", "anyOf", "allOf", "enum", "const", "not"];

/// Checks the root of a function's parameters (<https://github.com/goruck/home-generative-agent/pull/545>).
///
/// # Errors
/// What is wrong, in OpenAI's words.
pub(crate) fn root(parameters: &Value) -> Result<(), String> {
    if parameters["type"] != "object" {
        let got = &parameters["type"];
        return Err(format!(
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: {got}'"
        ));
    }
    match NOT_AT_THE_ROOT.iter().find(|name| parameters.get(**name).is_some()) {
        Some(_) => Err(
            "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level"
                .to_owned(),
        ),
        None => Ok(()),
    }
}

fn walk(schema: &Value, root: &Value, path: &mut Vec<String>) -> Result<(), String> {
    let Some(members) = schema.as_object() else {
        return Err(format!("In context={}, schema must be an object", context(path)));
    };
    let fault = |fault: String, path: &[String]| Err(format!("In context={}, {fault}", context(path)));
    if let Some(reference) = members.get("$ref") {
        let mut beside = members
            .keys()
            .filter(|name| !name.starts_with('$') && *name != "definitions");
        if let Some(name) = beside.next() {
            return fault(format!("$ref cannot have keywords {{'{name}'}}"), path);
        }
        let pointer = reference.as_str().and_then(|reference| reference.strip_prefix('#'));
        if pointer.and_then(|pointer| root.pointer(pointer)).is_none() {
            return fault(format!("reference {reference} can only point to definitions"), path);
        }
    } else if !members.contains_key("type") && !members.contains_key("anyOf") {
        return fault("schema must have a 'type' key".to_owned(), path);
    }
    if let Some(name) = members.keys().find(|name| REFUSED.contains(&name.as_str())) {
        return fault(format!("'{name}' is not permitted"), path);
    }
    if let Some(format) = members
        .get("format")
        .and_then(Value::as_str)
        .filter(|format| !FORMATS.contains(format))
    {
        return fault(format!("'{format}' is not a valid format"), path);
    }
    if schema["type"] == "array" && !schema["items"].is_object() {
        return fault("array schema missing items".to_owned(), path);
    }
    let properties = schema["properties"].as_object();
    if properties.is_some() || schema["type"] == "object" {
        if schema["additionalProperties"] != Value::Bool(false) {
            return fault(
                "'additionalProperties' is required to be supplied and to be false".to_owned(),
                path,
            );
        }
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_required = |key: &str| required.iter().any(|one| one == key);
        if let Some(left_out) = properties.into_iter().flatten().find(|(key, _)| !is_required(key)) {
            return fault(
                format!(
                    "'required' is required to be supplied and to be an array including every key in properties. Missing '{}'",
                    left_out.0
                ),
                path,
            );
        }
    }
    for keyword in ["properties", "$defs", "definitions"] {
        for (key, inner) in schema[keyword].as_object().into_iter().flatten() {
            within(&[keyword, key], inner, root, path)?;
        }
    }
    for (at, inner) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        within(&["anyOf", &at.to_string()], inner, root, path)?;
    }
    match members.get("items") {
        Some(items) => within(&["items"], items, root, path),
        None => Ok(()),
    }
}

fn within(steps: &[&str], schema: &Value, root: &Value, path: &mut Vec<String>) -> Result<(), String> {
    path.extend(steps.iter().map(|step| (*step).to_owned()));
    walk(schema, root, path)?;
    path.truncate(path.len() - steps.len());
    Ok(())
}

fn context(path: &[String]) -> String {
    let steps: Vec<String> = path.iter().map(|step| format!("'{step}'")).collect();
    format!("({})", steps.join(", "))
}
