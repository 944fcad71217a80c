//! Table `ledger_once`, and what the settle of a call took: what orders by hand need to know before they are decided.

use domain::{
    id::{AccountId, CallId, LotId},
    ledger::{Command, Effects, LedgerAccount, Lot, SettledPart},
    money::Amount,
    time::Timestamp,
};

use super::{LotRow, amount, read};
use crate::store::{StoreError, Tx, tx_execute, tx_fetch_all, tx_fetch_optional};

/// The name under which an order is booked once, with what came of it.
#[derive(Debug)]
pub(crate) struct Once {
    /// Unique on its account.
    pub token: String,
    /// When it was booked.
    pub at: Timestamp,
    /// The effects as JSON.
    pub outcome: String,
}

/// What was booked under a name.
#[derive(Debug)]
pub(crate) struct Before {
    /// As it was applied.
    pub command: Command,
    /// When it was booked.
    pub at: Timestamp,
    pub effects: Effects,
}

/// What was booked under this name before.
pub(crate) async fn booked(tx: &mut Tx, account: AccountId, token: &str) -> Result<Option<Before>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (String, i64, String),
        "SELECT t.command, o.booked_at, o.outcome FROM ledger_once o
         JOIN ledger_transaction t ON t.account_id = o.account_id AND t.seq = o.seq
         WHERE o.account_id = $1 AND o.token = $2",
        account.number(),
        token
    )?;
    let unreadable = |table, column| move |_: serde_json::Error| StoreError::Row { table, column };
    let read = |(command, at, outcome): (String, i64, String)| {
        Ok(Before {
            command: serde_json::from_str(&command).map_err(unreadable("ledger_transaction", "command"))?,
            at: Timestamp(at),
            effects: serde_json::from_str(&outcome).map_err(unreadable("ledger_once", "outcome"))?,
        })
    };
    row.map(read).transpose()
}

/// Writes down that an order was booked.
pub(super) async fn put(tx: &mut Tx, effects: &Effects, once: &Once) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO ledger_once (account_id, token, seq, booked_at, outcome) VALUES ($1, $2, $3, $4, $5)",
        effects.account.number(),
        once.token.as_str(),
        effects.seq.0,
        once.at.microseconds(),
        once.outcome.as_str()
    )?;
    Ok(())
}

/// What the lots paid for a settled call, in that order, and what was given back of it since. Nothing for a call that was
/// not settled on this account.
pub(crate) async fn parts(tx: &mut Tx, account: AccountId, call: CallId) -> Result<Vec<SettledPart>, StoreError> {
    let settled = tx_fetch_optional!(
        &mut *tx,
        (i64,),
        "SELECT t.seq FROM call c
         JOIN ledger_transaction t ON t.account_id = c.account_id AND t.seq = c.settle_seq AND t.call_id = c.id
         WHERE c.id = $1 AND c.account_id = $2 AND t.kind IN ('settle', 'late')",
        call.number(),
        account.number()
    )?;
    let taken = match settled {
        Some((seq,)) => read::entries(tx, account, seq - 1, seq).await?,
        None => Vec::new(),
    };
    let revenue = LedgerAccount::RevenueUsage.as_str();
    // What comes after the revenue repays debt with what the hold has freed: that was not for the call.
    let end = taken.iter().position(|row| row.ledger_account == revenue).unwrap_or(0);
    let mut back = given_back(tx, account, call).await?;
    let mut parts = Vec::new();
    for row in taken.into_iter().take(end) {
        let (LedgerAccount::Credit, Some(lot)) = (known(&row.ledger_account)?, row.lot_id) else {
            continue;
        };
        let lot = LotId::from_number(lot);
        parts.push(SettledPart {
            lot: lot_of(tx, account, lot).await?,
            spent: amount(row.amount, "ledger_entry", "amount")?,
            corrected: Amount::ZERO,
            voided: was_voided(tx, account, lot).await?,
        });
    }
    // Each correction went backwards through the same parts.
    for part in parts.iter_mut().rev() {
        part.corrected = part.spent.min(back);
        back = back.less(part.corrected);
    }
    Ok(parts)
}

/// Whether a void has taken from this lot.
async fn was_voided(tx: &mut Tx, account: AccountId, lot: LotId) -> Result<bool, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT t.seq FROM ledger_transaction t JOIN ledger_entry e ON e.account_id = t.account_id AND e.seq = t.seq
         WHERE t.account_id = $1 AND t.kind <> 'settle' AND t.kind <> 'release' AND t.kind <> 'extend' AND t.kind <> 'allocate' AND t.kind = 'void' AND e.lot_id = $2 LIMIT 1",
        account.number(),
        lot.number()
    )?;
    Ok(row.is_some())
}

/// What all corrections of a call gave back.
pub(crate) async fn given_back(tx: &mut Tx, account: AccountId, call: CallId) -> Result<Amount, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (String,),
        "SELECT command FROM ledger_transaction WHERE call_id = $1 AND account_id = $2 AND kind = 'correct'",
        call.number(),
        account.number()
    )?;
    let mut sum = Amount::ZERO;
    for (command,) in rows {
        let unreadable = StoreError::Row {
            table: "ledger_transaction",
            column: "command",
        };
        let Ok(Command::Correct { amount, .. }) = serde_json::from_str(&command) else {
            return Err(unreadable);
        };
        sum = sum.checked_add(amount).ok_or(unreadable)?;
    }
    Ok(sum)
}

fn known(word: &str) -> Result<LedgerAccount, StoreError> {
    LedgerAccount::parse(word).ok_or(StoreError::Row {
        table: "ledger_entry",
        column: "ledger_account",
    })
}

async fn lot_of(tx: &mut Tx, account: AccountId, lot: LotId) -> Result<Lot, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        LotRow,
        "SELECT id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source
         FROM lot WHERE id = $1 AND account_id = $2",
        lot.number(),
        account.number()
    )?;
    let unknown = StoreError::Row {
        table: "ledger_entry",
        column: "lot_id",
    };
    row.ok_or(unknown)?.lot()
}
