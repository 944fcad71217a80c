//! Why a limit lets a call not pass.

use serde::{Deserialize, Serialize};

use super::{Limit, Measure};
use crate::time::{Micros, Timestamp};

/// Running calls end within seconds, most of them.
const WAIT: i64 = 5;

/// A limit that refuses, with its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverLimit {
    /// The limit.
    pub limit: Limit,
    /// What calls that have ended used.
    pub used: i64,
    /// What running calls may still use.
    pub reserved: i64,
    /// What this call needs at the least.
    pub needed: i64,
    /// When there is room by the time alone. None: never, or not known.
    pub frees_at: Option<Timestamp>,
    /// If every running call ended without using anything, it would be enough.
    #[serde(rename = "waiting_helps")]
    pub ends_suffice: bool,
    /// When it was asked.
    pub at: Timestamp,
}

impl OverLimit {
    /// Whether asking again may help although nobody changes the limit: by the end of running calls, or by the time alone.
    #[must_use]
    pub const fn waiting_helps(&self) -> bool {
        self.ends_suffice || self.frees_at.is_some()
    }

    /// Seconds after which asking again may help, rounded up; none when it never will.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        let until = self.frees_at.map(|at| seconds_up(at.since(self.at)));
        let wait = self.ends_suffice.then_some(match self.limit.measure {
            Measure::Concurrent => 1,
            Measure::Requests | Measure::Tokens | Measure::Spend => WAIT,
        });
        let seconds = match (until, wait) {
            (Some(until), Some(wait)) => until.min(wait),
            (until, wait) => until.or(wait)?,
        };
        Some(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
    }

    /// Whether it is in the way for longer.
    pub(super) fn outlasts(&self, other: &Self) -> bool {
        let never = |over: &Self| over.retry_after().map_or(u64::MAX, u64::from);
        never(self) > never(other)
    }
}

/// Whole seconds that are no less than a span.
fn seconds_up(Micros(span): Micros) -> i64 {
    span.max(0).saturating_add(999_999) / 1_000_000
}

impl std::fmt::Display for OverLimit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { limit, .. } = self;
        let kind = limit.subject.kind.as_str();
        let words = limit.words();
        if !limit.subject.kind.is_of_the_caller() {
            write!(formatter, "This {kind} is at its limit of {words} at this hub.")?;
        } else if limit.most == 0 {
            write!(
                formatter,
                "This {kind} may make no calls: its limit of {words} is 0. Ask whoever set it."
            )?;
            return Ok(());
        } else {
            let (most, used, reserved) = (limit.told(limit.most), limit.told(self.used), limit.told(self.reserved));
            write!(formatter, "The limit of this {kind} is {most} {words}: {used} are used")?;
            if self.reserved > 0 {
                write!(formatter, " and {reserved} reserved by running calls")?;
            }
            if self.needed > 1 {
                write!(formatter, ", and this call needs {}", limit.told(self.needed))?;
            }
            formatter.write_str(".")?;
        }
        match self.retry_after() {
            Some(1) => formatter.write_str(" Try again in a second."),
            Some(seconds) => write!(formatter, " Try again in {seconds} seconds."),
            None if self.needed > limit.most => formatter.write_str(" Ask for less, or ask whoever set the limit."),
            None => formatter.write_str(" Ask whoever set the limit."),
        }
    }
}
