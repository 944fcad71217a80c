//! What many accounts have to spend, for lists of people: one statement for all of them.

use domain::{id::AccountId, time::Timestamp};

use crate::store::{StoreError, Tx};

/// Figures in nano-USD, as they are stored.
#[derive(sqlx::FromRow)]
pub(crate) struct PurseRow {
    pub id: i64,
    pub status: String,
    pub quarantined: i64,
    /// What is left in lots that have begun and not ended.
    pub alive: i64,
    pub held: i64,
    pub debt: i64,
}

/// The accounts of a list of ids, which each database takes in its own way. An account's clock never goes back.
macro_rules! purses {
    ($ids:literal) => {
        concat!(
            "SELECT a.id, a.status, CASE WHEN a.quarantine IS NULL THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END AS quarantined, a.debt,
               (SELECT CAST(COALESCE(SUM(l.remaining), 0) AS BIGINT) FROM lot l WHERE l.account_id = a.id AND l.spent = 0
                  AND l.effective_at <= CASE WHEN a.booked_at > $1 THEN a.booked_at ELSE $1 END
                  AND (l.expires_at IS NULL OR l.expires_at > CASE WHEN a.booked_at > $1 THEN a.booked_at ELSE $1 END)) AS alive,
               (SELECT CAST(COALESCE(SUM(c.hold_amount), 0) AS BIGINT) FROM call c
                WHERE c.account_id = a.id AND c.hold_seq IS NOT NULL AND c.settle_seq IS NULL) AS held
             FROM account a WHERE a.id ",
            $ids
        )
    };
}
const SQLITE: &str = purses!("IN (SELECT value FROM json_each($2))");
const POSTGRES: &str = purses!("= ANY($2)");

/// Those that there are, in no order.
pub(crate) async fn of(tx: &mut Tx, accounts: &[AccountId], now: Timestamp) -> Result<Vec<PurseRow>, StoreError> {
    let ids: Vec<i64> = accounts.iter().map(|account| account.number()).collect();
    let rows = match tx {
        Tx::Sqlite(tx) => {
            let list = serde_json::to_string(&ids).unwrap_or_default();
            let query = sqlx::query_as(SQLITE).bind(now.microseconds()).bind(list);
            query.fetch_all(&mut **tx).await?
        }
        Tx::Postgres(tx) => {
            let query = sqlx::query_as(POSTGRES).bind(now.microseconds()).bind(ids);
            query.fetch_all(&mut **tx).await?
        }
    };
    Ok(rows)
}
