//! What the verifier reads beside the journal: the calls of an account with the transactions that ended them.

use domain::id::{AccountId, CallId};

use super::read::STEP;
use crate::store::{StoreError, Tx, tx_fetch_all};

/// What a call says of its money, and the transaction that it names as its end.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct CallRow {
    pub id: i64,
    pub account_id: Option<i64>,
    pub settle_seq: Option<i64>,
    pub charge: Option<i64>,
    /// Of that transaction; absent when there is none that is about this call.
    pub kind: Option<String>,
    /// As JSON, for an allocation only.
    pub command: Option<String>,
}

/// The next calls of a person, oldest first.
pub(crate) async fn calls(tx: &mut Tx, account: AccountId, after: CallId) -> Result<Vec<CallRow>, StoreError> {
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    Ok(tx_fetch_all!(
        tx,
        CallRow,
        "SELECT c.id, c.account_id, c.settle_seq, c.charge, t.kind,
            CASE t.kind WHEN 'allocate' THEN t.command END AS command
         FROM call c LEFT JOIN ledger_transaction t ON t.account_id = c.account_id AND t.seq = c.settle_seq AND t.call_id = c.id
         WHERE c.person_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3",
        account.number(),
        after.number(),
        limit
    )?)
}

/// Transactions that ended calls whose rows do not name them: their numbers and the calls.
pub(crate) async fn without_call(
    tx: &mut Tx,
    account: AccountId,
    most: usize,
) -> Result<Vec<(i64, CallId)>, StoreError> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = tx_fetch_all!(
        tx,
        (i64, i64),
        "SELECT t.seq, t.call_id FROM ledger_transaction t LEFT JOIN call c ON c.id = t.call_id AND c.settle_seq = t.seq
         WHERE t.account_id = $1 AND t.kind IN ('settle', 'release', 'allocate') AND t.call_id IS NOT NULL AND c.id IS NULL
         ORDER BY t.seq LIMIT $2",
        account.number(),
        limit
    )?;
    Ok(rows
        .into_iter()
        .map(|(seq, call)| (seq, CallId::from_number(call)))
        .collect())
}
