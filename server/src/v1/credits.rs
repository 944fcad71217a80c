//! `GET /v1/credits`: what the account behind a key has. Amounts are exact decimal strings, moments RFC 3339.

use axum::{Json, extract::State};
use domain::{
    id::{AccountId, LotId},
    ledger::{Lot, LotKind, Status},
    money::Amount,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ApiError, extract::UsageReader, usage::moment};
use crate::{
    contract::{
        Book, Operation, Tag,
        shapes::{Decimal, account_status, lot_kind},
    },
    state::HubState,
};

/// An account's credit.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Credits {
    object: &'static str,
    #[schemars(with = "String")]
    account: AccountId,
    #[schemars(schema_with = "account_status")]
    status: Status,
    /// What a call can be admitted for. Nothing, never less, when more is held or owed than is there.
    #[schemars(with = "Decimal")]
    spendable: Amount,
    /// What is left in all lots that have not ended.
    #[schemars(with = "Decimal")]
    balance: Amount,
    /// What running calls hold.
    #[schemars(with = "Decimal")]
    held: Amount,
    #[schemars(with = "Decimal")]
    debt: Amount,
    /// What is left in lots that have ended, until that is booked. Only calls that were admitted before the end may still be
    /// paid out of it.
    #[schemars(with = "Decimal")]
    ended: Amount,
    /// Those that have not ended, in the order in which they are used.
    lots: Vec<LotEntry>,
}

/// Credit that came in at once.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Lot")]
pub struct LotEntry {
    #[schemars(with = "String")]
    id: LotId,
    #[schemars(schema_with = "lot_kind")]
    kind: LotKind,
    #[schemars(with = "Decimal")]
    amount: Amount,
    #[schemars(with = "Decimal")]
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
pub async fn show(State(state): State<HubState>, UsageReader(caller): UsageReader) -> Result<Json<Credits>, ApiError> {
    let balance = state.gateway().usage().credit_of(caller).await?;
    Ok(Json(Credits {
        object: "credits",
        account: balance.account,
        status: balance.status,
        spendable: balance.spendable.or_zero(),
        balance: balance.balance,
        held: balance.held,
        debt: balance.debt,
        ended: balance.ended_sum(),
        lots: match caller.pays_own() {
            true => balance.lots.into_iter().map(LotEntry::from).collect(),
            false => Vec::new(),
        },
    }))
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(Tag::Key, "What the account behind a key has")
        .about("A key of a project tells of the account that pays for it. Its lots only the account's own person sees.")
        .tells::<Credits>(book)
}
