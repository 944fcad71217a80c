//! Writes one batch: all of it in one commit. A database that does not answer is waited for; a row that it refuses is
//! written without its texts, and does not take the others with it.

use std::{collections::HashMap, time::Duration};

use tokio::time::{Instant, sleep};

use super::{Ack, Entry, RecorderError, reduced};
use crate::store::{
    Store, StoreError,
    calls::{self, AttemptRow, CallRow},
};

/// A database that fails is waited for so long. Those who wait for their rows have given up long before (`call::record`),
/// and new calls are refused meanwhile.
const OUTAGE: Duration = Duration::from_secs(60);
/// The first pause before another try; it doubles.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One call of a batch, with all who wait for it.
struct Work {
    row: Box<CallRow>,
    attempts: Vec<AttemptRow>,
    acks: Vec<Ack>,
}

/// Writes a batch and tells all who wait.
pub(super) async fn write(store: &Store, batch: Vec<Entry>) {
    let work = join(batch);
    let deadline = Instant::now() + OUTAGE;
    let outcome = patiently(store, &work, deadline).await;
    match outcome {
        Err(error) if error.blames_a_row() => {
            for work in work {
                let outcome = alone(store, &work, deadline).await;
                acknowledge(work, outcome);
            }
        }
        Err(error) => {
            tracing::error!(%error, rows = work.len(), "the database stays away; these calls are not in the log");
            for work in work {
                acknowledge(work, Err(RecorderError));
            }
        }
        Ok(()) => {
            for work in work {
                acknowledge(work, Ok(()));
            }
        }
    }
}

/// Joins the rows of one call: its end replaces its beginning.
fn join(batch: Vec<Entry>) -> Vec<Work> {
    let mut places: HashMap<i64, usize> = HashMap::with_capacity(batch.len());
    let mut work: Vec<Work> = Vec::with_capacity(batch.len());
    for entry in batch {
        let Entry { row, attempts, ack } = entry;
        match places.get(&row.id.number()).and_then(|place| work.get_mut(*place)) {
            Some(known) => {
                known.row = row;
                known.attempts.extend(attempts);
                known.acks.extend(ack);
            }
            None => {
                places.insert(row.id.number(), work.len());
                work.push(Work {
                    row,
                    attempts,
                    acks: ack.into_iter().collect(),
                });
            }
        }
    }
    work
}

/// Writes the row of one call: as it is, else without its texts.
async fn alone(store: &Store, work: &Work, deadline: Instant) -> Result<(), RecorderError> {
    let mut outcome = patiently(store, std::slice::from_ref(work), deadline).await;
    if let Err(error) = outcome.as_ref()
        && error.blames_a_row()
    {
        tracing::error!(%error, call = %work.row.id, "the database refuses the row of a call; it is written without its texts");
        let reduced = Work {
            row: Box::new(reduced::call(&work.row)),
            attempts: work.attempts.iter().map(reduced::attempt).collect(),
            acks: Vec::new(),
        };
        outcome = patiently(store, &[reduced], deadline).await;
    }
    outcome.map_err(|error| {
        tracing::error!(%error, call = %work.row.id, "a call could not be written to the log");
        RecorderError
    })
}

fn acknowledge(work: Work, outcome: Result<(), RecorderError>) {
    for ack in work.acks {
        // Whoever no longer waits needs no answer.
        let _ = ack.send(outcome);
    }
}

/// Writes rows in one transaction. Tries again until the deadline, unless a row is to blame.
async fn patiently(store: &Store, work: &[Work], deadline: Instant) -> Result<(), StoreError> {
    let rows: Vec<&CallRow> = work.iter().map(|work| work.row.as_ref()).collect();
    let attempts: Vec<&AttemptRow> = work.iter().flat_map(|work| &work.attempts).collect();
    let mut pause = PAUSE;
    loop {
        let Err(error) = calls::write(store, &rows, &attempts).await else {
            return Ok(());
        };
        if error.blames_a_row() || Instant::now() + pause > deadline {
            return Err(error);
        }
        tracing::error!(%error, rows = rows.len(), "writing calls failed; trying again");
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
