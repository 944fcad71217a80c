//! What an error of a database that is being opened means to whoever opens it, where more can be said than the driver does.

use std::path::Path;

use sqlx::{error::DatabaseError, migrate::MigrateError};

use super::{Store, StoreError};
use crate::OpenError;

impl Store {
    /// The error that says what to do, where there is one.
    pub(crate) fn named(&self, error: OpenError) -> OpenError {
        let OpenError::Store(inner) = &error else { return error };
        let found = match (self, inner) {
            (Self::Sqlite(pools), StoreError::Database(inner)) => of_the_file(inner, &pools.path),
            (Self::Sqlite(_), _) => None,
            (Self::Postgres(_), inner) => of_the_user(inner),
        };
        found.unwrap_or(error)
    }
}

/// When SQLite says that it may not write the file, or that what it reads there cannot be right.
pub(super) fn of_the_file(error: &sqlx::Error, path: &Path) -> Option<OpenError> {
    let error = error.as_database_error()?;
    let code: u32 = error.code()?.parse().ok()?;
    let (path, reason) = (path.display().to_string(), error.message().to_owned());
    // The lowest byte: SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_NOTADB.
    match code & 0xff {
        8 => Some(OpenError::ReadOnly { path, reason }),
        11 | 26 => Some(OpenError::Damaged { path, reason }),
        _ => None,
    }
}

/// When PostgreSQL says that its user lacks a right, or that nobody may write.
fn of_the_user(error: &StoreError) -> Option<OpenError> {
    let error: &dyn DatabaseError = match error {
        StoreError::Database(error)
        | StoreError::Migration(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            error.as_database_error()?
        }
        _ => return None,
    };
    let reason = error.message().to_owned();
    // <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    match &*error.code()? {
        "42501" => Some(OpenError::NoRight { reason }),
        "25006" => Some(OpenError::NoWrites { reason }),
        _ => None,
    }
}
