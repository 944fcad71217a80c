//! What goes in and what comes out.

use proptest::prelude::*;

use super::*;

#[test]
fn a_plain_object_is_not_touched() {
    for schema in [
        json!({"type": "object"}),
        json!({"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}]}}, "$defs": {"x": {}}}),
        // Nobody can make arguments of it.
        json!({"type": "string", "enum": ["a"]}),
    ] {
        assert!(matches!(rooted(&schema), Cow::Borrowed(_)), "{schema}");
    }
}

/// The two ways in which servers of tools write choices at the root (<https://github.com/dearlordylord/huly-mcp/issues/66>), and others.
#[test]
fn choices_at_the_root_become_members_and_are_told() {
    for (name, schema, wanted) in [
        (
            "one of several members",
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["id"],
                "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["id"],
                "description": "{anyOf: [{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}"}),
        ),
        (
            "one of several objects",
            json!({"description": "A pet", "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}], "$defs": {
                "Cat": {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["kind", "lives"]},
                "Dog": {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]}}}),
            json!({"type": "object",
                "description": "A pet\n\n{oneOf: [{\"$ref\":\"#/$defs/Cat\"},{\"$ref\":\"#/$defs/Dog\"}]}",
                "properties": {"kind": {"anyOf": [{"const": "cat"}, {"const": "dog"}]}, "lives": {"type": "integer"}},
                "required": ["kind"],
                "$defs": {
                    "Cat": {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["kind", "lives"]},
                    "Dog": {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]}}}),
        ),
        (
            "all of several",
            json!({"allOf": [
                {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                {"properties": {"b": {"type": "string"}, "a": {"minLength": 3}}, "required": ["a", "b"]}]}),
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "b"],
                "description": "{a: {\"minLength\":3}}"}),
        ),
        (
            "a reference",
            json!({"$ref": "#/definitions/A", "description": "Ours", "definitions": {"A": {"type": "object", "description": "Its own",
                "properties": {"a": {}}}}}),
            json!({"type": "object", "description": "Ours\n\n{description: \"Its own\"}", "properties": {"a": {}},
                "definitions": {"A": {"type": "object", "description": "Its own", "properties": {"a": {}}}}}),
        ),
        ("nothing", json!({}), json!({"type": "object"})),
        ("anything", json!(true), json!({"type": "object"})),
        (
            "perhaps nothing",
            json!({"type": ["object", "null"]}),
            json!({"type": "object"}),
        ),
        (
            "a literal",
            json!({"type": "object", "enum": [{"a": 1}], "not": {"required": ["b"]}}),
            json!({"type": "object", "description": "{enum: [{\"a\":1}], not: {\"required\":[\"b\"]}}"}),
        ),
    ] {
        assert_eq!(rooted(&schema).to_string(), wanted.to_string(), "{name}");
    }
}

#[test]
fn parts_that_refer_to_each_other_come_to_an_end() {
    let two = |next: &str| json!({"allOf": [{"$ref": next}, {"$ref": next}]});
    let definitions: Map<_, _> = (0..30)
        .map(|at| (format!("D{at}"), two(&format!("#/$defs/D{}", at + 1))))
        .collect();
    let root = json!({"allOf": [{"$ref": "#/$defs/D0"}, {"$ref": "#"}], "$defs": definitions});
    assert_eq!(rooted(&root)["type"], "object");
    assert_eq!(whole(root.as_object().unwrap(), &root), None);
}

proptest! {
    #[test]
    fn the_root_is_an_object_and_nothing_beside_it(schema in crate::wire::golden::provider::any_json(&[
        "type", "anyOf", "allOf", "oneOf", "not", "enum", "$ref", "properties", "required", "description",
    ])) {
        let made = rooted(&schema);
        let is_other = schema.get("type").is_some_and(|kind| kind != "object" && !kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object"))));
        if !is_other {
            prop_assert_eq!(&made["type"], "object");
            for name in REFUSED {
                prop_assert!(made.get(name).is_none(), "{}", made);
            }
        }
    }
}
