//! The only place that reads the time of day. Everything else is handed a [`Clock`] or a moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use domain::time::Timestamp;

/// Where moments come from: the system, or a hand that tests move.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// Stands still until it is set; microseconds since 1970.
    Manual(Arc<AtomicI64>),
    /// The same, but somebody may have set the time of day wrongly.
    Apart {
        /// The time of day.
        wall: Arc<AtomicI64>,
        /// The time that has really passed, from any beginning.
        steady: Arc<AtomicI64>,
    },
    /// The system's, set by so many microseconds by a test of the whole server: the time that really passes stays the system's.
    #[cfg(debug_assertions)]
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The present moment. A system clock before 1970 counts as 1970.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => system(),
            #[cfg(debug_assertions)]
            Self::Set(by) => Timestamp(system().0.saturating_add(by.load(Ordering::Relaxed))),
            Self::Manual(wall) | Self::Apart { wall, .. } => Timestamp(wall.load(Ordering::Relaxed)),
        }
    }
}

fn system() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    let now = SystemTime::now();
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// When a process began, by the time of day and by a clock that nobody can set.
#[derive(Debug)]
pub(crate) struct Anchor {
    wall: Timestamp,
    began: Instant,
    steady: i64,
}

impl Anchor {
    /// The time of day may be so many microseconds off before it is not believed: five minutes.
    const TOLERANCE: u64 = 300_000_000;

    /// Now.
    pub fn drop_at(clock: &Clock) -> Self {
        Self {
            wall: clock.now(),
            began: Instant::now(),
            steady: steady(clock),
        }
    }

    /// The moment by which the ledger decides: the time of day while it is believed, else how much time has really passed
    /// since this process began. So a clock that is set for a while leaves no mark on an account.
    pub fn now(&self, clock: &Clock) -> Timestamp {
        if self.believes(clock) {
            clock.now()
        } else {
            Timestamp(self.wall.0.saturating_add(self.passed(clock)))
        }
    }

    /// Microseconds since this process began.
    fn passed(&self, clock: &Clock) -> i64 {
        match clock {
            Clock::Manual(_) | Clock::Apart { .. } => steady(clock).saturating_sub(self.steady),
            _ => i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX),
        }
    }

    /// Whether as much time has passed by the time of day as has really passed, more or less. A clock that was set wrongly
    /// must not make credit expire for good.
    pub fn believes(&self, clock: &Clock) -> bool {
        let told = clock.now().0.saturating_sub(self.wall.0);
        told.abs_diff(self.passed(clock)) <= Self::TOLERANCE
    }
}

/// The time that has really passed, on clocks of tests.
fn steady(clock: &Clock) -> i64 {
    match clock {
        Clock::Manual(both) => both.load(Ordering::Relaxed),
        Clock::Apart { steady, .. } => steady.load(Ordering::Relaxed),
        _ => 0,
    }
}
