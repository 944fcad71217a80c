//! How much may be made of a schema: its parts may refer to each other, and then a few bytes stand for very many. Used wherever parts are
//! put together: `combined`, `google::schema`.
//!
//! It is counted as memory, for a number in a list is two bytes of a request and 72 of a tree. What a request is read into is counted in
//! `HUB_BODY_MEMORY` (`call::room`); what is made of its schemas is not, as it is no more than [`TIMES`] as much and goes when the request
//! is written.

use serde_json::{Map, Value};

/// So many times the memory of a schema may be taken by what is made of it, and so many bytes more.
const TIMES: usize = 6;
const MORE: usize = 4 << 10;
/// Bytes of a value itself, wherever it stands.
pub(super) const VALUE: usize = size_of::<Value>();
/// Bytes of a member beside the letters of its name and its value: where they lie, their hash and their place.
const MEMBER: usize = size_of::<String>() + 2 * size_of::<usize>();

/// What is left of it.
#[derive(Debug)]
pub(super) struct Room(Option<usize>);

impl Room {
    /// That of a schema.
    pub fn of(schema: &Value) -> Self {
        Self(Some(of_value(schema).saturating_mul(TIMES).saturating_add(MORE)))
    }

    /// Takes so many bytes; false once there are too few, and ever after.
    pub fn take(&mut self, bytes: usize) -> bool {
        self.0 = self.0.and_then(|left| left.checked_sub(bytes));
        self.0.is_some()
    }
}

/// Bytes that a value takes.
pub(super) fn of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => VALUE + text.len(),
        Value::Array(values) => VALUE + values.iter().map(of_value).sum::<usize>(),
        Value::Object(members) => of_object(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => VALUE,
    }
}

/// Bytes that an object of these members takes.
pub(super) fn of_object(members: &Map<String, Value>) -> usize {
    VALUE + members.iter().map(of_member).sum::<usize>()
}

/// Bytes that a member takes in its object.
pub(super) fn of_member((name, value): (&String, &Value)) -> usize {
    of_name(name) + of_value(value)
}

/// The same without its value.
pub(super) fn of_name(name: &str) -> usize {
    MEMBER + name.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_takes_what_it_takes_in_memory_and_not_in_a_request() {
        assert!(of_value(&json!(0)) >= 72 && of_value(&json!({"a": 0})) >= 72 + 24 + 1 + 72);
        assert_eq!(of_value(&json!(vec![0; 1_000])), 1_001 * VALUE);
        assert_eq!(of_value(&json!("12345")), VALUE + 5);
    }

    #[test]
    fn too_little_stays_too_little() {
        let mut room = Room::of(&json!(null));
        assert!(room.take(TIMES * VALUE + MORE - 1) && room.take(1));
        assert!(!room.take(1) && !room.take(0));
    }
}
