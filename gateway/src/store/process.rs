//! Table `process`: who has run on this database, so that calls of a dead process can be told from running ones.

use domain::{id::ProcessId, time::Timestamp};

use super::{Store, StoreError, Tx, execute, fetch_all, lock, tx_execute, tx_fetch_optional};
use crate::ProcessKind;

/// Registers this process. Its number tells its ids from those of others.
pub(crate) async fn register(store: &Store, kind: ProcessKind, now: Timestamp) -> Result<(ProcessId, u16), StoreError> {
    let mut tx = store.begin().await?;
    let number = next_number(&mut tx).await?;
    // Ten bits: numbers come round after 1,024 processes, long after the first has ended.
    let short = u16::try_from(number.rem_euclid(1 << domain::id::PROCESS_BITS)).unwrap_or_default();
    let id = ProcessId::from_number(domain::id::pack(now.milliseconds(), short, 0));
    tx_execute!(
        &mut tx,
        "INSERT INTO process (id, kind, started_at, seen_at) VALUES ($1, $2, $3, $3)",
        id.number(),
        kind.as_str(),
        now.microseconds(),
    )?;
    tx.commit().await?;
    Ok((id, short))
}

async fn next_number(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64,),
        "UPDATE counter SET value = value + 1 WHERE name = 'process' RETURNING value"
    )?;
    Ok(row.map_or(0, |(value,)| value))
}

/// Marks an orderly end.
pub(crate) async fn end(store: &Store, id: ProcessId, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE process SET ended_at = $2, seen_at = $2 WHERE id = $1",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

/// Closes the open calls of processes that are dead. Gives their number.
///
/// What such a call consumed nobody knows any more; it stands as interrupted, with the reason in words.
pub(crate) async fn close_lost_calls(store: &Store, own: ProcessId, now: Timestamp) -> Result<u64, StoreError> {
    let holders: Vec<(i64,)> = fetch_all!(
        store,
        (i64,),
        "SELECT DISTINCT process_id FROM call WHERE state = 'open' AND process_id <> $1",
        own.number()
    )?;
    let mut closed = 0;
    for (process,) in holders {
        if lock::is_alive(store, ProcessId::from_number(process)).await? {
            continue;
        }
        closed += execute!(
            store,
            "UPDATE call SET state = 'interrupted', fault = 'hub', error_code = 'hub_stopped',
                error_message = 'The hub stopped before this call ended.'
             WHERE state = 'open' AND process_id = $1",
            process,
        )?;
        execute!(
            store,
            "UPDATE process SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
            process,
            now.microseconds()
        )?;
    }
    Ok(closed)
}
