//! Makes a JSON Schema one that OpenAI takes with `"strict": true`, if there is one. Used by the writers of OpenAI's two wires: their
//! provider refuses a strict schema whose objects are open or leave anything out, and Anthropic's and the framework's clients send
//! such ones.
//!
//! Whatever obeys the schema that is made obeys the client's too. So an object that says nothing of other members is closed, a member
//! that may be left out and may be `null` is required, and what has no such form has none: members that may be left out and are
//! never `null`, maps, tuples, several schemas at once. Words that OpenAI does not know only forbid, and are told in the description.
//! Sources: OpenAI's guide "Structured outputs", and what its own SDK refuses to send (openai-node, `lib/transform.ts`).

mod only;
mod size;

use std::{cell::Cell, collections::HashSet};

use only::only;
use serde_json::{Map, Value, json};

use crate::wire::{
    pointer::{self, NOTES},
    told,
};

/// Formats of texts that OpenAI knows; another one it refuses: "'uri' is not a valid format"
/// (<https://github.com/cyanheads/git-mcp-server/issues/47>).
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
/// Words that OpenAI refuses and that allow nothing which would be lost without them.
const FORBIDDING: [&str; 21] = [
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "format",
    "if",
    "maxContains",
    "maxProperties",
    "minContains",
    "minProperties",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "additionalItems",
];
/// Words with which a schema allows what no strict one can.
const LOST: [&str; 5] = [
    "patternProperties",
    "prefixItems",
    "$dynamicRef",
    "$recursiveRef",
    "$anchor",
];
/// Deepest nesting that is followed; JSON readers go no deeper either.
const MAX_DEPTH: usize = 120;
/// Choices may refer to each other, and then a few bytes stand for very many.
const MOST_LOOKS: usize = 50_000;
/// So many literals take a look more.
const LITERALS: usize = 16;

/// The strict form, or none.
pub(in crate::wire) fn strict(schema: &Value) -> Option<Value> {
    let maker = Maker {
        root: schema,
        looks: Cell::new(MOST_LOOKS),
    };
    // An object is demanded at the root, so a reference there is followed, and takes the definitions along.
    let mut root = maker.follow(schema)?.clone();
    for name in ["$defs", "definitions"] {
        if let (Value::Object(members), Some(kinds)) = (&mut root, schema.get(name)) {
            members.entry(name).or_insert_with(|| kinds.clone());
        }
    }
    let made = maker.schema(&root, 0)?;
    let beside = ["anyOf", "enum", "const"];
    let is_object = made["type"] == "object" && beside.iter().all(|name| made.get(*name).is_none());
    (is_object && pointer::all_end(&made, &made) && size::fits(&made)).then_some(made)
}

struct Maker<'a> {
    root: &'a Value,
    /// How often may still be looked whether `null` is allowed.
    looks: Cell<usize>,
}

impl Maker<'_> {
    /// The schema that a chain of references ends in.
    fn follow<'b>(&'b self, mut schema: &'b Value) -> Option<&'b Value> {
        for _ in 0..8 {
            let Some(reference) = schema.get("$ref") else {
                return Some(schema);
            };
            schema = pointer::target(self.root, reference.as_str()?)?;
        }
        None
    }

    fn schema(&self, schema: &Value, depth: usize) -> Option<Value> {
        let members = schema.as_object().filter(|_| depth < MAX_DEPTH)?;
        let (notes, members) = only(members)?;
        if let Some(reference) = members.get("$ref") {
            return refer(reference, members, &notes);
        }
        let mut made = Map::new();
        let mut unknown = Vec::new();
        for (name, value) in notes.into_iter().chain(members) {
            let deeper = |value: &Value| self.schema(value, depth + 1);
            let (name, value) = match name.as_str() {
                "properties" | "$defs" | "definitions" => (name.as_str(), each(value, deeper)?),
                "items" => ("items", deeper(value)?),
                "anyOf" => ("anyOf", all(value, deeper)?),
                "oneOf" if !members.contains_key("anyOf") => ("anyOf", all(value, deeper)?),
                "oneOf" | "allOf" => return None,
                "$schema" | "$id" => continue,
                "default" if value.is_null() => continue,
                "format" if value.as_str().is_some_and(|format| FORMATS.contains(&format)) => ("format", value.clone()),
                other if FORBIDDING.contains(&other) => {
                    unknown.push(told::word(other, value));
                    continue;
                }
                other if LOST.contains(&other) => return None,
                other => (other, value.clone()),
            };
            made.insert(name.to_owned(), value);
        }
        typed(&mut made)?;
        if is(&made, "array") && !made.contains_key("items") {
            return None;
        }
        if is(&made, "object") {
            self.close(members, &mut made)?;
        }
        told::tell(&mut made, &unknown);
        Some(Value::Object(made))
    }

    /// Closes an object, and requires all of its members.
    fn close(&self, members: &Map<String, Value>, made: &mut Map<String, Value>) -> Option<()> {
        let given = members.get("properties").and_then(Value::as_object);
        match members.get("additionalProperties") {
            Some(Value::Bool(false)) => {}
            // Who says nothing of any member takes whatever there is.
            None if given.is_some_and(|given| !given.is_empty()) => {}
            _ => return None,
        }
        let given = given.cloned().unwrap_or_default();
        let required = members.get("required").and_then(Value::as_array);
        let names: HashSet<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
        let is_required = |name: &str| names.contains(name);
        let fits = |(name, schema): (&String, &Value)| is_required(name) || self.allows_null(schema, 0);
        if !given.iter().all(fits) {
            return None;
        }
        if !given.keys().all(|name| is_required(name)) || required.is_none() {
            let all: Value = given.keys().map(String::as_str).collect();
            made.insert("required".to_owned(), all);
        }
        made.entry("properties").or_insert_with(|| json!({}));
        made.insert("additionalProperties".to_owned(), Value::Bool(false));
        Some(())
    }

    /// `null` obeys the schema.
    fn allows_null(&self, schema: &Value, depth: usize) -> bool {
        let list = |name: &str| schema.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        let literals = list("enum") + list("type");
        let left = self.looks.get().checked_sub(1 + literals / LITERALS);
        let Some(left) = left.filter(|_| depth <= 8) else {
            return false;
        };
        self.looks.set(left);
        if schema.get("$ref").is_some() {
            return self
                .follow(schema)
                .is_some_and(|target| self.allows_null(target, depth + 1));
        }
        let holds = |name: &str| {
            let list = schema.get(name).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(Value::is_null))
        };
        let is_null = |kind: &Value| kind == "null";
        let typed = match schema.get("type") {
            None => true,
            Some(Value::Array(kinds)) => kinds.iter().any(is_null),
            Some(kind) => is_null(kind),
        };
        let literal = schema.get("enum").is_none() || holds("enum");
        let constant = schema.get("const").is_none_or(Value::is_null);
        let choices = ["anyOf", "oneOf"]
            .into_iter()
            .filter_map(|name| schema.get(name)?.as_array());
        let chosen = |choices: &Vec<Value>| choices.iter().any(|one| self.allows_null(one, depth + 1));
        schema.is_object() && typed && literal && constant && choices.into_iter().all(chosen)
    }
}

/// A reference stands alone, so that what is said of it goes around it.
fn refer(reference: &Value, members: &Map<String, Value>, notes: &[(&String, &Value)]) -> Option<Value> {
    let beside = |name: &String| {
        let definitions = ["$ref", "$defs", "definitions"].contains(&name.as_str());
        definitions || NOTES.contains(&name.as_str())
    };
    if !members.keys().all(beside) || !reference.is_string() {
        return None;
    }
    let alone = json!({ "$ref": reference });
    let around = notes.iter().find(|(name, _)| *name == "description");
    Some(match members.get("description").or(around.map(|(_, text)| *text)) {
        Some(description) => json!({ "description": description, "anyOf": [alone] }),
        None => alone,
    })
}

/// Each schema says of what type it is, or offers several.
fn typed(made: &mut Map<String, Value>) -> Option<()> {
    if made.contains_key("type") || made.contains_key("anyOf") {
        return Some(());
    }
    let kind = if made.contains_key("properties") {
        "object"
    } else {
        let constant = made.get("const").map(std::slice::from_ref);
        let literals = constant.or_else(|| made.get("enum")?.as_array().map(Vec::as_slice))?;
        let mut kinds = literals.iter().map(|literal| match literal {
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Null => "null",
            Value::Array(_) | Value::Object(_) => "",
        });
        let first = kinds.next().filter(|kind| !kind.is_empty())?;
        kinds.all(|kind| kind == first).then_some(first)?
    };
    made.insert("type".to_owned(), kind.into());
    Some(())
}

fn is(made: &Map<String, Value>, wanted: &str) -> bool {
    match made.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == wanted),
        Some(kind) => kind == wanted,
        None => wanted == "object" && made.contains_key("properties"),
    }
}

fn each(schemas: &Value, make: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let made = schemas.as_object()?.iter();
    let made: Option<Map<_, _>> = made.map(|(name, schema)| Some((name.clone(), make(schema)?))).collect();
    made.map(Value::Object)
}

fn all(schemas: &Value, make: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let made: Option<Vec<Value>> = schemas.as_array()?.iter().map(make).collect();
    made.filter(|made| !made.is_empty()).map(Value::Array)
}

#[cfg(test)]
mod tests;
