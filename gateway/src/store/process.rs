//! Table `process`: who has run on this database, so that calls of a dead process can be told from running ones, and no two
//! living processes make ids under the same number.

mod absent;

use std::collections::HashSet;

use domain::{
    id::{CallId, PROCESS_BITS, ProcessId, SEQUENCE_BITS, pack},
    time::Timestamp,
};

use super::{
    Pg, ProcessLock, SqlitePools, Store, StoreError, Tx, dialect, execute, fetch_all,
    lock::{self, Advisory, Commands, ServerLock},
    tx_execute, tx_fetch_all, tx_fetch_optional,
    usage::{self, Interrupted},
};
use crate::{LedgerOrder, OpenError, ProcessKind};

pub(crate) use absent::{Absent, CONFIRMATION};

/// Numbers that tell processes apart within their ids.
const NUMBERS: i64 = 1 << PROCESS_BITS;

/// How long a command may hold the lock of a server.
const A_BOOKING: std::time::Duration = std::time::Duration::from_millis(500);

/// A process that stands in the table, with the proof that it lives.
pub(crate) struct Registered {
    /// Its row.
    pub id: ProcessId,
    /// Tells its ids from those of all others that live.
    pub number: u16,
    /// Held while it runs.
    pub lock: ProcessLock,
}

/// Registers this process. Processes that died without a word are ended on the way, which frees their numbers.
///
/// # Errors
/// [`OpenError::AlreadyRunning`] when another server holds the SQLite file; [`OpenError::LedgerTaken`];
/// [`OpenError::TooManyProcesses`].
pub(crate) async fn register(
    store: &Store,
    kind: ProcessKind,
    ledger: LedgerOrder,
    now: Timestamp,
) -> Result<Registered, OpenError> {
    match store {
        Store::Sqlite(pools) => on_a_file(store, pools, kind, now).await,
        Store::Postgres(pool) => on_a_server(store, pool, kind, ledger, now).await,
    }
}

async fn on_a_file(
    store: &Store,
    pools: &SqlitePools,
    kind: ProcessKind,
    now: Timestamp,
) -> Result<Registered, OpenError> {
    let server = match kind {
        ProcessKind::Command => None,
        ProcessKind::Serve => Some(server_lock(pools).await?),
    };
    let commands = Commands::look(&pools.path)?;
    let unended = fetch_all!(
        store,
        (i64, String),
        "SELECT id, kind FROM process WHERE ended_at IS NULL"
    );
    for (id, kind) in unended.map_err(StoreError::from)? {
        let dead = if kind == ProcessKind::Serve.as_str() {
            server.is_some()
        } else {
            commands.alone
        };
        if dead {
            end(store, ProcessId::from_number(id), now).await?;
        }
    }
    let lock = match server {
        Some(held) => ProcessLock::Server(held),
        None => ProcessLock::Command(commands.share().await?),
    };
    let mut tx = store.begin().await?;
    let (id, number) = insert(&mut tx, kind, now).await?;
    tx.commit().await?;
    Ok(Registered { id, number, lock })
}

/// The lock of the one server. A command holds it while it books, which takes a moment.
async fn server_lock(pools: &SqlitePools) -> Result<ServerLock, OpenError> {
    let deadline = tokio::time::Instant::now() + A_BOOKING;
    loop {
        match lock::server_file(pools)? {
            Some(held) => return Ok(held),
            None if tokio::time::Instant::now() < deadline => tokio::time::sleep(A_BOOKING / 20).await,
            None => return Err(OpenError::AlreadyRunning(pools.path.display().to_string())),
        }
    }
}

async fn on_a_server(
    store: &Store,
    pool: &Pg,
    kind: ProcessKind,
    ledger: LedgerOrder,
    now: Timestamp,
) -> Result<Registered, OpenError> {
    let mut advisory = Advisory::connect(pool).await?;
    // Rows first: whoever stood in the table by then had taken its lock before.
    let unended = fetch_all!(store, (i64,), "SELECT id FROM process WHERE ended_at IS NULL");
    let unended = unended.map_err(StoreError::from)?;
    let living = advisory.living().await?;
    for (id,) in unended.into_iter().filter(|(id,)| !living.contains(id)) {
        end(store, ProcessId::from_number(id), now).await?;
    }
    let mut tx = store.begin().await?;
    let (id, number) = insert(&mut tx, kind, now).await?;
    // Before anybody sees the row. The id is new, so the lock is free.
    advisory.take(id).await?;
    if kind == ProcessKind::Serve {
        ledger_lock(&mut advisory, ledger, id).await?;
    }
    tx.commit().await?;
    Ok(Registered {
        id,
        number,
        lock: ProcessLock::Connection(Box::new(advisory)),
    })
}

/// The lock of the ledger. Whoever books holds it for a moment.
async fn ledger_lock(advisory: &mut Advisory, wanted: LedgerOrder, process: ProcessId) -> Result<(), OpenError> {
    let deadline = tokio::time::Instant::now() + A_BOOKING;
    while !advisory.take_ledger(wanted, process).await? {
        if tokio::time::Instant::now() > deadline {
            return Err(OpenError::LedgerTaken(wanted));
        }
        tokio::time::sleep(A_BOOKING / 20).await;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, kind: ProcessKind, now: Timestamp) -> Result<(ProcessId, u16), OpenError> {
    let number = next_number(tx).await?;
    let id = ProcessId::from_number(pack(now.milliseconds(), number, 0));
    tx_execute!(
        tx,
        "INSERT INTO process (id, kind, started_at, seen_at, migration) VALUES ($1, $2, $3, $3, $4)",
        id.number(),
        kind.as_str(),
        now.microseconds(),
        // What a newer one may do only when all others know of it, it asks by this. Processes of before 0040 say nothing.
        dialect::last_migration(),
    )
    .map_err(StoreError::from)?;
    Ok((id, number))
}

/// The next number that no process uses which has not ended. The counter's row is a lock: registrations wait for each other.
async fn next_number(tx: &mut Tx) -> Result<u16, OpenError> {
    let raised = tx_fetch_optional!(
        tx,
        (i64,),
        "UPDATE counter SET value = value + 1 WHERE name = 'process' RETURNING value"
    );
    let next = raised.map_err(StoreError::from)?.map_or(0, |(value,)| value);
    let rows = tx_fetch_all!(tx, (i64,), "SELECT id FROM process WHERE ended_at IS NULL").map_err(StoreError::from)?;
    let used: HashSet<i64> = rows
        .into_iter()
        .map(|(id,)| (id >> SEQUENCE_BITS).rem_euclid(NUMBERS))
        .collect();
    let free = (next..next + NUMBERS).find(|number| !used.contains(&number.rem_euclid(NUMBERS)));
    let free = free.ok_or(OpenError::TooManyProcesses)?;
    tx_execute!(tx, "UPDATE counter SET value = $1 WHERE name = 'process'", free).map_err(StoreError::from)?;
    Ok(u16::try_from(free.rem_euclid(NUMBERS)).unwrap_or_default())
}

/// A server has looked for what is left, at this moment of its time. What it tells of is older than what it has seen to.
pub(crate) async fn looked(store: &Store, id: ProcessId, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE process SET seen_at = $2 WHERE id = $1",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

/// Marks the end of a process: not before it was seen last, whatever the clock of who marks it says.
pub(crate) async fn end(store: &Store, id: ProcessId, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE process SET ended_at = CASE WHEN seen_at > $2 THEN seen_at ELSE $2 END,
            seen_at = CASE WHEN seen_at > $2 THEN seen_at ELSE $2 END
         WHERE id = $1 AND ended_at IS NULL",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

/// What [`count_batch`] does, as a part of a longer text for SQLite (`script`): the batch, then the process.
pub(super) const COUNT_BATCH: &str = "UPDATE process SET recorder_batch = ? WHERE id = ?";

/// Writes down, in its own transaction, that a batch of the recorder is committed.
pub(crate) async fn count_batch(tx: &mut Tx, id: ProcessId, batch: i64) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE process SET recorder_batch = $2 WHERE id = $1",
        id.number(),
        batch
    )?;
    Ok(())
}

/// The last batch of the recorder that was committed: the answer to a commit that was not confirmed. One that is still under
/// way is waited for, since it has changed this row.
pub(crate) async fn last_batch(tx: &mut Tx, id: ProcessId) -> Result<i64, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64,),
        "UPDATE process SET recorder_batch = recorder_batch WHERE id = $1 RETURNING recorder_batch",
        id.number()
    )?;
    Ok(row.map_or(0, |(batch,)| batch))
}

/// This process lives after all: others may have taken it for dead while its lock was lost.
pub(crate) async fn reopen(store: &Store, id: ProcessId, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE process SET ended_at = NULL, seen_at = $2 WHERE id = $1",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

/// Closes the open calls of processes that are dead. Gives their number.
///
/// What such a call consumed nobody knows any more; it stands as interrupted, with the reason in words.
pub(crate) async fn close_lost_calls(
    store: &Store,
    absent: &Absent,
    own: ProcessId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let holders: Vec<(i64,)> = fetch_all!(
        store,
        (i64,),
        "SELECT DISTINCT process_id FROM call WHERE state <> 'succeeded' AND state = 'open' AND process_id <> $1",
        own.number()
    )?;
    if holders.is_empty() {
        absent.forget();
        return Ok(0);
    }
    let holders: Vec<i64> = holders.into_iter().map(|(process,)| process).collect();
    let mut closed = 0;
    for process in absent.dead(store, holders).await? {
        let mut tx = store.begin().await?;
        let ended: Vec<Interrupted> = tx_fetch_all!(
            &mut tx,
            Interrupted,
            "UPDATE call SET state = 'interrupted', lost = 1, fault = 'hub', error_code = 'hub_stopped',
                error_message = 'The hub stopped before this call ended.'
             WHERE state <> 'succeeded' AND state = 'open' AND process_id = $1
             RETURNING started_at, COALESCE(account_id, person_id), COALESCE(project_id, person_id), key_id, model_served, provider_id,
                id, limited",
            process
        )?;
        usage::add_interrupted(&mut tx, &ended).await?;
        tx.commit().await?;
        closed += ended.len() as u64;
        end(store, ProcessId::from_number(process), now).await?;
    }
    Ok(closed)
}

/// Closes one call, if it is open. Gives how many it were.
pub(crate) async fn close_call(store: &Store, call: CallId) -> Result<u64, StoreError> {
    let mut tx = store.begin().await?;
    let ended: Vec<Interrupted> = tx_fetch_all!(
        &mut tx,
        Interrupted,
        "UPDATE call SET state = 'interrupted', lost = 1, fault = 'hub', error_code = 'end_not_written',
            error_message = 'The hub could not write the end of this call.'
         WHERE state = 'open' AND id = $1
         RETURNING started_at, COALESCE(account_id, person_id), COALESCE(project_id, person_id), key_id, model_served, provider_id,
                id, limited",
        call.number()
    )?;
    usage::add_interrupted(&mut tx, &ended).await?;
    tx.commit().await?;
    Ok(ended.len() as u64)
}
