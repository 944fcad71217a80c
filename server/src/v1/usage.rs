//! `GET /v1/usage?from=…&until=…`: what the calls of a key came to by day and model. Charges are exact decimal strings.
//!
//! `from` and `until` are days (`2027-01-31`) or moments (`2027-01-31T12:00:00Z`) in UTC; the last 30 days unless said. A day counts as a
//! whole, also the last one; a moment is where the range ends. One answer spans 92 days at the most: what is older is asked for with an
//! earlier range. What is summed are hours: those in which the range begins and ends count whole.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::{
    credit::DayUsage,
    money::Amount,
    time::{Micros, Timestamp},
    usage::Usage,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ApiError, extract::UsageReader};
use crate::{
    contract::{
        Book, Operation, Tag,
        shapes::{Decimal, UsageShape},
    },
    state::HubState,
};

/// Microseconds.
const HOUR: i64 = Micros::from_seconds(3600).0;
/// Days that are told unless somebody says which.
const DAYS: i64 = 30;
/// Days an answer at the most.
const MOST_DAYS: i64 = 92;

/// The range that is asked for.
#[derive(Debug, Deserialize)]
pub struct Range {
    from: Option<String>,
    until: Option<String>,
}

/// A key's usage.
#[derive(Debug, JsonSchema, Serialize)]
pub struct UsageList {
    object: &'static str,
    from: String,
    until: String,
    data: Vec<UsageEntry>,
}

/// One model on one day.
#[derive(Debug, JsonSchema, Serialize)]
pub struct UsageEntry {
    object: &'static str,
    /// `2027-01-31`, in UTC.
    day: String,
    /// Null: calls of models that there are not here.
    model: Option<String>,
    calls: i64,
    errors: i64,
    #[schemars(with = "UsageShape")]
    usage: Usage,
    #[schemars(with = "Decimal")]
    charge: Amount,
}

impl From<DayUsage> for UsageEntry {
    fn from(sum: DayUsage) -> Self {
        Self {
            object: "usage",
            day: moment(sum.day).chars().take(10).collect(),
            model: Some(sum.model).filter(|model| !model.is_empty()),
            calls: sum.calls,
            errors: sum.errors,
            usage: sum.usage,
            charge: sum.charge,
        }
    }
}

/// The usage of the key that asks.
pub async fn show(
    State(state): State<HubState>,
    UsageReader(caller): UsageReader,
    range: Result<Query<Range>, QueryRejection>,
) -> Result<Json<UsageList>, ApiError> {
    let Ok(Query(range)) = range else {
        return Err(ApiError::invalid_range("Take from=DAY and until=DAY."));
    };
    let (from, until) = whole_hours(read(&range, state.gateway().now())?);
    let Some(key) = caller.key else {
        return Err(ApiError::no_such_call());
    };
    let sums = state.gateway().usage().of_key(key, from, until).await?;
    Ok(Json(UsageList {
        object: "list",
        from: moment(from),
        until: moment(until),
        data: sums.into_iter().map(UsageEntry::from).collect(),
    }))
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    let day = json!({ "type": "string" });
    Operation::new(Tag::Key, "What the calls of a key came to")
        .about(
            "By day and model. Days are those of UTC; an answer spans 92 of them at the most. Calls are summed by the hour: those in which the \
             range begins and ends count whole, and `from` and `until` of the answer say so.",
        )
        .query(
            "from",
            &day,
            "A day (`2027-01-31`) or a moment (`2027-01-31T12:00:00Z`); 30 days before the end unless said.",
        )
        .query(
            "until",
            &day,
            "A day, which counts as a whole, or the moment before which calls began; now unless said. `until` of the answer is that moment, \
             behind the last one that counts.",
        )
        .tells::<UsageList>(book)
}

/// Hours are what is summed, so those in which it begins and ends count whole, and the answer says so.
fn whole_hours((from, until): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
    let begins = |moment: Timestamp| moment.microseconds().div_euclid(HOUR) * HOUR;
    let until = Timestamp(until.microseconds().saturating_add(HOUR - 1));
    (Timestamp(begins(from)), Timestamp(begins(until)))
}

fn read(range: &Range, now: Timestamp) -> Result<(Timestamp, Timestamp), ApiError> {
    let one = |text: &Option<String>| text.as_deref().map(parse).transpose();
    let until = one(&range.until)?.map_or(now, Place::end);
    let from = one(&range.from)?.map_or_else(|| until.plus(Micros(-Micros::from_days(DAYS).0)), Place::begin);
    let span = until.since(from);
    if span.0 <= 0 || span > Micros::from_days(MOST_DAYS) {
        return Err(ApiError::invalid_range(
            "The range must begin before it ends and span 92 days at the most. Ask for the rest with another range.",
        ));
    }
    Ok((from, until))
}

/// Where a range begins or ends, as it is written.
#[derive(Clone, Copy)]
enum Place {
    /// A day, by its first moment.
    Day(Timestamp),
    Moment(Timestamp),
}

impl Place {
    const fn begin(self) -> Timestamp {
        match self {
            Self::Day(at) | Self::Moment(at) => at,
        }
    }

    /// A last day is a whole one.
    const fn end(self) -> Timestamp {
        match self {
            Self::Day(begin) => begin.plus(Micros::from_days(1)),
            Self::Moment(at) => at,
        }
    }
}

fn parse(text: &str) -> Result<Place, ApiError> {
    let exact = |moment: jiff::Timestamp| Timestamp(moment.as_microsecond());
    let day = text.parse::<jiff::civil::Date>().ok();
    let place = match day.filter(|_| text.len() == 10) {
        Some(day) => {
            let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok();
            midnight.map(|midnight| Place::Day(exact(midnight.timestamp())))
        }
        None => text.parse().ok().map(|moment| Place::Moment(exact(moment))),
    };
    place.ok_or_else(|| {
        ApiError::invalid_range("A range is written as days like 2027-01-31 or moments like 2027-01-31T12:00:00Z.")
    })
}

/// A moment in UTC, to the second.
pub(super) fn moment(moment: Timestamp) -> String {
    let at = jiff::Timestamp::from_second(moment.seconds());
    at.map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_days_or_moments_and_not_too_long() {
        let now = Timestamp(1_800_000_000_000_000);
        let range = |from: &str, until: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            read(
                &Range {
                    from: some(from),
                    until: some(until),
                },
                now,
            )
            .ok()
            .map(|(from, until)| (moment(from), moment(until)))
        };
        let told = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        assert_eq!(range("", ""), told("2026-12-16T08:00:00Z", "2027-01-15T08:00:00Z"));
        assert_eq!(
            range("2026-12-01", "2026-12-02"),
            told("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z")
        );
        // A day is one of them, a moment is not.
        assert_eq!(
            range("2026-11-30", "2026-11-30"),
            told("2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z")
        );
        assert_eq!(
            range("2026-12-01T05:00:00+02:00", "2026-12-02T00:00:00Z"),
            told("2026-12-01T03:00:00Z", "2026-12-02T00:00:00Z")
        );
        assert_eq!(
            range("2026-10-01", "2026-12-31"),
            told("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z")
        );
        for (from, until) in [
            ("2026-12-02", "2026-12-01"),
            ("2026-12-01", "2026-12-01T00:00:00Z"),
            ("2026-10-01", "2027-01-01"),
            ("yesterday", ""),
            ("", "2026-13-01"),
            ("99999-01-01", ""),
        ] {
            assert_eq!(range(from, until), None, "{from} {until}");
        }
    }

    proptest! {
        /// No hour in which the range lies is left out, and none beside it is told.
        #[test]
        fn hours_in_which_a_range_begins_and_ends_count_whole(from in 0..1_000 * HOUR, span in 1..100 * HOUR) {
            let (begin, end) = whole_hours((Timestamp(from), Timestamp(from + span)));
            let (begin, end) = (begin.microseconds(), end.microseconds());
            prop_assert_eq!((begin % HOUR, end % HOUR), (0, 0));
            prop_assert!(begin <= from && from - begin < HOUR);
            prop_assert!(end >= from + span && end - (from + span) < HOUR);
        }
    }
}
