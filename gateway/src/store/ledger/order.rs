//! Who keeps the order of the ledger on PostgreSQL: one process alone, or all together. One advisory lock tells the two
//! apart, so that they cannot mix: an owner holds it alone as long as it runs, all others share it while they book. Table
//! `ledger_owner` is for an owner whose connection broke, and its lock with it: it finds another epoch there and cannot
//! commit. On SQLite the lock of the file says all of this, so there is nothing here for it.

use domain::id::ProcessId;
use sqlx::PgConnection;

use crate::{
    LedgerOrder,
    store::{StoreError, Tx},
};

/// The advisory lock. The locks of processes have their ids, which begin in this century, so none has this number.
pub(in crate::store) const LEDGER: i64 = 1;

/// Takes the lock for as long as the connection lives. False when somebody holds it the other way.
pub(in crate::store) async fn take(connection: &mut PgConnection, order: LedgerOrder) -> Result<bool, sqlx::Error> {
    let sql = match order {
        LedgerOrder::Owned => "SELECT pg_try_advisory_lock($1)",
        LedgerOrder::Shared => "SELECT pg_try_advisory_lock_shared($1)",
    };
    let (taken,) = sqlx::query_as(sql).bind(LEDGER).fetch_one(connection).await?;
    Ok(taken)
}

/// Begins the reign of an owner, who holds the lock by now. Gives its epoch.
pub(in crate::store) async fn begin(connection: &mut PgConnection, owner: ProcessId) -> Result<i64, sqlx::Error> {
    let sql = "UPDATE ledger_owner SET epoch = epoch + 1, process_id = $1 WHERE id = 1 RETURNING epoch";
    let (epoch,) = sqlx::query_as(sql).bind(owner.number()).fetch_one(connection).await?;
    Ok(epoch)
}

/// Whether the epoch of an owner still is the present one.
pub(in crate::store) async fn is(connection: &mut PgConnection, epoch: i64) -> Result<bool, sqlx::Error> {
    let sql = "SELECT epoch FROM ledger_owner WHERE id = 1";
    let (found,): (i64,) = sqlx::query_as(sql).fetch_one(connection).await?;
    Ok(found == epoch)
}

/// To be asked first in a transaction of an owner that books: nobody ends its reign before the transaction does.
///
/// # Errors
/// [`StoreError::Deposed`] when somebody has.
pub(crate) async fn still_owns(tx: &mut Tx, epoch: i64) -> Result<(), StoreError> {
    let Tx::Postgres(tx) = tx else { return Ok(()) };
    let sql = "SELECT epoch FROM ledger_owner WHERE id = 1 AND epoch = $1 FOR SHARE";
    let found: Option<(i64,)> = sqlx::query_as(sql).bind(epoch).fetch_optional(&mut **tx).await?;
    found.map(|_| ()).ok_or(StoreError::Deposed)
}

/// To be asked first in a transaction that books without owning: no owner comes before the transaction ends, and one that has
/// lost its lock is deposed. False when an owner reigns.
pub(crate) async fn share(tx: &mut Tx) -> Result<bool, StoreError> {
    let Tx::Postgres(tx) = tx else { return Ok(true) };
    let sql = "SELECT pg_try_advisory_xact_lock_shared($1), (SELECT process_id FROM ledger_owner WHERE id = 1)";
    let (shared, owner): (bool, Option<i64>) = sqlx::query_as(sql).bind(LEDGER).fetch_one(&mut **tx).await?;
    if shared && owner.is_some() {
        let sql =
            "UPDATE ledger_owner SET epoch = epoch + 1, process_id = NULL WHERE id = 1 AND process_id IS NOT NULL";
        sqlx::query(sql).execute(&mut **tx).await?;
    }
    Ok(shared)
}
