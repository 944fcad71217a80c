//! Storage: one enum over two databases, one SQL text for both. All SQL of the product is in this folder.
//!
//! The macros below send one text to whichever database is open. What truly differs between the two (opening, locks,
//! notification) is in `dialect`. Use-cases call the functions of the table files and never see SQL.

pub mod audit;
mod begin;
pub(crate) mod buckets;
pub mod calls;
pub mod change;
pub mod connections;
pub mod credentials;
mod dialect;
pub(crate) mod filtered;
pub mod hub_keys;
pub(crate) mod identities;
pub(crate) mod identity_attempts;
pub(crate) mod identity_providers;
mod insert;
pub(crate) mod invitations;
pub(crate) mod journey;
pub mod keys;
pub mod ledger;
pub(crate) mod limits;
pub(crate) mod links;
mod lock;
pub(crate) mod mails;
pub mod models;
mod named;
pub mod people;
mod postgres;
pub mod prices;
pub mod process;
pub(crate) mod projects;
pub mod providers;
mod release;
pub(crate) mod responses;
pub(crate) mod script;
pub(crate) mod search;
pub mod sessions;
pub mod settings;
pub(crate) mod statistics;
mod unsynced;
pub(crate) mod usage;
pub(crate) mod writers;

use std::{path::PathBuf, sync::Arc};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    postgres::{PgDatabaseError, PgSeverity},
};

pub(crate) use buckets::buckets;
pub use change::Change;
pub(crate) use dialect::{INBOX_CHANNEL, SNAPSHOT_CHANNEL, SchemaAge};
pub use lock::ProcessLock;
pub(crate) use lock::{DatabaseFile, server_file, server_runs};
pub use postgres::{Pg, PgLine, PgTx};
use unsynced::Unsynced;

/// An open database.
#[derive(Clone, Debug)]
pub enum Store {
    /// One file. One connection writes, several read.
    Sqlite(SqlitePools),
    /// A server.
    Postgres(Pg),
}

/// The two pools over one SQLite file.
#[derive(Clone, Debug)]
pub struct SqlitePools {
    /// Connections that only read.
    pub read: SqlitePool,
    /// The one connection that writes: writers queue here instead of failing with "database is locked".
    pub write: SqlitePool,
    /// The file.
    pub path: PathBuf,
    /// The same, open for its lock.
    file: Arc<lock::DatabaseFile>,
    /// How `write` commits without waiting for the disk. None where it never waits.
    unsynced: Option<Unsynced>,
}

/// A transaction on either database.
pub enum Tx {
    /// On SQLite, begun with the write lock held.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(PgTx),
}

/// The database failed, for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The driver's error.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds what this version cannot read.
    #[error("a row of {table} holds an unknown {column}")]
    Row {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// An account does not stand where what is to be written begins: somebody else has booked on it, or it is in quarantine.
    #[error("{0} does not stand where this booking begins")]
    OutOfOrder(domain::id::AccountId),
    /// This process owned the ledger, lost its connection, and somebody else has booked since.
    #[error("another process keeps the ledger now. This one has to be started again.")]
    Deposed,
}

impl StoreError {
    /// The database refuses what a row holds, and will refuse it again: a violated constraint, or a value out of range.
    #[must_use]
    pub fn blames_a_row(&self) -> bool {
        let error = match self {
            Self::Database(sqlx::Error::Database(error)) => error,
            Self::OutOfOrder(_) => return true,
            _ => return false,
        };
        !matches!(error.kind(), sqlx::error::ErrorKind::Other)
            || error.code().is_some_and(|code| dialect::blames_a_row(&code))
    }

    /// The database has answered that it does not do this: nothing of the statement, or of its transaction, is written.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        // What is said while a connection or a server ends, by whoever, is no answer to a statement that commits.
        let found = error.try_downcast_ref::<PgDatabaseError>();
        found.is_none_or(|error| error.severity() == PgSeverity::Error)
    }

    /// The database cannot be reached, went away, or failed by itself: that says nothing about what is stored in it.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        let Self::Database(error) = self else { return false };
        let away = matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        );
        away || matches!(error, sqlx::Error::Database(_)) && !self.blames_a_row()
    }

    /// This process has closed its connections: nothing will ever come of another try.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::PoolClosed))
    }

    /// A unique constraint was violated.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// Rows of a statement outside a transaction.
macro_rules! fetch_all {
    ($store:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $store {
            $crate::store::Store::Sqlite(pools) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&pools.read).await,
            $crate::store::Store::Postgres(pool) => match pool.acquire().await {
                Ok(mut line) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut line).await,
                Err(error) => Err(error),
            },
        }
    };
}

/// At most one row of a statement outside a transaction.
macro_rules! fetch_optional {
    ($store:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $store {
            $crate::store::Store::Sqlite(pools) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&pools.read).await,
            $crate::store::Store::Postgres(pool) => match pool.acquire().await {
                Ok(mut line) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut line).await,
                Err(error) => Err(error),
            },
        }
    };
}

/// A statement of its own that changes rows; gives their number.
macro_rules! execute {
    ($store:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $store {
            $crate::store::Store::Sqlite(pools) => sqlx::query($sql)$(.bind($bind))*.execute(&pools.write).await.map(|done| done.rows_affected()),
            $crate::store::Store::Postgres(pool) => match pool.acquire().await {
                Ok(mut line) => sqlx::query($sql)$(.bind($bind))*.execute(&mut line).await.map(|done| done.rows_affected()),
                Err(error) => Err(error),
            },
        }
    };
}

/// A statement within a transaction that changes rows; gives their number.
macro_rules! tx_execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => sqlx::query($sql)$(.bind($bind))*.execute(&mut **tx).await.map(|done| done.rows_affected()),
            $crate::store::Tx::Postgres(tx) => sqlx::query($sql)$(.bind($bind))*.execute(&mut **tx).await.map(|done| done.rows_affected()),
        }
    };
}

/// At most one row of a statement within a transaction.
macro_rules! tx_fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **tx).await,
            $crate::store::Tx::Postgres(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **tx).await,
        }
    };
}

/// Rows of a statement within a transaction.
macro_rules! tx_fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **tx).await,
            $crate::store::Tx::Postgres(tx) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **tx).await,
        }
    };
}

pub(crate) use {execute, fetch_all, fetch_optional, tx_execute, tx_fetch_all, tx_fetch_optional};

impl Tx {
    /// Undoes it, and gives its locks back before this returns.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// Makes it last.
    ///
    /// # Errors
    /// The database's.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever proves the books must not take one for the other.
    #[test]
    fn a_database_that_went_away_is_told_from_what_is_stored_in_it() {
        let broken = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        for error in [
            sqlx::Error::Io(broken()),
            sqlx::Error::PoolTimedOut,
            sqlx::Error::PoolClosed,
            sqlx::Error::WorkerCrashed,
        ] {
            assert!(StoreError::from(error).is_outage());
        }
        let unread = StoreError::Row {
            table: "lot",
            column: "kind",
        };
        for error in [
            unread,
            sqlx::Error::RowNotFound.into(),
            sqlx::Error::ColumnNotFound("x".into()).into(),
        ] {
            assert!(!error.is_outage(), "{error}");
        }
    }
}
