//! Proof that a process lives. Held for the whole run of a server and released by the system when it dies, however it dies.
//!
//! SQLite: a lock on `<db>.lock`, one server at a time. PostgreSQL: an advisory lock with the process's own number, so
//! that any other replica can tell the living from the dead without heartbeats.

use std::{fs::File, path::PathBuf};

use domain::id::ProcessId;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;

use super::{Store, StoreError};
use crate::OpenError;

/// Held as long as the process serves.
#[derive(Debug)]
pub enum ProcessLock {
    /// The locked file beside the SQLite database.
    File(#[expect(dead_code, reason = "its being open is the lock")] File),
    /// The connection that holds the advisory lock. A pool would hand it to somebody else.
    Connection(Box<Mutex<PgConnection>>),
}

impl ProcessLock {
    /// Takes the lock of a server.
    ///
    /// # Errors
    /// [`OpenError::AlreadyRunning`] when another server holds the SQLite file.
    pub(crate) async fn take(store: &Store, process: ProcessId) -> Result<Self, OpenError> {
        match store {
            Store::Sqlite(pools) => match lock_file(&pools.path)? {
                Some(file) => Ok(Self::File(file)),
                None => Err(OpenError::AlreadyRunning(pools.path.display().to_string())),
            },
            Store::Postgres(pool) => {
                let mut connection = pool.acquire().await.map_err(StoreError::from)?.detach();
                sqlx::query("SELECT pg_advisory_lock($1)")
                    .bind(process.number())
                    .execute(&mut connection)
                    .await
                    .map_err(StoreError::from)?;
                Ok(Self::Connection(Box::new(Mutex::new(connection))))
            }
        }
    }

    /// Whether the lock is still held. A lost connection to PostgreSQL has released it.
    pub(crate) async fn is_held(&self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Connection(connection) => connection.lock().await.ping().await.is_ok(),
        }
    }
}

/// Whether any server runs on this database.
pub(crate) async fn server_runs(store: &Store) -> Result<bool, OpenError> {
    match store {
        Store::Sqlite(pools) => Ok(lock_file(&pools.path)?.is_none()),
        Store::Postgres(_) => {
            let servers: Vec<(i64,)> = super::fetch_all!(
                store,
                (i64,),
                "SELECT id FROM process WHERE kind = 'serve' AND ended_at IS NULL"
            )
            .map_err(StoreError::from)?;
            for (id,) in servers {
                if is_alive(store, ProcessId::from_number(id)).await? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// Whether another server process still holds its lock. On SQLite the one lock is ours, so every other process is dead.
pub(crate) async fn is_alive(store: &Store, process: ProcessId) -> Result<bool, StoreError> {
    let Store::Postgres(pool) = store else { return Ok(false) };
    let mut connection = pool.acquire().await?;
    let (free,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock($1)")
        .bind(process.number())
        .fetch_one(&mut *connection)
        .await?;
    if free {
        sqlx::query("SELECT pg_advisory_unlock($1)")
            .bind(process.number())
            .execute(&mut *connection)
            .await?;
    }
    Ok(!free)
}

fn lock_file(database: &std::path::Path) -> Result<Option<File>, OpenError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let failed = |error: std::io::Error| OpenError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}
