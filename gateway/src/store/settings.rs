//! Tables `setting` and `counter`: named values, and numbers that only grow.

use domain::time::Timestamp;

use super::{Store, StoreError, Tx, execute, fetch_optional, tx_execute, tx_fetch_optional};

/// The value of a setting.
pub(crate) async fn get(store: &Store, name: &str) -> Result<Option<String>, StoreError> {
    Ok(fetch_optional!(store, (String,), "SELECT value FROM setting WHERE name = $1", name)?.map(|(value,)| value))
}

/// The value of a setting, within a transaction.
pub(crate) async fn get_in(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    Ok(tx_fetch_optional!(tx, (String,), "SELECT value FROM setting WHERE name = $1", name)?.map(|(value,)| value))
}

/// Sets a value.
pub(crate) async fn set(store: &Store, name: &str, value: &str, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        name,
        value,
        now.microseconds(),
    )?;
    Ok(())
}

/// Sets a value, within a transaction.
pub(crate) async fn set_in(tx: &mut Tx, name: &str, value: &str, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        name,
        value,
        now.microseconds(),
    )?;
    Ok(())
}

/// Removes a value, within a transaction.
pub(crate) async fn remove(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    tx_execute!(tx, "DELETE FROM setting WHERE name = $1", name)?;
    Ok(())
}

/// The version of what the request path reads.
pub(crate) async fn snapshot_version(store: &Store) -> Result<i64, StoreError> {
    Ok(
        fetch_optional!(store, (i64,), "SELECT value FROM counter WHERE name = 'snapshot'")?
            .map_or(0, |(value,)| value),
    )
}
