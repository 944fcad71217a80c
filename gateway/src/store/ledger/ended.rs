//! What was booked as the end of a call, for whoever ends it once more.

use domain::{
    id::{AccountId, CallId},
    ledger::{Command, CommandKind, Effects, Entry, HoldChange, LedgerAccount, Outcome, Seq, Settlement, Spent},
    money::Amount,
    time::Timestamp,
};

use super::{after::After, read};
use crate::store::{Store, StoreError, Tx, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    kind: String,
    booked_at: i64,
    command: String,
    #[sqlx(flatten)]
    after: After,
}

/// What ended this call; a late charge where there is one. Lots are left out: they have gone on since.
pub(crate) async fn of_call(store: &Store, account: AccountId, call: CallId) -> Result<Option<Effects>, StoreError> {
    let mut tx = store.begin_read().await?;
    // Each has an index of its own.
    let late = tx_fetch_optional!(
        &mut tx,
        Row,
        "SELECT t.seq, t.kind, t.booked_at, t.command, t.balance, t.held, t.debt, a.status
         FROM ledger_transaction t JOIN account a ON a.id = t.account_id
         WHERE t.call_id = $1 AND t.kind = 'late' AND t.account_id = $2",
        call.number(),
        account.number()
    )?;
    let row = match late {
        Some(row) => Some(row),
        None => tx_fetch_optional!(
            &mut tx,
            Row,
            "SELECT t.seq, t.kind, t.booked_at, t.command, t.balance, t.held, t.debt, a.status
             FROM ledger_transaction t JOIN account a ON a.id = t.account_id
             WHERE t.call_id = $1 AND (t.kind = 'settle' OR t.kind = 'release' OR t.kind = 'allocate') AND t.account_id = $2",
            call.number(),
            account.number()
        )?,
    };
    match row {
        Some(row) => effects(&mut tx, account, call, row).await.map(Some),
        None => Ok(None),
    }
}

async fn effects(tx: &mut Tx, account: AccountId, call: CallId, row: Row) -> Result<Effects, StoreError> {
    let unknown = |column| StoreError::Row {
        table: "ledger_transaction",
        column,
    };
    let entries = read::entries(tx, account, row.seq - 1, row.seq).await?;
    let entries: Option<Vec<Entry>> = entries.iter().map(read::EntryRow::entry).collect();
    let entries = entries.ok_or(unknown("entries"))?;
    let kind = CommandKind::parse(&row.kind).ok_or(unknown("kind"))?;
    let outcome = match serde_json::from_str(&row.command) {
        Ok(Command::Settle { charge, .. } | Command::Late { charge, .. }) => {
            Outcome::Settled(settlement(call, charge, &entries).ok_or(unknown("entries"))?)
        }
        _ => Outcome::Done,
    };
    let closed = matches!(kind, CommandKind::Settle | CommandKind::Release);
    Ok(Effects {
        account,
        seq: Seq(row.seq),
        booked_at: Timestamp(row.booked_at),
        kind,
        lots: Vec::new(),
        hold: closed.then_some(HoldChange::Closed { call }),
        outcome,
        after: row.after.totals()?,
        entries,
        booked_before: true,
    })
}

/// How a call was paid, by the entries of its settle. They end with the revenue, which is not there when nothing was charged;
/// what else there is repays debt with what the hold has freed.
fn settlement(call: CallId, charge: Amount, entries: &[Entry]) -> Option<Settlement> {
    let mut loss = Amount::ZERO;
    let mut spent = Vec::new();
    let is_revenue = |entry: &Entry| entry.account == LedgerAccount::RevenueUsage;
    let end = entries.iter().position(is_revenue).unwrap_or(0);
    for entry in entries.iter().take(end) {
        let amount = Amount::from_nano(entry.amount.nano())?;
        match (entry.account, entry.lot) {
            (LedgerAccount::UsageLoss, _) => loss = amount,
            (_, lot) => spent.push(Spent { lot: lot?, amount }),
        }
    }
    Some(Settlement {
        call,
        charge,
        paid: charge.less(loss),
        loss,
        spent,
    })
}

#[cfg(test)]
mod tests {
    use domain::{
        id::LotId,
        ledger::{Account, Grant, LotKind, apply},
    };

    use super::*;

    const CALL: CallId = CallId::from_number(7);

    fn nano(count: i64) -> Amount {
        Amount::from_nano(count).unwrap()
    }

    /// What is read from the entries is what was decided, also when the end of the call repays debt.
    #[test]
    fn entries_tell_how_a_call_was_paid() {
        for (held, charge, debt) in [
            (6, 4, 0),
            (6, 9, 0),
            (6, 30, 0),
            (6, 4, 20),
            (6, 0, 20),
            (6, 0, 0),
            (0, 0, 0),
        ] {
            let mut account = Account::open(AccountId::from_number(1), Timestamp(0));
            let mut book = |command: Command| apply(&mut account, &command, Timestamp(5)).unwrap();
            for lot in 1..=2 {
                book(Command::Grant(Grant {
                    lot: LotId::from_number(lot),
                    kind: LotKind::Paid,
                    priority: 1,
                    amount: nano(5),
                    effective_at: Timestamp(0),
                    expires_at: None,
                    source: lot.to_string(),
                    reason: String::new(),
                }));
            }
            let hold = nano(held);
            book(Command::Hold {
                call: CALL,
                amount: hold,
            });
            if debt > 0 {
                book(Command::Debit {
                    amount: nano(debt),
                    reason: String::new(),
                });
            }
            let charge = nano(charge);
            let effects = book(Command::Settle { call: CALL, charge });
            let told = settlement(CALL, charge, &effects.entries).map(Outcome::Settled);
            assert_eq!(told, Some(effects.outcome), "{held} {charge} {debt}");
        }
    }
}
