//! The way of the price form to the hub: what was used within the last days. It only reads, so it is a GET.

use domain::price::Past;
use leptos::{prelude::*, server};
use server_fn::codec::GetUrl;

use crate::islands::playground::unheard::Unheard;

/// What the calls of a model used within the last 30 days, told apart as prices of this shape tell calls apart, and what was booked for them.
///
/// # Errors
/// When nobody is signed in who reads what concerns money, there is no such model or shape, or the database fails.
#[server(input = GetUrl)]
pub async fn price_past(
    /// Whose.
    model: String,
    /// A [`domain::price::Shape`], as JSON.
    shape: String,
) -> Result<Past, Unheard> {
    use domain::price::Shape;

    use crate::{context, error::AppError};
    let reader = context::money_reader()?;
    let model = model
        .parse()
        .map_err(|_| context::missing(domain::refusal::Thing::Model))?;
    let shape: Shape = serde_json::from_str(&shape).map_err(|error| AppError::Transport(error.to_string()))?;
    let past = context::gateway()?.prices().past(&reader, model, shape).await;
    Ok(past.map_err(AppError::from)?)
}
