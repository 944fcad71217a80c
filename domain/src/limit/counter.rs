//! What was used and what is reserved, by limit and bucket. Changed by `decide` alone.

use std::collections::{BTreeMap, HashMap};

use crate::{id::LimitId, time::Timestamp};

/// What counts in one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// By calls that have ended.
    pub used: i64,
    /// By calls that run.
    pub reserved: i64,
}

/// The counts of one limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    buckets: BTreeMap<Timestamp, Bucket>,
}

/// What counts in several buckets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub used: i64,
    pub reserved: i64,
}

impl Sums {
    pub const fn total(&self) -> i64 {
        self.used.saturating_add(self.reserved)
    }
}

impl Counter {
    /// Adds what is stored of a bucket.
    pub fn load(&mut self, bucket: Timestamp, counts: Bucket) {
        let known = self.buckets.entry(bucket).or_default();
        known.used = known.used.saturating_add(counts.used);
        known.reserved = known.reserved.saturating_add(counts.reserved);
    }

    /// The buckets that begin within a stretch, the oldest first.
    pub fn buckets(&self, from: Timestamp, until: Timestamp) -> impl DoubleEndedIterator<Item = (Timestamp, Bucket)> {
        self.buckets
            .range(from..until.max(from))
            .map(|(start, bucket)| (*start, *bucket))
    }

    pub(super) fn sum(&self, from: Timestamp, until: Timestamp) -> Sums {
        self.buckets(from, until)
            .fold(Sums::default(), |sums, (_, bucket)| Sums {
                used: sums.used.saturating_add(bucket.used),
                reserved: sums.reserved.saturating_add(bucket.reserved),
            })
    }

    pub(super) fn reserve(&mut self, bucket: Timestamp, amount: i64) {
        let bucket = self.buckets.entry(bucket).or_default();
        bucket.reserved = bucket.reserved.saturating_add(amount);
    }

    pub(super) fn settle(&mut self, at: Timestamp, reserved: i64, used: i64) {
        let bucket = self.buckets.entry(at).or_default();
        // Never below zero: what was forgotten with its limit is given back to nobody.
        bucket.reserved = bucket.reserved.saturating_sub(reserved).max(0);
        bucket.used = bucket.used.saturating_add(used);
        if *bucket == Bucket::default() {
            self.buckets.remove(&at);
        }
    }

    /// Forgets what began before and what no running call has a part in.
    pub fn forget_before(&mut self, moment: Timestamp) {
        self.buckets
            .retain(|start, bucket| *start >= moment || bucket.reserved > 0);
    }

    /// Whether nothing counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Whether a running call has a part in it.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.buckets.values().any(|bucket| bucket.reserved > 0)
    }
}

/// The counts of all limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters(HashMap<LimitId, Counter>);

impl Counters {
    /// Of one limit; nothing where nothing was ever taken.
    #[must_use]
    pub fn get(&self, limit: LimitId) -> &Counter {
        static NOTHING: Counter = Counter {
            buckets: BTreeMap::new(),
        };
        self.0.get(&limit).unwrap_or(&NOTHING)
    }

    /// Of one limit, to be changed.
    pub fn of(&mut self, limit: LimitId) -> &mut Counter {
        self.0.entry(limit).or_default()
    }

    /// Keeps those that this says of; it may make them forget first.
    pub fn retain(&mut self, mut keep: impl FnMut(LimitId, &mut Counter) -> bool) {
        self.0.retain(|limit, counter| keep(*limit, counter));
    }

    /// How many limits have counts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
