//! Schemas that are made of several, as one: for providers that do not take `allOf`, `anyOf` and their like where they stand. Used by the
//! writers of OpenAI's wires and of Anthropic's.
//!
//! What is made allows all that was allowed. What it no longer forbids is told in its description.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::told;

/// Words that neither OpenAI nor Anthropic takes at the root of a tool's schema: "schema must have type 'object' and not have
/// 'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level" (<https://github.com/goruck/home-generative-agent/pull/545>),
/// "`input_schema` does not support oneOf, allOf, or anyOf at the top level" (<https://github.com/anthropics/claude-code/issues/40075>).
const REFUSED: [&str; 6] = ["allOf", "anyOf", "oneOf", "enum", "const", "not"];
/// Where definitions stand.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];
/// Deepest nesting of parts within parts, or references to references.
const MAX_DEPTH: usize = 16;
/// Most parts that are looked at: they may refer to each other, and then a few bytes stand for very many.
const MOST_PARTS: usize = 2_000;

/// The schema of a tool's arguments with an object at its root and nothing beside it. One whose root is something else stays as it is:
/// no provider could do anything with it.
pub(super) fn rooted(schema: &Value) -> Cow<'_, Value> {
    let Some(members) = schema.as_object() else {
        return Cow::Owned(json!({ "type": "object" }));
    };
    let is_object = match members.get("type") {
        None => false,
        Some(Value::Array(kinds)) if kinds.iter().any(|kind| kind == "object") => false,
        Some(kind) if kind == "object" => true,
        Some(_) => return Cow::Borrowed(schema),
    };
    let combined = |name: &String| name == "$ref" || REFUSED.contains(&name.as_str());
    if is_object && !members.keys().any(combined) {
        return Cow::Borrowed(schema);
    }
    let mut parts = Parts::of(schema);
    let mut flat = parts.flat(members, 0);
    flat.shift_remove("type");
    for name in DEFINITIONS {
        if let Some(kinds) = members.get(name) {
            flat.insert(name.to_owned(), kinds.clone());
        }
    }
    told::tell(&mut flat, &parts.told);
    let kind = std::iter::once(("type".to_owned(), json!("object")));
    Cow::Owned(Value::Object(kind.chain(flat).collect()))
}

/// A schema's members with all of its `allOf` among them, and what of that is only told. None where it is made of more parts than
/// anybody writes.
pub(super) fn whole(members: &Map<String, Value>, root: &Value) -> Option<(Map<String, Value>, Vec<String>)> {
    let mut parts = Parts::of(root);
    let whole = parts.all(members, 0);
    (parts.left > 0).then_some((whole, parts.told))
}

struct Parts<'a> {
    /// References are looked up here.
    root: &'a Value,
    left: usize,
    /// What the whole no longer says.
    told: Vec<String>,
}

impl<'a> Parts<'a> {
    const fn of(root: &'a Value) -> Self {
        Self {
            root,
            left: MOST_PARTS,
            told: Vec::new(),
        }
    }

    /// The same without choices: members of any of them may be there, and those of all of them must.
    fn flat(&mut self, members: &Map<String, Value>, depth: usize) -> Map<String, Value> {
        let mut flat = self.all(members, depth);
        for name in REFUSED {
            let Some(value) = flat.shift_remove(name) else { continue };
            self.told.push(told::word(name, &value));
            if let ("anyOf" | "oneOf", Value::Array(choices)) = (name, &value) {
                // What they say within is told with them.
                let said = self.told.len();
                let choices: Vec<_> = choices
                    .iter()
                    .map(|choice| choice.as_object().map(|choice| self.flat(choice, depth + 1)))
                    .collect();
                self.told.truncate(said);
                choose(&mut flat, &choices);
            }
        }
        flat
    }

    /// The same with what a reference at its root refers to, and with all of `allOf`.
    fn all(&mut self, members: &Map<String, Value>, depth: usize) -> Map<String, Value> {
        if depth > MAX_DEPTH || self.left == 0 {
            self.left = 0;
            return Map::new();
        }
        self.left -= 1;
        let mut whole = members.clone();
        for name in DEFINITIONS {
            whole.shift_remove(name);
        }
        if let Some(Value::String(reference)) = whole.shift_remove("$ref") {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer));
            if let Some(Value::Object(target)) = target {
                let part = self.all(target, depth + 1);
                self.add(&mut whole, part);
            }
        }
        if let Some(Value::Array(list)) = whole.shift_remove("allOf") {
            for part in list.iter().filter_map(Value::as_object) {
                let part = self.all(part, depth + 1);
                self.add(&mut whole, part);
            }
        }
        whole
    }

    /// Adds what one part demands. Where both speak of the same in other ways, the first has the word, and the second is told.
    fn add(&mut self, into: &mut Map<String, Value>, part: Map<String, Value>) {
        for (name, value) in part {
            match (into.get_mut(&name), value) {
                (None, value) => {
                    into.insert(name, value);
                }
                (Some(Value::Object(old)), Value::Object(new)) if name == "properties" => {
                    for (name, value) in new {
                        match old.get_mut(&name) {
                            None => {
                                old.insert(name, value);
                            }
                            Some(same) if *same == value => {}
                            Some(_) => self.told.push(told::word(&name, &value)),
                        }
                    }
                }
                (Some(Value::Array(old)), Value::Array(new)) if name == "required" => {
                    old.extend(new.into_iter().filter(|name| !old.contains(name)).collect::<Vec<_>>());
                }
                (Some(old), value) if *old == value || name == "title" => {}
                (Some(_), value) => self.told.push(told::word(&name, &value)),
            }
        }
    }
}

/// Adds the members of each choice, and demands what all of them demand.
fn choose(into: &mut Map<String, Value>, choices: &[Option<Map<String, Value>>]) {
    let mut found: Map<String, Value> = Map::new();
    let properties = |choice: &Option<Map<String, Value>>| choice.as_ref()?.get("properties")?.as_object().cloned();
    for (name, schema) in choices.iter().filter_map(properties).flatten() {
        let schemas = found.entry(name).or_insert_with(|| json!([]));
        if let Value::Array(schemas) = schemas
            && !schemas.contains(&schema)
        {
            schemas.push(schema);
        }
    }
    if !found.is_empty()
        && let Value::Object(own) = into.entry("properties").or_insert_with(|| json!({}))
    {
        for (name, schemas) in found {
            own.entry(name).or_insert_with(|| match schemas {
                Value::Array(mut one) if one.len() == 1 => one.swap_remove(0),
                several => json!({ "anyOf": several }),
            });
        }
    }
    let required = |choice: &Option<Map<String, Value>>| {
        let list = choice
            .as_ref()
            .and_then(|choice| choice.get("required")?.as_array().cloned());
        list.unwrap_or_default()
    };
    let mut common = choices.first().map(required).unwrap_or_default();
    for choice in choices {
        let its = required(choice);
        common.retain(|name| its.contains(name));
    }
    if !common.is_empty()
        && let Value::Array(own) = into.entry("required").or_insert_with(|| json!([]))
    {
        common.retain(|name| !own.contains(name));
        own.append(&mut common);
    }
}

#[cfg(test)]
mod tests;
