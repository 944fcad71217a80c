//! How long ago the prices that the request path reads were seen to be what is stored. It is looked at several times a second, but a process may have
//! stood still (a machine that sleeps or moves, a debugger), or its database may not answer; and a price that was published meanwhile is in
//! force two seconds later for everybody. So nobody prices by what was not seen to be so a moment ago.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use domain::{
    call::Fault,
    price::PriceDraft,
    time::{Micros, Timestamp},
};
use tokio::time::{sleep, timeout};

use super::reload_if_prices_changed;
use crate::{Inner, call::CallError};

/// What was seen so long ago may be read, and nothing older.
const FRESH: Micros = Micros(1_500_000);
const _: () = assert!(
    FRESH.0 < PriceDraft::LEAD.0,
    "a price would be in force before everybody has it"
);
/// So long a call waits to see it anew.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts while the database fails.
const PAUSE: Duration = Duration::from_millis(100);

/// When it was seen last: by the time that has passed, which no clock that is set can shorten, and by the hub's own, which goes on where that
/// stands still.
#[derive(Debug)]
pub(crate) struct Seen {
    began: Instant,
    /// Microseconds from then.
    passed: AtomicU64,
    /// Microseconds since 1970.
    at: AtomicI64,
    /// One who looks again is enough for all.
    looks: tokio::sync::Mutex<()>,
}

/// A moment before something is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    passed: u64,
    at: i64,
}

impl Seen {
    /// It is read after this moment.
    pub fn now(at: Timestamp) -> Self {
        Self {
            began: Instant::now(),
            passed: AtomicU64::new(0),
            at: AtomicI64::new(at.0),
            looks: tokio::sync::Mutex::default(),
        }
    }

    /// The moment before a look.
    pub fn before(&self, at: Timestamp) -> Before {
        Before {
            passed: self.passed(),
            at: at.0,
        }
    }

    /// The prices that were looked at after this moment are those in memory.
    pub fn note(&self, Before { passed, at }: Before) {
        self.passed.store(passed, Ordering::Release);
        self.at.store(at, Ordering::Release);
    }

    /// It was seen a moment ago. Whoever asks reads it afterwards.
    pub fn is_fresh(&self, at: Timestamp) -> bool {
        let passed = self.passed().saturating_sub(self.passed.load(Ordering::Acquire));
        let by_the_hub = at.0.abs_diff(self.at.load(Ordering::Acquire));
        passed.max(by_the_hub) <= FRESH.0.unsigned_abs()
    }

    fn passed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Inner {
    /// Sees to it that the prices in memory are those that are stored.
    ///
    /// # Errors
    /// 503: the database does not tell.
    pub(crate) async fn look_again(&self) -> Result<(), CallError> {
        let looked = timeout(PATIENCE, async {
            let _looks = self.seen.looks.lock().await;
            while !self.seen.is_fresh(self.clock.now()) {
                if let Err(error) = reload_if_prices_changed(self).await {
                    tracing::warn!(%error, "what calls are priced by could not be read; a call waits for it");
                    sleep(PAUSE).await;
                }
            }
        });
        looked.await.map_err(|_| CallError {
            retry_after: Some(2),
            ..CallError::new(
                Fault::Hub,
                503,
                "prices_unknown",
                "The hub cannot read its prices at the moment. Try again in a few seconds.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gateway, ProcessKind, Settings, scene, store::execute};

    fn of_age(age: Micros) -> Seen {
        let began = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let seen = Seen {
            began,
            ..Seen::now(Timestamp(0))
        };
        let Before { passed, .. } = seen.before(Timestamp(0));
        seen.note(Before {
            passed: passed - age.0.unsigned_abs(),
            at: 0,
        });
        seen
    }

    #[test]
    fn what_was_seen_long_ago_by_either_time_is_not_fresh() {
        let second = Micros::from_seconds(1);
        assert!(of_age(second).is_fresh(Timestamp(second.0)));
        // The machine slept, or its clock was set.
        for at in [2 * second.0, -2 * second.0] {
            assert!(!of_age(second).is_fresh(Timestamp(at)));
        }
        // The clock was set back while the process stood still.
        assert!(!of_age(Micros::from_seconds(30)).is_fresh(Timestamp(0)));
    }

    /// All of it may be much, and a hub with many keys changes every moment.
    #[tokio::test]
    async fn calls_wait_for_prices_alone() {
        let folder = tempfile::tempdir().unwrap();
        // Nobody else looks.
        let settings = Settings {
            process_kind: ProcessKind::Command,
            ..scene::settings(&folder)
        };
        let hub = Gateway::open(settings).await.unwrap();
        let inner = &hub.0;
        let after = async |change: &'static str| {
            execute!(&inner.store, change).unwrap();
            let now = inner.clock.now();
            inner.seen.note(Before { passed: 0, at: 0 });
            assert!(!inner.seen.is_fresh(now));
            inner.look_again().await.unwrap();
            assert!(inner.seen.is_fresh(now));
            inner.snapshot.load().version()
        };
        let version = inner.snapshot.load().version();
        let another = "UPDATE counter SET value = value + 1 WHERE name = 'snapshot'";
        assert_eq!(after(another).await, version, "nothing was read again");
        let prices = "UPDATE counter SET value = value + 1 WHERE name = 'prices'";
        assert_eq!(after(prices).await, version + 1);
    }

    #[test]
    fn a_look_counts_from_its_beginning() {
        let seen = of_age(Micros::from_seconds(30));
        let before = seen.before(Timestamp(0));
        assert!(!seen.is_fresh(Timestamp(0)));
        seen.note(before);
        assert!(seen.is_fresh(Timestamp(1)));
    }
}
