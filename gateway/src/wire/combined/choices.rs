//! What several schemas of which one is to be chosen have in common, as one.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// Adds the members of each choice, and demands what all of them demand. None is a choice that is no object.
pub(super) fn choose(into: &mut Map<String, Value>, choices: Vec<Option<Map<String, Value>>>) {
    let mut required = common(into, &choices);
    let mut found: Map<String, Value> = Map::new();
    let mut seen: HashSet<(String, String)> = HashSet::new();
    let properties = |mut choice: Map<String, Value>| match choice.swap_remove("properties") {
        Some(Value::Object(properties)) => Some(properties),
        _ => None,
    };
    for (name, schema) in choices.into_iter().flatten().filter_map(properties).flatten() {
        if seen.insert((name.clone(), schema.to_string()))
            && let Value::Array(schemas) = found.entry(name).or_insert_with(|| json!([]))
        {
            schemas.push(schema);
        }
    }
    if !found.is_empty()
        && let Value::Object(own) = into.entry("properties").or_insert_with(|| json!({}))
    {
        for (name, schemas) in found {
            own.entry(name).or_insert_with(|| match schemas {
                Value::Array(mut one) if one.len() == 1 => one.swap_remove(0),
                several => json!({ "anyOf": several }),
            });
        }
    }
    if !required.is_empty()
        && let Value::Array(own) = into.entry("required").or_insert_with(|| json!([]))
    {
        own.append(&mut required);
    }
}

/// What all choices demand, and the whole does not yet.
fn common(whole: &Map<String, Value>, choices: &[Option<Map<String, Value>>]) -> Vec<Value> {
    let mut common = choices.first().map(required).unwrap_or_default().to_vec();
    let mut keep = |names: &[Value], wanted: bool| {
        let names: HashSet<&str> = names.iter().filter_map(Value::as_str).collect();
        common.retain(|name| name.as_str().is_some_and(|name| names.contains(name) == wanted));
    };
    for choice in choices {
        keep(required(choice), true);
    }
    if let Some(Value::Array(own)) = whole.get("required") {
        keep(own, false);
    }
    common
}

fn required(choice: &Option<Map<String, Value>>) -> &[Value] {
    let list = choice.as_ref().and_then(|choice| choice.get("required")?.as_array());
    list.map(Vec::as_slice).unwrap_or_default()
}
