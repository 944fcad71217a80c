//! Whose clock is wrong nobody can know; that one is can be seen when a process begins, and is told.

use domain::time::{Micros, Timestamp};

use crate::{
    Inner,
    store::{self, Store, StoreError},
};

/// Clocks of several machines, and books by them, do not differ by so much unless one is wrong.
const APART: Micros = Micros::from_seconds(300);

/// Books that lie ahead were written by a clock that was wrong, or this one is: what is booked now is dated as they are.
pub(super) async fn compare_with_books(inner: &Inner) -> Result<(), StoreError> {
    let now = inner.clock.now();
    if let Some(booked_at) = store::ledger::read::newest_booking(&inner.store).await?
        && booked_at.since(now).0 > APART.0
    {
        let seconds = booked_at.since(now).0 / 1_000_000;
        tracing::error!(
            seconds,
            "the books lie ahead of this machine's time of day. If that is wrong, stop the hub and set it right; if not, a clock was wrong when they were written, and credit may have ended too early."
        );
    }
    Ok(())
}

/// Servers and commands that share a PostgreSQL may run on several machines. Whatever has a clock that is ahead of the others' books that credit has
/// ended which they would still spend. On an SQLite file there is one machine.
pub(super) async fn compare_with_servers(inner: &Inner) -> Result<(), StoreError> {
    if let Store::Sqlite(_) = inner.store {
        return Ok(());
    }
    let now = inner.clock.now();
    let times = store::ledger::left::times_of_servers(&inner.store).await?;
    if let Some(theirs) = times.into_iter().find(|theirs| apart(*theirs, now)) {
        tracing::warn!(
            theirs = told(theirs),
            here = told(now),
            "a server that runs on this database wrote down another time just now than this machine's time of day: one of the two clocks is wrong, and credit ends by each. Set it right."
        );
    }
    Ok(())
}

/// What they wrote down may be half a minute old.
const fn apart(theirs: Timestamp, now: Timestamp) -> bool {
    theirs.microseconds().abs_diff(now.microseconds()) > APART.0.unsigned_abs()
}

/// As RFC 3339 has it.
fn told(moment: Timestamp) -> String {
    let moment = moment.microseconds();
    jiff::Timestamp::from_microsecond(moment).map_or_else(|_| moment.to_string(), |moment| moment.to_string())
}
