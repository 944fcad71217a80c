//! `POST /api/admin/models/{id}/price/effect`: what a price would have made of the last 30 days. It changes nothing.

use axum::{Json, extract::State};
use domain::{
    access::Money,
    id::ModelId,
    money::Amount,
    price::{PriceError, Shape},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::sheet::NewPrice;
use crate::{
    admin::{AdminError, At, By, Given, Moment, operation},
    contract::{Book, Operation, shapes::Decimal},
    state::HubState,
};

/// What the calls of the last 30 days came to, and what they would have come to.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "PriceEffect")]
pub struct EffectEntry {
    /// Since when calls are counted that have ended.
    since: Moment,
    /// Those that were charged, would have been, or are billed by their provider; not those that were refused.
    calls: u64,
    cost: SumEntry,
    charge: SumEntry,
    /// Each call is rounded up to a billionth by itself: at the most so much more would have been charged.
    #[schemars(with = "Decimal")]
    rounding: Amount,
}

/// One sum, as it was booked and as it would have been.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "PriceEffectSum")]
pub struct SumEntry {
    #[schemars(with = "Decimal")]
    was: Amount,
    /// Null: something was used that has no price in this version, or the sum is more than can be booked.
    #[schemars(with = "Option<Decimal>")]
    would: Option<Amount>,
    /// What was used and has no price in this version.
    unpriced: Option<String>,
}

impl SumEntry {
    fn of(was: Amount, would: Result<Amount, PriceError>) -> Self {
        let unpriced = match &would {
            Err(PriceError::Unpriced(what)) => Some(what.to_string()),
            _ => None,
        };
        Self {
            was,
            would: would.ok(),
            unpriced,
        }
    }
}

/// What a price would have made of the last 30 days.
pub async fn effect(
    State(state): State<HubState>,
    by: By<Money>,
    At(id): At<ModelId>,
    Given(new): Given<NewPrice>,
) -> Result<Json<EffectEntry>, AdminError> {
    let sheet = new.draft()?.sheet;
    let reader = by.proof.reader();
    let past = state.gateway().prices().past(&reader, id, Shape::of(&sheet)).await?;
    let effect = past.under(&sheet).ok_or(domain::refusal::Refusal::Internal)?;
    let rounding = i64::try_from(effect.rounded).ok().and_then(Amount::from_nano);
    Ok(Json(EffectEntry {
        since: past.since.into(),
        calls: past.calls(),
        cost: SumEntry::of(past.cost, effect.cost),
        charge: SumEntry::of(past.charge, effect.charge),
        rounding: rounding.unwrap_or(Amount::MAX),
    }))
}

/// What is said of it.
pub fn effect_described(book: &mut Book) -> Operation {
    operation("What a price would have made of the last 30 days")
        .about(
            "Takes what a version takes, publishes nothing, and prices the calls anew that ended within the last 30 days: beside what they cost and were charged stands what that would \
have been. Calls from before the model had a price count as charged under this one.",
        )
        .takes::<NewPrice>(book)
        .example(&serde_json::json!({ "cost": { "input": "0.15", "output": "0.60" }, "margin_percent": "25" }))
        .tells::<EffectEntry>(book)
}
