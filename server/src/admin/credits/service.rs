//! An account that was taken out of service because its books did not go on: put back, once they are proved to be sound.

use axum::{Json, extract::State};
use domain::{access::Money, id::UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    admin::{AdminError, At, By, Given, body::reason, operation},
    contract::{Book, Operation},
    state::HubState,
};

/// What was done about it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Stands in the list of changes.
    reason: String,
}

/// An account that is in service again.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AccountReturned")]
pub struct Returned {
    /// Why it was out of service.
    quarantine: String,
}

/// Puts somebody's account back into service.
pub async fn lift(
    State(state): State<HubState>,
    by: By<Money>,
    At(user): At<UserId>,
    Given(asked): Given<Return>,
) -> Result<Json<Returned>, AdminError> {
    let reason = reason(&asked.reason)?;
    let credits = state.gateway().credits();
    let quarantine = credits.lift_quarantine(&by.proof, by.origin(), user, &reason).await?;
    Ok(Json(Returned { quarantine }))
}

/// What is said of it.
pub fn lift_described(book: &mut Book) -> Operation {
    operation("Put a person's account back into service")
        .about("An account is out of service while its calls are refused with `account_out_of_service`. It comes back only when its books are proved to be sound: 409 `books_unsound` says what is wrong, 409 `account_in_service` that it is not out of service.")
        .takes::<Return>(book)
        .example(&serde_json::json!({ "reason": "the disk was full; books proved" }))
        .tells::<Returned>(book)
}
