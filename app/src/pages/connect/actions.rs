//! What the two buttons of the approval do.

use domain::name::Label;
use leptos::prelude::*;

use super::plain;
use crate::{
    context,
    error::AppError,
    form::{self, Back, Done},
};

/// Makes a key for the program that asks. Once.
#[server]
pub async fn approve_connection(
    /// Names the request.
    token: String,
    /// What the program calls itself.
    #[server(default)]
    source: String,
    /// What the key is to be called.
    name: String,
) -> Result<(), AppError> {
    form::submit(back(&token, &source).keeping("name", &name), async {
        let (holder, address) = (context::key_holder()?, context::address()?);
        let name = form::parse::<Label>("name", &name)?;
        context::gateway()?
            .connections()
            .approve(&holder, address.origin(), &token, &name)
            .await?;
        Ok(Done::to("/connect?done=approved"))
    })
    .await
}

/// Tells the program that it gets none.
#[server]
pub async fn deny_connection(
    /// Names the request.
    token: String,
    /// What the program calls itself.
    #[server(default)]
    source: String,
) -> Result<(), AppError> {
    form::submit(back(&token, &source), async {
        let (holder, address) = (context::key_holder()?, context::address()?);
        context::gateway()?
            .connections()
            .deny(&holder, address.origin(), &token)
            .await?;
        Ok(Done::to("/connect?done=denied"))
    })
    .await
}

/// The page that was answered from.
fn back(token: &str, source: &str) -> Back {
    Back::to(format!(
        "/connect?token={}&source={}",
        form::encode(token),
        form::encode(&plain(source))
    ))
}
