//! A database that nobody else uses: a SQLite file in the hub's folder, or a new database on the PostgreSQL server that
//! `make test` starts. Suites read it with SQL where they must look past the hub (canary, newer migrations).

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};

/// The two kinds of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// Where the PostgreSQL server for tests is named.
const SERVER: &str = "HUB_TEST_POSTGRES_URL";

/// What is done before all else of a change: whoever changes something waits for it.
const LOCK: &str = "UPDATE counter SET value = value WHERE name = 'snapshot'";
/// Longer than a request takes that waits for nobody.
const A_WHILE: Duration = Duration::from_millis(700);

/// What comes of something that is begun while a change by somebody else is not committed, and has to wait for it.
///
/// # Panics
/// When it does not wait.
pub async fn amid_a_change<T: std::fmt::Debug>(url: &str, statement: &str, what: impl Future<Output = T>) -> T {
    macro_rules! amid {
        ($connection:ty, $begin:literal) => {{
            let mut connection = <$connection>::connect(url).await.unwrap();
            let change = AssertSqlSafe(format!("{}; {LOCK}; {statement}", $begin));
            sqlx::raw_sql(change).execute(&mut connection).await.unwrap();
            let mut what = std::pin::pin!(what);
            let early = tokio::time::timeout(A_WHILE, &mut what).await;
            assert!(early.is_err(), "it did not wait for the change: {early:?}");
            sqlx::raw_sql("COMMIT").execute(&mut connection).await.unwrap();
            what.await
        }};
    }
    match url.starts_with("sqlite") {
        true => amid!(SqliteConnection, "BEGIN IMMEDIATE"),
        false => amid!(PgConnection, "BEGIN"),
    }
}

/// The URL of a fresh database.
pub(crate) async fn fresh(kind: Kind, folder: &Path) -> String {
    match kind {
        Kind::Sqlite => sqlite_in(folder),
        Kind::Postgres => postgres("template1").await,
    }
}

/// The URL of a database that is as the one behind `url` was: a file lies in the folder already, on PostgreSQL it is copied.
/// Nobody may be connected to what is copied.
pub(crate) async fn copy(url: &str, folder: &Path) -> String {
    match url.rsplit_once('/') {
        Some((server, name)) if server.starts_with("postgres") => {
            postgres(name.split('?').next().unwrap_or(name)).await
        }
        _ => sqlite_in(folder),
    }
}

fn sqlite_in(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("hub.db").display())
}

/// A new database like this one. It goes with the throwaway server.
async fn postgres(template: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = server();
    let name = format!("it_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let (base, options) = server.split_once('?').unwrap_or((&server, ""));
    let (base, _) = base.rsplit_once('/').unwrap();
    let question = if options.is_empty() { "" } else { "?" };
    format!("{base}/{name}{question}{options}")
}

/// The URL of the PostgreSQL server for tests.
///
/// # Panics
/// When the environment does not name it.
#[must_use]
pub fn server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} names no PostgreSQL server; run `make test-it`, or `tools/postgres.sh COMMAND`")
    })
}

/// Runs statements, separated by `;`, on a database.
///
/// # Panics
/// When one fails.
pub async fn execute(url: &str, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = sqlite(url).await;
        sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
        sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

/// The one column of a query.
///
/// # Panics
/// When it fails or gives something else.
pub async fn numbers(url: &str, query: &str) -> Vec<i64> {
    let query = AssertSqlSafe(query.to_owned());
    let rows: Vec<(i64,)> = if url.starts_with("sqlite:") {
        sqlx::query_as(query).fetch_all(&mut sqlite(url).await).await.unwrap()
    } else {
        let mut connection = url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
        sqlx::query_as(query).fetch_all(&mut connection).await.unwrap()
    };
    rows.into_iter().map(|(number,)| number).collect()
}

/// Every row of every table of a PostgreSQL database, as text, each after the name of its table.
///
/// # Panics
/// When the database cannot be read.
pub async fn dump(url: &str) -> Vec<String> {
    let mut connection = url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut lines = Vec::new();
    for (table,) in tables {
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(format!("SELECT t::TEXT FROM \"{table}\" AS t")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        lines.extend(rows.into_iter().map(|(row,)| format!("{table} {row}")));
    }
    connection.close().await.unwrap();
    lines
}

async fn sqlite(url: &str) -> SqliteConnection {
    url.parse::<SqliteConnectOptions>()
        .unwrap()
        .busy_timeout(std::time::Duration::from_secs(10))
        .connect()
        .await
        .unwrap()
}
