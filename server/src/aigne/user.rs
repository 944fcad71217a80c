//! `GET /api/user/info`: whose key it is and what is left. `aigne hub status` shows it.

use axum::{Json, extract::State};
use domain::{credit::Balance, money::Amount, setting::Mode};
use gateway::Gateway;
use schemars::JsonSchema;
use serde::Serialize;

use super::{credit_page, person, sum};
use crate::{
    contract::{Book, Errors, Operation, Tag, shapes::Decimal},
    state::HubState,
    v1::{ApiError, extract::UsageReader},
};

/// A person and their credit.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneUser")]
pub struct Info {
    user: Person,
    /// Absent where calls cost nothing.
    credit_balance: Option<CreditBalance>,
    payment_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    enable_credit: bool,
    profile_link: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_prefix: Option<&'static str>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AignePerson")]
struct Person {
    did: String,
    full_name: String,
    email: String,
    avatar: Option<String>,
}

/// What an account has. Amounts are credits as decimal strings.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneCredit")]
pub struct CreditBalance {
    /// What can be spent now.
    #[schemars(with = "Decimal")]
    pub(super) balance: Amount,
    /// What came in with the grants that are not used up.
    #[schemars(with = "Decimal")]
    pub(super) total: Amount,
    pub(super) grant_count: usize,
    /// What is owed.
    #[schemars(with = "Decimal")]
    pub(super) pending_credit: Amount,
}

/// What a credit is: one US dollar. `/api/user/credit/balance` counts in its smallest units, everything else in credits.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneCurrency")]
pub struct Currency {
    name: &'static str,
    symbol: &'static str,
    /// Digits behind the point.
    decimal: u32,
}

impl Currency {
    /// The one that there is. As many digits as the original's, whose pages divide by ten to that power.
    pub(super) const CREDIT: Self = Self {
        name: "Credit",
        symbol: "USD",
        decimal: 10,
    };

    /// How many of its smallest units an amount is: ten of them are one billionth.
    pub(super) fn units(amount: Amount) -> String {
        (i128::from(amount.nano()) * 10).to_string()
    }
}

impl CreditBalance {
    /// Of an account.
    pub(super) fn of(balance: &Balance) -> Self {
        Self {
            balance: balance.spendable.or_zero(),
            total: sum(balance.lots.iter().map(|lot| lot.amount)),
            grant_count: balance.lots.len(),
            pending_credit: balance.debt,
        }
    }
}

/// Whether calls cost credit.
pub(super) fn is_billed(gateway: &Gateway) -> bool {
    gateway.snapshot().mode() == Mode::ServiceProvider
}

/// Whose key it is.
pub async fn show(State(state): State<HubState>, UsageReader(caller): UsageReader) -> Result<Json<Info>, ApiError> {
    let gateway = state.gateway();
    let viewer = person(gateway, caller).await?;
    let billed = is_billed(gateway);
    let credit_balance = if billed {
        Some(CreditBalance::of(&gateway.usage().credit_of(caller).await?))
    } else {
        None
    };
    let email = viewer.email.to_string();
    Ok(Json(Info {
        user: Person {
            did: viewer.id.to_string(),
            // People have no other name here.
            full_name: email.clone(),
            email,
            avatar: None,
        },
        credit_balance,
        payment_link: billed.then(|| credit_page(gateway)),
        currency: billed.then_some(Currency::CREDIT),
        enable_credit: billed,
        profile_link: credit_page(gateway),
        credit_prefix: billed.then_some("$"),
    }))
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "Whose key it is and what is left")
        .shaped(Errors::Aigne)
        .tells::<Info>(book)
}
