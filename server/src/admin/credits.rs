//! `/api/admin/users/{id}/credits`: what somebody has and how it came about. How it is changed stands in `credits/change.rs`.

pub mod change;
pub mod service;

pub use change::GRANTED;

use axum::{Json, extract::State, response::Response};
use domain::{
    access::MoneyReader,
    credit::{LedgerLine, LotView},
    id::{AccountId, CallId, LotId, UserId},
    ledger::{CommandKind, LotKind, Status},
    money::{Amount, Money},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ActorEntry, AdminError, Asked, At, By, Listed, Moment, cursor, operation, users, words};
use crate::{
    console::{download, presence::Presence},
    contract::{
        Book, Operation,
        shapes::{Decimal, account_status, lot_kind},
    },
    state::HubState,
};

/// What somebody has.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminCredits")]
pub struct CreditsEntry {
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
    /// Those with something left in the order in which they are used, then those that have ended and wait for that to be booked,
    /// then the newest of those with nothing left.
    lots: Vec<LotEntry>,
    /// Why the account is out of service; null of one that is in it. Of one that is not, figures are told as they are stored, and may
    /// be wrong; nothing can be spent.
    damage: Option<String>,
}

/// Credit that came in at once.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminLot")]
struct LotEntry {
    #[schemars(with = "String")]
    id: LotId,
    #[schemars(schema_with = "lot_kind")]
    kind: LotKind,
    /// Lots with a lower number are used first.
    priority: i32,
    #[schemars(with = "Decimal")]
    amount: Amount,
    #[schemars(with = "Decimal")]
    remaining: Amount,
    /// Calls took it, less what was given back of that.
    #[schemars(with = "Decimal")]
    used: Amount,
    #[schemars(with = "Decimal")]
    expired: Amount,
    #[schemars(with = "Decimal")]
    voided: Amount,
    /// By adjustments, or by payments that were taken back.
    #[schemars(with = "Decimal")]
    taken: Amount,
    /// It repaid debt when credit came in.
    #[schemars(with = "Decimal")]
    repaid: Amount,
    effective_at: Moment,
    /// Null: never.
    expires_at: Option<Moment>,
    /// Who made it; null of one whose beginning lies far back.
    by: Option<ActorEntry>,
    reason: Option<String>,
}

impl From<LotView> for LotEntry {
    fn from(view: LotView) -> Self {
        let (used, LotView { lot, origin, gone }) = (view.used(), view);
        let (by, reason) = origin.map(|origin| (origin.actor.into(), origin.reason)).unzip();
        Self {
            id: lot.id,
            kind: lot.kind,
            priority: lot.priority,
            amount: lot.amount,
            remaining: lot.remaining,
            used,
            expired: gone.expired,
            voided: gone.voided,
            taken: gone.taken,
            repaid: gone.repaid,
            effective_at: lot.effective_at.into(),
            expires_at: lot.expires_at.map(Moment),
            by,
            reason,
        }
    }
}

/// What somebody has.
pub async fn show(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(user): At<UserId>,
) -> Result<Json<CreditsEntry>, AdminError> {
    let credits = state.gateway().credits();
    let balance = credits.balance(&by.viewer, user).await?;
    let lots = credits.lots(&by.viewer, user).await?;
    Ok(Json(CreditsEntry {
        account: balance.account,
        status: balance.status,
        spendable: balance.spendable.or_zero(),
        balance: balance.balance,
        held: balance.held,
        debt: balance.debt,
        ended: balance.ended_sum(),
        lots: lots.into_iter().map(LotEntry::from).collect(),
        damage: balance.damage,
    }))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("What a person has").tells::<CreditsEntry>(book)
}

/// One line of a ledger.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "LedgerLine")]
pub struct LineEntry {
    /// Its number, from 1 on, without gaps.
    seq: i64,
    booked_at: Moment,
    #[schemars(schema_with = "words::command_kind")]
    kind: CommandKind,
    /// What it did to the balance.
    #[schemars(with = "Decimal")]
    change: Money,
    /// Afterwards.
    #[schemars(with = "Decimal")]
    balance: Amount,
    /// Afterwards.
    #[schemars(with = "Decimal")]
    debt: Amount,
    /// What it did to the debt: above zero it made some, below zero some was repaid or given up.
    #[schemars(with = "Decimal")]
    debt_change: Money,
    #[schemars(with = "Option<String>")]
    call_id: Option<CallId>,
    model: Option<String>,
    /// What the call's key is called.
    key: Option<String>,
    /// What the call's project is called.
    project: Option<String>,
    reason: Option<String>,
    by: ActorEntry,
}

impl From<LedgerLine> for LineEntry {
    fn from(line: LedgerLine) -> Self {
        Self {
            seq: line.seq.0,
            booked_at: line.booked_at.into(),
            kind: line.kind,
            change: line.change,
            balance: line.balance,
            debt: line.debt,
            debt_change: line.debt_change,
            call_id: line.call,
            reason: line.reason().map(str::to_owned),
            model: line.model,
            key: line.key,
            project: line.project,
            by: line.actor.into(),
        }
    }
}

/// Where a page of a ledger begins.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerQuery {
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// Somebody's ledger, newest first.
pub async fn ledger(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(user): At<UserId>,
    Asked(asked): Asked<LedgerQuery>,
) -> Result<Json<Listed<LineEntry>>, AdminError> {
    let (place, size) = (cursor::by_id(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let gateway = state.gateway();
    // Of nobody there is no ledger, not an empty one.
    users::find(gateway, &by.proof, user).await?;
    let page = gateway.credits().ledger(&by.viewer, user, place, size).await?;
    Ok(Json(Listed::by_id(page, LineEntry::from)))
}

/// What is said of it.
pub fn ledger_described(book: &mut Book) -> Operation {
    operation("A person's ledger, newest first")
        .asks::<LedgerQuery>(book)
        .tells::<Listed<LineEntry>>(book)
}

/// Somebody's ledger, oldest first, as a file.
pub async fn file(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(user): At<UserId>,
) -> Result<Response, AdminError> {
    let gateway = state.gateway();
    users::find(gateway, &by.proof, user).await?;
    let whose = Presence::by_key(&by.viewer, by.origin());
    Ok(download::ledger::file(gateway.clone(), user, whose).await?)
}

/// What is said of it.
pub fn file_described(_: &mut Book) -> Operation {
    operation("A person's ledger as CSV, oldest first")
        .about("What a spreadsheet would take for a formula is made a text.")
        .answers("text/csv", &serde_json::json!({ "type": "string" }))
}
