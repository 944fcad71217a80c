//! The schemas that are sent everywhere.

use serde_json::{Value, json};
use tests::stage::with;

/// A schema, and what of it must reach the model in some form.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) schema: fn() -> Value,
    pub(super) needles: &'static [&'static str],
    pub(super) recursive: bool,
}

const fn shape(name: &'static str, needles: &'static [&'static str], schema: fn() -> Value) -> Shape {
    Shape {
        name,
        schema,
        needles,
        recursive: false,
    }
}

/// An object that is strict itself.
fn strict(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(|all| all.keys()).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

pub(super) const SHAPES: &[Shape] = &[
    shape("nested", &["innermost"], || {
        strict(&json!({"outer": strict(&json!({"innermost": {"type": "boolean"}}))}))
    }),
    shape("array", &["things", "integer"], || {
        strict(&json!({"things": {"type": "array", "items": strict(&json!({"n": {"type": "integer"}}))}}))
    }),
    shape("enum", &["red", "green"], || {
        strict(
            &json!({"colour": {"type": "string", "enum": ["red", "green"]}, "one": {"type": "string", "const": "always"}}),
        )
    }),
    shape("nullable", &["null"], || {
        strict(
            &json!({"maybe": {"type": ["string", "null"]}, "word": {"type": ["string", "null"], "enum": ["x", null]}}),
        )
    }),
    shape("optional", &["perhaps"], || {
        json!({"type": "object", "properties": {"sure": {"type": "string"}, "perhaps": {"type": "integer"}},
            "required": ["sure"], "additionalProperties": false})
    }),
    // As `model_json_schema()` of Pydantic writes a model with an optional member and one of another model.
    shape("pydantic", &["A friend of the house"], || {
        json!({"title": "P", "type": "object", "$defs": {"Pet": {"title": "Pet", "type": "object",
                "properties": {"name": {"title": "Name", "type": "string"}}, "required": ["name"], "additionalProperties": false}},
            "properties": {"age": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null, "title": "Age"},
                "pet": {"$ref": "#/$defs/Pet"}, "friend": {"type": "string", "description": "A friend of the house"}},
            "required": ["pet", "friend"], "additionalProperties": false})
    }),
    shape("choices", &["cat", "dog"], || {
        let kind = |name: &str| strict(&json!({"kind": {"type": "string", "const": name}}));
        strict(&json!({"pet": {"anyOf": [kind("cat"), kind("dog")]}}))
    }),
    shape("one-of", &["cat", "dog"], || {
        let kind = |name: &str| strict(&json!({"kind": {"type": "string", "const": name}}));
        strict(&json!({"pet": {"oneOf": [kind("cat"), kind("dog")]}}))
    }),
    shape("references", &["$ref", "street"], || {
        let mut schema = strict(&json!({"home": {"$ref": "#/$defs/Address"}, "work": {"$ref": "#/$defs/Address"}}));
        schema["$defs"] = json!({"Address": strict(&json!({"street": {"type": "string"}}))});
        schema
    }),
    Shape {
        recursive: true,
        ..shape("recursive", &["$ref"], || {
            let mut schema = strict(&json!({"root": {"$ref": "#/$defs/Node"}}));
            let next = json!({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Node"}]});
            schema["$defs"] = json!({"Node": strict(&json!({"value": {"type": "integer"}, "next": next}))});
            schema
        })
    },
    shape("formats", &["date-time", "uri", "uuid"], || {
        strict(
            &json!({"at": {"type": "string", "format": "date-time"}, "where": {"type": "string", "format": "uri"},
            "id": {"type": "string", "format": "uuid"}}),
        )
    }),
    shape(
        "limits",
        &["4217", "8317", "37", "^zx", "uniqueItems", "multipleOf", "maxItems"],
        || {
            strict(&json!({
                "number": {"type": "integer", "minimum": 4217, "maximum": 8317, "multipleOf": 5},
                "text": {"type": "string", "minLength": 37, "pattern": "^zx", "description": "A text"},
                "list": {"type": "array", "items": {"type": "string"}, "maxItems": 6, "minItems": 2, "uniqueItems": true},
            }))
        },
    ),
    // As servers of tools write "one of these" (<https://github.com/dearlordylord/huly-mcp/issues/66>).
    shape("one-of-members", &["anyOf", "sender", "subject"], || {
        json!({"type": "object", "properties": {"sender": {"type": "string"}, "subject": {"type": "string"}},
            "anyOf": [{"required": ["sender"]}, {"required": ["subject"]}], "additionalProperties": false})
    }),
    shape("one-of-objects", &["cat", "dog", "lives"], || {
        let kind = |name: &str, more: Value| strict(&with(json!({"kind": {"type": "string", "const": name}}), more));
        json!({"type": "object", "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
            "$defs": {"Cat": kind("cat", json!({"lives": {"type": "integer"}})), "Dog": kind("dog", json!({}))}})
    }),
    shape("all-of", &["street", "zip"], || {
        let address = json!({"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]});
        let zip = json!({"properties": {"zip": {"type": "string"}}, "required": ["zip"]});
        let mut schema = strict(&json!({"home": {"allOf": [{"$ref": "#/$defs/Address"}, zip]}}));
        schema["$defs"] = json!({ "Address": address });
        schema
    }),
    shape("all-of-at-the-root", &["street", "zip"], || {
        json!({"allOf": [{"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]},
            {"type": "object", "properties": {"zip": {"type": "string"}}, "required": ["zip"]}]})
    }),
    shape("described-reference", &["Where they live", "street"], || {
        let mut schema = strict(&json!({"home": {"$ref": "#/$defs/Address", "description": "Where they live"}}));
        schema["$defs"] = json!({"Address": strict(&json!({"street": {"type": "string"}}))});
        schema
    }),
    shape("deep", &["innermost"], || {
        (0..11).fold(strict(&json!({"innermost": {"type": "string"}})), |inner, _| {
            strict(&json!({ "within": inner }))
        })
    }),
    shape("map", &["A price"], || {
        strict(
            &json!({"prices": {"type": "object", "additionalProperties": {"type": "number", "description": "A price"}}}),
        )
    }),
    shape(
        "open",
        &["anything"],
        || json!({"type": "object", "properties": {"anything": {"type": "string"}}, "required": ["anything"]}),
    ),
    shape("untyped", &["whatever it is"], || {
        strict(&json!({"it": {"description": "whatever it is"}}))
    }),
    shape("conditional", &["then", "Gold"], || {
        let mut schema = strict(&json!({"kind": {"type": "string"}}));
        schema["if"] = json!({"properties": {"kind": {"const": "a"}}});
        schema["then"] = json!({"properties": {"kind": {"description": "Gold"}}});
        schema
    }),
];
