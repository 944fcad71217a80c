//! A lot that was voided before, so that a void that comes twice is done once.

use domain::{
    id::{AccountId, LotId},
    ledger::{Command, CommandKind, Effects, Outcome, Seq, Status, Totals},
    money::Amount,
    time::Timestamp,
};

use super::amount;
use crate::store::{Store, StoreError, fetch_all};

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    booked_at: i64,
    command: String,
    balance: i64,
    held: i64,
    debt: i64,
    status: String,
}

/// What a void of this lot says that was booked before: where it stands, and the account after it. It moves nothing more.
pub(crate) async fn before(store: &Store, account: AccountId, lot: LotId) -> Result<Option<Effects>, StoreError> {
    let rows: Vec<Row> = fetch_all!(
        store,
        Row,
        "SELECT t.seq, t.booked_at, t.command, t.balance, t.held, t.debt, a.status
         FROM ledger_transaction t JOIN account a ON a.id = t.account_id
         WHERE t.account_id = $1 AND t.kind = 'void' ORDER BY t.seq DESC",
        account.number()
    )?;
    let of_lot = |row: &Row| {
        let command = serde_json::from_str(&row.command);
        matches!(command, Ok(Command::Void { lot: voided, .. }) if voided == lot)
    };
    let Some(row) = rows.into_iter().find(of_lot) else {
        return Ok(None);
    };
    let sum = |nano, column| amount(nano, "ledger_transaction", column);
    Ok(Some(Effects {
        account,
        seq: Seq(row.seq),
        booked_at: Timestamp(row.booked_at),
        kind: CommandKind::Void,
        entries: Vec::new(),
        lots: Vec::new(),
        hold: None,
        outcome: Outcome::Taken { amount: Amount::ZERO },
        after: Totals {
            balance: sum(row.balance, "balance")?,
            held: sum(row.held, "held")?,
            debt: sum(row.debt, "debt")?,
            status: Status::parse(&row.status).ok_or(StoreError::Row {
                table: "account",
                column: "status",
            })?,
        },
    }))
}
