//! Commits on SQLite that do not wait for the disk, for what a loss of power may take: the rows of calls that only begin.
//! Called by `script`.
//!
//! Whatever ends the process leaves them, since the system has them. A loss of power may take those that came after the last
//! commit that did wait, in their order: calls that never ended. Had they stood, they would have been closed at the next
//! start, and what they held given back; so no credit depends on them, and the first byte of a stream need not wait for a disk.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sqlx::SqliteConnection;

/// Whether the writing connection is in that state.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsynced(Arc<AtomicBool>);

impl Unsynced {
    /// Begins a transaction whose commit does not wait, on the connection of the pool that gives it back by `release`.
    pub async fn begin(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.0.store(true, Ordering::Relaxed);
        // Sent as it is: SQLite does this where a text is prepared, and one that is kept prepared would do it once.
        sqlx::raw_sql("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE")
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Whether the connection has to wait for the disk again, which is asked once for each that began.
    pub fn is_over(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{
        SqlitePool,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    };

    use super::{super::release, *};

    const NORMAL: i64 = 1;
    const FULL: i64 = 2;

    async fn synchronous(connection: &mut SqliteConnection) -> i64 {
        sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(connection)
            .await
            .unwrap()
    }

    async fn pool(folder: &std::path::Path, unsynced: &Unsynced) -> SqlitePool {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("a.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .after_release(release::watch(Some(unsynced.clone())))
            .connect_with(options)
            .await
            .unwrap();
        let table = "CREATE TABLE t (n INTEGER); CREATE TEMP TABLE of_connection (n INTEGER)";
        sqlx::raw_sql(table).execute(&pool).await.unwrap();
        pool
    }

    /// Time and again, and also after a transaction that was undone.
    #[tokio::test]
    async fn only_the_transaction_that_asks_does_not_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let unsynced = Unsynced::default();
        let pool = pool(folder.path(), &unsynced).await;
        for end in ["COMMIT", "ROLLBACK", "COMMIT"] {
            let mut connection = pool.acquire().await.unwrap();
            assert_eq!(synchronous(&mut connection).await, FULL);
            unsynced.begin(&mut connection).await.unwrap();
            assert_eq!(synchronous(&mut connection).await, NORMAL);
            sqlx::query("INSERT INTO t VALUES (1)")
                .execute(&mut *connection)
                .await
                .unwrap();
            sqlx::query(end).execute(&mut *connection).await.unwrap();
        }
        let mut connection = pool.acquire().await.unwrap();
        assert_eq!(synchronous(&mut connection).await, FULL);
        // It is the same connection still.
        sqlx::query("SELECT n FROM of_connection")
            .execute(&mut *connection)
            .await
            .unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM t")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(rows, 2);
    }
}
