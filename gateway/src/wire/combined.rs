//! Schemas that are made of several, as one: for providers that do not take `allOf`, `anyOf` and their like where they stand. Used by the
//! writers of OpenAI's wires and of Anthropic's.
//!
//! What is made allows all that was allowed. What it no longer forbids is told in its description.

use std::{borrow::Cow, collections::HashSet};

use percent_encoding::percent_decode_str;
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
/// So much larger than a schema what is made of it may be, and so much more.
const TIMES: usize = 8;
const MORE: usize = 4 << 10;

/// How much may be put together of a schema: its parts may refer to each other, and then a few bytes stand for very many.
pub(super) struct Room(Option<usize>);

impl Room {
    /// That of a schema.
    pub fn of(schema: &Value) -> Self {
        Self(Some(size(schema).saturating_mul(TIMES).saturating_add(MORE)))
    }

    /// Takes so much; false once there is too little.
    fn take(&mut self, size: usize) -> bool {
        self.0 = self.0.and_then(|left| left.checked_sub(size));
        self.0.is_some()
    }
}

/// Values and bytes of texts.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len(),
        Value::Array(values) => 1 + values.iter().map(size).sum::<usize>(),
        Value::Object(members) => size_of_members(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

fn size_of_members(members: &Map<String, Value>) -> usize {
    1 + members
        .iter()
        .map(|(name, value)| name.len() + size(value))
        .sum::<usize>()
}

/// The schema of a tool's arguments with an object at its root and nothing beside it. One whose root is something else stays as it is, for
/// no provider could do anything with it, and so does one that refers to what is not there, or to itself without end.
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
    let mut room = Room::of(schema);
    let mut parts = Parts::of(schema, &mut room);
    let mut flat = parts.flat(members, 0);
    flat.shift_remove("type");
    for name in DEFINITIONS {
        if let Some(kinds) = members.get(name) {
            flat.insert(name.to_owned(), kinds.clone());
        }
    }
    told::tell(&mut flat, &parts.told);
    let kind = std::iter::once(("type".to_owned(), json!("object")));
    let made = Value::Object(kind.chain(flat).collect());
    parts.settled(made).map_or(Cow::Borrowed(schema), Cow::Owned)
}

/// A schema's members with all of its `allOf` among them, and what of that is only told. None where a reference leads nowhere, or there is
/// no more room.
pub(super) fn whole(
    members: &Map<String, Value>,
    root: &Value,
    room: &mut Room,
) -> Option<(Map<String, Value>, Vec<String>)> {
    let mut parts = Parts::of(root, room);
    let whole = parts.all(members, 0);
    (!parts.failed).then_some((whole, parts.told))
}

struct Parts<'a> {
    /// References are looked up here.
    root: &'a Value,
    room: &'a mut Room,
    /// What the whole no longer says.
    told: Vec<String>,
    /// There is too little room, or a reference leads nowhere.
    failed: bool,
}

impl<'a> Parts<'a> {
    const fn of(root: &'a Value, room: &'a mut Room) -> Self {
        Self {
            root,
            room,
            told: Vec::new(),
            failed: false,
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
        self.failed |= depth > MAX_DEPTH || !self.room.take(size_of_members(members));
        if self.failed {
            return Map::new();
        }
        let mut whole = members.clone();
        for name in DEFINITIONS {
            whole.shift_remove(name);
        }
        if let Some(reference) = whole.shift_remove("$ref") {
            match target(self.root, &reference) {
                Some(target) => {
                    let part = self.all(target, depth + 1);
                    self.add(&mut whole, part);
                }
                None => self.failed = true,
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
                    let known = texts(old);
                    let is_new = |name: &Value| name.as_str().is_some_and(|name| !known.contains(name));
                    let more: Vec<Value> = new.into_iter().filter(is_new).collect();
                    old.extend(more);
                }
                (Some(old), value) if *old == value || name == "title" => {}
                (Some(_), value) => self.told.push(told::word(&name, &value)),
            }
        }
    }
}

impl Parts<'_> {
    /// What was made, with what its references refer to where that has found no place in it. None where something has failed.
    fn settled(mut self, made: Value) -> Option<Value> {
        let mut settled = made;
        if !self.failed && self.dangles(&settled, &settled) {
            let made = settled.clone();
            self.settle(&mut settled, &made, 0);
        }
        (!self.failed).then_some(settled)
    }

    fn dangles(&self, schema: &Value, made: &Value) -> bool {
        match schema {
            Value::Object(members) => {
                let reference = members.get("$ref");
                let lost = |reference| target(made, reference).is_none() && target(self.root, reference).is_some();
                reference.is_some_and(lost) || members.values().any(|inner| self.dangles(inner, made))
            }
            Value::Array(values) => values.iter().any(|inner| self.dangles(inner, made)),
            _ => false,
        }
    }

    fn settle(&mut self, schema: &mut Value, made: &Value, depth: usize) {
        match schema {
            Value::Object(members) => {
                let lost = members
                    .get("$ref")
                    .filter(|reference| target(made, reference).is_none())
                    .and_then(|reference| target(self.root, reference));
                let Some(target) = lost else {
                    return members.values_mut().for_each(|inner| self.settle(inner, made, depth));
                };
                self.failed |= depth > MAX_DEPTH || !self.room.take(size_of_members(target));
                if self.failed {
                    return;
                }
                members.shift_remove("$ref");
                for (name, value) in target {
                    members.entry(name.clone()).or_insert_with(|| value.clone());
                }
                self.settle(schema, made, depth + 1);
            }
            Value::Array(values) => values.iter_mut().for_each(|inner| self.settle(inner, made, depth)),
            _ => {}
        }
    }
}

/// The schema that a reference within a document refers to.
fn target<'a>(root: &'a Value, reference: &Value) -> Option<&'a Map<String, Value>> {
    let pointer = reference.as_str()?.strip_prefix('#')?;
    let pointer = percent_decode_str(pointer).decode_utf8().ok()?;
    root.pointer(&pointer)?.as_object()
}

fn texts(values: &[Value]) -> HashSet<&str> {
    values.iter().filter_map(Value::as_str).collect()
}

/// Adds the members of each choice, and demands what all of them demand.
fn choose(into: &mut Map<String, Value>, choices: &[Option<Map<String, Value>>]) {
    let mut found: Map<String, Value> = Map::new();
    let mut seen: HashSet<(String, String)> = HashSet::new();
    let properties = |choice: &Option<Map<String, Value>>| choice.as_ref()?.get("properties")?.as_object().cloned();
    for (name, schema) in choices.iter().filter_map(properties).flatten() {
        if seen.insert((name.clone(), schema.to_string()))
            && let Value::Array(schemas) = found.entry(name).or_insert_with(|| json!([]))
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
    let mut keep = |names: &[Value], wanted: bool| {
        let names = texts(names);
        common.retain(|name| name.as_str().is_some_and(|name| names.contains(name) == wanted));
    };
    for choice in choices {
        keep(&required(choice), true);
    }
    if let Some(Value::Array(own)) = into.get("required") {
        keep(own, false);
    }
    if !common.is_empty()
        && let Value::Array(own) = into.entry("required").or_insert_with(|| json!([]))
    {
        own.append(&mut common);
    }
}

#[cfg(test)]
mod tests;
