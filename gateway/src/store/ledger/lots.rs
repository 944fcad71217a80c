//! Lots as people see them, also those with nothing left, and how each came to be.

use std::collections::HashMap;

use domain::{
    credit::{LotGone, LotOrigin, LotView},
    id::{AccountId, LotId},
    ledger::{Adjustment, Command, CommandKind, Grant, Lot, Seq},
};

use super::{LotRow, amount};
use crate::store::{Store, StoreError, Tx, fetch_optional, tx_fetch_all};

/// The newest lots of an account with nothing left.
pub(crate) async fn empty(tx: &mut Tx, account: AccountId, most: i64) -> Result<Vec<Lot>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        LotRow,
        "SELECT id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source
         FROM lot WHERE account_id = $1 AND spent = 1 ORDER BY id DESC LIMIT $2",
        account.number(),
        most
    )?;
    rows.into_iter().map(LotRow::lot).collect()
}

/// Whether a lot is one of an account's, whatever is left in it.
pub(crate) async fn is_of(store: &Store, account: AccountId, lot: LotId) -> Result<bool, StoreError> {
    let row = fetch_optional!(
        store,
        (i64,),
        "SELECT id FROM lot WHERE id = $1 AND account_id = $2",
        lot.number(),
        account.number()
    )?;
    Ok(row.is_some())
}

/// The same lots with their origins, as far as those are among the newest `most` transactions that make lots.
pub(crate) async fn with_origins(
    tx: &mut Tx,
    account: AccountId,
    lots: Vec<Lot>,
    most: i64,
) -> Result<Vec<LotView>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (i64, String, String),
        "SELECT seq, command, actor FROM ledger_transaction
         WHERE account_id = $1 AND kind <> 'settle' AND kind <> 'release' AND kind <> 'extend' AND kind <> 'allocate'
           AND kind IN ('grant', 'adjust', 'correct') ORDER BY seq DESC LIMIT $2",
        account.number(),
        most
    )?;
    let mut origins: HashMap<LotId, LotOrigin> = HashMap::new();
    for (seq, command, actor) in rows {
        // What cannot be read is for the verifier to tell; a lot can be shown without its origin.
        let (Ok(command), Ok(actor)) = (serde_json::from_str::<Command>(&command), serde_json::from_str(&actor)) else {
            continue;
        };
        if let Some(lot) = made_by(&command) {
            let reason = command.reason().unwrap_or_default().to_owned();
            let seq = Seq(seq);
            origins.insert(lot, LotOrigin { seq, actor, reason });
        }
    }
    let gone = gone(tx, account).await?;
    let view = |lot: Lot| LotView {
        origin: origins.remove(&lot.id),
        gone: gone.get(&lot.id).copied().unwrap_or_default(),
        lot,
    };
    Ok(lots.into_iter().map(view).collect())
}

/// What went out of each lot of an account other than for calls. The first condition on the kind is that of an index, word for word.
async fn gone(tx: &mut Tx, account: AccountId) -> Result<HashMap<LotId, LotGone>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (i64, String, i64, i64),
        "SELECT e.lot_id, t.kind, CAST(COUNT(r.seq) AS BIGINT), CAST(SUM(e.amount) AS BIGINT) FROM ledger_transaction t
         JOIN ledger_entry e ON e.account_id = t.account_id AND e.seq = t.seq
         LEFT JOIN ledger_entry r ON r.account_id = t.account_id AND r.seq = t.seq AND r.ledger_account = 'receivable'
         WHERE t.account_id = $1 AND t.kind <> 'settle' AND t.kind <> 'release' AND t.kind <> 'extend' AND t.kind <> 'allocate' AND t.kind <> 'late'
           AND e.ledger_account = 'credit' AND e.lot_id IS NOT NULL AND e.amount > 0
         GROUP BY e.lot_id, t.kind, r.seq IS NULL",
        account.number()
    )?;
    let mut all: HashMap<LotId, LotGone> = HashMap::new();
    for (lot, kind, debts, nano) in rows {
        let sum = amount(nano, "ledger_entry", "amount")?;
        let gone = all.entry(LotId::from_number(lot)).or_default();
        let place = match CommandKind::parse(&kind) {
            Some(CommandKind::Expire) => &mut gone.expired,
            Some(CommandKind::Void) => &mut gone.voided,
            // Beside these, debt is only repaid, and what repays it can take nothing else.
            Some(CommandKind::Debit) => &mut gone.taken,
            _ if debts > 0 => &mut gone.repaid,
            _ => &mut gone.taken,
        };
        *place = place.checked_add(sum).unwrap_or(*place);
    }
    Ok(all)
}

/// The lot that a command makes, if it makes one.
const fn made_by(command: &Command) -> Option<LotId> {
    match command {
        Command::Grant(Grant { lot, .. })
        | Command::Adjust {
            adjustment: Adjustment::Add { lot, .. },
            ..
        }
        | Command::Correct { lot, .. } => Some(*lot),
        _ => None,
    }
}
