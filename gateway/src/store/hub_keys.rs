//! Table `hub_key`: the hub's own keys, wrapped by the master key.

use domain::time::Timestamp;

use super::{Store, StoreError, Tx, execute, fetch_optional, tx_execute, tx_fetch_all};

/// Labels and wrapped keys, read where writes go: just after a write nothing older will do.
pub(crate) async fn all_for_certain(store: &Store) -> Result<Vec<(String, String)>, StoreError> {
    let mut tx = store.begin().await?;
    let rows = all_in(&mut tx).await?;
    tx.commit().await?;
    Ok(rows)
}

/// Labels and wrapped keys, within a transaction.
pub(crate) async fn all_in(tx: &mut Tx) -> Result<Vec<(String, String)>, StoreError> {
    Ok(tx_fetch_all!(
        tx,
        (String, String),
        "SELECT label, sealed FROM hub_key"
    )?)
}

/// Whether there are any.
pub(crate) async fn any(store: &Store) -> Result<bool, StoreError> {
    let found = fetch_optional!(store, (i64,), "SELECT COUNT(*) FROM hub_key")?;
    Ok(found.is_some_and(|(count,)| count > 0))
}

/// Adds a key unless there is one: when several processes start at once, the first wins and all use its key.
pub(crate) async fn insert_if_missing(
    store: &Store,
    label: &str,
    sealed: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        store,
        "INSERT INTO hub_key (label, sealed, updated_at) VALUES ($1, $2, $3) ON CONFLICT (label) DO NOTHING",
        label,
        sealed,
        now.microseconds(),
    )?;
    Ok(())
}

/// Replaces the wrapping of a key.
pub(crate) async fn replace(tx: &mut Tx, label: &str, sealed: &str, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE hub_key SET sealed = $2, updated_at = $3 WHERE label = $1",
        label,
        sealed,
        now.microseconds()
    )?;
    Ok(())
}

/// Replaces the wrapping of a key that is still stored in this one.
pub(crate) async fn rebind(
    tx: &mut Tx,
    label: &str,
    stored: &str,
    sealed: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx_execute!(
        tx,
        "UPDATE hub_key SET sealed = $2, updated_at = $3 WHERE label = $1 AND sealed = $4",
        label,
        sealed,
        now.microseconds(),
        stored
    )?;
    Ok(done == 1)
}
