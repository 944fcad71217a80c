//! Makes a client's JSON Schema one that Gemini takes in `parametersJsonSchema` and `responseJsonSchema`.
//!
//! These members take JSON Schema, but only the words listed in [`KEPT`] have a meaning there (google-genai's description of
//! `response_json_schema`), and beside a `$ref` nothing else may stand. So: other words go into the description, where the model reads
//! them, what is said of a reference goes around it, `const` becomes an `enum` of one, `oneOf` stays (it is read as `anyOf`), `allOf` is merged, `nullable` becomes a type, and every reference
//! within the document points into `$defs` at its root afterwards. References stay references, so that recursive schemas
//! stay finite. The order of members is kept.

use std::{
    borrow::Cow,
    collections::{HashSet, VecDeque},
};

use serde_json::{Map, Value, json};

use crate::wire::{
    pointer,
    required::Required,
    room::{self, Room},
    told,
};

/// The words that Gemini knows and whose values are no schemas.
const KEPT: [&str; 12] = [
    "type",
    "format",
    "title",
    "description",
    "enum",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "required",
    "propertyOrdering",
    "additionalProperties",
];
/// Words that demand nothing, or that are written in another way.
const UNTOLD: [&str; 14] = [
    "$schema",
    "$id",
    "$anchor",
    "$comment",
    "$defs",
    "definitions",
    "allOf",
    "nullable",
    "properties",
    "items",
    "readOnly",
    "writeOnly",
    "deprecated",
    "strict",
];
/// Deepest nesting that is followed; JSON readers go no deeper either.
const MAX_DEPTH: usize = 120;
/// Most bytes of words that are told: parts of an `allOf` may refer to each other, and then a few bytes stand for very many.
const MAX_TOLD: usize = 200_000;

/// The schema for Gemini.
pub(super) fn clean(schema: &Value) -> Value {
    let mut cleaner = Cleaner {
        root: schema,
        wanted: VecDeque::new(),
        seen: HashSet::new(),
        room: Room::of(schema),
        tellable: MAX_TOLD,
    };
    // An object is wanted at the root, so a reference there is followed at once.
    let mut cleaned = cleaner.schema(cleaner.follow(schema), 0);
    let mut definitions = Map::new();
    while let Some(pointer) = cleaner.wanted.pop_front() {
        let target = cleaner.root.pointer(&pointer).unwrap_or(&Value::Null);
        let definition = cleaner.schema(target, 0);
        definitions.insert(name_of(&pointer), definition);
    }
    if let (Value::Object(members), false) = (&mut cleaned, definitions.is_empty()) {
        members.insert("$defs".to_owned(), Value::Object(definitions));
    }
    cleaned
}

struct Cleaner<'a> {
    root: &'a Value,
    /// Places that are referred to and not yet written.
    wanted: VecDeque<String>,
    seen: HashSet<String>,
    /// For what is written. What finds no room in it demands nothing.
    room: Room,
    /// How many bytes of words may still be told.
    tellable: usize,
}

impl<'a> Cleaner<'a> {
    /// The schema that a chain of references ends in.
    fn follow(&self, mut schema: &'a Value) -> &'a Value {
        for _ in 0..8 {
            let referring = schema.as_object().and_then(pointer::all_of_one).unwrap_or(schema);
            match refers(referring, self.root) {
                Some((_, target)) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn schema(&mut self, schema: &Value, depth: usize) -> Value {
        // `true` allows everything; what is no schema at all, or too deep, is treated the same.
        let Value::Object(members) = schema else {
            return json!({});
        };
        let names = || members.keys().map(|name| room::of_name(name)).sum::<usize>();
        if depth >= MAX_DEPTH || !self.room.take(room::VALUE) || !self.room.take(names()) {
            return json!({});
        }
        let referring = members.get("$ref").map(|_| schema);
        if let Some(referring) = referring.or_else(|| pointer::all_of_one(members)) {
            let reference = self.refer(referring);
            return match members.get("description") {
                Some(text @ Value::String(_)) if reference.get("$ref").is_some() => {
                    json!({ "description": text, "anyOf": [reference] })
                }
                _ => reference,
            };
        }
        let mut cleaned = Map::new();
        let mut unknown = Vec::new();
        for (name, value) in members {
            match name.as_str() {
                "properties" => {
                    if let Value::Object(properties) = value
                        && self.room.take(properties.keys().map(|name| room::of_name(name)).sum())
                    {
                        let each = properties
                            .iter()
                            .map(|(name, value)| (name.clone(), self.schema(value, depth + 1)));
                        let properties: Map<_, _> = each.collect();
                        cleaned.insert(name.clone(), Value::Object(properties));
                    }
                }
                "items" if value.is_object() => {
                    cleaned.insert(name.clone(), self.schema(value, depth + 1));
                }
                "additionalProperties" if value.is_object() => {
                    cleaned.insert(name.clone(), self.schema(value, depth + 1));
                }
                "items" if value.is_array() => {
                    cleaned.insert("prefixItems".to_owned(), self.list(value, depth));
                }
                "prefixItems" | "anyOf" | "oneOf" => {
                    cleaned.insert(name.clone(), self.list(value, depth));
                }
                "const" if self.room.take(room::of_value(value)) => {
                    cleaned.insert("enum".to_owned(), json!([value]));
                }
                "const" => {}
                known if KEPT.contains(&known) => {
                    let fits = self.room.take(room::of_value(value));
                    cleaned.extend(fits.then(|| (name.clone(), value.clone())));
                }
                name if UNTOLD.contains(&name) || name.starts_with("x-") => {}
                name if self.tellable > 0 => {
                    let word = told::word(name, value);
                    self.tellable = self.tellable.saturating_sub(word.len());
                    unknown.push(word);
                }
                _ => {}
            }
        }
        told::tell(&mut cleaned, &unknown);
        let mut required = Required::default();
        let parts = members.get("allOf").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            if !self.room.take(room::VALUE) {
                break;
            }
            let part = self.follow(part);
            // Who refers in a circle, or to nothing, demands nothing.
            if !part.as_object().is_some_and(|members| members.contains_key("$ref")) {
                let part = self.schema(part, depth + 1);
                merge(&mut cleaned, part, &mut required);
            }
        }
        if members.get("nullable") == Some(&Value::Bool(true)) {
            allow_null(&mut cleaned);
        }
        Value::Object(cleaned)
    }

    fn list(&mut self, schemas: &Value, depth: usize) -> Value {
        let schemas = schemas.as_array().map(Vec::as_slice).unwrap_or_default();
        if !self.room.take(schemas.len() * room::VALUE) {
            return json!([]);
        }
        schemas.iter().map(|schema| self.schema(schema, depth + 1)).collect()
    }

    /// A reference within the document; another allows everything, since nobody could look it up.
    fn refer(&mut self, schema: &Value) -> Value {
        let Some((pointer, _)) = refers(schema, self.root) else {
            return json!({});
        };
        let name = name_of(&pointer);
        if self.seen.insert(pointer.clone().into_owned()) {
            self.wanted.push_back(pointer.into_owned());
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

/// The place in the document that a schema refers to, and what stands there.
fn refers<'a, 'b>(schema: &'b Value, root: &'a Value) -> Option<(Cow<'b, str>, &'a Value)> {
    pointer::follow(root, schema.get("$ref")?.as_str()?)
}

/// The name under `$defs`: the one that it has already, or one made of the whole place.
fn name_of(pointer: &str) -> String {
    let own = pointer
        .strip_prefix("/$defs/")
        .or_else(|| pointer.strip_prefix("/definitions/"))
        .unwrap_or(pointer);
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let name: String = own.chars().map(letter).collect();
    let plain = own.len() < pointer.len() && pointer.starts_with("/$defs/") && name == own;
    if plain {
        name
    } else {
        // Several places may read the same once their other letters are gone.
        format!("{name}_{:08x}", short_hash(pointer))
    }
}

fn short_hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Adds what one part of an `allOf` demands. Where both speak of the same, the first has the word.
fn merge(into: &mut Map<String, Value>, part: Value, required: &mut Required) {
    let Value::Object(part) = part else { return };
    for (name, value) in part {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) if name == "properties" => {
                for (name, value) in new {
                    old.entry(name).or_insert(value);
                }
            }
            (Some(Value::Array(old)), Value::Array(new)) if name == "required" => required.add(old, new),
            (Some(_), _) => {}
            (None, value) => {
                into.insert(name, value);
            }
        }
    }
}

fn allow_null(schema: &mut Map<String, Value>) {
    match schema.get_mut("type") {
        Some(Value::Array(types)) if types.iter().any(|one| one == "null") => {}
        Some(Value::Array(types)) => types.push(json!("null")),
        Some(one) => {
            let kind = one.take();
            *one = json!([kind, "null"]);
        }
        None => {}
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

#[cfg(test)]
mod tests;
