//! Table `connection`: programs that ask for a key. What they are known by stands here as HMAC only, and the key is sealed.

use domain::{
    id::KeyId,
    time::{Micros, Timestamp},
};

use super::{Store, StoreError, Tx, execute, fetch_optional, tx_execute, tx_fetch_optional};

/// A row.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) state: String,
    pub(crate) network: String,
    pub(crate) agent: String,
    pub(crate) key_id: Option<i64>,
    pub(crate) sealed: Option<String>,
    pub(crate) fetched_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
}

const ONE: &str = "SELECT id, state, network, agent, key_id, sealed, fetched_at, created_at, expires_at FROM connection
    WHERE token_hash = $1 AND expires_at > $2";

/// The request that is known by this, unless its time is over.
pub(crate) async fn load(store: &Store, token_hash: &str, now: Timestamp) -> Result<Option<Row>, StoreError> {
    Ok(fetch_optional!(store, Row, ONE, token_hash, now.microseconds())?)
}

/// The same within a change.
pub(crate) async fn load_in(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<Row>, StoreError> {
    Ok(tx_fetch_optional!(tx, Row, ONE, token_hash, now.microseconds())?)
}

#[derive(sqlx::FromRow)]
struct Counts {
    of_network: i64,
    all_open: i64,
}

/// How many were asked for from this network since a moment, and how many there are.
pub(crate) async fn counts(store: &Store, network: &str, since: Timestamp) -> Result<(i64, i64), StoreError> {
    let counts = fetch_optional!(
        store,
        Counts,
        "SELECT (SELECT COUNT(*) FROM connection WHERE network = $1 AND created_at > $2) AS of_network,
            (SELECT COUNT(*) FROM connection) AS all_open",
        network,
        since.microseconds(),
    )?;
    Ok(counts.map_or((0, 0), |counts| (counts.of_network, counts.all_open)))
}

/// Adds a request that waits.
pub(crate) async fn insert(store: &Store, token_hash: &str, row: &Row) -> Result<(), StoreError> {
    execute!(
        store,
        "INSERT INTO connection (id, token_hash, state, network, agent, created_at, expires_at) VALUES ($1, $2, 'waiting', $3, $4, $5, $6)",
        row.id,
        token_hash,
        row.network.as_str(),
        row.agent.as_str(),
        row.created_at,
        row.expires_at,
    )?;
    Ok(())
}

/// Answers a request that waits. Gives the number of rows: 0 when it was answered before.
pub(crate) async fn answer(
    tx: &mut Tx,
    id: i64,
    state: &str,
    key: Option<(KeyId, &str)>,
    expires_at: Timestamp,
) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE connection SET state = $2, key_id = $3, sealed = $4, expires_at = $5 WHERE id = $1 AND state = 'waiting'",
        id,
        state,
        key.map(|(id, _)| id.number()),
        key.map(|(_, sealed)| sealed),
        expires_at.microseconds(),
    )?)
}

/// Notes the first time that the key was fetched.
pub(crate) async fn note_fetched(store: &Store, id: i64, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE connection SET fetched_at = $2 WHERE id = $1 AND fetched_at IS NULL",
        id,
        now.microseconds(),
    )?;
    Ok(())
}

/// Removes a request.
pub(crate) async fn delete(store: &Store, token_hash: &str) -> Result<u64, StoreError> {
    Ok(execute!(
        store,
        "DELETE FROM connection WHERE token_hash = $1",
        token_hash
    )?)
}

/// Removes requests whose time is over, and those whose key was fetched longer than `kept` ago. Gives the number of rows.
pub(crate) async fn delete_old(store: &Store, now: Timestamp, kept: Micros) -> Result<u64, StoreError> {
    Ok(execute!(
        store,
        "DELETE FROM connection WHERE expires_at <= $1 OR fetched_at <= $2",
        now.microseconds(),
        now.plus(Micros(-kept.0)).microseconds(),
    )?)
}
