//! What is changed between two steps of somebody else: after their first look, and before they have the lock of all changes.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio::time::timeout;

use crate::hub::Database;

/// Longer than a step takes that waits for nobody.
const A_WHILE: Duration = Duration::from_millis(700);

/// A change that was made and is not committed yet.
enum Change {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Change {
    async fn begin(database: &Database, statement: &str) -> Self {
        let lock = "UPDATE counter SET value = value WHERE name = 'snapshot'";
        let sql = |begin| AssertSqlSafe(format!("{begin}; {lock}; {statement}"));
        if database.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            sqlx::raw_sql(sql("BEGIN IMMEDIATE"))
                .execute(&mut connection)
                .await
                .unwrap();
            Self::Sqlite(connection)
        } else {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            sqlx::raw_sql(sql("BEGIN")).execute(&mut connection).await.unwrap();
            Self::Postgres(connection)
        }
    }

    async fn commit(self) {
        match self {
            Self::Sqlite(mut connection) => drop(sqlx::raw_sql("COMMIT").execute(&mut connection).await.unwrap()),
            Self::Postgres(mut connection) => drop(sqlx::raw_sql("COMMIT").execute(&mut connection).await.unwrap()),
        }
    }
}

/// What comes of something that is begun while a change by another process is not committed, and has to wait for it.
pub(crate) async fn amid_a_change<T: std::fmt::Debug>(
    database: &Database,
    statement: &str,
    what: impl Future<Output = T>,
) -> T {
    let change = Change::begin(database, statement).await;
    let mut what = std::pin::pin!(what);
    let early = timeout(A_WHILE, &mut what).await;
    assert!(early.is_err(), "it did not wait for the change: {early:?}");
    change.commit().await;
    what.await
}
