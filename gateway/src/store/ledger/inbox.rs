//! Table `ledger_inbox`: what commands want booked by the server that owns the ledger. An order is answered
//! in the transaction that books it, so it is booked once whatever dies in between.

use domain::time::Timestamp;

use crate::store::{INBOX_CHANNEL, Store, StoreError, Tx, fetch_all, fetch_optional, tx_execute, tx_fetch_optional};

/// What came of an order: its number and the outcome as JSON.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub id: i64,
    pub at: Timestamp,
    pub outcome: String,
}

/// An order that waits.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Waiting {
    pub id: i64,
    /// As JSON.
    pub wanted: String,
    /// Tells that it was left by somebody with the hub's keys. Releases before this was asked for left none.
    pub seal: Option<String>,
}

/// Puts an order in.
pub(crate) async fn put(
    store: &Store,
    (id, wanted, seal): (i64, &str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx_execute!(
        &mut tx,
        "INSERT INTO ledger_inbox (id, wanted, seal, created_at) VALUES ($1, $2, $3, $4)",
        id,
        wanted,
        seal,
        now.microseconds()
    )?;
    tx.notify(INBOX_CHANNEL).await?;
    tx.commit().await
}

/// Orders that wait, oldest first.
pub(crate) async fn waiting(store: &Store) -> Result<Vec<Waiting>, StoreError> {
    Ok(fetch_all!(
        store,
        Waiting,
        "SELECT id, wanted, seal FROM ledger_inbox WHERE done_at IS NULL ORDER BY id LIMIT 100"
    )?)
}

/// Whether an order waits still, for whoever has locked its account.
pub(crate) async fn waits(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let query = "SELECT id FROM ledger_inbox WHERE id = $1 AND done_at IS NULL";
    Ok(tx_fetch_optional!(tx, (i64,), query, id)?.is_some())
}

/// What came of an order, once that is known.
pub(crate) async fn outcome(store: &Store, id: i64) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(
        store,
        (Option<String>,),
        "SELECT outcome FROM ledger_inbox WHERE id = $1 AND done_at IS NOT NULL",
        id
    )?;
    Ok(row.and_then(|(outcome,)| outcome))
}

/// Answers an order.
pub(crate) async fn answer(tx: &mut Tx, answered: &Answered) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE ledger_inbox SET done_at = $2, outcome = $3 WHERE id = $1 AND done_at IS NULL",
        answered.id,
        answered.at.microseconds(),
        answered.outcome.as_str()
    )?;
    Ok(())
}
