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
/// left out, so that it may be demanded.
pub(in crate::wire) fn of_answer(
    schema: &Value,
    wanted: Option<bool>,
    nulls: bool,
    lost: impl FnOnce(),
) -> (Cow<'_, Value>, Option<bool>) {
    let made = || strict(&nullable::required(schema)?);
    match (nulls && wanted == Some(true)).then(made).flatten() {
        Some(made) => (Cow::Owned(made), wanted),
        None => match obeyed(schema, wanted, lost) {
            (made, Some(true)) => (made, wanted),
            // "Root objects must not be anyOf and must be an object" (OpenAI's guide "Structured outputs").
            (_, strict) => (combined::rooted(schema), strict),
        },
    }
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
