//! Moments as this API writes and reads them: RFC 3339, written in UTC to the microsecond.

use std::borrow::Cow;

use domain::time::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_microsecond(self.0.microseconds()) {
            Ok(at) => serializer.collect_str(&at),
            // Beyond the calendar, which no clock of ours reaches.
            Err(_) => serializer.collect_str(&jiff::Timestamp::MAX),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let at: Result<jiff::Timestamp, _> = text.parse();
        at.map(|at| Self(Timestamp(at.as_microsecond())))
            .map_err(|_| de::Error::custom("a moment is written like 2027-01-31T12:00:00Z, with its offset, and lies before the last days of the year 9999"))
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A moment as RFC 3339 has it, written in UTC to the microsecond; any offset is read.",
            "examples": ["2027-01-31T12:00:00Z"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc_and_read_with_any_offset() {
        let written = |at| serde_json::to_string(&Moment(Timestamp(at))).expect("JSON");
        assert_eq!(written(1_800_000_000_000_000), "\"2027-01-15T08:00:00Z\"");
        assert_eq!(written(1_800_000_000_000_001), "\"2027-01-15T08:00:00.000001Z\"");
        assert!(written(i64::MAX).starts_with("\"9999-"));
        let read = |text: &str| serde_json::from_str::<Moment>(&format!("{text:?}")).ok();
        assert_eq!(
            read("2027-01-15T10:00:00+02:00"),
            Some(Moment(Timestamp(1_800_000_000_000_000)))
        );
        for wrong in [
            "",
            "2027-01-15",
            "2027-01-15T10:00:00",
            "yesterday",
            "99999-01-01T00:00:00Z",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
