//! Proof that a process lives. Held for its whole run and released by the system when it dies, however it dies.
//!
//! SQLite: locks on files (`files`). PostgreSQL: each process holds an advisory lock with its own number, so that any other
//! can tell the living from the dead without heartbeats. `process` takes them, `alive` keeps them.

mod files;

use std::{collections::HashSet, fs::File, time::Duration};

use domain::id::ProcessId;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio::time::timeout;

use super::{Pg, Store, StoreError, ledger::order};
use crate::{LedgerOrder, OpenError};

pub(super) use files::{Commands, ServerLock};
pub(crate) use files::{DatabaseFile, server_file};

/// How long PostgreSQL may take to accept a connection or to answer on one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which advisory locks of ours are held in this database. A 64-bit lock stands there in two halves.
const HELD: &str = "SELECT (classid::BIGINT << 32) | objid::BIGINT FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = CURRENT_DATABASE())";

/// Held as long as the process runs.
#[derive(Debug)]
pub enum ProcessLock {
    /// What the one server of an SQLite database holds.
    Server(#[expect(dead_code, reason = "its being there is the lock")] ServerLock),
    /// What commands on an SQLite database share.
    Command(#[expect(dead_code, reason = "its being open is the lock")] File),
    /// The connection that holds the advisory lock.
    Connection(Box<Advisory>),
}

/// A connection of its own, as a pool would hand it to somebody else.
#[derive(Debug)]
pub struct Advisory {
    connection: PgConnection,
    /// What PostgreSQL calls the connection's own process.
    backend: i32,
    /// How a server keeps the order of the ledger; absent for a command.
    ledger: Option<Reign>,
}

/// How a server keeps the order of the ledger on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reign {
    /// Together with others.
    Shared,
    /// Alone, in this epoch.
    Owned(i64),
}

impl Advisory {
    /// Connects. Holds nothing yet.
    pub(super) async fn connect(pool: &Pg) -> Result<Self, StoreError> {
        let options = pool.options_of_its_own();
        let mut connection = in_time(options.connect()).await?;
        let (backend,) = in_time(sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut connection)).await?;
        Ok(Self {
            connection,
            backend,
            ledger: None,
        })
    }

    /// Takes the lock with this number. False when somebody holds it.
    pub(super) async fn take(&mut self, process: ProcessId) -> Result<bool, StoreError> {
        let asked = sqlx::query_as("SELECT pg_try_advisory_lock($1)").bind(process.number());
        let (taken,) = in_time(asked.fetch_one(&mut self.connection)).await?;
        Ok(taken)
    }

    /// Takes the lock of the ledger in the way that a server wants. False when somebody holds it the other way.
    pub(super) async fn take_ledger(&mut self, wanted: LedgerOrder, process: ProcessId) -> Result<bool, StoreError> {
        if !in_time(order::take(&mut self.connection, wanted)).await? {
            return Ok(false);
        }
        self.ledger = Some(match wanted {
            LedgerOrder::Shared => Reign::Shared,
            LedgerOrder::Owned => Reign::Owned(in_time(order::begin(&mut self.connection, process)).await?),
        });
        Ok(true)
    }

    /// Takes the ledger again in the way it was held before.
    async fn retake_ledger(&mut self, reign: Reign) -> Result<bool, StoreError> {
        let wanted = match reign {
            Reign::Shared => LedgerOrder::Shared,
            Reign::Owned(_) => LedgerOrder::Owned,
        };
        let taken = in_time(order::take(&mut self.connection, wanted)).await?;
        if let Reign::Owned(epoch) = reign
            && (!taken || !in_time(order::is(&mut self.connection, epoch)).await?)
        {
            return Err(StoreError::Deposed);
        }
        self.ledger = Some(reign);
        Ok(taken)
    }

    /// How the ledger is kept.
    pub(super) const fn ledger(&self) -> Option<Reign> {
        self.ledger
    }

    /// The numbers of all processes that hold their lock.
    pub(super) async fn living(&mut self) -> Result<HashSet<i64>, StoreError> {
        let held: Vec<(i64,)> = in_time(sqlx::query_as(HELD).fetch_all(&mut self.connection)).await?;
        Ok(held.into_iter().map(|(number,)| number).collect())
    }

    /// Ends the connection that held the lock before, when PostgreSQL has not noticed yet that nobody is at its other end.
    async fn end_of(&mut self, backend: i32, process: ProcessId) -> Result<(), StoreError> {
        // Only while it holds this very lock: by now its number may belong to somebody else.
        let end = "SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE pid = $1 AND locktype = 'advisory' AND objsubid = 1 AND granted
              AND (classid::BIGINT << 32) | objid::BIGINT = $2";
        let end = sqlx::query(end).bind(backend).bind(process.number());
        in_time(end.execute(&mut self.connection)).await?;
        Ok(())
    }
}

/// A connection that says nothing is as good as lost.
async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match timeout(PATIENCE, work).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
    }
}

impl ProcessLock {
    /// Whether the lock is still held. A lost connection to PostgreSQL has released it.
    pub(crate) async fn is_held(&mut self) -> bool {
        match self {
            Self::Server(_) | Self::Command(_) => true,
            Self::Connection(held) => in_time(held.connection.ping()).await.is_ok(),
        }
    }

    /// The epoch in which this process owns the ledger on PostgreSQL; none when it does not.
    pub(crate) const fn epoch(&self) -> Option<i64> {
        match self {
            Self::Connection(held) => match held.ledger() {
                Some(Reign::Owned(epoch)) => Some(epoch),
                _ => None,
            },
            Self::Server(_) | Self::Command(_) => None,
        }
    }

    /// Gives the lock back. Closing a connection does that, unless nobody hears at its other end: then PostgreSQL is told by another one.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn give_back(mut self, store: &Store, process: ProcessId) -> Result<(), StoreError> {
        if !self.is_held().await
            && let (Self::Connection(held), Store::Postgres(pool)) = (&self, store)
        {
            Advisory::connect(pool).await?.end_of(held.backend, process).await?;
        }
        Ok(())
    }

    /// Takes the lock again by another connection. False while PostgreSQL has not let go of the old one, or an owner of the
    /// ledger has come meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Deposed`] when this process owned the ledger and does so no more; the database's.
    pub(crate) async fn take_again(&mut self, store: &Store, process: ProcessId) -> Result<bool, StoreError> {
        let (Self::Connection(held), Store::Postgres(pool)) = (self, store) else {
            return Ok(true);
        };
        let mut fresh = Advisory::connect(pool).await?;
        if !fresh.take(process).await? {
            fresh.end_of(held.backend, process).await?;
            return Ok(false);
        }
        if let Some(reign) = held.ledger
            && !fresh.retake_ledger(reign).await?
        {
            return Ok(false);
        }
        **held = fresh;
        Ok(true)
    }
}

/// Whether any server runs on this database.
pub(crate) async fn server_runs(store: &Store) -> Result<bool, OpenError> {
    match store {
        Store::Sqlite(pools) => Ok(server_file(pools)?.is_none()),
        Store::Postgres(_) => {
            let servers: Vec<(i64,)> = super::fetch_all!(
                store,
                (i64,),
                "SELECT id FROM process WHERE kind = 'serve' AND ended_at IS NULL"
            )
            .map_err(StoreError::from)?;
            let living = living(store).await?;
            Ok(servers.iter().any(|(id,)| living.contains(id)))
        }
    }
}

/// The numbers of all processes that hold their lock. Empty on SQLite, where only the one server asks, about others.
pub(crate) async fn living(store: &Store) -> Result<HashSet<i64>, StoreError> {
    let Store::Postgres(pool) = store else {
        return Ok(HashSet::new());
    };
    let held: Vec<(i64,)> = sqlx::query_as(HELD).fetch_all(&mut pool.acquire().await?).await?;
    Ok(held.into_iter().map(|(number,)| number).collect())
}
