//! What goes in and what comes out.

use proptest::prelude::*;

use super::*;

#[test]
fn what_gemini_does_not_know_is_told_in_words() {
    let cases = [
        (
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {
                "b": {"type": "string", "minLength": 1, "pattern": "^x", "default": "y", "examples": ["z"]},
                "a": {"const": 5},
            }, "required": ["b"], "additionalProperties": false}),
            json!({"type": "object", "properties": {
                "b": {"type": "string", "description": "{minLength: 1, pattern: \"^x\", default: \"y\", examples: [\"z\"]}"}, "a": {"enum": [5]}},
                "required": ["b"], "additionalProperties": false}),
        ),
        (
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
        ),
        (
            json!({"allOf": [
                {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                {"properties": {"b": true}, "required": ["b", "a"]},
            ]}),
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "b"]}),
        ),
        (
            json!({"type": "array", "items": [{"type": "string"}, {"type": "number", "exclusiveMinimum": 0}]}),
            json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "number", "description": "{exclusiveMinimum: 0}"}]}),
        ),
        (json!(true), json!({})),
        (json!({"$ref": "https://example.com/schema"}), json!({})),
        (json!({"$ref": "#/$defs/none"}), json!({})),
    ];
    for (schema, wanted) in cases {
        assert_eq!(clean(&schema), wanted, "{schema}");
    }
}

#[test]
fn references_point_into_the_definitions_at_the_root() {
    let schema = json!({"$ref": "#/definitions/Node", "definitions": {"Node": {
        "type": "object",
        "properties": {"next": {"$ref": "#/definitions/Node", "description": "The one after"}, "tag": {"$ref": "#/$defs/Tag"}},
    }}, "$defs": {"Tag": {"type": "string"}, "Unused": {"type": "number"}}});
    let cleaned = clean(&schema);
    let next = &cleaned["properties"]["next"];
    let node = next["anyOf"][0]["$ref"].as_str().unwrap().to_owned();
    assert_eq!(
        *next,
        json!({ "description": "The one after", "anyOf": [{ "$ref": node }] })
    );
    let node = node.strip_prefix("#/$defs/").unwrap();
    assert_eq!(
        cleaned["$defs"][node]["properties"]["next"]["anyOf"][0]["$ref"],
        format!("#/$defs/{node}")
    );
    assert_eq!(cleaned["properties"]["tag"], json!({"$ref": "#/$defs/Tag"}));
    assert_eq!(cleaned["$defs"]["Tag"], json!({"type": "string"}));
    assert_eq!(cleaned["$defs"].as_object().unwrap().len(), 2);

    // zod refers to the first place where it met a shape.
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": "#/properties/a"}}});
    let cleaned = clean(&schema);
    let target = cleaned["properties"]["b"]["$ref"]
        .as_str()
        .unwrap()
        .strip_prefix('#')
        .unwrap();
    assert_eq!(cleaned.pointer(target), Some(&json!({"type": "string"})));
}

/// Pydantic's way to describe a member whose kind has a name. Written out each time, a long list of values would find no room any more.
#[test]
fn all_of_one_reference_stays_a_reference() {
    let codes: Vec<String> = (0..170).map(|at| format!("C{at}")).collect();
    let member = |at: usize| {
        (
            format!("m{at}"),
            json!({"allOf": [{"$ref": "#/definitions/Code"}], "description": "d"}),
        )
    };
    let properties: Map<_, _> = (0..30).map(member).collect();
    let schema =
        json!({"type": "object", "properties": properties, "definitions": {"Code": {"type": "string", "enum": codes}}});
    let cleaned = clean(&schema);
    let last = &cleaned["properties"]["m29"];
    let name = last["anyOf"][0]["$ref"]
        .as_str()
        .unwrap()
        .strip_prefix("#/$defs/")
        .unwrap();
    assert_eq!(
        (&last["description"], &cleaned["$defs"][name]["enum"]),
        (&json!("d"), &json!(codes))
    );
    // At the root it is followed.
    let root = clean(&json!({"allOf": [{"$ref": "#/definitions/Code"}], "definitions": schema["definitions"]}));
    assert_eq!((&root["type"], root.get("$ref")), (&json!("string"), None));
}

#[test]
fn a_part_that_refers_on_is_followed_to_its_end() {
    let schema = json!({"type": "object", "allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/round"}],
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"required": ["x"]}, "round": {"$ref": "#/$defs/round"}}});
    assert_eq!(clean(&schema), json!({"type": "object", "required": ["x"]}));
}

/// As generators of generic types write them.
#[test]
fn a_reference_may_be_escaped() {
    let schema = json!({"type": "object", "properties": {"a": {"$ref": "#/definitions/Foo%3CBar%3E"}},
        "allOf": [{"$ref": "#/definitions/Foo%3CBar%3E"}], "definitions": {"Foo<Bar>": {"required": ["x"]}}});
    let cleaned = clean(&schema);
    assert_eq!(cleaned["required"], json!(["x"]));
    obey(&cleaned, &cleaned);
    assert_eq!(cleaned["$defs"].as_object().unwrap().len(), 1);
}

/// Neither many parts that demand something nor many that refer to the same are a square of work or of memory.
#[test]
fn many_parts_and_many_names_come_to_an_end() {
    let names: Vec<String> = (0..50_000).map(|at| format!("a{at}")).collect();
    let mut parts = vec![json!({ "required": names })];
    parts.extend((0..25_000).map(|at| json!({"required": [format!("b{at}"), "a7"]})));
    let cleaned = clean(&json!({ "allOf": parts }));
    assert_eq!(cleaned["required"].as_array().unwrap().len(), 75_000);

    let many = |place: &str| -> Vec<Value> { (0..100_000).map(|_| json!({ "$ref": place })).collect() };
    let schema = json!({"allOf": many("#/$defs/a"), "$defs": {"a": {"enum": vec![0; 100_000], "required": names}}});
    assert_eq!(clean(&schema)["enum"].as_array().unwrap().len(), 100_000);

    // A hundred places within each other, each of which is written once more with all that is within.
    let leaf = json!({"type": "integer", "enum": vec![0; 10_000]});
    let deep = (0..50).fold(leaf, |inner, _| json!({"type": "object", "properties": {"a": inner}}));
    let place = |levels: usize| json!({"$ref": format!("#/properties/deep{}", "/properties/a".repeat(levels))});
    let places: Vec<Value> = (0..50).map(place).collect();
    let schema = json!({"type": "object", "properties": {"deep": deep, "places": {"anyOf": places}}});
    let cleaned = clean(&schema);
    assert!(room::of_value(&cleaned) < 7 * room::of_value(&schema));
    obey(&cleaned, &cleaned);
}

fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"$ref": "#"})),
        Just(json!({"$ref": "#/$defs/a"})),
        Just(json!({"$ref": "#/properties/a/properties/b"})),
        Just(json!(null)),
        Just(json!(false)),
        Just(json!({"type": 5, "required": "x", "enum": {}, "nullable": true})),
    ];
    leaf.prop_recursive(5, 60, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(("[ab~/]{1,2}", inner.clone()), 0..4).prop_map(|members| {
                let properties: Map<_, _> = members.into_iter().collect();
                json!({"type": "object", "properties": properties, "$defs": properties})
            }),
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|all| json!({"allOf": all, "anyOf": all, "items": all})),
            inner.prop_map(|one| json!({"items": one, "additionalProperties": one, "not": one})),
        ]
    })
}

/// Every reference ends somewhere, and beside it stands nothing.
fn obey(schema: &Value, root: &Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                assert!(
                    root.pointer(reference.strip_prefix('#').unwrap()).is_some(),
                    "{reference}"
                );
                assert!(members.keys().all(|name| name.starts_with('$')), "{schema}");
            }
            members.values().for_each(|value| obey(value, root));
        }
        Value::Array(values) => values.iter().for_each(|value| obey(value, root)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_schema_ends_well(schema in any_schema()) {
        let cleaned = clean(&schema);
        obey(&cleaned, &cleaned);
        prop_assert_eq!(clean(&schema), cleaned);
    }
}
