//! The money side of one call: its row, its price version, what its settle took.

use domain::{
    call::Funding,
    id::{AccountId, CallId, PriceId},
    ledger::Seq,
    money::Amount,
    price::PriceSheet,
    time::Timestamp,
};

use super::amount;
use crate::store::{StoreError, Tx, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    account_id: Option<i64>,
    price_id: Option<i64>,
    funding: String,
    hold_amount: Option<i64>,
    settle_seq: Option<i64>,
    charge: Option<i64>,
    cost: Option<i64>,
    estimated_cost: Option<i64>,
    loss: Option<i64>,
    lost: i64,
    late: i64,
    ahead: i64,
}

/// What the row of a call says of money.
pub(crate) struct CallMoney {
    pub account: Option<AccountId>,
    pub price: Option<PriceId>,
    pub funding: Funding,
    pub hold: Option<Amount>,
    pub ended_by: Option<Seq>,
    pub charge: Option<Amount>,
    pub cost: Option<Amount>,
    pub estimate: Option<Amount>,
    pub loss: Amount,
    pub lost: bool,
    pub late: bool,
    pub ahead: bool,
}

/// The money columns of a call.
pub(crate) async fn of_call(tx: &mut Tx, call: CallId) -> Result<Option<CallMoney>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        Row,
        "SELECT account_id, price_id, funding, hold_amount, settle_seq, charge, cost, estimated_cost, loss, lost, late, ahead FROM call WHERE id = $1",
        call.number()
    )?;
    let sum = |nano: Option<i64>, column| nano.map(|nano| amount(nano, "call", column)).transpose();
    let read = |row: Row| {
        Ok(CallMoney {
            account: row.account_id.map(AccountId::from_number),
            price: row.price_id.map(PriceId::from_number),
            funding: Funding::parse(&row.funding).unwrap_or_default(),
            hold: sum(row.hold_amount, "hold_amount")?,
            ended_by: row.settle_seq.map(Seq),
            charge: sum(row.charge, "charge")?,
            cost: sum(row.cost, "cost")?,
            estimate: sum(row.estimated_cost, "estimated_cost")?,
            loss: sum(row.loss, "loss")?.unwrap_or_default(),
            lost: row.lost == 1,
            late: row.late == 1,
            ahead: row.ahead == 1,
        })
    };
    row.map(read).transpose()
}

/// A price version, as far as a receipt needs it.
pub(crate) struct Version {
    pub effective_from: Timestamp,
    pub sheet: PriceSheet,
}

/// The price version with this id.
pub(crate) async fn version(tx: &mut Tx, price: PriceId) -> Result<Option<Version>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64, String),
        "SELECT effective_from, sheet FROM price WHERE id = $1",
        price.number()
    )?;
    let read = |(from, sheet): (i64, String)| {
        Ok(Version {
            effective_from: Timestamp(from),
            sheet: serde_json::from_str(&sheet).map_err(|_| StoreError::Row {
                table: "price",
                column: "sheet",
            })?,
        })
    };
    row.map(read).transpose()
}
