//! `allOf` of one part, which OpenAI refuses and which says no more than that part.

use serde_json::{Map, Value};

use super::NOTES;

/// Words with what they say.
pub(super) type Notes<'a> = Vec<(&'a String, &'a Value)>;

/// All of one is that one, which is returned with the words that stand around it; nothing else may.
pub(super) fn only(mut members: &Map<String, Value>) -> Option<(Notes<'_>, &Map<String, Value>)> {
    let mut notes = Notes::new();
    while let (None, Some([part])) = (
        members.get("$ref"),
        members.get("allOf").and_then(Value::as_array).map(Vec::as_slice),
    ) {
        for (name, value) in members.iter().filter(|(name, _)| *name != "allOf") {
            if !NOTES.contains(&name.as_str()) {
                return None;
            }
            notes.retain(|(outer, _)| *outer != name);
            notes.push((name, value));
        }
        members = part.as_object()?;
    }
    notes.retain(|(name, _)| !members.contains_key(*name));
    Some((notes, members))
}
