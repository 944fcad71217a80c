//! Moments and spans as storage holds them. Calendars and time zones belong to whoever shows them.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970 in UTC, read from our own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Microseconds since 1970.
    #[must_use]
    pub const fn microseconds(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since 1970, rounded down.
    #[must_use]
    pub const fn milliseconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whole seconds since 1970, rounded down: the unit of OpenAI's `created`.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whether nothing is lost of it where moments are told by the second.
    #[must_use]
    pub const fn is_whole_second(self) -> bool {
        self.0.rem_euclid(1_000_000) == 0
    }

    /// This moment moved by `span` microseconds, kept within what can be stored.
    #[must_use]
    pub const fn plus(self, span: Micros) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The span from `earlier` to this moment; negative when the order is reversed.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }
}

/// A span in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// A span of whole seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// A span of whole days of 24 hours.
    #[must_use]
    pub const fn from_days(days: i64) -> Self {
        Self::from_seconds(days.saturating_mul(86_400))
    }
}
