//! A lot that was voided before, so that a void that comes twice is done once.

use domain::{
    id::{AccountId, LotId},
    ledger::{Command, CommandKind, Effects, Outcome, Seq},
    money::Amount,
    time::Timestamp,
};

use super::after::After;
use crate::store::{Store, StoreError, fetch_all};

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    booked_at: i64,
    command: String,
    #[sqlx(flatten)]
    after: After,
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
    Ok(Some(Effects {
        account,
        seq: Seq(row.seq),
        booked_at: Timestamp(row.booked_at),
        kind: CommandKind::Void,
        entries: Vec::new(),
        lots: Vec::new(),
        hold: None,
        outcome: Outcome::Taken { amount: Amount::ZERO },
        after: row.after.totals()?,
        booked_before: true,
    }))
}
