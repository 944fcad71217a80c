//! The document as a whole.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::routes;

fn document() -> Value {
    serde_json::from_slice(&super::text()).unwrap()
}

/// The routes of the document as `METHOD /path`.
fn told() -> Vec<String> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap();
        methods
            .keys()
            .map(|method| format!("{} {path}", method.to_uppercase()))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_route_stands_in_it_once() {
    let entries = routes::described();
    let routes: BTreeSet<String> = entries
        .iter()
        .map(|entry| format!("{} {}", entry.method, entry.path.replace("{*", "{")))
        .collect();
    assert_eq!(routes.len(), entries.len(), "two routes have one name");
    let told = told();
    assert_eq!(told.iter().cloned().collect::<BTreeSet<_>>(), routes);
    assert_eq!(told.len(), routes.len());
}

/// Calls `look` with every object in the tree.
fn each(value: &Value, look: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            look(members);
            members.values().for_each(|value| each(value, look));
        }
        Value::Array(items) => items.iter().for_each(|value| each(value, look)),
        _ => {}
    }
}

#[test]
fn what_it_refers_to_is_there_and_what_is_there_is_referred_to() {
    let document = document();
    let mut meant = BTreeSet::new();
    each(&document, &mut |members| {
        if let Some(Value::String(reference)) = members.get("$ref") {
            let place = reference.strip_prefix('#').unwrap();
            assert!(
                document.pointer(place).is_some_and(Value::is_object),
                "{reference} leads nowhere"
            );
            meant.insert(place.to_owned());
        }
    });
    for kind in ["schemas", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(
                meant.contains(&format!("/components/{kind}/{name}")),
                "nobody speaks of {name}"
            );
        }
    }
}

#[test]
fn operations_are_named_once_and_whole() {
    let document = document();
    let (mut ids, mut count) = (BTreeSet::new(), 0);
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            count += 1;
            ids.insert(operation["operationId"].as_str().unwrap().to_owned());
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{operation}"
            );
            let responses = operation["responses"].as_object().unwrap();
            for response in responses.values() {
                assert!(
                    response["description"].as_str().is_some_and(|text| !text.is_empty()),
                    "{operation}"
                );
            }
            let ways = operation["security"].as_array().unwrap();
            let by = |name: &str| ways.iter().any(|way| way.get(name).is_some());
            assert_eq!(by("bearer"), responses.contains_key("401"), "{operation}");
            assert!(!by("session") || responses.contains_key("303"), "{operation}");
        }
    }
    assert_eq!(ids.len(), count);
}

/// What the hub writes of its own is closed, whatever passes is open.
#[test]
fn own_answers_are_closed_and_what_passes_is_open() {
    let schemas = document()["components"]["schemas"].clone();
    for name in [
        "Credits",
        "Lot",
        "Call",
        "Usage",
        "UsageList",
        "Model",
        "ModelList",
        "Error",
        "AigneModel",
        "AigneError",
    ] {
        assert_eq!(
            schemas[name]["additionalProperties"], false,
            "{name}: {}",
            schemas[name]
        );
    }
    for name in [
        "ChatRequest",
        "ChatCompletion",
        "Response",
        "Message",
        "MessagesRequest",
    ] {
        assert_ne!(schemas[name]["additionalProperties"], false, "{name}");
    }
    let required = |name: &str| schemas[name]["required"].as_array().cloned().unwrap_or_default();
    assert!(
        required("Call").contains(&"charge".into()),
        "an absent charge is written as null"
    );
    assert!(
        !required("Model").contains(&"context_tokens".into()),
        "an unknown window is left out"
    );
    assert_eq!(
        schemas["Credits"]["properties"]["balance"]["$ref"],
        "#/components/schemas/Decimal"
    );
}
