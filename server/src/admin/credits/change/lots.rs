//! Changes of one lot: it lives longer, or what is left of it is taken back.

use axum::{Json, extract::State};
use domain::{
    access::Money,
    id::{LotId, UserId},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::once::{Once, about};
use crate::{
    admin::{
        AdminError, Booked, By, Given, Moment, Within,
        body::{nullable, reason},
        operation,
    },
    contract::{Book, Operation},
    state::HubState,
};

/// A later end.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LotChange {
    /// Null: never.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<Moment>")]
    expires_at: Option<Option<Moment>>,
    reason: String,
}

/// Lets a lot live longer.
pub async fn extend(
    State(state): State<HubState>,
    by: By<Money>,
    Within(user, lot): Within<UserId, LotId>,
    once: Once,
    Given(change): Given<LotChange>,
) -> Result<Json<Booked>, AdminError> {
    // Absent is no order to let it live for ever.
    let Some(end) = change.expires_at else {
        return Err(AdminError::invalid(
            "expires_at",
            "Say until when it lives; null for ever.",
        ));
    };
    let reason = reason(&change.reason)?;
    let credits = state.gateway().credits().once(once.name());
    let effects = credits
        .extend(&by.proof, by.origin(), user, lot, end.map(|at| at.0), &reason)
        .await?;
    Ok(Json(effects.into()))
}

/// What is said of it.
pub fn extend_described(book: &mut Book) -> Operation {
    about(operation("Let a lot live longer"))
        .about("`expires_at` must be there; its end can only be put off.")
        .takes::<LotChange>(book)
        .tells::<Booked>(book)
}

/// Why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    reason: String,
}

/// Takes back what is left in a lot.
pub async fn void(
    State(state): State<HubState>,
    by: By<Money>,
    Within(user, lot): Within<UserId, LotId>,
    once: Once,
    Given(why): Given<Why>,
) -> Result<Json<Booked>, AdminError> {
    let reason = reason(&why.reason)?;
    let credits = state.gateway().credits().once(once.name());
    let effects = credits.void(&by.proof, by.origin(), user, lot, &reason).await?;
    Ok(Json(effects.into()))
}

/// What is said of it.
pub fn void_described(book: &mut Book) -> Operation {
    about(operation("Take back what is left in a lot"))
        .about("As far as no running call may need it.")
        .takes::<Why>(book)
        .tells::<Booked>(book)
}
