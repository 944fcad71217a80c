//! Moments in what programs read of credit, prices and books: RFC 3339, as in the APIs. What is stored and hashed counts
//! microseconds, and does not come through here.

use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::admin::Moment;

/// The same with each moment as a text, known by its name.
pub fn told(json: Value) -> Value {
    match json {
        Value::Array(values) => values.into_iter().map(told).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| member(name, value)).collect(),
        other => other,
    }
}

fn member(name: String, value: Value) -> (String, Value) {
    let is_moment = name.ends_with("_at") || name == "effective_from" || name == "since";
    let value = match value.as_i64().filter(|_| is_moment) {
        Some(microseconds) => json!(Moment(Timestamp(microseconds))),
        None => told(value),
    };
    (name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_texts_wherever_they_stand() {
        let json = json!([{
            "seq": 7, "booked_at": 1_800_000_000_000_001_i64, "expires_at": null,
            "command": { "effective_from": 1_800_000_000_000_000_i64, "priority": 40 },
        }]);
        let expected = json!([{
            "seq": 7, "booked_at": "2027-01-15T08:00:00.000001Z", "expires_at": null,
            "command": { "effective_from": "2027-01-15T08:00:00Z", "priority": 40 },
        }]);
        assert_eq!(told(json), expected);
    }
}
