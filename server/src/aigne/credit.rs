//! `GET /api/user/credit/…`: what the account of a key has, where it came from, and what happened to it. Amounts are credits as
//! exact decimal strings, except in the balance, which the original tells in the smallest units of its currency; moments are seconds
//! since 1970.

use axum::{Json, extract::State};
use domain::{
    credit::{LedgerLine, LotView},
    ledger::LotKind,
    money::{Amount, Money},
    page::{Cursor, PageSize},
    time::{Micros, Timestamp},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    credit_page,
    paging::{Paging, Turned},
    person,
    query::Asked,
    user::{CreditBalance, Currency},
};
use crate::{
    contract::{Book, Errors, Operation, Tag, shapes::Decimal},
    state::HubState,
    v1::{ApiError, extract::UsageReader},
};

/// What an account has. Amounts are whole numbers of the currency's smallest units, as texts: credits times ten to the power of
/// `currency.decimal`, which is what the original's clients divide by.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneStanding")]
pub struct Standing {
    /// What can be spent now.
    balance: String,
    /// What came in with the grants that are not used up.
    total: String,
    grant_count: usize,
    /// What is owed.
    pending_credit: String,
    currency: Currency,
}

/// What can be spent.
pub async fn balance(
    State(state): State<HubState>,
    UsageReader(caller): UsageReader,
) -> Result<Json<Standing>, ApiError> {
    let credit = CreditBalance::of(&state.gateway().usage().credit_of(caller).await?);
    Ok(Json(Standing {
        balance: Currency::units(credit.balance),
        total: Currency::units(credit.total),
        grant_count: credit.grant_count,
        pending_credit: Currency::units(credit.pending_credit),
        currency: Currency::CREDIT,
    }))
}

/// Where credit is to be had.
pub async fn payment_link(State(state): State<HubState>, UsageReader(_): UsageReader) -> Json<String> {
    Json(credit_page(state.gateway()))
}

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    page: Option<String>,
    page_size: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

impl Wanted {
    fn paging(&self) -> Result<Paging, ApiError> {
        Paging::read(self.page.as_deref(), self.page_size.as_deref(), 20)
    }

    /// From one moment to before another.
    fn period(&self) -> Result<(Timestamp, Timestamp), ApiError> {
        let moment = |text: &Option<String>, usual| match text.as_deref().filter(|text| !text.is_empty()) {
            None => Some(usual),
            Some(text) => {
                let seconds = text.parse::<u32>().ok()?;
                Some(Timestamp(Micros::from_seconds(seconds.into()).0))
            }
        };
        let read = moment(&self.start, Timestamp(i64::MIN)).zip(moment(&self.end, Timestamp(i64::MAX)));
        read.ok_or_else(|| {
            ApiError::invalid(
                StatusCode::BAD_REQUEST,
                "invalid_range",
                "'start' and 'end' are moments in seconds since 1970.",
            )
        })
    }
}

/// Credit that came in at once.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneGrant")]
pub struct GrantEntry {
    id: String,
    name: String,
    /// `granted`, `pending` before it begins, `depleted`, or `expired`.
    status: &'static str,
    category: &'static str,
    #[schemars(with = "Decimal")]
    amount: Amount,
    #[schemars(with = "Decimal")]
    remaining_amount: Amount,
    priority: i32,
    effective_at: i64,
    expires_at: Option<i64>,
    created_at: i64,
}

impl GrantEntry {
    fn of(view: LotView, now: Timestamp) -> Self {
        let lot = view.lot;
        let status = if lot.remaining.is_zero() {
            "depleted"
        } else if lot.expires_at.is_some_and(|end| end <= now) {
            "expired"
        } else if lot.effective_at > now {
            "pending"
        } else {
            "granted"
        };
        let category = match lot.kind {
            LotKind::Promo | LotKind::Starter => "promotional",
            LotKind::Paid | LotKind::Admin | LotKind::Correction => "paid",
        };
        Self {
            id: lot.id.to_string(),
            name: view.origin.map(|origin| origin.reason).unwrap_or_default(),
            status,
            category,
            amount: lot.amount,
            remaining_amount: lot.remaining,
            priority: lot.priority,
            effective_at: lot.effective_at.seconds(),
            expires_at: lot.expires_at.map(Timestamp::seconds),
            created_at: lot.created_at.seconds(),
        }
    }
}

/// Grants with something left in the order in which they are used, then the newest of the others.
pub async fn grants(
    State(state): State<HubState>,
    UsageReader(caller): UsageReader,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Turned<GrantEntry>>, ApiError> {
    let (paging, (from, until)) = (wanted.paging()?, wanted.period()?);
    let gateway = state.gateway();
    let viewer = person(gateway, caller).await?;
    // Of the account of somebody else a key sees what can be spent, and no more.
    let mut lots = match caller.pays_own() {
        true => gateway.credits().lots(&viewer, viewer.id).await?,
        false => Vec::new(),
    };
    lots.retain(|view| (from..until).contains(&view.lot.created_at));
    let now = gateway.now();
    let entries = lots.into_iter().map(|view| GrantEntry::of(view, now)).collect();
    Ok(Json(paging.turn(entries)))
}

/// One line of the account's ledger.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneTransaction")]
pub struct TransactionEntry {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// What was taken; below zero what came in.
    #[schemars(with = "Decimal")]
    credit_amount: Money,
    /// The balance afterwards.
    #[schemars(with = "Decimal")]
    balance: Amount,
    description: Option<String>,
    model: Option<String>,
    model_call_id: Option<String>,
    created_at: i64,
}

impl TransactionEntry {
    fn of(line: &LedgerLine) -> Self {
        Self {
            id: line.seq.0.to_string(),
            kind: line.kind.as_str(),
            credit_amount: Money::ZERO.checked_sub(line.change).unwrap_or(Money::ZERO),
            balance: line.balance,
            description: line.reason().map(str::to_owned),
            model: line.model.clone(),
            model_call_id: line.call.map(|call| call.to_string()),
            created_at: line.booked_at.seconds(),
        }
    }
}

/// The account's ledger, newest first.
pub async fn transactions(
    State(state): State<HubState>,
    UsageReader(caller): UsageReader,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Turned<TransactionEntry>>, ApiError> {
    let (paging, (from, until)) = (wanted.paging()?, wanted.period()?);
    let gateway = state.gateway();
    let viewer = person(gateway, caller).await?;
    let credits = gateway.credits();
    if !caller.pays_own() {
        return Ok(Json(paging.turn(Vec::new())));
    }
    // Numbers have no gaps: what lies between two of them is counted without being read.
    let (first, last) = credits.ledger_between(&viewer, viewer.id, from, until).await?;
    let count = last.saturating_sub(first).cast_unsigned();
    let newest = last.saturating_sub_unsigned(paging.before());
    let mut list = Vec::new();
    if newest > first {
        let cursor = Cursor::Before(newest.saturating_add(1));
        let size = PageSize::nearest(paging.page_size);
        let rows = credits.ledger(&viewer, viewer.id, cursor, size).await?.rows;
        let within = rows.iter().filter(|line| line.seq.0 > first);
        list.extend(within.take(paging.page_size as usize).map(TransactionEntry::of));
    }
    Ok(Json(Turned { count, list, paging }))
}

fn of_credit(summary: &'static str) -> Operation {
    Operation::new(Tag::Aigne, summary).shaped(Errors::Aigne)
}

fn in_pages(operation: Operation) -> Operation {
    let number = json!({ "type": "integer", "minimum": 1 });
    let moment = json!({ "type": "integer", "minimum": 0 });
    operation
        .query("page", &number, "From 1 on.")
        .query("pageSize", &number, "Up to 100; 20 unless said.")
        .query("start", &moment, "From this moment on, in seconds since 1970.")
        .query("end", &moment, "Before this moment, in seconds since 1970.")
}

/// What is said of the balance.
pub fn balance_described(book: &mut Book) -> Operation {
    of_credit("What can be spent").tells::<Standing>(book)
}

/// What is said of the link.
pub fn payment_link_described(_: &mut Book) -> Operation {
    of_credit("Where credit is to be had").answers("application/json", &json!({ "type": "string" }))
}

/// What is said of grants.
pub fn grants_described(book: &mut Book) -> Operation {
    in_pages(of_credit("Where the credit came from"))
        .about("What has something left comes first, in the order in which it is used.")
        .tells::<Turned<GrantEntry>>(book)
}

/// What is said of the ledger.
pub fn transactions_described(book: &mut Book) -> Operation {
    in_pages(of_credit("What happened to the credit"))
        .about("The newest first.")
        .tells::<Turned<TransactionEntry>>(book)
}
