//! SQLite's own statistics are not kept: counted on one day and never again while the server runs, they say of a log of a million
//! calls that it holds thirty, and the planner then sorts all of it for each page. Without them it goes by the indexes, which
//! every query here was written for (`calls/read/tests.rs`).

use super::{Store, StoreError};

/// What older versions counted whenever a connection closed.
const FORGET: &str = "DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4";

/// Removes them, where there are some. PostgreSQL counts anew by itself.
///
/// # Errors
/// The database's.
pub(crate) async fn forget(store: &Store) -> Result<(), StoreError> {
    if let Store::Sqlite(pools) = store {
        sqlx::raw_sql(FORGET).execute(&pools.write).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::FORGET;

    #[tokio::test]
    async fn a_list_is_read_in_its_order_though_the_log_was_short_once() {
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::migrate!("../migrations/sqlite").run(&mut database).await.unwrap();
        let short = "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, key_id, model_asked)
            VALUES (1, 1, 0, 'chat', 'api', 0, 'succeeded', 1, 1, 'm'); ANALYZE;";
        sqlx::raw_sql(short).execute(&mut database).await.unwrap();
        sqlx::raw_sql(FORGET).execute(&mut database).await.unwrap();
        let query = "EXPLAIN QUERY PLAN SELECT c.id, p.email, k.name, j.name FROM call c LEFT JOIN person p ON p.id = c.person_id
            LEFT JOIN api_key k ON k.id = c.key_id LEFT JOIN project j ON j.id = c.project_id ORDER BY c.id DESC LIMIT 51";
        let lines: Vec<(i64, i64, i64, String)> = sqlx::query_as(query).fetch_all(&mut database).await.unwrap();
        let plan: Vec<&str> = lines.iter().map(|(.., line)| line.as_str()).collect();
        assert_eq!(plan[0], "SCAN c", "{plan:?}");
        assert!(plan[1..].iter().all(|line| line.starts_with("SEARCH ")), "{plan:?}");
    }
}
