//! What goes in and what comes out.

use serde_json::{Value, json};

use super::strict;

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[test]
fn what_is_strict_stays_as_it_is() {
    for schema in [
        object(
            &json!({"a": {"type": "string", "pattern": "^x", "minLength": 1}, "b": {"type": ["integer", "null"], "minimum": 1}}),
            &["a", "b"],
        ),
        object(&json!({}), &[]),
        object(&json!({"a": {"anyOf": [{"type": "null"}, {"$ref": "#"}]}}), &["a"]),
        object(
            &json!({"e": {"type": "string", "enum": ["x"]}, "d": {"type": "string", "format": "date"}}),
            &["e", "d"],
        ),
        json!({"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"], "additionalProperties": false,
            "$defs": {"N": object(&json!({"next": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]}}), &["next"])}}),
    ] {
        assert_eq!(strict(&schema).map(|made| made.to_string()), Some(schema.to_string()));
    }
}

#[test]
fn what_may_be_null_is_required_and_what_is_not_known_is_told() {
    // As Pydantic writes it.
    let schema = json!({"type": "object", "title": "P", "properties": {
        "name": {"title": "Name", "type": "string", "format": "uri", "description": "Where"},
        "age": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
        "pet": {"$ref": "#/$defs/Pet", "description": "If any"},
        "kind": {"const": "x"},
        "one": {"oneOf": [{"type": "string"}, {"type": "number"}]},
        "part": {"allOf": [{"$ref": "#/$defs/Pet"}], "title": "Part"},
    }, "required": ["name", "tags", "pet", "kind", "one", "part"],
        "$defs": {"Pet": {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}}});
    let wanted = json!({"type": "object", "title": "P", "properties": {
        "name": {"title": "Name", "type": "string", "description": "Where\n\n{format: \"uri\"}"},
        "age": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "{uniqueItems: true}"},
        "pet": {"description": "If any", "anyOf": [{"$ref": "#/$defs/Pet"}]},
        "kind": {"const": "x", "type": "string"},
        "one": {"anyOf": [{"type": "string"}, {"type": "number"}]},
        "part": {"$ref": "#/$defs/Pet"},
    }, "required": ["name", "age", "tags", "pet", "kind", "one", "part"],
        "$defs": {"Pet": {"type": "object", "properties": {"a": {"type": ["string", "null"]}},
            "required": ["a"], "additionalProperties": false}},
        "additionalProperties": false});
    assert_eq!(strict(&schema), Some(wanted));
    // A reference at the root, as of a recursive model.
    let node = object(
        &json!({"next": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]}}),
        &["next"],
    );
    let made = strict(&json!({"$ref": "#/$defs/N", "$defs": {"N": node}})).unwrap();
    assert_eq!((&made["type"], &made["$defs"]["N"]), (&json!("object"), &node));
}

#[test]
fn what_would_lose_an_answer_has_no_strict_form() {
    let within = |inner: Value| object(&json!({ "a": inner }), &["a"]);
    for schema in [
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string"}}}),
        within(json!({"type": "object"})),
        within(json!({"type": "object", "additionalProperties": {"type": "number"}})),
        within(json!({"type": "object", "properties": {"b": {"type": ["null"]}}, "additionalProperties": true})),
        within(
            json!({"type": "object", "properties": {}, "patternProperties": {"^x": {"type": "number"}}, "additionalProperties": false}),
        ),
        within(json!({})),
        within(json!(true)),
        within(json!({"description": "anything"})),
        within(json!({"enum": ["x", 1]})),
        within(json!({"type": "array", "prefixItems": [{"type": "string"}]})),
        within(json!({"type": "array", "items": [{"type": "string"}]})),
        within(json!({"allOf": [{"type": "string"}, {"minLength": 2}]})),
        within(json!({"$ref": "#/$defs/none"})),
        within(json!({"$ref": "https://example.com/x"})),
        within(json!({"$ref": "#/$defs/none", "minLength": 1})),
        json!({"anyOf": [object(&json!({}), &[]), object(&json!({}), &[])]}),
        json!({"type": "array", "items": {"type": "string"}}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}),
        json!(true),
        json!({}),
    ] {
        assert_eq!(strict(&schema), None, "{schema}");
    }
}

/// As generators of generic types write it.
#[test]
fn a_reference_may_be_escaped() {
    let definitions = json!({"Foo<Bar>": object(&json!({}), &[])});
    for root in [
        object(&json!({"a": {"$ref": "#/definitions/Foo%3CBar%3E"}}), &["a"]),
        json!({"$ref": "#/definitions/Foo%3CBar%3E"}),
    ] {
        let mut schema = root;
        schema["definitions"] = definitions.clone();
        let made = strict(&schema).unwrap();
        assert_eq!((&made["type"], &made["definitions"]), (&json!("object"), &definitions));
    }
}

#[test]
fn what_is_said_around_one_part_is_said_of_it() {
    let part =
        json!({"allOf": [{"title": "inner", "allOf": [{"$ref": "#/$defs/A"}]}], "title": "outer", "description": "d"});
    let mut schema = object(
        &json!({"a": part, "b": {"allOf": [{"type": "string", "title": "own"}], "title": "outer", "description": "d"}}),
        &["a", "b"],
    );
    schema["$defs"] = json!({"A": {"type": "string"}});
    let made = strict(&schema).unwrap();
    assert_eq!(
        made["properties"]["a"],
        json!({"description": "d", "anyOf": [{"$ref": "#/$defs/A"}]})
    );
    assert_eq!(
        made["properties"]["b"],
        json!({"type": "string", "title": "own", "description": "d"})
    );
}

/// A long list of literals is not read again for each of many references.
#[test]
fn many_references_to_many_literals_come_to_an_end() {
    let literals: Vec<Option<u32>> = vec![Some(0); 500_000];
    let many: serde_json::Map<_, _> = (0..100_000)
        .map(|at| (format!("p{at}"), json!({"$ref": "#/$defs/A"})))
        .collect();
    let mut schema = json!({"type": "object", "properties": many});
    schema["$defs"] =
        json!({"A": {"type": ["integer", "null"], "enum": literals.into_iter().chain([None]).collect::<Vec<_>>()}});
    assert_eq!(strict(&schema), None);
}
