//! How far back a list goes, as its address says: a range by its word, or from one moment until another.
//!
//! Read by the lists of calls and of changes; `components::filter` draws the fields.

use domain::time::{Micros, Timestamp};
use jiff::{civil::DateTime, tz::TimeZone};

use super::Query;

/// The word for a range by `from` and `until`.
pub const CUSTOM: &str = "custom";

/// How far back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
    /// Everything.
    All,
}

impl Range {
    /// Every range, the shortest first.
    pub const EACH: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::All];

    /// The word in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::All => "all",
        }
    }

    const fn span(self) -> Option<Micros> {
        match self {
            Self::Hour => Some(Micros::from_seconds(3600)),
            Self::Day => Some(Micros::from_days(1)),
            Self::Week => Some(Micros::from_days(7)),
            Self::Month => Some(Micros::from_days(30)),
            Self::All => None,
        }
    }
}

/// The stretch of time that a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// How far back, unless `custom`.
    pub range: Range,
    /// `from` and `until` count instead of the range.
    pub custom: bool,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

impl Period {
    /// What the address says; `usual` where it says nothing that makes sense.
    #[must_use]
    pub fn read(query: &Query, usual: Range) -> Self {
        let word = query.get("range");
        let known = Range::EACH
            .into_iter()
            .find(|range| Some(range.word()) == word.as_deref());
        let [from, until] = ["from", "until"].map(|name| query.get(name).and_then(|text| moment(&text)));
        Self {
            range: known.unwrap_or(usual),
            custom: word.as_deref() == Some(CUSTOM) || (known.is_none() && (from.is_some() || until.is_some())),
            from,
            until,
        }
    }

    /// Whether `range`, `from` or `until` may hold this.
    #[must_use]
    pub fn means(name: &str, value: &str) -> bool {
        match name {
            "range" => value == CUSTOM || Range::EACH.iter().any(|range| range.word() == value),
            _ => moment(value).is_some(),
        }
    }

    /// The word for it in addresses.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        if self.custom { CUSTOM } else { self.range.word() }
    }

    /// There is no moment that it leaves out.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.bounds(Timestamp(0)) == (None, None)
    }

    /// The first moment and the one after the last.
    #[must_use]
    pub fn bounds(&self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        if self.custom {
            (self.from, self.until)
        } else {
            (self.range.span().map(|span| now.plus(Micros(-span.0))), None)
        }
    }
}

/// Reads `2026-11-23T14:02`, as date fields send it, in UTC; a date alone is its midnight.
fn moment(text: &str) -> Option<Timestamp> {
    let local: DateTime = text.parse().ok()?;
    let zoned = local.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp(zoned.timestamp().as_microsecond()))
}

/// Writes a moment as date fields read it.
#[must_use]
pub fn field_value(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.microseconds())
        .map(|moment| moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_fields_are_read_as_they_are_written() {
        let at = moment("2026-11-23T14:02").expect("a moment");
        assert_eq!(at, Timestamp(1_795_442_520_000_000));
        assert_eq!(field_value(at), "2026-11-23T14:02");
        assert_eq!(moment("2026-11-23"), Some(Timestamp(1_795_392_000_000_000)));
        for wrong in ["", "yesterday", "2026-13-01T00:00", "9999999-01-01"] {
            assert_eq!(moment(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_range_by_its_word_leaves_dates_aside() {
        let read = |pairs: &[(&str, &str)]| Period::read(&Query::of(pairs.iter().copied()), Range::Day);
        let dated = read(&[("from", "2026-11-23")]);
        assert!(dated.custom && dated.from.is_some());
        assert_eq!(dated.bounds(Timestamp(0)), (dated.from, None));
        let week = read(&[("range", "7d"), ("from", "2026-11-23")]);
        assert_eq!((week.custom, week.word()), (false, "7d"));
        assert_eq!(week.bounds(Timestamp(0)), (Some(Timestamp(-604_800_000_000)), None));
        assert_eq!(read(&[("range", "soon")]).range, Range::Day);
        assert!(read(&[("range", "all")]).is_all() && read(&[("range", "custom")]).is_all());
    }
}
