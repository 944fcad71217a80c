//! An account as it is stored, whether that makes sense or not.

use domain::{id::AccountId, ledger::Lot};

use super::{LotRow, row};
use crate::store::{StoreError, Tx, tx_fetch_all, tx_fetch_optional};

/// Figures in nano-USD.
pub(crate) struct Stored {
    pub status: String,
    pub balance: i64,
    pub debt: i64,
    pub held: i64,
    /// Those with something left; none for one that cannot be read.
    pub lots: Vec<Option<Lot>>,
}

/// None when there is no such account.
pub(crate) async fn account(tx: &mut Tx, id: AccountId) -> Result<Option<Stored>, StoreError> {
    let Some(found) = row(tx, id).await? else {
        return Ok(None);
    };
    let lots = tx_fetch_all!(
        tx,
        LotRow,
        "SELECT id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source
         FROM lot WHERE account_id = $1 AND spent = 0",
        id.number()
    )?;
    let held: Option<(i64,)> = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(SUM(hold_amount), 0) AS BIGINT) FROM call
         WHERE account_id = $1 AND hold_seq IS NOT NULL AND settle_seq IS NULL",
        id.number()
    )?;
    Ok(Some(Stored {
        status: found.status,
        balance: found.balance,
        debt: found.debt,
        held: held.map_or(0, |(held,)| held),
        lots: lots.into_iter().map(|lot| lot.lot().ok()).collect(),
    }))
}
