//! How long a key lives, as people choose it, and how long an old secret goes on after it was replaced.

use serde::{Deserialize, Serialize};

use crate::{
    refusal::Invalid,
    time::{Micros, Timestamp},
};

/// A key ends within so many days.
const LONGEST: Micros = Micros::from_days(3660);
const DAY: Micros = Micros::from_days(1);

/// When a key is to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// Not at all.
    #[default]
    Never,
    /// So many days from now.
    Days(u16),
    /// At this moment.
    At(Timestamp),
}

impl Expiry {
    /// What forms offer beside a date.
    pub const PRESETS: [Self; 5] = [
        Self::Never,
        Self::Days(7),
        Self::Days(30),
        Self::Days(90),
        Self::Days(365),
    ];

    /// The word in forms and on the command line: `never`, `30d`. A date has none.
    #[must_use]
    pub fn word(self) -> Option<String> {
        match self {
            Self::Never => Some("never".to_owned()),
            Self::Days(days) => Some(format!("{days}d")),
            Self::At(_) => None,
        }
    }

    /// Reads `never` or a number of days (`30d`). Whoever takes dates reads them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "never" => Some(Self::Never),
            days => days.strip_suffix('d')?.parse().map(Self::Days).ok(),
        }
    }

    /// When that is, seen from a moment.
    ///
    /// # Errors
    /// [`Invalid::Expiry`] for the past and for what is too far away.
    pub fn end(self, now: Timestamp) -> Result<Option<Timestamp>, Invalid> {
        let end = match self {
            Self::Never => return Ok(None),
            Self::Days(days) => now.plus(Micros::from_days(i64::from(days))),
            Self::At(end) => end,
        };
        if end > now && end.since(now) <= LONGEST {
            Ok(Some(end))
        } else {
            Err(Invalid::Expiry)
        }
    }
}

/// How long an old secret goes on after it was replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// It ends at once.
    None,
    /// One hour.
    Hour,
    /// One day.
    #[default]
    Day,
    /// Seven days.
    Week,
}

impl Overlap {
    /// Every choice, the shortest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Hour, Self::Day, Self::Week];

    /// The word in forms and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    /// The choice that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|overlap| overlap.as_str() == text)
    }

    /// How long that is.
    #[must_use]
    pub const fn span(self) -> Micros {
        match self {
            Self::None => Micros(0),
            Self::Hour => Micros::from_seconds(3600),
            Self::Day => DAY,
            Self::Week => Micros::from_days(7),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read() {
        for preset in Expiry::PRESETS {
            let word = preset.word().expect("a word");
            assert_eq!(Expiry::parse(&word), Some(preset));
        }
        for wrong in ["", "d", "-1d", "70000d", "2025-02-28", "tomorrow"] {
            assert_eq!(Expiry::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_end_lies_ahead() {
        let now = Timestamp(1_000_000);
        assert_eq!(Expiry::Never.end(now), Ok(None));
        assert_eq!(Expiry::Days(7).end(now), Ok(Some(now.plus(Micros::from_days(7)))));
        for wrong in [Expiry::Days(0), Expiry::At(now), Expiry::Days(u16::MAX)] {
            assert_eq!(wrong.end(now), Err(Invalid::Expiry));
        }
        assert_eq!(
            Overlap::ALL.map(Overlap::as_str).map(Overlap::parse),
            Overlap::ALL.map(Some)
        );
    }
}
