//! Shapes of answers that several subjects share: a page of a list, a thing that was made, what was booked.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::{
    id::LotId,
    ledger::{Effects, LedgerAccount, Status},
    money::Amount,
    page::Page,
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Moment,
    cursor::{after_id, after_name},
};
use crate::contract::shapes::{Decimal, account_status};

/// A page of a list.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ListOf{T}")]
pub struct Listed<T> {
    data: Vec<T>,
    /// Send it as `cursor`, with the same filters, for the rows that follow; null on the last page.
    next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// A page of a list by id, newest first.
    pub fn by_id<Row>(page: Page<Row>, one: impl FnMut(Row) -> T) -> Self {
        Self {
            next_cursor: page.older.as_deref().map(after_id),
            data: page.rows.into_iter().map(one).collect(),
        }
    }

    /// A page of a list by name.
    pub fn by_name<Row>(page: Page<Row>, one: impl FnMut(Row) -> T) -> Self {
        Self {
            next_cursor: page.older.as_deref().map(after_name),
            data: page.rows.into_iter().map(one).collect(),
        }
    }

    /// All that there is.
    pub fn whole(data: Vec<T>) -> Self {
        Self {
            data,
            next_cursor: None,
        }
    }
}

/// Something that was made: 201.
pub struct Made<T>(pub T);

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

/// What was booked, and how the account stands after it.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Booked")]
pub struct Booked {
    /// The number of the transaction in the account's ledger.
    seq: i64,
    booked_at: Moment,
    /// Which command it was.
    kind: &'static str,
    /// The lot that credit came into, where some did.
    #[schemars(with = "Option<String>")]
    lot_id: Option<LotId>,
    #[schemars(with = "Decimal")]
    balance: Amount,
    #[schemars(with = "Decimal")]
    held: Amount,
    #[schemars(with = "Decimal")]
    debt: Amount,
    /// How much debt credit repaid by it.
    #[schemars(with = "Decimal")]
    repaid: Amount,
    #[schemars(schema_with = "account_status")]
    status: Status,
    /// It was booked before, and this is what came of it then; nothing was booked now.
    booked_before: bool,
}

impl From<Effects> for Booked {
    fn from(effects: Effects) -> Self {
        let came =
            |entry: &&domain::ledger::Entry| entry.account == LedgerAccount::Credit && entry.amount.is_negative();
        Self {
            seq: effects.seq.0,
            booked_at: effects.booked_at.into(),
            kind: effects.kind.as_str(),
            lot_id: effects.entries.iter().find(came).and_then(|entry| entry.lot),
            balance: effects.after.balance,
            held: effects.after.held,
            debt: effects.after.debt,
            repaid: effects.repaid(),
            status: effects.after.status,
            booked_before: effects.booked_before,
        }
    }
}
