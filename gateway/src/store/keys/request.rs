//! What the request path needs of keys, read whole with each snapshot (`snapshot::keys`).

use domain::{id::KeyId, time::Timestamp};

use crate::store::{Store, StoreError, Tx, fetch_all, tx_fetch_optional};

/// What the request path needs of a key: its present secret, its owner and its project.
#[derive(sqlx::FromRow)]
pub(crate) struct Access {
    pub(crate) id: i64,
    pub(crate) person_id: i64,
    pub(crate) project_id: i64,
    pub(crate) account_id: i64,
    pub(crate) token_hash: String,
    pub(crate) scopes: String,
    pub(crate) addresses: Option<String>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) revoked: i64,
    pub(crate) disabled: i64,
    pub(crate) suspended: i64,
    /// The owner is an auditor.
    pub(crate) auditor: i64,
    pub(crate) archived: i64,
    /// Nobody's account pays: it was withdrawn, or its person is suspended or deleted.
    pub(crate) unpaid: i64,
    /// The owner's in the project; absent when they left it.
    pub(crate) role: Option<String>,
}

/// An earlier secret of a key: whose, its hash, and until when it works.
pub(crate) type Earlier = (i64, String, i64);

/// `CROSS JOIN`: each row of a key looks up one row of each other table by its number, whatever SQLite's statistics say of them. They
/// are from when a database was last closed, and with those of an empty one it would read a whole table for each key.
macro_rules! access {
    ($which:literal) => {
        concat!(
            "SELECT k.id, k.person_id, k.project_id, j.account_id, k.token_hash, k.scopes, k.addresses, k.expires_at,
        CAST(CASE WHEN k.revoked_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS revoked,
        CAST(CASE WHEN k.disabled_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS disabled,
        CAST(CASE WHEN p.suspended = 1 THEN 1 ELSE 0 END AS BIGINT) AS suspended,
        CAST(CASE WHEN p.role = 'auditor' THEN 1 ELSE 0 END AS BIGINT) AS auditor,
        CAST(CASE WHEN j.archived_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS archived,
        CAST(CASE WHEN j.unpaid_since IS NOT NULL OR y.suspended = 1 THEN 1 ELSE 0 END AS BIGINT) AS unpaid, m.role
     FROM api_key k CROSS JOIN person p CROSS JOIN project j CROSS JOIN person y
     LEFT JOIN project_member m ON m.project_id = k.project_id AND m.person_id = k.person_id
     WHERE k.replaced_by IS NULL AND p.id = k.person_id AND j.id = k.project_id AND y.id = j.account_id AND ",
            $which
        )
    };
}

const ACCESS: &str =
    access!("(k.revoked_at IS NULL OR k.revoked_at > $1) AND (k.expires_at IS NULL OR k.expires_at > $1)");
const ACCESS_OF: &str = access!("k.id = $1");

const EARLIER: &str = "SELECT replaced_by, token_hash, expires_at FROM api_key
     WHERE replaced_by IS NOT NULL AND expires_at > $1";

/// Every key as the request path needs it, but those that were revoked or deleted, which revokes them, or ended before a moment.
pub(crate) async fn access(store: &Store, since: Timestamp) -> Result<Vec<Access>, StoreError> {
    Ok(fetch_all!(store, Access, ACCESS, since.microseconds())?)
}

/// The same of one key, whatever became of it, within a change.
pub(crate) async fn access_of(tx: &mut Tx, key: KeyId) -> Result<Option<Access>, StoreError> {
    Ok(tx_fetch_optional!(tx, Access, ACCESS_OF, key.number())?)
}

/// Every earlier secret, but those that ended before a moment.
pub(crate) async fn earlier_of_all(store: &Store, since: Timestamp) -> Result<Vec<Earlier>, StoreError> {
    Ok(fetch_all!(store, Earlier, EARLIER, since.microseconds())?)
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::{ACCESS, EARLIER};

    /// With the statistics of a database that was nearly empty, too.
    #[tokio::test]
    async fn what_a_request_needs_is_read_without_a_table_for_each_row() {
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::migrate!("../migrations/sqlite").run(&mut database).await.unwrap();
        let statistics = "ANALYZE; DELETE FROM sqlite_stat1;
            INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('api_key', NULL, '1'), ('person', NULL, '1'), ('project', NULL, '1'),
                ('api_key', 'api_key_project', '1 1 1'), ('api_key', 'api_key_replaced', '1 1'),
                ('project_member', 'project_member', '1 1 1'), ('project_member', 'project_member_person', '1 1');
            ANALYZE sqlite_schema;";
        sqlx::raw_sql(statistics).execute(&mut database).await.unwrap();
        let mut plan = async |query: &str| {
            let query = format!("EXPLAIN QUERY PLAN {query}").replace("$1", "5");
            let lines: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .fetch_all(&mut database)
                .await
                .unwrap();
            lines.into_iter().map(|(.., line)| line).collect::<Vec<_>>()
        };
        let keys = plan(ACCESS).await;
        assert!(keys[0].starts_with("SCAN k"), "{keys:?}");
        assert_eq!(keys.len(), 5, "{keys:?}");
        assert!(keys[1..].iter().all(|line| line.starts_with("SEARCH ")), "{keys:?}");
        let earlier = plan(EARLIER).await;
        assert!(
            earlier.len() == 1 && earlier[0].contains("api_key_replaced"),
            "{earlier:?}"
        );
    }
}
