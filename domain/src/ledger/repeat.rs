//! Whether a command is one that was given before, sent once more: what its giver said counts, not the ids and moments
//! that were thought of for it. `gateway` asks this before it answers a name for the second time.

use super::{Adjustment, Command, Grant};
use crate::time::{Micros, Timestamp};

/// An end that is told in days counts from the moment in which it is told. Who sends it again tells it later, and between
/// telling and booking an order may wait this long.
const SLACK: Micros = Micros::from_seconds(60);

impl Command {
    /// Whether this, given `now`, asks for what `before` did, which was booked at `then`. An end of credit is the same when
    /// it is the same moment or lies equally far ahead.
    #[must_use]
    pub fn repeats(&self, now: Timestamp, before: &Self, then: Timestamp) -> bool {
        let same_end = |new: Option<Timestamp>, old: Option<Timestamp>| match (new, old) {
            (Some(new), Some(old)) => {
                new == old || (new.since(now).0 - old.since(then).0).unsigned_abs() <= SLACK.0.unsigned_abs()
            }
            (new, old) => new == old,
        };
        match (self, before) {
            (Self::Grant(new), Self::Grant(old)) => told(new) == told(old) && same_end(new.expires_at, old.expires_at),
            (
                Self::ExtendLot {
                    lot,
                    expires_at,
                    reason,
                },
                Self::ExtendLot {
                    lot: old_lot,
                    expires_at: old_end,
                    reason: old_reason,
                },
            ) => (lot, reason) == (old_lot, old_reason) && same_end(*expires_at, *old_end),
            (
                Self::Adjust {
                    adjustment: Adjustment::Add { amount, .. },
                    reason,
                },
                Self::Adjust {
                    adjustment: Adjustment::Add { amount: old_amount, .. },
                    reason: old_reason,
                },
            ) => (amount, reason) == (old_amount, old_reason),
            (
                Self::Correct {
                    call, amount, reason, ..
                },
                Self::Correct {
                    call: old_call,
                    amount: old_amount,
                    reason: old_reason,
                    ..
                },
            ) => (call, amount, reason) == (old_call, old_amount, old_reason),
            (new, old) => new == old,
        }
    }
}

/// What a person says of a grant, but for its end.
fn told(grant: &Grant) -> impl PartialEq + '_ {
    (grant.kind, grant.amount, grant.priority, grant.reason.as_str())
}
