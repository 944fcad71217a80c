//! Schemas that are made of several, as one: for providers that do not take `allOf`, `anyOf` and their like where they stand. Used by the
//! writers of OpenAI's wires and of Anthropic's.
//!
//! What is made allows all that was allowed. What it no longer forbids is told in its description.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{
    pointer,
    required::Required,
    room::{self, Room},
    told,
};

mod choices;

/// Words that neither OpenAI nor Anthropic takes at the root of a tool's schema: "schema must have type 'object' and not have
/// 'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level" (<https://github.com/goruck/home-generative-agent/pull/545>),
/// "`input_schema` does not support oneOf, allOf, or anyOf at the top level" (<https://github.com/anthropics/claude-code/issues/40075>).
const REFUSED: [&str; 6] = ["allOf", "anyOf", "oneOf", "enum", "const", "not"];
/// Where definitions stand.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];
/// What is put together is no longer there.
const DISSOLVED: [&str; 4] = ["$ref", "allOf", "$defs", "definitions"];
/// Deepest nesting of parts within parts, or references to references.
const MAX_DEPTH: usize = 16;

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
        if let Some(kinds) = members.get(name).filter(|kinds| parts.take(|| room::of_value(kinds))) {
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

    /// Takes so many bytes of the room; false where something has failed, and then nothing is measured any more.
    fn take(&mut self, bytes: impl FnOnce() -> usize) -> bool {
        self.failed = self.failed || !self.room.take(bytes());
        !self.failed
    }

    /// The same one step deeper.
    fn descend(&mut self, depth: usize, bytes: impl FnOnce() -> usize) -> bool {
        self.failed |= depth > MAX_DEPTH;
        self.take(bytes)
    }

    /// Tells what the whole no longer says.
    fn tell(&mut self, name: &str, value: &Value) {
        let word = told::word(name, value);
        if self.take(|| word.len()) {
            self.told.push(word);
        }
    }

    /// The same without choices: members of any of them may be there, and those of all of them must.
    fn flat(&mut self, members: &Map<String, Value>, depth: usize) -> Map<String, Value> {
        let mut flat = self.all(members, depth);
        for name in REFUSED {
            let Some(value) = flat.shift_remove(name) else { continue };
            self.tell(name, &value);
            if let ("anyOf" | "oneOf", Value::Array(choices)) = (name, &value) {
                // What they say within is told with them.
                let said = self.told.len();
                let mut flattened = Vec::new();
                for choice in choices {
                    if self.failed {
                        break;
                    }
                    flattened.push(choice.as_object().map(|choice| self.flat(choice, depth + 1)));
                }
                self.told.truncate(said);
                choices::choose(&mut flat, flattened);
            }
        }
        flat
    }

    /// The same with what a reference at its root refers to, and with all of `allOf`.
    fn all(&mut self, members: &Map<String, Value>, depth: usize) -> Map<String, Value> {
        let kept = |(name, _): &(&String, &Value)| !DISSOLVED.contains(&name.as_str());
        let own = || members.iter().filter(kept);
        if !self.descend(depth, || room::VALUE + own().map(room::of_member).sum::<usize>()) {
            return Map::new();
        }
        let mut whole: Map<_, _> = own().map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut required = Required::default();
        if let Some(reference) = members.get("$ref") {
            match target(self.root, reference) {
                Some(target) => {
                    let part = self.all(target, depth + 1);
                    self.add(&mut whole, part, &mut required);
                }
                None => self.failed = true,
            }
        }
        if let Some(Value::Array(list)) = members.get("allOf")
            && self.take(|| list.len() * room::VALUE)
        {
            for part in list.iter().filter_map(Value::as_object) {
                let part = self.all(part, depth + 1);
                if self.failed {
                    break;
                }
                self.add(&mut whole, part, &mut required);
            }
        }
        whole
    }

    /// Adds what one part demands. Where both speak of the same in other ways, the first has the word, and the second is told.
    fn add(&mut self, into: &mut Map<String, Value>, part: Map<String, Value>, required: &mut Required) {
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
                            Some(_) => self.tell(&name, &value),
                        }
                    }
                }
                (Some(Value::Array(old)), Value::Array(new)) if name == "required" => required.add(old, new),
                (Some(old), value) if *old == value || name == "title" => {}
                (Some(_), value) => self.tell(&name, &value),
            }
        }
    }
}

impl Parts<'_> {
    /// What was made, with what its references refer to where that has found no place in it. None where something has failed.
    fn settled(mut self, made: Value) -> Option<Value> {
        let mut settled = made;
        if !self.failed && self.dangles(&settled, &settled) && self.take(|| room::of_value(&settled)) {
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
        if self.failed {
            return;
        }
        match schema {
            Value::Object(members) => {
                let lost = members
                    .get("$ref")
                    .filter(|reference| target(made, reference).is_none())
                    .and_then(|reference| target(self.root, reference));
                let Some(target) = lost else {
                    return members.values_mut().for_each(|inner| self.settle(inner, made, depth));
                };
                if !self.descend(depth, || room::of_object(target)) {
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
    pointer::target(root, reference.as_str()?)?.as_object()
}

#[cfg(test)]
mod tests;
