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
    // The lowest byte: SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_NOTADB.
    match code & 0xff {
        8 => Some(OpenError::ReadOnly { path, reason }),
        13 => Some(OpenError::DiskFull { path, reason }),
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

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_told_as_that() {
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let filled = "PRAGMA max_page_count = 2; CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))";
        let error = sqlx::raw_sql(filled).execute(&mut database).await.unwrap_err();
        let told = of_the_file(&error, Path::new("data/hub.db")).unwrap().to_string();
        assert!(told.contains("disk of the database file data/hub.db is full"), "{told}");
    }
}
