//! What truly differs between the two databases: opening, migrating, telling others of a change. How transactions begin: `begin.rs`.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions as _,
    migrate::{MigrateError, Migrator},
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Pg, SqlitePools, Store, StoreError, Tx, Unsynced, lock::DatabaseFile, named::of_the_file, postgres::Listener,
    release, unsynced,
};
use crate::{OpenError, Settings};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/postgres");

/// The number of the last migration that this program knows; both databases have the same.
pub(super) fn last_migration() -> i64 {
    let numbers = POSTGRES_MIGRATIONS.iter().map(|migration| migration.version);
    numbers.max().unwrap_or_default()
}

/// The channel on which PostgreSQL tells other processes that the snapshot has changed.
pub(crate) const SNAPSHOT_CHANNEL: &str = "aigne_hub_snapshot";
/// The one on which a command tells the owner of the ledger that it has left an order.
pub(crate) const INBOX_CHANNEL: &str = "aigne_hub_inbox";
/// The advisory lock of whoever makes the tables of a new database on PostgreSQL. No process has such a number.
const MAKING: i64 = -2;
/// How long a writer waits for SQLite's lock while a command of the command line holds it.
const SQLITE_PATIENCE: Duration = Duration::from_secs(10);
const SQLITE_READERS: u32 = 4;
/// The writer keeps the pages at the ends of its indexes in memory, instead of reading them again for each batch: 16 MiB.
const WRITER_CACHE: &str = "-16384";
/// Pages in the journal before they are moved to the database file, 64 MB: fewer moves, each of a page that changed more often. Each
/// account changes the same few pages with every batch, and whoever waits for a batch waits for a move as well.
const CHECKPOINT_PAGES: &str = "16000";
/// Prepared statements that the writer keeps, on PostgreSQL each connection: those of `insert` in all sizes, and room for the rest.
const WRITER_STATEMENTS: usize = 256;
/// How long it is asked once more why it did not connect.
const LAST_TRY: Duration = Duration::from_secs(2);

/// How the migrations of a database relate to those of this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaAge {
    /// No migration has run.
    Empty,
    /// Some have not run.
    Older,
    /// All have run.
    Current,
    /// The database knows one that this binary does not.
    Newer {
        /// The newest in the database.
        found: i64,
        /// The newest in this binary.
        known: i64,
    },
}

impl Store {
    /// Connects, and on SQLite makes the file when it is missing.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, OpenError> {
        if settings.database_url.starts_with("sqlite:") {
            open_sqlite(settings).await
        } else if settings.database_url.starts_with("postgres://") || settings.database_url.starts_with("postgresql://")
        {
            open_postgres(settings).await
        } else {
            Err(OpenError::UnknownDatabase)
        }
    }

    /// Compares the database's migrations with this binary's.
    pub(crate) async fn schema_age(&self) -> Result<SchemaAge, StoreError> {
        let table: Option<(i64,)> = match self {
            Self::Sqlite(pools) => {
                sqlx::query_as("SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
                    .fetch_optional(&pools.read)
                    .await?
            }
            Self::Postgres(pool) => sqlx::query_as(
                "SELECT COUNT(*) FROM pg_tables WHERE tablename = '_sqlx_migrations' AND schemaname = CURRENT_SCHEMA()",
            )
            .fetch_optional(&mut pool.acquire().await?)
            .await?,
        };
        if table.is_none_or(|(count,)| count == 0) {
            return Ok(SchemaAge::Empty);
        }
        let found: Option<(Option<i64>,)> =
            super::fetch_optional!(self, (Option<i64>,), "SELECT MAX(version) FROM _sqlx_migrations")?;
        let known = self
            .migrations()
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or_default();
        Ok(match found.and_then(|(version,)| version) {
            None => SchemaAge::Empty,
            Some(found) if found > known => SchemaAge::Newer { found, known },
            Some(found) if found < known => SchemaAge::Older,
            Some(_) => SchemaAge::Current,
        })
    }

    /// Brings the database to this binary's state. A new one in one transaction, and SQLite's always, where the driver locks
    /// nothing: who comes meanwhile finds nothing done, waits for the lock, and finds all of it done.
    pub(crate) async fn migrate(&self, age: SchemaAge) -> Result<(), MigrateError> {
        match self {
            Self::Sqlite(pools) => {
                let mut tx = pools.write.begin_with("BEGIN IMMEDIATE").await?;
                self.migrations().run(&mut *tx).await?;
                Ok(tx.commit().await?)
            }
            Self::Postgres(pool) if age == SchemaAge::Empty => {
                let mut tx = pool.unwatched().begin().await?;
                // The driver gives its own lock back before the commit.
                let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MAKING);
                lock.execute(&mut *tx).await?;
                self.migrations().run(&mut *tx).await?;
                Ok(tx.commit().await?)
            }
            Self::Postgres(pool) => self.migrations().run(pool.unwatched()).await,
        }
    }

    fn migrations(&self) -> &'static Migrator {
        match self {
            Self::Sqlite(_) => &SQLITE_MIGRATIONS,
            Self::Postgres(_) => &POSTGRES_MIGRATIONS,
        }
    }

    /// Makes itself ready for calls that begin, where some are expected, for whoever has time.
    pub(crate) async fn expect_beginnings(&self) -> Result<(), StoreError> {
        if let Self::Sqlite(SqlitePools {
            write,
            unsynced: Some(unsynced),
            ..
        }) = self
        {
            unsynced.expect(write).await?;
        }
        Ok(())
    }

    /// Waits until another process has told something on this channel, or `pause` has passed.
    ///
    /// PostgreSQL tells; SQLite has nobody to tell, so the caller looks for itself every `pause`.
    pub(crate) async fn told(&self, channel: &'static str, listener: &mut Option<Listener>, pause: Duration) {
        if let Self::Postgres(pool) = self {
            listener.take_if(|open| pool.doubts(open));
            if listener.is_none() {
                *listener = pool.listen(channel).await.ok();
            }
        }
        match listener {
            Some(open) => {
                let told = tokio::time::timeout(pause, open.heard()).await;
                if matches!(told, Ok(Err(_))) {
                    *listener = None;
                    tokio::time::sleep(pause).await;
                }
            }
            None => tokio::time::sleep(pause).await,
        }
    }

    /// Releases every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pools) => {
                pools.read.close().await;
                pools.write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Tells other processes on this channel when this transaction commits.
    pub(crate) async fn notify(&mut self, channel: &'static str) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_notify($1, '')")
                .bind(channel)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }
}

/// Whether an error's code says that the database will never take what a row holds. What the drivers recognise by
/// themselves need not stand here.
pub(super) fn blames_a_row(code: &str) -> bool {
    if let Some(class) = code.get(..2).filter(|_| code.len() == 5) {
        // PostgreSQL, by class: data exceptions, violated constraints, limits of the server such as a row's length.
        return matches!(class, "22" | "23" | "54");
    }
    // SQLite, by the lowest byte: too large, a violated constraint of any kind, another type than the column's.
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 18..=20))
}

async fn open_sqlite(settings: &Settings) -> Result<Store, OpenError> {
    let options = SqliteConnectOptions::from_str(&settings.database_url).map_err(|_| OpenError::UnknownDatabase)?;
    let path = options.get_filename().to_path_buf();
    let synchronous = if settings.sqlite_synchronous_full {
        SqliteSynchronous::Full
    } else {
        SqliteSynchronous::Normal
    };
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(SQLITE_PATIENCE)
        .disable_statement_logging();
    let unusable = |reason: String| OpenError::File {
        path: path.display().to_string(),
        reason,
    };
    make_file(&path).map_err(|error| unusable(error.to_string()))?;
    // Before SQLite opens it.
    let file = DatabaseFile::open(&path)?;
    let failed = |error: sqlx::Error| of_the_file(&error, &path).unwrap_or_else(|| unusable(reason(&error)));
    let unsynced = settings.sqlite_synchronous_full.then(Unsynced::default);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .after_release(release::watch)
        .before_acquire(unsynced::synced(unsynced.clone()))
        // The other end is a thread of ours: to ask whether it lives would be one more journey to it for each batch.
        .test_before_acquire(false)
        .connect_with(
            options
                .clone()
                .pragma("cache_size", WRITER_CACHE)
                .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
                .pragma("temp_store", "MEMORY")
                // What is replaced has ended: the triggers that keep the journal are asked.
                .pragma("recursive_triggers", "ON")
                .statement_cache_capacity(WRITER_STATEMENTS),
        )
        .await
        .map_err(failed)?;
    let read = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .after_release(release::watch)
        .connect_with(options.pragma("query_only", "ON"))
        .await
        .map_err(failed)?;
    Ok(Store::Sqlite(SqlitePools {
        read,
        write,
        path,
        file,
        unsynced,
    }))
}

/// Makes the file and its folder where they are missing, so that the first start needs no preparation. Only their owner
/// may read them, whatever folder the file lies in; what SQLite puts beside the file (`-wal`, `-shm`) takes its mode. A file
/// that exists keeps the mode that it has.
fn make_file(path: &Path) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.create(parent)?;
    }
    match file.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

async fn open_postgres(settings: &Settings) -> Result<Store, OpenError> {
    let options = PgConnectOptions::from_str(&settings.database_url)
        .map_err(|error| OpenError::UnreadableAddress { reason: reason(&error) })?
        .statement_cache_capacity(WRITER_STATEMENTS)
        .disable_statement_logging();
    let address = format!(
        "{}:{}/{}",
        options.get_host(),
        options.get_port(),
        options.get_database().unwrap_or_default()
    );
    match Pg::open(options.clone(), settings.postgres_connections, settings.silence).await {
        Ok(pool) => Ok(Store::Postgres(pool)),
        Err(error) => Err(OpenError::Unreachable {
            address,
            reason: why(error, &options).await,
        }),
    }
}

/// Why a server cannot be reached. The pool tries until its time is over, and says no more than that.
async fn why(error: sqlx::Error, options: &PgConnectOptions) -> String {
    let again = match error {
        sqlx::Error::PoolTimedOut => tokio::time::timeout(LAST_TRY, options.connect()).await.ok(),
        _ => None,
    };
    match again {
        Some(Err(last)) => reason(&last),
        _ => reason(&error),
    }
}

/// The driver's words without the parts that repeat ours.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Configuration(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::SqliteConnection;

    use super::blames_a_row;
    use crate::{Gateway, Settings, scene, store::Store};

    /// What SQLite calls them.
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;

    async fn synchronous(connection: &mut SqliteConnection) -> i64 {
        let level = sqlx::query_scalar("PRAGMA synchronous");
        level.fetch_one(connection).await.unwrap()
    }

    /// As it is configured: the rows of calls that only begin wait for no disk, all else does, or nothing.
    #[tokio::test]
    async fn whoever_writes_waits_for_the_disk_unless_that_is_configured_otherwise() {
        for (sqlite_synchronous_full, level) in [(true, FULL), (false, NORMAL)] {
            let folder = tempfile::tempdir().unwrap();
            let settings = Settings {
                sqlite_synchronous_full,
                ..scene::settings(&folder)
            };
            let hub = Gateway::open(settings).await.unwrap();
            let Store::Sqlite(pools) = &hub.0.store else {
                panic!("it is a file")
            };
            assert_eq!(pools.unsynced.is_some(), sqlite_synchronous_full);
            for _ in 0..2 {
                let mut connection = pools.write.acquire().await.unwrap();
                assert_eq!(synchronous(&mut connection).await, level);
                drop(connection);
                if let Some(unsynced) = &pools.unsynced {
                    let mut connection = unsynced.acquire(&pools.write).await.unwrap();
                    assert_eq!(synchronous(&mut connection).await, NORMAL);
                }
            }
        }
    }

    #[test]
    fn rows_are_told_from_outages() {
        for code in ["22021", "22P05", "23514", "54000", "275", "1811", "3091", "18", "20"] {
            assert!(blames_a_row(code), "{code}");
        }
        // Connections, shutdown, memory; busy, locked, read-only, a full disk, a broken file.
        for code in [
            "08006", "57P01", "53200", "40001", "5", "261", "6", "8", "13", "11", "", "é",
        ] {
            assert!(!blames_a_row(code), "{code}");
        }
    }
}
