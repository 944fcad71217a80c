//! What a pool does with a connection of SQLite that comes back, before anybody else gets it. Called by `dialect`.

use std::pin::Pin;

use sqlx::{Connection as _, SqliteConnection, pool::PoolConnectionMetadata};

/// Whether the connection is kept.
type Kept<'c> = Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + 'c>>;

/// Looks at each connection that comes back.
///
/// One within a transaction still is closed: a full disk, and other errors of the system,
/// have SQLite undo a transaction by itself; the driver then fails to undo it, takes the connection to be in the middle of one for
/// ever, and would begin no other.
pub(super) fn watch(connection: &mut SqliteConnection, _: PoolConnectionMetadata) -> Kept<'_> {
    Box::pin(async move {
        if connection.is_in_transaction() {
            // It may be on its way to be undone.
            connection.ping().await?;
            return Ok(!connection.is_in_transaction());
        }
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    /// Whether the error came while a row was written or at the commit, and however the transaction was left.
    #[tokio::test]
    async fn a_full_disk_is_over_when_there_is_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("a.db"))
            .create_if_missing(true)
            .pragma("max_page_count", "40");
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .after_release(watch)
            .connect_with(options)
            .await
            .unwrap();
        sqlx::raw_sql("CREATE TABLE t (text TEXT NOT NULL)")
            .execute(&pool)
            .await
            .unwrap();
        let write = async |bytes: i32| {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("INSERT OR FAIL INTO t VALUES (hex(zeroblob(?)))")
                .bind(bytes)
                .execute(&mut *tx)
                .await?;
            tx.commit().await
        };
        for _ in 0..3 {
            let error = write(200_000).await.unwrap_err();
            let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
            assert_eq!(code.as_deref(), Some("13"), "{error}");
            write(10).await.unwrap();
        }
        // One that is dropped in the middle is undone, and the connection stays.
        sqlx::raw_sql("CREATE TEMP TABLE of_connection (n INTEGER)")
            .execute(&pool)
            .await
            .unwrap();
        drop(pool.begin_with("BEGIN IMMEDIATE").await.unwrap());
        write(10).await.unwrap();
        sqlx::query("SELECT n FROM of_connection").execute(&pool).await.unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM t")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(rows, 4);
    }
}
