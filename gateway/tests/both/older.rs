//! A database of an older hub while this one's server migrates it: commands beside it are told so, and let in afterwards.

use std::{path::Path, time::Duration};

use gateway::{OpenError, ProcessKind};
use sqlx::{Connection as _, PgConnection, SqliteConnection, migrate::Migrator};

use crate::hub::{Database, on_both_empty};

/// Holds up whoever migrates, and nobody who reads.
enum Held {
    File(SqliteConnection),
    Server(PgConnection),
}

/// Migrates as the hub before this one did: with all migrations but the newest.
async fn made_by_an_older_hub(database: &Database) {
    let file = database.url.strip_prefix("sqlite://");
    let kind = if file.is_some() { "sqlite" } else { "postgres" };
    let folder = format!("{}/../migrations/{kind}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.pop();
    let older = tempfile::tempdir().unwrap();
    for path in paths {
        std::fs::copy(&path, older.path().join(path.file_name().unwrap())).unwrap();
    }
    let migrations = Migrator::new(older.path().to_path_buf()).await.unwrap();
    if let Some(file) = file {
        std::fs::File::create(Path::new(file)).unwrap();
        let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
        migrations.run(&mut connection).await.unwrap();
        // As hubs keep their files.
        sqlx::raw_sql("PRAGMA journal_mode = WAL")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = PgConnection::connect(&database.url).await.unwrap();
        migrations.run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

impl Held {
    async fn over(database: &Database) -> Self {
        if database.url.starts_with("sqlite://") {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
            Self::File(connection)
        } else {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            sqlx::raw_sql("BEGIN; LOCK TABLE _sqlx_migrations IN SHARE MODE")
                .execute(&mut connection)
                .await
                .unwrap();
            Self::Server(connection)
        }
    }

    /// Waits until somebody waits for it, where the database can say that.
    async fn is_met(&mut self) {
        let Self::Server(connection) = self else { return };
        let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = '_sqlx_migrations'::regclass
                       AND database = (SELECT oid FROM pg_database WHERE datname = CURRENT_DATABASE())";
        loop {
            let (count,): (i64,) = sqlx::query_as(waiting).fetch_one(&mut *connection).await.unwrap();
            if count > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn release(self) {
        match self {
            Self::File(connection) => connection.close().await.unwrap(),
            Self::Server(connection) => connection.close().await.unwrap(),
        }
    }
}

#[tokio::test]
async fn a_command_beside_the_migration_of_an_older_database_is_told() {
    on_both_empty(async |database| {
        made_by_an_older_hub(&database).await;
        let is_told = async || match database.open(ProcessKind::Command).await {
            Err(OpenError::OlderDatabase) => {}
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("a command works on half a database"),
        };
        is_told().await;
        let mut held = Held::over(&database).await;
        let beside = async {
            held.is_met().await;
            for _ in 0..3 {
                is_told().await;
            }
            held.release().await;
        };
        let (server, ()) = tokio::join!(database.serve(), beside);
        let command = database.open(ProcessKind::Command).await.unwrap();
        command.shutdown(Duration::ZERO).await;
        server.shutdown(Duration::ZERO).await;
    })
    .await;
}
