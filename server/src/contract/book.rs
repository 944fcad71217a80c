//! The schemas of the document, each under its name once.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Where schemas stand in the document.
const AT: &str = "/components/schemas";

/// Collects the schemas that descriptions speak of.
pub struct Book {
    generator: SchemaGenerator,
    /// Of what is read: each whole in its place, as one type may be read otherwise than it is written.
    reader: SchemaGenerator,
    written: Map<String, Value>,
}

impl Book {
    /// An empty one.
    pub fn new() -> Self {
        let mut settings = SchemaSettings::draft2020_12().for_serialize();
        settings.definitions_path = AT.into();
        settings.meta_schema = None;
        let mut reading = SchemaSettings::draft2020_12().for_deserialize();
        reading.inline_subschemas = true;
        reading.meta_schema = None;
        Self {
            reader: reading.into_generator(),
            generator: settings.into_generator(),
            written: Map::new(),
        }
    }

    /// Refers to what this type is written as. Nothing else may stand in it.
    pub fn of<T: JsonSchema>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// What this type reads, whole.
    pub fn read_as<T: JsonSchema>(&mut self) -> Value {
        self.reader.subschema_for::<T>().to_value()
    }

    /// Refers to what this type reads, under its name.
    pub fn taken<T: JsonSchema>(&mut self) -> Value {
        let schema = self.read_as::<T>();
        self.named(&T::schema_name(), |_| schema)
    }

    /// Refers to a schema that is written by hand.
    pub fn named(&mut self, name: &str, schema: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.written.contains_key(name) {
            // Its place is taken first: a schema may speak of itself.
            self.written.insert(name.to_owned(), Value::Null);
            let schema = schema(self);
            self.written.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#{AT}/{name}") })
    }

    /// All of them by name.
    pub fn finish(mut self) -> Map<String, Value> {
        let mut all = self.generator.take_definitions(true);
        all.values_mut().for_each(close);
        all.append(&mut self.written);
        all.sort_keys();
        all
    }
}

/// Whatever is not described may not be there.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("type").is_some_and(|kind| kind == "object") && members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
