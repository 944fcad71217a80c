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

/// The versions of what the request path reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    /// Of all of it.
    pub all: i64,
    /// Of the prices alone, counted by the database with each that is written.
    pub prices: i64,
}

const VERSIONS: &str =
    "SELECT a.value, p.value FROM counter a JOIN counter p ON p.name = 'prices' WHERE a.name = 'snapshot'";

/// As they are stored.
pub(crate) async fn versions(store: &Store) -> Result<Versions, StoreError> {
    Ok(versions_after(store, || ()).await?.1)
}

/// The same, after a moment that is taken when a connection is there: to get one may take as long as to ask.
pub(crate) async fn versions_after<T>(store: &Store, moment: impl FnOnce() -> T) -> Result<(T, Versions), StoreError> {
    let (moment, row) = match store {
        Store::Sqlite(pools) => {
            let mut line = pools.read.acquire().await?;
            let moment = moment();
            (moment, sqlx::query_as(VERSIONS).fetch_optional(&mut *line).await?)
        }
        Store::Postgres(pool) => {
            let mut line = pool.acquire().await?;
            let moment = moment();
            (moment, sqlx::query_as(VERSIONS).fetch_optional(&mut line).await?)
        }
    };
    let versions = row.map_or_else(Versions::default, |(all, prices): (i64, i64)| Versions { all, prices });
    Ok((moment, versions))
}
