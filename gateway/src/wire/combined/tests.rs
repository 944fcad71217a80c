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
    assert!(matches!(rooted(&root), Cow::Borrowed(_)));
    assert_eq!(whole(root.as_object().unwrap(), &root, &mut Room::of(&root)), None);
}

proptest! {
    #[test]
    fn the_root_is_an_object_and_nothing_beside_it(schema in crate::wire::golden::provider::any_json(&[
        "type", "anyOf", "allOf", "oneOf", "not", "enum", "$ref", "properties", "required", "description",
    ])) {
        let made = rooted(&schema);
        // A reference that leads nowhere leaves the schema as it is.
        let stays = matches!(made, Cow::Borrowed(_)) && schema.to_string().contains("\"$ref\"");
        let is_other = schema.get("type").is_some_and(|kind| kind != "object" && !kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object"))));
        if !is_other && !stays {
            prop_assert_eq!(&made["type"], "object");
            for name in REFUSED {
                prop_assert!(made.get(name).is_none(), "{}", made);
            }
            let room = room::of_value(&schema) * 6 + 8_000;
            prop_assert!(room::of_value(&made) <= room, "{} of {}", room::of_value(&made), room);
        }
    }
}

/// They are told by the pointers that generators write: escaped, and into what is dissolved (zod-to-json-schema by default).
#[test]
fn references_find_their_schemas() {
    let schema = json!({"$ref": "#/definitions/Foo%3CBar%3E", "definitions": {"Foo<Bar>": {"properties": {"a": {"type": "string"}}}}});
    assert_eq!(rooted(&schema)["properties"], json!({"a": {"type": "string"}}));

    let day = json!({"type": "string", "format": "date"});
    let schema = json!({"anyOf": [
        {"type": "object", "properties": {"from": day, "until": {"$ref": "#/anyOf/0/properties/from", "description": "The last"}}},
        {"type": "object", "properties": {"on": {"$ref": "#/anyOf/0/properties/from"}}}]});
    let made = rooted(&schema);
    assert_eq!(made["properties"]["on"], day);
    assert_eq!(
        made["properties"]["until"],
        json!({"description": "The last", "type": "string", "format": "date"})
    );

    for nowhere in [
        json!({"$ref": "#/definitions/None"}),
        json!({"$ref": "https://example.com/a.json"}),
        json!({"type": "object", "allOf": [{"$ref": "#/$defs/None"}]}),
        json!({"$ref": "#"}),
    ] {
        assert!(matches!(rooted(&nowhere), Cow::Borrowed(_)), "{nowhere}");
    }
}

/// A few bytes that stand for very many stay as they are; and a list of many names is no square of work.
#[test]
fn what_would_grow_without_measure_stays() {
    let long = "x".repeat(100_000);
    let parts: Vec<Value> = (0..1_000).map(|_| json!({"$ref": "#/$defs/a"})).collect();
    let schema = json!({"type": "object", "x": 1, "allOf": parts, "$defs": {"a": {"x": long}}});
    assert!(matches!(rooted(&schema), Cow::Borrowed(_)));

    let next = |at: usize| json!({"allOf": [{"$ref": format!("#/$defs/D{}", at + 1)}, {"$ref": format!("#/$defs/D{}", at + 1)}]});
    let definitions: Map<String, Value> = (0..15).map(|at| (format!("D{at}"), next(at))).collect();
    let schema = json!({"$ref": "#/$defs/D0", "$defs": definitions});
    assert!(matches!(rooted(&schema), Cow::Borrowed(_)));

    let names = |letter: &str| -> Vec<String> { (0..100_000).map(|at| format!("{letter}{at}")).collect() };
    let schema =
        json!({"allOf": [{"required": names("a")}, {"required": names("b")}], "anyOf": [{"required": names("c")}]});
    assert_eq!(rooted(&schema)["required"].as_array().unwrap().len(), 300_000);
}

/// Twenty-five thousand parts are no reason to read fifty thousand names as often, nor are as many choices.
#[test]
fn many_parts_and_many_names_are_no_square_of_work() {
    let names: Vec<String> = (0..50_000).map(|at| format!("a{at}")).collect();
    let part = |at: usize| json!({"required": [format!("b{at}"), "a7"]});
    let mut parts = vec![json!({ "required": names })];
    parts.extend((0..25_000).map(part));
    let made = rooted(&json!({ "allOf": parts })).into_owned();
    assert_eq!(made["required"].as_array().unwrap().len(), 75_000);

    parts.extend((0..25_000).map(|at| json!({"properties": {format!("p{at}"): {}}})));
    let made = rooted(&json!({"required": names, "anyOf": parts})).into_owned();
    assert_eq!(made["properties"].as_object().unwrap().len(), 25_000);
}

/// A zero is two bytes of a request and 72 of a tree, so that eight references to a list of them are more than there is room for.
#[test]
fn what_is_made_is_measured_as_memory() {
    let referring = |times: usize| {
        let parts: Vec<Value> = (0..times).map(|_| json!({"$ref": "#/$defs/a"})).collect();
        json!({"type": "object", "anyOf": parts, "$defs": {"a": {"x": vec![0; 1_000]}}})
    };
    assert!(matches!(rooted(&referring(3)), Cow::Owned(_)));
    assert!(matches!(rooted(&referring(8)), Cow::Borrowed(_)));
    let lost = |times: usize| {
        let parts: Vec<Value> = (0..times).map(|_| json!({"$ref": "#/allOf/0/x"})).collect();
        json!({"allOf": [{"x": {"default": vec![0; 1_000]}}], "properties": {"a": {"anyOf": parts}}})
    };
    let twice = lost(2);
    let made = rooted(&twice);
    assert_eq!(
        made["properties"]["a"]["anyOf"][1]["default"].as_array().unwrap().len(),
        1_000
    );
    assert!(matches!(rooted(&lost(8)), Cow::Borrowed(_)));
}

/// Once there is no more room, nothing more is looked at.
#[test]
fn a_hundred_thousand_references_to_a_hundred_thousand_values_are_given_up_at_once() {
    let zeros = json!({"default": vec![0; 100_000]});
    let many = |place: &str| -> Vec<Value> { (0..100_000).map(|_| json!({ "$ref": place })).collect() };
    let definitions = json!({ "a": zeros, "b": {"allOf": vec![0; 100_000]} });
    for schema in [
        json!({"anyOf": many("#/$defs/a"), "$defs": definitions}),
        json!({"allOf": many("#/$defs/a"), "$defs": definitions}),
        json!({"allOf": many("#/$defs/b"), "$defs": definitions}),
        json!({"allOf": [{"x": zeros}], "properties": {"a": {"anyOf": many("#/allOf/0/x")}}}),
    ] {
        assert!(matches!(rooted(&schema), Cow::Borrowed(_)));
    }
}

/// Ten kinds that share a base, and twenty members that are each all of one address, are what people write.
#[test]
fn there_is_room_for_what_people_write() {
    let members = |letter: &str, count: usize| -> Map<String, Value> {
        let each = |at: usize| {
            (
                format!("{letter}_member_{at}"),
                json!({"type": "string", "description": "What it is"}),
            )
        };
        (0..count).map(each).collect()
    };
    let kind = |at: usize| {
        let own = json!({"type": "object", "properties": members(&format!("k{at}"), 2), "required": [format!("k{at}_member_0")]});
        (format!("Kind{at}"), json!({"allOf": [{"$ref": "#/$defs/Base"}, own]}))
    };
    let mut definitions: Map<String, Value> = (0..10).map(kind).collect();
    definitions.insert(
        "Base".to_owned(),
        json!({"type": "object", "properties": members("base", 6), "required": ["base_member_0"]}),
    );
    let choices: Vec<Value> = (0..10).map(|at| json!({"$ref": format!("#/$defs/Kind{at}")})).collect();
    let made = rooted(&json!({"oneOf": choices, "$defs": definitions})).into_owned();
    assert_eq!(made["properties"].as_object().unwrap().len(), 26);
    assert_eq!(made["required"], json!(["base_member_0"]));

    let schema =
        json!({"type": "object", "$defs": {"Address": {"type": "object", "properties": members("address", 10)}}});
    let mut room = Room::of(&schema);
    let one = json!({"allOf": [{"$ref": "#/$defs/Address"}], "description": "One of them"});
    for at in 0..5 {
        let (made, _) = whole(one.as_object().unwrap(), &schema, &mut room).unwrap_or_else(|| panic!("{at}"));
        assert_eq!(made["properties"].as_object().unwrap().len(), 10);
    }
}
