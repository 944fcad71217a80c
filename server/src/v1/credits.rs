//! `GET /v1/credits`: what the account behind a key has. Amounts are exact decimal strings, moments RFC 3339.

use axum::{Json, extract::State};
use domain::{
    id::{AccountId, LotId},
    ledger::{Lot, LotKind, Status},
    money::{Amount, Money},
    time::Timestamp,
};
use serde::Serialize;

use super::{ApiError, extract::Authenticated, usage::moment};
use crate::state::HubState;

/// An account's credit.
#[derive(Debug, Serialize)]
pub struct Credits {
    object: &'static str,
    account: AccountId,
    status: Status,
    /// What a call can be admitted for. Below zero when more is held or owed than is there.
    spendable: Money,
    /// What is left in all lots.
    balance: Amount,
    /// What running calls hold.
    held: Amount,
    debt: Amount,
    /// In the order in which they are used.
    lots: Vec<LotEntry>,
}

/// Credit that came in at once.
#[derive(Debug, Serialize)]
pub struct LotEntry {
    id: LotId,
    kind: LotKind,
    amount: Amount,
    remaining: Amount,
    effective_at: String,
    expires_at: Option<String>,
}

impl From<Lot> for LotEntry {
    fn from(lot: Lot) -> Self {
        Self {
            id: lot.id,
            kind: lot.kind,
            amount: lot.amount,
            remaining: lot.remaining,
            effective_at: moment(lot.effective_at),
            expires_at: lot.expires_at.map(|at: Timestamp| moment(at)),
        }
    }
}

/// The credit of the key's account.
pub async fn show(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Credits>, ApiError> {
    let balance = state.gateway().usage().credit_of(caller).await?;
    Ok(Json(Credits {
        object: "credits",
        account: balance.account,
        status: balance.status,
        spendable: balance.spendable,
        balance: balance.balance,
        held: balance.held,
        debt: balance.debt,
        lots: balance.lots.into_iter().map(LotEntry::from).collect(),
    }))
}
