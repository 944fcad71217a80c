//! Who writes in this database at the moment, for whoever waits and wants to know whether there is any use in it (`progress`).

use super::{Store, StoreError};

/// The transactions that write, of whichever server: when one ends or begins, the text is another. Those of another user of the
/// database may be hidden. On SQLite there is one writer, which knows itself.
pub(crate) async fn at_work(store: &Store) -> Result<String, StoreError> {
    let Store::Postgres(pool) = store else {
        return Ok(String::new());
    };
    let sql = "SELECT COALESCE(STRING_AGG(pid || ':' || backend_xid::TEXT, ' ' ORDER BY pid), '') FROM pg_stat_activity
        WHERE datname = CURRENT_DATABASE() AND backend_xid IS NOT NULL";
    let (found,) = sqlx::query_as(sql).fetch_one(&mut pool.acquire().await?).await?;
    Ok(found)
}
