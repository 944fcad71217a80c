//! Makes a JSON schema one that Anthropic takes as the form of an answer: objects are closed, and limits that it does not
//! enforce go into the description, where the model reads them. The same that Anthropic's own SDK does with a schema.

use std::{borrow::Cow, collections::HashSet};

use serde_json::{Map, Value};

use crate::wire::{combined, pointer, room::Room, told};

mod spent;

pub(super) use spent::Spent;

/// Formats of texts that are enforced.
const FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Members that every schema may have.
const KEPT: [&str; 6] = ["type", "description", "title", "enum", "const", "default"];

/// A schema as Anthropic takes it.
pub(super) struct Closed {
    /// The schema, whose objects are closed.
    pub schema: Value,
    /// Some of them took members of any name before, and take none now.
    pub lost_members: bool,
}

/// The schema, closed. None where it contains itself, or refers to what is not in it: "Self-referencing or mutually-referencing definitions
/// are not supported" (<https://github.com/egonSchiele/agency-lang/issues/487>), "external `$ref` not supported" (page "Structured
/// outputs", "JSON Schema limitations").
pub(super) fn closed(schema: &Value) -> Option<Closed> {
    if contains_itself(schema) || !pointer::all_end(schema, schema) {
        return None;
    }
    let mut closer = Closer {
        root: schema,
        room: Room::of(schema),
        lost_members: false,
        endless: false,
    };
    // A reference at the root is followed: the form of an answer is one of an object, and a description may stand beside it.
    let made = match schema {
        Value::Object(members) => closer.members(members),
        other => other.clone(),
    };
    let (lost_members, endless) = (closer.lost_members, closer.endless);
    // What was put together may have been referred to where it stood before.
    (!endless && pointer::all_end(&made, &made)).then_some(Closed {
        schema: made,
        lost_members,
    })
}

struct Closer<'a> {
    root: &'a Value,
    /// For what is put together.
    room: Room,
    lost_members: bool,
    /// It is made of more parts than there is room for.
    endless: bool,
}

impl Closer<'_> {
    fn close(&mut self, schema: &Value) -> Value {
        if self.endless {
            return Value::Null;
        }
        let Some(members) = schema.as_object() else {
            return schema.clone();
        };
        let alone = || pointer::all_of_one(members)?.get("$ref");
        if let Some(reference) = members.get("$ref").or_else(alone) {
            let mut only = Map::new();
            only.insert("$ref".to_owned(), reference.clone());
            for name in ["$defs", "definitions"] {
                if let Some(within) = members.get(name) {
                    only.insert(name.to_owned(), self.each(within));
                }
            }
            return Value::Object(only);
        }
        self.members(members)
    }

    fn members(&mut self, members: &Map<String, Value>) -> Value {
        let (members, mut unenforced) = self.parts(members);
        let mut whole = Map::new();
        for (name, value) in &*members {
            match name.as_str() {
                "properties" | "$defs" | "definitions" => {
                    if name == "properties" {
                        unenforced.extend(beside_references(value));
                    }
                    whole.insert(name.clone(), self.each(value));
                }
                "items" if value.is_object() => {
                    whole.insert(name.clone(), self.close(value));
                }
                "anyOf" => {
                    whole.insert(name.clone(), self.all(value));
                }
                "oneOf" if !members.contains_key("anyOf") => {
                    whole.insert("anyOf".to_owned(), self.all(value));
                }
                // That others are allowed is said by nothing; of what kind they are is told.
                "additionalProperties" if !value.is_object() => {}
                "$schema" | "$id" => {}
                "required" => {
                    whole.insert(name.clone(), value.clone());
                }
                "format" if value.as_str().is_some_and(|format| FORMATS.contains(&format)) => {
                    whole.insert(name.clone(), value.clone());
                }
                "minItems" if matches!(value.as_u64(), Some(0 | 1)) => {
                    whole.insert(name.clone(), value.clone());
                }
                // Literals that are no single values are refused.
                "enum" | "const" if !is_literal(value) => unenforced.push(told::word(name, value)),
                name if KEPT.contains(&name) => {
                    whole.insert(name.to_owned(), value.clone());
                }
                name => unenforced.push(told::word(name, value)),
            }
        }
        // "Enum value 'x' does not match declared type '['string', 'null']'": literals say it themselves, as in Anthropic's SDK.
        if members.get("type").is_some_and(Value::is_array)
            && (whole.contains_key("enum") || whole.contains_key("const"))
        {
            whole.shift_remove("type");
        }
        if is_object(&members) {
            whole.insert("additionalProperties".to_owned(), Value::Bool(false));
            self.lost_members |= takes_any(&members);
        }
        told::tell(&mut whole, &unenforced);
        Value::Object(whole)
    }

    /// The members with all of `allOf` among them, and what they refer to: parts that are closed one by one would forbid each other's members, and some are
    /// refused ("`allOf` with `$ref` not supported").
    fn parts<'b>(&mut self, members: &'b Map<String, Value>) -> (Cow<'b, Map<String, Value>>, Vec<String>) {
        if !members.contains_key("allOf") && !members.contains_key("$ref") {
            return (Cow::Borrowed(members), Vec::new());
        }
        let Some((mut whole, told)) = combined::whole(members, self.root, &mut self.room) else {
            self.endless = true;
            return (Cow::Borrowed(members), Vec::new());
        };
        for name in ["$defs", "definitions"] {
            if let Some(within) = members.get(name) {
                whole.insert(name.to_owned(), within.clone());
            }
        }
        (Cow::Owned(whole), told)
    }

    fn each(&mut self, schemas: &Value) -> Value {
        match schemas {
            Value::Object(members) => {
                let closed = members.iter().map(|(name, schema)| (name.clone(), self.close(schema)));
                Value::Object(closed.collect())
            }
            other => other.clone(),
        }
    }

    fn all(&mut self, schemas: &Value) -> Value {
        match schemas {
            Value::Array(schemas) => schemas.iter().map(|schema| self.close(schema)).collect(),
            other => other.clone(),
        }
    }
}

fn is_object(members: &Map<String, Value>) -> bool {
    match members.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => members.contains_key("properties"),
    }
}

/// A map, or an object of which nothing is said: closed, it would be empty. One that has members of its own and says nothing of others
/// hardly means them.
fn takes_any(members: &Map<String, Value>) -> bool {
    let names_some = members
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|own| !own.is_empty());
    members.contains_key("patternProperties")
        || match members.get("additionalProperties") {
            Some(Value::Bool(false)) => false,
            Some(Value::Object(_)) => true,
            _ => !names_some,
        }
}

/// What is said of members that are references, which must stand alone.
fn beside_references(properties: &Value) -> impl Iterator<Item = String> {
    let said = |(name, schema): (&String, &Value)| {
        let alone = || pointer::all_of_one(schema.as_object()?);
        let text = schema.get("$ref").or_else(alone).and(schema.get("description"))?;
        Some(told::word(name, text))
    };
    properties.as_object().into_iter().flatten().filter_map(said)
}

fn is_literal(value: &Value) -> bool {
    let single = |value: &Value| !value.is_object() && !value.is_array();
    value
        .as_array()
        .map_or_else(|| single(value), |values| values.iter().all(single))
}

/// Some reference leads back to a schema that it stands in.
fn contains_itself(root: &Value) -> bool {
    leads_back(root, root, &mut Vec::new(), &mut HashSet::new())
}

/// More references in a chain than anybody writes by hand; each may stand deep within the next.
const LONGEST_CHAIN: usize = 24;

/// `open` are the places whose references are being followed; `done` those that were followed to their ends. A place may be written in
/// more than one way, so they are told by where they lie.
fn leads_back<'a>(
    schema: &'a Value,
    root: &'a Value,
    open: &mut Vec<&'a Value>,
    done: &mut HashSet<*const Value>,
) -> bool {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(target) = reference.and_then(|reference| pointer::target(root, reference)) {
                let is_open = |place: &&Value| std::ptr::eq(*place, target);
                if std::ptr::eq(root, target) || open.iter().any(is_open) || open.len() >= LONGEST_CHAIN {
                    return true;
                }
                if !done.contains(&std::ptr::from_ref(target)) {
                    open.push(target);
                    if leads_back(target, root, open, done) {
                        return true;
                    }
                    open.pop();
                    done.insert(target);
                }
            }
            members.values().any(|inner| leads_back(inner, root, open, done))
        }
        Value::Array(values) => values.iter().any(|inner| leads_back(inner, root, open, done)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
