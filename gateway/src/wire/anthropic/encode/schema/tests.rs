//! What goes in and what comes out.

use serde_json::json;

use super::*;

fn closed(schema: &Value) -> Value {
    super::closed(schema).unwrap().schema
}

#[test]
fn objects_are_closed_and_limits_are_told() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "properties": {
            "b": {"type": "integer", "minimum": 1, "maximum": 9, "description": "A number"},
            "a": {"type": "array", "items": {"type": "object", "properties": {}}, "minItems": 2},
            "c": {"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "odd"}]},
            "d": {"type": ["string", "null"], "enum": ["x", null]},
            "e": {"type": "array", "enum": [["x"]]},
            "f": {"type": "array", "items": [{"type": "string"}]},
        },
        "required": ["b"], "additionalProperties": true,
    });
    assert_eq!(
        closed(&schema).to_string(),
        json!({
            "type": "object",
            "properties": {
                "b": {"type": "integer", "description": "A number\n\n{minimum: 1, maximum: 9}"},
                "a": {"type": "array", "items": {"type": "object", "properties": {}, "additionalProperties": false},
                    "description": "{minItems: 2}"},
                "c": {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "description": "{format: \"odd\"}"}]},
                "d": {"enum": ["x", null]},
                "e": {"type": "array", "description": "{enum: [[\"x\"]]}"},
                "f": {"type": "array", "description": "{items: [{\"type\":\"string\"}]}"},
            },
            "required": ["b"], "additionalProperties": false,
        })
        .to_string()
    );
}

#[test]
fn a_strict_schema_stays_as_it_is() {
    let schema = json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/X"}, "y": {"$ref": "#/$defs/X"}}, "required": ["x"],
        "$defs": {"X": {"type": "object", "properties": {}, "additionalProperties": false}}, "additionalProperties": false});
    assert_eq!(closed(&schema), schema);
    assert!(!super::closed(&schema).unwrap().lost_members);
}

/// As generators write it that keep all kinds by name.
#[test]
fn a_reference_at_the_root_is_followed() {
    let definitions = json!({"A": {"$ref": "#/$defs/B"}, "B": {"type": "object", "properties": {"x": {"$ref": "#/$defs/C"}}, "required": ["x"]},
        "C": {"type": "string"}});
    let schema = json!({"$ref": "#/$defs/A", "$defs": definitions, "description": "d"});
    let closed = closed(&schema);
    assert_eq!(
        (&closed["type"], &closed["properties"], &closed["description"]),
        (&json!("object"), &definitions["B"]["properties"], &json!("d"))
    );
    assert_eq!(
        (&closed["additionalProperties"], closed.get("$ref")),
        (&json!(false), None)
    );
    assert_eq!(closed["$defs"]["C"], definitions["C"]);
}

#[test]
fn maps_are_told_and_known_to_be_lost() {
    let within = |inner: Value| json!({"type": "object", "properties": {"a": inner}, "required": ["a"]});
    for (inner, lost) in [
        (
            json!({"type": "object", "additionalProperties": {"type": "number"}}),
            true,
        ),
        (
            json!({"type": "object", "properties": {"b": {}}, "additionalProperties": {"type": "number"}}),
            true,
        ),
        (
            json!({"type": "object", "patternProperties": {"^x": {"type": "number"}}, "additionalProperties": false}),
            true,
        ),
        (json!({"type": "object"}), true),
        (json!({"type": "object", "additionalProperties": true}), true),
        (json!({"type": "object", "additionalProperties": false}), false),
        (
            json!({"type": "object", "properties": {"b": {"type": "string"}}}),
            false,
        ),
        (
            json!({"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": true}),
            false,
        ),
        (json!({"type": "string"}), false),
    ] {
        let found = super::closed(&within(inner.clone())).unwrap();
        assert_eq!(found.lost_members, lost, "{inner}");
    }
    assert_eq!(
        closed(&json!({"type": "object", "additionalProperties": {"type": "number"}})),
        json!({"type": "object", "additionalProperties": false, "description": "{additionalProperties: {\"type\":\"number\"}}"})
    );
}

#[test]
fn what_contains_itself_is_not_taken() {
    for (schema, taken) in [
        (json!({"type": "object", "properties": {"n": {"$ref": "#"}}}), false),
        (
            json!({"$ref": "#/$defs/N", "$defs": {"N": {"properties": {"n": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]}}}}}),
            false,
        ),
        (
            json!({"$defs": {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {"items": {"$ref": "#/$defs/A"}}}}),
            false,
        ),
        (
            json!({"$defs": {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {"type": "string"}, "C": {"$ref": "#/$defs/A"}}}),
            true,
        ),
        // However the places are written.
        (
            json!({"$defs": {"A<B>": {"items": {"$ref": "#/$defs/A%3CB%3E"}}}}),
            false,
        ),
        (
            json!({"items": {"$ref": "#/$defs/A%3CB%3E"}, "$defs": {"A<B>": {"type": "string"}}}),
            true,
        ),
        // Nor what refers to something that is not there.
        (json!({"properties": {"a": {"$ref": "#/$defs/none"}}}), false),
        (json!({"properties": {"b": {"$ref": "https://example.com/x"}}}), false),
    ] {
        assert_eq!(super::closed(&schema).is_some(), taken, "{schema}");
    }
}

/// Closed one by one, the parts would forbid each other's members; and with a reference among them they are refused.
#[test]
fn all_of_several_is_one() {
    let schema = json!({"type": "object", "$defs": {"A": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}},
        "properties": {"x": {"allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {"type": "integer"}, "a": {"minLength": 2}}}]}}});
    let made = closed(&schema);
    assert_eq!(
        made["properties"]["x"].to_string(),
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"],
            "additionalProperties": false, "description": "{a: {\"minLength\":2}}"})
        .to_string()
    );
    assert_eq!(made["$defs"]["A"]["additionalProperties"], false);
    let two = |next: &str| json!({"allOf": [{"$ref": next}, {"$ref": next}]});
    let mut definitions: Map<_, _> = (0..20)
        .map(|at| (format!("D{at}"), two(&format!("#/$defs/D{}", at + 1))))
        .collect();
    definitions.insert("D20".to_owned(), json!({"type": "string"}));
    assert!(super::closed(&json!({"properties": {"a": {"$ref": "#/$defs/D0"}}, "$defs": definitions})).is_none());
}

/// A reference stands alone, as in Anthropic's SDK; what is said of it is told with the object that it is a member of.
#[test]
fn what_is_said_of_a_reference_is_told() {
    let schema = json!({"type": "object", "properties": {"home": {"$ref": "#/$defs/A", "description": "Where they live"},
        "work": {"allOf": [{"$ref": "#/$defs/A"}], "description": "Where they work", "default": null}},
        "$defs": {"A": {"type": "string"}}});
    let made = closed(&schema);
    assert_eq!(made["properties"]["home"], json!({"$ref": "#/$defs/A"}));
    // As pydantic writes it.
    assert_eq!(made["properties"]["work"], json!({"$ref": "#/$defs/A"}));
    assert_eq!(
        made["description"],
        "{home: \"Where they live\", work: \"Where they work\"}"
    );
}

/// A few bytes that stand for very many, and references into what is put together.
#[test]
fn what_cannot_be_put_together_is_not_taken() {
    let next = |at: usize| {
        let one = json!({"allOf": [{"$ref": format!("#/$defs/D{}", at + 1)}, {"title": "t"}]});
        json!({"type": "object", "properties": {"a": one, "b": one, "c": one}})
    };
    let definitions: Map<String, Value> = (0..22).map(|at| (format!("D{at}"), next(at))).collect();
    let mut schema = next(0);
    schema["$defs"] = Value::Object(definitions);
    schema["$defs"]["D22"] = json!({"type": "object"});
    assert!(!contains_itself(&schema) && pointer::all_end(&schema, &schema));
    assert!(super::closed(&schema).is_none());

    let part = json!({"type": "object", "properties": {"k": {"type": "string"}}});
    let into = json!({"type": "object", "properties": {"x": {"allOf": [part]}, "y": {"$ref": "#/properties/x/allOf/0/properties/k"}}});
    assert!(super::closed(&into).is_none());
    let within = json!({"type": "object", "properties": {"x": {"allOf": [part]}, "y": {"$ref": "#/properties/x"}}});
    assert!(super::closed(&within).is_some());
}

/// One place in a hundred thousand spellings is followed once.
#[test]
fn however_a_place_is_written_it_is_followed_once() {
    let spelled = |at: u32| {
        let letters = (0..17).map(|bit| if at >> bit & 1 == 0 { "a" } else { "%61" });
        json!({"$ref": format!("#/$defs/{}", letters.collect::<String>())})
    };
    let all: Vec<Value> = (0..100_000).map(spelled).collect();
    let mut definitions = Map::new();
    definitions.insert("a".repeat(17), json!({"enum": vec![0; 100_000]}));
    assert!(!contains_itself(&json!({"anyOf": all, "$defs": definitions})));
}
