//! What a schema demands and a provider does not enforce is told in the schema's description, where the model reads it: Anthropic's own
//! SDKs do so. Used by every writer that takes words off a schema.

use serde_json::{Map, Value};

/// A word as it is told.
pub(super) fn word(name: &str, value: &Value) -> String {
    format!("{name}: {value}")
}

/// Adds the words to the description.
pub(super) fn tell(members: &mut Map<String, Value>, words: &[String]) {
    if words.is_empty() {
        return;
    }
    let told = format!("{{{}}}", words.join(", "));
    let description = match members.get("description").and_then(Value::as_str) {
        Some(before) => format!("{before}\n\n{told}"),
        None => told,
    };
    members.insert("description".to_owned(), Value::String(description));
}
