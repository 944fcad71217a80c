//! The form of an answer.

use std::{borrow::Cow, collections::BTreeSet};

use domain::catalog::Quirks;
use serde_json::{Map, Value, json};

use super::{
    super::{nullable, strict::strict},
    Dropped, drop_one, insert, obeyed,
};
use crate::wire::{
    canonical::{Format, Request},
    combined, in_words,
};

/// The request for a provider with these quirks: one that takes no schema is asked for JSON, and told of the schema in words.
pub(super) fn fitting<'a>(request: &'a Request, quirks: &Quirks, dropped: &mut BTreeSet<Dropped>) -> Cow<'a, Request> {
    if !quirks.json_object_only || !matches!(request.format, Format::JsonSchema { .. }) {
        return Cow::Borrowed(request);
    }
    let mut request = request.clone();
    let format = std::mem::replace(&mut request.format, Format::JsonObject);
    in_words::ask(&mut request, &format);
    drop_one(dropped, "response_format.json_schema");
    Cow::Owned(request)
}

pub(super) fn write(format: &Format, dropped: &mut BTreeSet<Dropped>) -> Option<Value> {
    match format {
        Format::Text => None,
        Format::JsonObject => Some(json!({ "type": "json_object" })),
        Format::JsonSchema {
            name,
            description,
            schema,
            strict,
            nulls,
        } => {
            let mut described = Map::new();
            described.insert("name".into(), schema_name(name).into());
            insert(&mut described, "description", description.clone());
            let (schema, strict) = of_answer(schema, *strict, *nulls, || drop_one(dropped, "response_format.strict"));
            described.insert("schema".into(), schema.into_owned());
            insert(&mut described, "strict", strict);
            Some(json!({ "type": "json_schema", "json_schema": described }))
        }
    }
}

/// The schema of an answer, and whether it is obeyed to the letter, as [`obeyed`]. `nulls` says that the client takes `null` for what may be
/// left out, so that it may be demanded. What is `lost` is told once or more.
///
/// "Root objects must not be anyOf and must be an object" (OpenAI's guide "Structured outputs"): several kinds of objects become one that
/// allows them all. A root that is not always an object stays, for no object would obey it; OpenAI refuses it, and other services do not.
pub(in crate::wire) fn of_answer(
    schema: &Value,
    wanted: Option<bool>,
    nulls: bool,
    mut lost: impl FnMut(),
) -> (Cow<'_, Value>, Option<bool>) {
    let made = || strict(&nullable::required(schema)?);
    if let Some(made) = (nulls && wanted == Some(true)).then(made).flatten() {
        return (Cow::Owned(made), wanted);
    }
    if schema.as_object().is_some_and(Map::is_empty) {
        // Any JSON: no strict schema says that.
        if wanted == Some(true) {
            lost();
        }
        return (Cow::Borrowed(schema), wanted.filter(|strict| !strict));
    }
    let (made, strict) = obeyed(schema, wanted, &mut lost);
    if strict == Some(true) || !is_of_objects(schema, schema, 0) {
        return (made, strict);
    }
    let rooted = combined::rooted(schema);
    if matches!(rooted, Cow::Owned(_)) && offers_several(schema, schema, 0) {
        lost();
    }
    (rooted, strict)
}

/// Deepest nesting of choices, and longest chain of references, that are followed at a root.
const MAX_DEPTH: usize = 16;

/// Whatever obeys the schema is an object.
fn is_of_objects(schema: &Value, root: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let deeper = |schema: &Value| is_of_objects(schema, root, depth + 1);
    let each = |name: &str| schema.get(name).and_then(Value::as_array);
    match schema.get("type") {
        Some(kind) => kind == "object",
        None => {
            schema.get("properties").is_some()
                || followed(schema, root).is_some_and(deeper)
                || each("allOf").is_some_and(|parts| parts.iter().any(deeper))
                || ["anyOf", "oneOf"]
                    .into_iter()
                    .filter_map(each)
                    .any(|choices| !choices.is_empty() && choices.iter().all(deeper))
        }
    }
}

/// There is a choice at the root.
fn offers_several(schema: &Value, root: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let deeper = |schema: &Value| offers_several(schema, root, depth + 1);
    let parts = schema.get("allOf").and_then(Value::as_array);
    schema.get("anyOf").is_some()
        || schema.get("oneOf").is_some()
        || followed(schema, root).is_some_and(deeper)
        || parts.is_some_and(|parts| parts.iter().any(deeper))
}

fn followed<'a>(schema: &Value, root: &'a Value) -> Option<&'a Value> {
    root.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}

/// A name that OpenAI takes: letters, digits, `_` and `-`, at most 64 of them. Other dialects have none.
pub(in crate::wire) fn schema_name(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let name: String = name
        .chars()
        .take(64)
        .map(|letter| if fits(letter) { letter } else { '_' })
        .collect();
    if name.is_empty() { "answer".to_owned() } else { name }
}
