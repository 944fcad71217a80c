//! An account as it stood after a transaction of its journal. Read by `ended` and `voided`.

use domain::ledger::{Status, Totals};

use super::amount;
use crate::store::StoreError;

/// Columns of a transaction, and the account's present status.
#[derive(sqlx::FromRow)]
pub(super) struct After {
    balance: i64,
    held: i64,
    debt: i64,
    status: String,
}

impl After {
    pub fn totals(&self) -> Result<Totals, StoreError> {
        let sum = |nano, column| amount(nano, "ledger_transaction", column);
        Ok(Totals {
            balance: sum(self.balance, "balance")?,
            held: sum(self.held, "held")?,
            debt: sum(self.debt, "debt")?,
            status: Status::parse(&self.status).ok_or(StoreError::Row {
                table: "account",
                column: "status",
            })?,
        })
    }
}
