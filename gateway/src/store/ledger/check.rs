//! Table `ledger_check`: runs of the verifier over all accounts, and what they found.

use domain::time::Timestamp;

use crate::store::{Store, StoreError, execute, fetch_all, fetch_optional};

/// Runs that are kept.
const KEPT: i64 = 100;

/// A run.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub started_at: i64,
    pub ended_at: Option<i64>,
    pub actor: String,
    pub since: Option<i64>,
    /// How many; the report may hold fewer.
    pub findings: Option<i64>,
    pub report: Option<String>,
}

/// The newest that looked at everything and went to its end.
const LAST_WHOLE: &str = "SELECT started_at, ended_at, actor, since, findings, report FROM ledger_check
    WHERE since IS NULL AND report IS NOT NULL ORDER BY id DESC LIMIT 1";

/// Notes that a run begins, and forgets the oldest, but for the last that looked at everything.
pub(crate) async fn begin(
    store: &Store,
    id: i64,
    now: Timestamp,
    actor: &str,
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
    execute!(
        store,
        "INSERT INTO ledger_check (id, started_at, actor, since) VALUES ($1, $2, $3, $4)",
        id,
        now.microseconds(),
        actor,
        since.map(Timestamp::microseconds)
    )?;
    execute!(
        store,
        "DELETE FROM ledger_check WHERE id NOT IN (SELECT id FROM ledger_check ORDER BY id DESC LIMIT $1)
            AND id NOT IN (SELECT id FROM ledger_check WHERE since IS NULL AND report IS NOT NULL ORDER BY id DESC LIMIT 1)",
        KEPT
    )?;
    Ok(())
}

/// Notes its end; without a report it could not go to its end.
pub(crate) async fn end(
    store: &Store,
    id: i64,
    now: Timestamp,
    findings: Option<i64>,
    report: Option<&str>,
) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE ledger_check SET ended_at = $2, findings = $3, report = $4 WHERE id = $1",
        id,
        now.microseconds(),
        findings,
        report
    )?;
    Ok(())
}

/// The newest runs.
pub(crate) async fn newest(store: &Store, most: i64) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(
        store,
        Row,
        "SELECT started_at, ended_at, actor, since, findings, report FROM ledger_check ORDER BY id DESC LIMIT $1",
        most
    )?)
}

/// The last that looked at everything and went to its end.
pub(crate) async fn last_whole(store: &Store) -> Result<Option<Row>, StoreError> {
    Ok(fetch_optional!(store, Row, LAST_WHOLE)?)
}
