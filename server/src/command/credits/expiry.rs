//! When credit ends, as it is written on the command line: a moment, or a number of days from now.

use domain::{
    setting::Setting,
    time::{Micros, Timestamp},
};

use jiff::fmt::temporal::Pieces;

use crate::command::CommandError;

/// An end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At this moment.
    At(Timestamp),
    /// So long from now.
    In(Micros),
}

impl Expiry {
    /// The moment.
    pub const fn after(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::In(span) => now.plus(span),
        }
    }

    /// The moment, where days count backwards.
    pub const fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::In(span) => now.plus(Micros(-span.0)),
        }
    }
}

/// Reads `90d` or an RFC 3339 moment.
pub fn parse(text: &str) -> Result<Expiry, CommandError> {
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok()) {
        return match (1..=Setting::MOST_DAYS).contains(&days) {
            true => Ok(Expiry::In(Micros::from_days(days))),
            false => Err(CommandError::Argument(format!(
                "`{text}` is not from 1d to {}d.",
                Setting::MOST_DAYS
            ))),
        };
    }
    match text.parse::<jiff::Timestamp>() {
        Ok(moment) => Ok(Expiry::At(Timestamp(moment.as_microsecond()))),
        Err(_) if is_beyond(text) => Err(CommandError::Argument(format!(
            "`{text}` is too far from now: a moment lies before the last days of the year 9999."
        ))),
        Err(_) => Err(CommandError::Argument(format!(
            "`{text}` is neither a moment nor a number of days. Write a moment like 2027-01-31T00:00:00Z, or a number of days like 90d."
        ))),
    }
}

/// A moment that is written as it should be, and that no calendar of ours reaches.
fn is_beyond(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_some() && pieces.offset().is_some())
}

/// A moment in UTC, to the second.
pub fn text(moment: Timestamp) -> String {
    let at = jiff::Timestamp::from_second(moment.seconds());
    at.map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_read() {
        let day = Micros::from_days(1).0;
        assert_eq!(parse("90d").ok(), Some(Expiry::In(Micros(90 * day))));
        let moment = parse("1970-01-03T01:00:00+01:00").ok();
        assert_eq!(moment, Some(Expiry::At(Timestamp(2 * day))));
        assert_eq!(text(Timestamp(2 * day + 5)), "1970-01-03T00:00:00Z");
        for wrong in [
            "0d",
            "-1d",
            "90",
            "d",
            "tomorrow",
            "2027-01-31",
            "99999999999999999999d",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        // Each is told what is wrong with it.
        let said = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(said("40000d"), "`40000d` is not from 1d to 36500d.");
        assert!(said("9999-12-31T00:00:00Z").contains("before the last days of the year 9999"));
        assert!(said("2027-01-31").contains("is neither a moment nor a number of days"));
    }
}
