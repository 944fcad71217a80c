//! What those who keep money change of credit by hand. Each is booked once under the name that the header `Idempotency-Key` gives
//! it: whoever sends the same again gets the first answer, and something else under that name is refused.

mod lots;
mod once;

use axum::{Json, extract::State};
use domain::{
    access::Money,
    credit::{Correction, GrantDraft},
    id::{CallId, UserId},
    ledger::{LossKind, LotKind, Status},
    money::Amount,
    refusal::{Refusal, Thing},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    admin::{AdminError, At, Booked, By, Given, Made, Moment, body::reason, operation, words},
    contract::{Book, Operation, shapes::account_status},
    state::HubState,
};

pub use lots::{extend, extend_described, void, void_described};

use self::once::{Once, about};

/// What can be granted by hand.
pub const GRANTED: [LotKind; 4] = [LotKind::Admin, LotKind::Promo, LotKind::Paid, LotKind::Correction];

/// Credit to give.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    #[schemars(schema_with = "words::amount")]
    amount: Amount,
    /// `admin` unless said.
    #[serde(default)]
    #[schemars(schema_with = "words::granted")]
    kind: Option<LotKind>,
    /// Null or absent: never.
    #[serde(default)]
    expires_at: Option<Moment>,
    /// 0 to 1000: lots with a lower number are used first; its kind's own unless said.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000))]
    priority: Option<i32>,
    /// Stands in the ledger, where the person can read it.
    reason: String,
}

/// Gives credit.
pub async fn grant(
    State(state): State<HubState>,
    by: By<Money>,
    At(user): At<UserId>,
    once: Once,
    Given(new): Given<NewGrant>,
) -> Result<Made<Booked>, AdminError> {
    let kind = new.kind.unwrap_or(LotKind::Admin);
    if !GRANTED.contains(&kind) {
        let words = GRANTED.map(LotKind::as_str).join(", ");
        return Err(AdminError::invalid(
            "kind",
            format!("What is granted is one of {words}."),
        ));
    }
    if new.priority.is_some_and(|priority| !(0..=1000).contains(&priority)) {
        return Err(AdminError::invalid(
            "priority",
            "A priority is a whole number from 0 to 1000.",
        ));
    }
    let draft = GrantDraft {
        kind,
        amount: new.amount,
        priority: new.priority,
        expires_at: new.expires_at.map(|at| at.0),
        reason: reason(&new.reason)?,
    };
    let credits = state.gateway().credits().once(once.name());
    let (_, effects) = credits.grant(&by.proof, by.origin(), user, draft).await?;
    Ok(Made(effects.into()))
}

/// What is said of it.
pub fn grant_described(book: &mut Book) -> Operation {
    about(operation("Give a person credit"))
        .takes::<NewGrant>(book)
        .example(&serde_json::json!({ "amount": "25.00", "kind": "promo", "reason": "welcome" }))
        .makes::<Booked>(book)
}

/// Which way credit is corrected.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Add,
    Take,
}

/// A correction by hand.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdjustment {
    #[schemars(schema_with = "words::way")]
    way: Way,
    #[schemars(schema_with = "words::amount")]
    amount: Amount,
    reason: String,
}

/// Adds or takes credit.
pub async fn adjust(
    State(state): State<HubState>,
    by: By<Money>,
    At(user): At<UserId>,
    once: Once,
    Given(new): Given<NewAdjustment>,
) -> Result<Made<Booked>, AdminError> {
    let correction = match new.way {
        Way::Add => Correction::Add(new.amount),
        Way::Take => Correction::Take(new.amount),
    };
    let reason = reason(&new.reason)?;
    let credits = state.gateway().credits().once(once.name());
    let effects = credits
        .adjust(&by.proof, by.origin(), user, correction, &reason)
        .await?;
    Ok(Made(effects.into()))
}

/// What is said of it.
pub fn adjust_described(book: &mut Book) -> Operation {
    about(operation("Add or take credit by hand"))
        .about("What is taken comes from lots in the order in which they are used: exactly so much, or nothing.")
        .takes::<NewAdjustment>(book)
        .makes::<Booked>(book)
}

/// A payment that was taken back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDebit {
    #[schemars(schema_with = "words::amount")]
    amount: Amount,
    reason: String,
}

/// Books that a payment was taken back.
pub async fn debit(
    State(state): State<HubState>,
    by: By<Money>,
    At(user): At<UserId>,
    once: Once,
    Given(new): Given<NewDebit>,
) -> Result<Made<Booked>, AdminError> {
    let reason = reason(&new.reason)?;
    let credits = state.gateway().credits().once(once.name());
    let effects = credits.debit(&by.proof, by.origin(), user, new.amount, &reason).await?;
    Ok(Made(effects.into()))
}

/// What is said of it.
pub fn debit_described(book: &mut Book) -> Operation {
    about(operation("Book a payment that was taken back"))
        .about("Credit goes as far as it can be spent; the rest becomes debt.")
        .takes::<NewDebit>(book)
        .makes::<Booked>(book)
}

/// Debt to give up.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWriteOff {
    #[schemars(schema_with = "words::amount")]
    amount: Amount,
    /// `bad_debt` unless said.
    #[serde(default)]
    #[schemars(schema_with = "words::loss")]
    loss: Option<LossKind>,
    reason: String,
}

/// Gives up debt.
pub async fn write_off(
    State(state): State<HubState>,
    by: By<Money>,
    At(user): At<UserId>,
    once: Once,
    Given(new): Given<NewWriteOff>,
) -> Result<Made<Booked>, AdminError> {
    let (reason, loss) = (reason(&new.reason)?, new.loss.unwrap_or(LossKind::BadDebt));
    let credits = state.gateway().credits().once(once.name());
    let effects = credits
        .write_off(&by.proof, by.origin(), user, new.amount, loss, &reason)
        .await?;
    Ok(Made(effects.into()))
}

/// What is said of it.
pub fn write_off_described(book: &mut Book) -> Operation {
    about(operation("Give up debt"))
        .takes::<NewWriteOff>(book)
        .makes::<Booked>(book)
}

/// Whether calls are admitted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStatus {
    #[schemars(schema_with = "account_status")]
    status: Status,
    reason: String,
}

/// Admits no more calls of somebody, or admits them again.
pub async fn set_status(
    State(state): State<HubState>,
    by: By<Money>,
    At(user): At<UserId>,
    once: Once,
    Given(new): Given<NewStatus>,
) -> Result<Json<Booked>, AdminError> {
    let reason = reason(&new.reason)?;
    let credits = state.gateway().credits().once(once.name());
    let effects = credits
        .set_status(&by.proof, by.origin(), user, new.status, &reason)
        .await?;
    Ok(Json(effects.into()))
}

/// What is said of it.
pub fn set_status_described(book: &mut Book) -> Operation {
    about(operation("Block a person's account, or admit its calls again"))
        .takes::<NewStatus>(book)
        .tells::<Booked>(book)
}

/// What to give back of a charge.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCorrection {
    #[schemars(schema_with = "words::amount")]
    amount: Amount,
    reason: String,
}

/// Gives back what a call was charged, or a part.
pub async fn correct(
    State(state): State<HubState>,
    by: By<Money>,
    At(call): At<CallId>,
    once: Once,
    Given(new): Given<NewCorrection>,
) -> Result<Made<Booked>, AdminError> {
    let gateway = state.gateway();
    let missing = Refusal::NotFound { what: Thing::Call };
    let detail = gateway.calls().detail(&by.viewer, call).await?.ok_or(missing)?;
    let reason = reason(&new.reason)?;
    let credits = gateway.credits().once(once.name());
    let effects = credits
        .correct(&by.proof, by.origin(), detail.call.payer(), call, new.amount, &reason)
        .await?;
    Ok(Made(effects.into()))
}

/// What is said of it.
pub fn correct_described(book: &mut Book) -> Operation {
    about(operation("Give back what a call was charged, or a part"))
        .about("Into the lots that paid, the last one first. No more than it took, less what was given back before.")
        .takes::<NewCorrection>(book)
        .makes::<Booked>(book)
}
