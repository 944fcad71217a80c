//! Before and after of a change, compared field by field. Pure text in, rows out; nothing is drawn here.
//!
//! Called by the list of changes. Objects are opened (`timeouts.total_ms`), lists are compared whole, and what is no
//! JSON is shown as it stands.

use std::collections::BTreeMap;

use serde_json::Value;

/// One field of the thing that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name; nested names are joined by dots. Empty when the whole is one value.
    pub field: String,
    /// Its value before, absent when there was none.
    pub before: Option<String>,
    /// Its value after, absent when there is none.
    pub after: Option<String>,
}

impl FieldChange {
    /// The value stayed as it was.
    #[must_use]
    pub fn same(&self) -> bool {
        self.before == self.after
    }
}

/// Every field of either side: what changed first, each group in the order of names.
#[must_use]
pub fn compare(before: Option<&str>, after: Option<&str>) -> Vec<FieldChange> {
    let (mut old, mut new) = (fields(before), fields(after));
    let mut names: Vec<String> = old.keys().chain(new.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    let mut rows: Vec<FieldChange> = names
        .into_iter()
        .map(|field| FieldChange {
            before: old.remove(&field),
            after: new.remove(&field),
            field,
        })
        .collect();
    rows.sort_by_key(FieldChange::same);
    rows
}

fn fields(text: Option<&str>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    match text.map(|text| (text, serde_json::from_str::<Value>(text))) {
        None | Some((_, Ok(Value::Null))) => {}
        Some((_, Ok(value))) => open(String::new(), &value, &mut found),
        Some((text, Err(_))) => {
            found.insert(String::new(), text.to_owned());
        }
    }
    found
}

/// Depth is bounded by `serde_json`, which refuses more than 128 levels.
fn open(name: String, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (member, value) in members {
                let name = if name.is_empty() {
                    member.clone()
                } else {
                    format!("{name}.{member}")
                };
                open(name, value, found);
            }
        }
        Value::Null => {}
        Value::Array(members) if members.iter().all(|member| !member.is_array() && !member.is_object()) => {
            let texts: Vec<String> = members.iter().map(plain).collect();
            found.insert(name, texts.join(", "));
        }
        other => {
            found.insert(name, plain(other));
        }
    }
}

/// A text without its quotes; everything else as JSON writes it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(field: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
        FieldChange {
            field: field.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn changed_fields_come_first() {
        let rows = compare(
            Some(r#"{"name":"openai","enabled":true,"timeouts":{"gap_ms":1,"total_ms":5}}"#),
            Some(r#"{"name":"openai","enabled":false,"timeouts":{"gap_ms":2,"total_ms":5},"preset":"openai"}"#),
        );
        assert_eq!(
            rows,
            [
                row("enabled", Some("true"), Some("false")),
                row("preset", None, Some("openai")),
                row("timeouts.gap_ms", Some("1"), Some("2")),
                row("name", Some("openai"), Some("openai")),
                row("timeouts.total_ms", Some("5"), Some("5")),
            ]
        );
    }

    #[test]
    fn a_thing_made_or_lost_has_one_side() {
        assert_eq!(
            compare(None, Some(r#"{"role":"admin","last":null}"#)),
            [row("role", None, Some("admin"))]
        );
        assert_eq!(
            compare(Some(r#"{"role":"admin"}"#), Some("null")),
            [row("role", Some("admin"), None)]
        );
        assert_eq!(compare(None, None), []);
    }

    #[test]
    fn values_without_names_are_shown_as_they_stand() {
        assert_eq!(compare(Some("[1]"), Some("[1,2]")), [row("", Some("1"), Some("1, 2"))]);
        assert_eq!(compare(Some("not json"), None), [row("", Some("not json"), None)]);
        assert_eq!(compare(Some("{}"), Some("\"x\"")), [row("", Some("{}"), Some("x"))]);
    }
}
