//! A limit with the calendar of its account, as the snapshot holds it. Minutes and hours are those of UTC, which no change of
//! clocks moves; days, weeks and months are those of the account's time zone, with days of 23 and 25 hours as they come.

use domain::{
    limit::{Limit, Ruled, Span},
    time::Timestamp,
};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

/// A limit with its time zone.
#[derive(Clone, Debug)]
pub struct KnownLimit {
    limit: Limit,
    zone: TimeZone,
}

impl KnownLimit {
    /// By the name of the zone. One that this machine does not know counts as UTC, which the log says.
    #[must_use]
    pub fn new(limit: Limit, zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap_or_else(|error| {
            tracing::error!(limit = %limit.id, zone, %error, "a time zone is unknown here; its limits go by UTC");
            TimeZone::UTC
        });
        Self { limit, zone }
    }

    /// Begin and end of the days that a moment's window has. None beyond the years that a calendar knows.
    fn days(&self, span: Span, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let at = jiff::Timestamp::from_microsecond(at.microseconds()).ok()?;
        let date = at.to_zoned(self.zone.clone()).date();
        let (first, next) = match span {
            Span::Week => {
                let monday = date
                    .checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
                    .ok()?;
                (monday, monday.checked_add(7.days()).ok()?)
            }
            Span::Month => (date.first_of_month(), date.last_of_month().tomorrow().ok()?),
            Span::Minute | Span::Hour | Span::Day => (date, date.tomorrow().ok()?),
        };
        // A midnight that a change of clocks leaves out is the moment after it; of one that comes twice the first counts.
        let begins = |date: Date| {
            let begins = date.to_zoned(self.zone.clone()).ok()?;
            Some(Timestamp(begins.timestamp().as_microsecond()))
        };
        Some((begins(first)?, begins(next)?))
    }
}

impl Ruled for KnownLimit {
    fn limit(&self) -> &Limit {
        &self.limit
    }

    fn edges(&self, span: Span, at: Timestamp) -> (Timestamp, Timestamp) {
        let even = || {
            let length = span.length().0;
            let from = at.microseconds().div_euclid(length) * length;
            (Timestamp(from), Timestamp(from.saturating_add(length)))
        };
        match span {
            Span::Minute | Span::Hour => even(),
            Span::Day | Span::Week | Span::Month => self.days(span, at).unwrap_or_else(even),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{KeyId, LimitId},
        limit::{Ask, Counters, Measure, Spent, Wanted, Window, offer, settle, take},
    };
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn known(zone: &str) -> KnownLimit {
        let limit = Limit {
            id: LimitId::from_number(1),
            subject: KeyId::from_number(1).into(),
            measure: Measure::Spend,
            window: Window::Calendar(Span::Day),
            most: 1,
        };
        KnownLimit::new(limit, zone)
    }

    fn moment(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    const HOUR: i64 = 3_600_000_000;
    /// Changes of clocks at midnight, at two, by half an hour, over the line of dates; and none.
    const ZONES: [&str; 8] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Pacific/Apia",
    ];

    proptest! {
        /// Windows follow each other without a gap and without an overlap, and hold what belongs together.
        #[test]
        fn windows_of_a_calendar_leave_nothing_out(
            zone in 0..ZONES.len(),
            span in 0..Span::ALL.len(),
            // From 1990 to 2037.
            at in 631_152_000_000_000_i64..2_145_916_800_000_000,
        ) {
            let (known, span, at) = (known(ZONES[zone]), Span::ALL[span], Timestamp(at));
            let (from, until) = known.edges(span, at);
            prop_assert!(from <= at && at < until);
            prop_assert_eq!(known.edges(span, from), (from, until));
            prop_assert_eq!(known.edges(span, Timestamp(until.0 - 1)), (from, until));
            prop_assert_eq!(known.edges(span, until).0, until);
            prop_assert_eq!(known.edges(span, Timestamp(from.0 - 1)).1, from);
            let date = |at: Timestamp| {
                let at = jiff::Timestamp::from_microsecond(at.0).unwrap();
                at.to_zoned(known.zone.clone()).date()
            };
            let (first, last) = (date(from), date(Timestamp(until.0 - 1)));
            match span {
                Span::Minute | Span::Hour => prop_assert_eq!(until.0 - from.0, span.length().0),
                Span::Day => prop_assert_eq!(first, last),
                Span::Week => prop_assert!(first.weekday() == jiff::civil::Weekday::Monday || ZONES[zone] == "Pacific/Apia"),
                Span::Month => prop_assert_eq!((first.day(), first.month()), (1, last.month())),
            }
        }
    }

    #[test]
    fn a_day_has_as_many_hours_as_its_clocks_say() {
        let hours = |zone, at| {
            let (from, until) = known(zone).edges(Span::Day, moment(at));
            (until.0 - from.0) / HOUR
        };
        assert_eq!(hours("Europe/Berlin", "2027-03-28T12:00:00Z"), 23);
        assert_eq!(hours("Europe/Berlin", "2027-10-31T12:00:00Z"), 25);
        assert_eq!(hours("Europe/Berlin", "2027-07-01T12:00:00Z"), 24);
        // Midnight itself was left out.
        assert_eq!(hours("America/Sao_Paulo", "2018-11-04T12:00:00Z"), 23);
        let (from, _) = known("Europe/Berlin").edges(Span::Month, moment("2027-06-30T22:30:00Z"));
        assert_eq!(from, moment("2027-06-30T22:00:00Z"));
        let (from, until) = known("UTC").edges(Span::Week, moment("2026-11-28T12:00:00Z"));
        assert_eq!(
            (from, until),
            (moment("2026-11-23T00:00:00Z"), moment("2026-11-30T00:00:00Z"))
        );
    }

    /// Whoever sets their clock to where a day has just begun has spent what they have spent.
    #[test]
    fn no_change_of_the_time_zone_gives_a_limit_anew() {
        let ask = Ask {
            begins: true,
            spend: Wanted { most: 1, least: 1 },
            ..Ask::default()
        };
        for hour in 0..24 {
            let now = Timestamp(moment("2027-01-15T00:30:00Z").0 + hour * HOUR);
            for first in ZONES {
                let (mut counters, mut takings) = (Counters::default(), Vec::new());
                let before = [Arc::new(known(first))];
                let granted = offer(&before, &counters, &ask, now, now).unwrap();
                take(&before, &mut counters, &ask, granted, now, &mut takings);
                settle(&mut counters, &takings, Spent { tokens: 0, charge: 1 });
                for second in ZONES {
                    let after = [Arc::new(known(second))];
                    let over = offer(&after, &counters, &ask, now, now);
                    assert!(over.is_err(), "{first} to {second} at {hour}");
                    // Two days later it is over, wherever that is.
                    let later = Timestamp(now.0 + 48 * HOUR);
                    assert!(
                        offer(&after, &counters, &ask, later, later).is_ok(),
                        "{first} to {second}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_zone_that_nobody_knows_counts_as_utc() {
        assert_eq!(known("Middle/Earth").zone, TimeZone::UTC);
    }
}
