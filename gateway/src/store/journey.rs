//! A whole batch in one journey to PostgreSQL: the rows of calls, their attempts, the sums of their hours and what is booked of them, as
//! one statement that is a transaction of its own (`commit_calls`, migration 0042). Statement by statement a batch takes ten journeys, and
//! waits for most of its time for the next one. Batches of any other kind go that way (`calls::write`, `journal::write`), as `script`
//! does on SQLite. Called by `recorder`, and by the shared ledger.
//!
//! What is refused here says no more than that, and nothing of it is written: whoever wants to know why writes the batch once more,
//! statement by statement.

mod rows;

use std::collections::HashMap;

use domain::{
    call::CallState,
    id::{AccountId, ProcessId},
};

use self::rows::{Step, all};
use super::{
    PgLine, StoreError,
    calls::{AttemptRow, CallRow, Rows},
    ledger::{
        Era,
        journal::{
            Booked,
            parts::{self, Parts},
        },
        keep::Place,
        order,
    },
    usage,
};

const WRITE: &str = "SELECT commit_calls($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const BOOK: &str = "SELECT book_journal($1, $2, $3, $4)";

/// What is to be written.
#[derive(Debug, Default)]
pub(crate) struct Batch<'a> {
    /// Calls whose rows do not stand, by their ids.
    pub new: Vec<&'a CallRow>,
    /// Calls that have ended and whose rows stand, open, by their ids.
    pub ended: Vec<&'a CallRow>,
    /// Attempts of either.
    pub attempts: Vec<&'a AttemptRow>,
    /// What is booked, on each account in its order.
    pub booked: Vec<&'a Booked>,
}

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Writer<'a> {
    /// The recorder, its batch of this number.
    Recorder {
        process: ProcessId,
        batch: i64,
        /// Of an owner who books.
        epoch: Option<i64>,
    },
    /// A server that shares the ledger, and has these accounts in memory.
    Sharer(Places<'a>),
}

/// Where accounts stand in somebody's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    /// When they were read.
    pub era: Era,
    /// Of each that is booked on, or on which calls hold that are written.
    pub places: &'a HashMap<AccountId, Place>,
}

impl<'a> Batch<'a> {
    /// What the recorder writes. None: it goes statement by statement.
    pub fn of(rows: &Rows<'a>, booked: &[&'a Booked]) -> Option<Self> {
        let mut batch = Self {
            new: rows.new.clone(),
            ended: rows.known.clone(),
            attempts: rows.attempts.clone(),
            booked: booked.to_vec(),
        };
        batch.ended.sort_unstable_by_key(|row| row.id);
        batch.is_usual().then_some(batch)
    }

    /// Whether it is of the usual kind: no limits, no answers that providers keep, nothing that somebody did by hand, and what is
    /// booked of a call stands in its row.
    fn is_usual(&self) -> bool {
        let usual_call = |call: &&CallRow| call.kept.is_none() && call.limited.is_none();
        let usual_booking =
            |one: &&Booked| one.note.is_none() && one.once.is_none() && (one.in_row || one.effects.hold.is_none());
        self.ended.iter().all(|call| call.state != CallState::Open)
            && self.new.iter().chain(&self.ended).all(usual_call)
            && self.booked.iter().all(usual_booking)
    }
}

/// Writes a batch of the usual kind, all of it or nothing. False: nothing, as an account or the order of the ledger is not where the
/// writer takes it to be.
///
/// # Errors
/// The database's. [`StoreError::is_refusal`] when it refused: then nothing is written.
pub(crate) async fn write(connection: &mut PgLine, batch: &Batch<'_>, writer: Writer<'_>) -> Result<bool, StoreError> {
    let calls = || batch.new.iter().chain(&batch.ended).copied();
    let hours = usage::sums(calls());
    let parts = Parts::of(&batch.booked);
    let steps = steps(&parts, writer);
    let (shared, epoch, server_since) = match writer {
        Writer::Recorder { epoch, .. } => (epoch.map(|_| false), epoch, None),
        Writer::Sharer(Places { era, .. }) => (Some(true), Some(era.epoch), Some(era.server_since)),
    };
    let (process, number) = match writer {
        Writer::Recorder { process, batch, .. } => (Some(process.number()), Some(batch)),
        Writer::Sharer(_) => (None, None),
    };
    let written = sqlx::query_scalar(WRITE)
        .bind(order::LEDGER)
        .bind(epoch)
        .bind(server_since)
        .bind(shared)
        .bind(process)
        .bind(number)
        .bind(all(&steps))
        .bind(all(&batch.new))
        .bind(all(&batch.ended))
        .bind(all(&batch.attempts))
        .bind(all(&hours))
        .bind(all(&parts.lots))
        .bind(all(&parts.entries))
        .bind(all(&parts.lines))
        .fetch_one(connection)
        .await?;
    Ok(written)
}

/// Writes what is booked within a transaction of the caller's. Gives how many accounts stood where it begins, and were moved.
pub(in crate::store) async fn book(tx: &mut PgLine, parts: &Parts<'_>) -> Result<u64, StoreError> {
    if parts.lots.is_empty() && parts.lines.is_empty() {
        return Ok(0);
    }
    let steps: Vec<Step<'_>> = parts.steps.iter().map(|step| Step::of(step, None)).collect();
    let moved: i64 = sqlx::query_scalar(BOOK)
        .bind(all(&parts.lots))
        .bind(all(&parts.entries))
        .bind(all(&parts.lines))
        .bind(all(&steps))
        .fetch_one(tx)
        .await?;
    Ok(u64::try_from(moved).unwrap_or_default())
}

/// The accounts by their ids: that is the order in which everybody locks them.
fn steps<'a>(parts: &'a Parts<'a>, writer: Writer<'_>) -> Vec<Step<'a>> {
    let Writer::Sharer(Places { places, .. }) = writer else {
        return parts.steps.iter().map(|step| Step::of(step, None)).collect();
    };
    let mut steps: Vec<Step<'a>> = Vec::with_capacity(places.len());
    let mut booked: HashMap<AccountId, &'a parts::Step<'a>> = HashMap::with_capacity(parts.steps.len());
    booked.extend(parts.steps.iter().map(|step| (step.account, step)));
    for (account, place) in places {
        steps.push(match booked.remove(account) {
            Some(step) => Step::of(step, Some(place.moved)),
            // Only holds are written of it.
            None => Step::held(*account, place.seq, Some(place.moved)),
        });
    }
    // Whose place is not told is not where it is taken to be.
    steps.extend(booked.into_values().map(|step| Step::of(step, None)));
    steps.sort_unstable_by_key(Step::account);
    steps
}
