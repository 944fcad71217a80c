//! References of a schema into its own document: `#` and a JSON pointer, in which generators escape whatever no address may hold
//! (`#/definitions/Foo%3CBar%3E`). Used by all who follow them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Longest reference that is followed. It is read each time, and many schemas may refer to the same.
const LONGEST: usize = 1_024;

/// What a reference refers to, and the pointer that leads there. None where it leads nowhere, or out of the document.
pub(super) fn follow<'a, 'b>(root: &'a Value, reference: &'b str) -> Option<(Cow<'b, str>, &'a Value)> {
    let written = reference.strip_prefix('#').filter(|_| reference.len() <= LONGEST)?;
    let read = percent_decode_str(written).decode_utf8().unwrap_or(written.into());
    match root.pointer(&read) {
        Some(target) => Some((read, target)),
        // Whoever escapes nothing may have a name with such signs.
        None => Some((written.into(), root.pointer(written)?)),
    }
}

/// What a reference refers to.
pub(super) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    follow(root, reference).map(|(_, target)| target)
}

/// Words that only describe a schema, and may stand beside a reference.
pub(super) const NOTES: [&str; 8] = [
    "title",
    "description",
    "default",
    "examples",
    "$comment",
    "readOnly",
    "writeOnly",
    "deprecated",
];

/// The schema with the reference, of one that is all of that reference with nothing but words around it: pydantic writes members that have a
/// description so. It is the reference, and what that refers to need not be written once more.
pub(super) fn all_of_one(members: &Map<String, Value>) -> Option<&Value> {
    let Some([part]) = members.get("allOf").and_then(Value::as_array).map(Vec::as_slice) else {
        return None;
    };
    let alone = members
        .keys()
        .all(|name| name == "allOf" || NOTES.contains(&name.as_str()));
    (alone && part.get("$ref").is_some_and(Value::is_string)).then_some(part)
}

/// Every reference, of this schema and of all within it, ends in a schema of the document.
pub(super) fn all_end(schema: &Value, root: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            let ends = reference.is_none_or(|reference| target(root, reference).is_some_and(Value::is_object));
            ends && members.values().all(|inner| all_end(inner, root))
        }
        Value::Array(values) => values.iter().all(|inner| all_end(inner, root)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_of_one_reference_is_that_reference() {
        let one = |schema: Value| all_of_one(schema.as_object().unwrap()).cloned();
        let reference = json!({"$ref": "#/$defs/A"});
        let described = json!({"allOf": [reference], "description": "d", "title": "t", "default": null});
        assert_eq!(one(described), Some(reference.clone()));
        assert_eq!(one(json!({"allOf": [reference, {}]})), None);
        assert_eq!(one(json!({"allOf": [reference], "type": "object"})), None);
        assert_eq!(one(json!({"allOf": [{"type": "object"}]})), None);
    }

    #[test]
    fn a_long_reference_is_not_followed() {
        let long = "x".repeat(2_000);
        let root = json!({ long.as_str(): 1 });
        assert_eq!(target(&root, &format!("#/{long}")), None);
    }

    #[test]
    fn a_reference_leads_where_it_is_written_to() {
        let root = json!({"d": {"A<B>": 1, "a/b": 2, "x%41": 3, "100%": 4, "é": 5}, "l": [6]});
        for (reference, wanted) in [
            ("#/d/A%3CB%3E", Some(1)),
            ("#/d/A<B>", Some(1)),
            ("#/d/a~1b", Some(2)),
            ("#/d/a%7E1b", Some(2)),
            ("#/d/x%41", Some(3)),
            ("#/d/x%2541", Some(3)),
            ("#/d/100%", Some(4)),
            ("#/d/%C3%A9", Some(5)),
            ("#/d/%FF", None),
            ("#/l/0", Some(6)),
            ("#/none", None),
            ("/d", None),
            ("https://example.com#/d", None),
        ] {
            let found = target(&root, reference).and_then(Value::as_u64);
            assert_eq!(found, wanted, "{reference}");
        }
        assert_eq!(target(&root, "#"), Some(&root));
    }
}
