//! Makes ids: ordered by time, without a round trip to the database, distinct between processes.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::{id, time::Timestamp};

/// The ids of one process.
#[derive(Debug)]
pub struct IdSource {
    process: u16,
    /// The last id given out. Ids never go back, even when the clock does.
    last: AtomicI64,
}

impl IdSource {
    /// `process` tells this process from others that run at the same time.
    #[must_use]
    pub fn new(process: u16) -> Self {
        Self {
            process,
            last: AtomicI64::new(0),
        }
    }

    /// The next id for something that happened at `now`.
    ///
    /// More than 4,096 ids in a millisecond borrow from the next one.
    pub fn next(&self, now: Timestamp) -> i64 {
        let fresh = id::pack(now.milliseconds(), self.process, 0);
        let step = |last: i64| {
            let same_moment =
                last >> (id::PROCESS_BITS + id::SEQUENCE_BITS) >= fresh >> (id::PROCESS_BITS + id::SEQUENCE_BITS);
            Some(if same_moment { self.after(last) } else { fresh })
        };
        // `fetch_update` hands back the id before; applying the step again gives the one that was stored.
        let before = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, step)
            .unwrap_or_else(|last| last);
        step(before).unwrap_or(fresh)
    }

    fn after(&self, last: i64) -> i64 {
        let sequence_mask = (1 << id::SEQUENCE_BITS) - 1;
        if last & sequence_mask == sequence_mask {
            let milliseconds = (last >> (id::PROCESS_BITS + id::SEQUENCE_BITS)) + 1 + id::EPOCH_MILLISECONDS;
            id::pack(milliseconds, self.process, 0)
        } else {
            last + 1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_falls_or_bursts() {
        let source = IdSource::new(5);
        let start = Timestamp((id::EPOCH_MILLISECONDS + 1000) * 1000);
        let mut last = 0;
        for number in 0..10_000 {
            let now = if number % 3 == 0 {
                start
            } else {
                Timestamp(start.0 - 5_000_000)
            };
            let next = source.next(now);
            assert!(next > last, "{next} after {last}");
            assert_eq!((next >> id::SEQUENCE_BITS) & 1023, 5);
            last = next;
        }
    }

    #[test]
    fn threads_never_share_an_id() {
        let source = IdSource::new(1);
        let now = Timestamp((id::EPOCH_MILLISECONDS + 1) * 1000);
        let mut all: Vec<i64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..5_000).map(|_| source.next(now)).collect::<Vec<_>>()))
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap_or_default())
                .collect()
        });
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 20_000);
    }
}
