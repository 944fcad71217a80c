//! The form of an answer.

use std::{borrow::Cow, cell::Cell, collections::BTreeSet};

use domain::catalog::Quirks;
use serde_json::{Map, Value, json};

use super::{
    super::{nullable, strict::strict},
    Dropped, drop_one, insert, obeyed,
};
use crate::wire::{
    canonical::{Format, Request},
    combined, in_words, pointer,
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
    if strict == Some(true) || !Looker::at(schema).is_of_objects(schema, 0) {
        return (made, strict);
    }
    let rooted = combined::rooted(schema);
    if matches!(rooted, Cow::Owned(_)) && Looker::at(schema).offers_several(schema, 0) {
        lost();
    }
    (rooted, strict)
}

/// Deepest nesting of choices, and longest chain of references, that are followed at a root.
const MAX_DEPTH: usize = 16;

/// Most schemas that are looked at: choices may refer to each other, and then a few bytes stand for very many.
const MOST_LOOKS: usize = 10_000;

/// Looks at a root through its references, choices and parts.
struct Looker<'a> {
    root: &'a Value,
    left: Cell<usize>,
}

impl<'a> Looker<'a> {
    fn at(root: &'a Value) -> Self {
        let left = Cell::new(MOST_LOOKS);
        Self { root, left }
    }

    /// Whatever obeys the schema is an object. Of one that is too deep or too large nobody knows.
    fn is_of_objects(&self, schema: &Value, depth: usize) -> bool {
        if !self.looks(depth) {
            return false;
        }
        let deeper = |schema: &Value| self.is_of_objects(schema, depth + 1);
        let each = |name: &str| schema.get(name).and_then(Value::as_array);
        match schema.get("type") {
            Some(kind) => kind == "object",
            None => {
                schema.get("properties").is_some()
                    || self.followed(schema).is_some_and(deeper)
                    || each("allOf").is_some_and(|parts| parts.iter().any(deeper))
                    || ["anyOf", "oneOf"]
                        .into_iter()
                        .filter_map(each)
                        .any(|choices| !choices.is_empty() && choices.iter().all(deeper))
            }
        }
    }

    /// There is a choice at the root.
    fn offers_several(&self, schema: &Value, depth: usize) -> bool {
        if !self.looks(depth) {
            return false;
        }
        let deeper = |schema: &Value| self.offers_several(schema, depth + 1);
        let parts = schema.get("allOf").and_then(Value::as_array);
        schema.get("anyOf").is_some()
            || schema.get("oneOf").is_some()
            || self.followed(schema).is_some_and(deeper)
            || parts.is_some_and(|parts| parts.iter().any(deeper))
    }

    fn looks(&self, depth: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0 && depth <= MAX_DEPTH
    }

    fn followed(&self, schema: &Value) -> Option<&'a Value> {
        pointer::target(self.root, schema.get("$ref")?.as_str()?)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight steps of a hundred references each stand for more than anybody can look at.
    #[test]
    fn choices_that_refer_to_each_other_come_to_an_end() {
        for word in ["anyOf", "allOf"] {
            let step = |at: usize| {
                let next: Vec<Value> = (0..100)
                    .map(|_| json!({"$ref": format!("#/$defs/D{}", at + 1)}))
                    .collect();
                (format!("D{at}"), json!({ word: next }))
            };
            let mut definitions: Map<String, Value> = (0..7).map(step).collect();
            definitions.insert("D7".to_owned(), json!({}));
            let schema = json!({"$ref": "#/$defs/D0", "$defs": definitions});
            assert!(!Looker::at(&schema).is_of_objects(&schema, 0));
            assert_eq!(Looker::at(&schema).offers_several(&schema, 0), word == "anyOf");
            definitions.insert("D7".to_owned(), json!({"type": "object"}));
            let schema = json!({"$ref": "#/$defs/D0", "$defs": definitions});
            let _ = Looker::at(&schema).is_of_objects(&schema, 0);
        }
    }
}
