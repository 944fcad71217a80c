//! Commits on SQLite that do not wait for the disk, for what a loss of power may take: the rows of calls that only begin.
//! Called by `script` and `recorder`.
//!
//! Whatever ends the process leaves them, since the system has them. A loss of power may take those that came after the last
//! commit that did wait, in their order: calls that never ended. Had they stood, they would have been closed at the next
//! start, and what they held given back; so no credit depends on them, and the first byte of a stream need not wait for a disk.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use sqlx::{
    Sqlite, SqliteConnection, SqlitePool,
    pool::{PoolConnection, PoolConnectionMetadata},
};

/// Beginnings are expected until the connection was used so often for something else.
const PATIENCE: u32 = 8;

tokio::task_local! {
    /// Whoever asks the pool for its connection writes nothing but beginnings.
    static BEGINS: ();
}

/// Whether the writing connection waits for no disk. It is changed when somebody needs the other: each change is a journey to SQLite's
/// thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsynced(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// It waits for none.
    now: AtomicBool,
    /// How often it was used for something else since a call began.
    others: AtomicU32,
}

impl Unsynced {
    /// The writing connection of a pool that gives it to all others by [`synced`], for transactions whose commit does not wait.
    pub async fn acquire(&self, pool: &SqlitePool) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.0.others.store(0, Ordering::Relaxed);
        let mut connection = BEGINS.scope((), pool.acquire()).await?;
        if !self.0.now.swap(true, Ordering::Relaxed) {
            set(&mut connection, "PRAGMA synchronous = NORMAL").await?;
        }
        Ok(connection)
    }

    /// Makes the connection ready for the next call that begins, where one is expected, for whoever has time: its first byte waits
    /// for that row.
    pub async fn expect(&self, pool: &SqlitePool) -> Result<(), sqlx::Error> {
        let others = self.0.others.load(Ordering::Relaxed);
        if others > 0 && others < PATIENCE {
            drop(self.acquire(pool).await?);
            self.0.others.store(others, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// SQLite does this where a text is prepared, and one that is kept prepared would do it once: so it is sent as it is.
async fn set(connection: &mut SqliteConnection, level: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(level).execute(connection).await.map(drop)
}

/// What a pool does before it gives its connection to anybody: unless they write nothing but beginnings, its commits wait for the disk.
pub(super) fn synced(
    unsynced: Option<Unsynced>,
) -> impl Fn(&mut SqliteConnection, PoolConnectionMetadata) -> Ready<'_> + Send + Sync {
    move |connection, _| {
        let begins = BEGINS.try_with(|()| ()).is_ok();
        let unsynced = unsynced.clone().filter(|_| !begins);
        Box::pin(async move {
            let Some(Unsynced(state)) = unsynced else {
                return Ok(true);
            };
            state.others.fetch_add(1, Ordering::Relaxed);
            if state.now.load(Ordering::Relaxed) {
                set(connection, "PRAGMA synchronous = FULL").await?;
                state.now.store(false, Ordering::Relaxed);
            }
            Ok(true)
        })
    }
}

/// Whether the connection is given away.
type Ready<'c> = Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + 'c>>;

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

    use super::*;

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
            .test_before_acquire(false)
            .before_acquire(synced(Some(unsynced.clone())))
            .connect_with(options)
            .await
            .unwrap();
        let table = "CREATE TABLE t (n INTEGER); CREATE TEMP TABLE of_connection (n INTEGER)";
        sqlx::raw_sql(table).execute(&pool).await.unwrap();
        pool
    }

    /// Time and again, also after a transaction that was undone, and whoever was there before.
    #[tokio::test]
    async fn only_who_writes_beginnings_does_not_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let unsynced = Unsynced::default();
        let pool = pool(folder.path(), &unsynced).await;
        for end in ["COMMIT", "ROLLBACK", "COMMIT"] {
            for _ in 0..2 {
                let mut connection = unsynced.acquire(&pool).await.unwrap();
                assert_eq!(synchronous(&mut connection).await, NORMAL);
                let text = "BEGIN IMMEDIATE; INSERT INTO t VALUES (1)";
                sqlx::raw_sql(text).execute(&mut *connection).await.unwrap();
                sqlx::raw_sql(end).execute(&mut *connection).await.unwrap();
            }
            let mut connection = pool.acquire().await.unwrap();
            assert_eq!(synchronous(&mut connection).await, FULL);
            drop(connection);
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            assert_eq!(synchronous(&mut tx).await, FULL);
        }
        // It is the same connection still.
        let mut connection = pool.acquire().await.unwrap();
        sqlx::query("SELECT n FROM of_connection")
            .execute(&mut *connection)
            .await
            .unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM t")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(rows, 4);
    }

    #[tokio::test]
    async fn the_next_beginning_is_expected_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let unsynced = Unsynced::default();
        let pool = pool(folder.path(), &unsynced).await;
        let ready = || unsynced.0.now.load(Ordering::Relaxed);
        drop(unsynced.acquire(&pool).await.unwrap());
        for other in 1..2 * PATIENCE {
            drop(pool.acquire().await.unwrap());
            assert!(!ready());
            unsynced.expect(&pool).await.unwrap();
            assert_eq!(ready(), other < PATIENCE, "{other}");
            // Whoever comes next waits for the disk all the same.
            let mut connection = pool.acquire().await.unwrap();
            assert_eq!(synchronous(&mut connection).await, FULL);
            unsynced.0.others.store(other, Ordering::Relaxed);
        }
    }
}
