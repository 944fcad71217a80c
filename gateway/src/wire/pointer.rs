//! References of a schema into its own document: `#` and a JSON pointer, in which generators escape whatever no address may hold
//! (`#/definitions/Foo%3CBar%3E`). Used by all who follow them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// What a reference refers to, and the pointer that leads there. None where it leads nowhere, or out of the document.
pub(super) fn follow<'a, 'b>(root: &'a Value, reference: &'b str) -> Option<(Cow<'b, str>, &'a Value)> {
    let written = reference.strip_prefix('#')?;
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
