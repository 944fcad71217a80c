//! AIGNE Hub's own surface, so that its clients work unchanged: calls under `/api/v2`, what can be called and what it costs,
//! whose key it is and what credit is left, the document by which clients find the hub, and `aigne hub connect`.
//!
//! Everything asks for a key as `/v1` does, except what says so. Cookies mean nothing here. Errors are those of `v1`, which
//! `arrival` puts into this dialect: `{"error":{"message","type",…}}`. Amounts are exact decimal strings wherever the clients take
//! them. What the original gave away is not here: no credential, no address and no cost of a provider.

pub mod blocklet;
pub mod connect;
pub mod credit;
pub mod models;
mod paging;
pub mod providers;
mod query;
pub mod rates;
pub mod status;
pub mod unsupported;
pub mod user;

use domain::{access::Viewer, money::Amount, time::Timestamp};
use gateway::{Gateway, call::Caller};

use crate::{admin, v1::ApiError};

/// Whether a path is asked for by AIGNE's clients, who read errors in their own shape.
pub fn is_ours(path: &str) -> bool {
    path == "/api"
        || path.starts_with("/api/") && !admin::is_ours(path)
        || path.starts_with("/.well-known/service/api/")
        || path == "/__blocklet__.js"
}

/// The person behind a key.
async fn person(gateway: &Gateway, caller: Caller) -> Result<Viewer, ApiError> {
    // Whoever is gone or suspended has no key that was let in, but may have been suspended just now.
    let viewer = gateway.sessions().viewer(caller.user).await?;
    viewer.ok_or_else(|| gateway::call::KeyProblem::Suspended.into())
}

/// Where credit is to be had and seen.
fn credit_page(gateway: &Gateway) -> String {
    format!("{}/credits", gateway.public_url())
}

/// All of these together.
fn sum(amounts: impl Iterator<Item = Amount>) -> Amount {
    amounts.fold(Amount::ZERO, |all, one| all.checked_add(one).unwrap_or(Amount::MAX))
}

/// A moment as `2027-01-31T12:00:00.000Z`.
pub fn moment(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.milliseconds());
    at.map(|at| format!("{at:.3}")).unwrap_or_default()
}
