//! Looking at the console as somebody else, and leaving that view. Thin doors to `gateway::Users`; that nothing can be changed
//! meanwhile is kept by the server, for every request alike.

use domain::{id::UserId, refusal::Thing};
use leptos::prelude::*;

use super::actions::page_of;
use crate::{
    context::{address, gateway, missing, session, viewer, visitor},
    error::AppError,
    form::{Done, encode},
    pages::providers::press::press,
    text::{Language, use_language},
};

/// From now on pages are shown as this person sees them.
#[server]
pub async fn view_as(
    /// Whose view.
    id: String,
) -> Result<(), AppError> {
    let back = id
        .parse::<UserId>()
        .map_or_else(|_| format!("/users/{}", encode(&id)), page_of);
    press(back, async move {
        let (viewer, address) = (viewer()?, address()?);
        let id: UserId = id.parse().map_err(|_| missing(Thing::User))?;
        gateway()?.users().begin_viewing(&viewer, address.origin(), id).await?;
        session()?.0.look_as(Some(id)).await?;
        Ok(Done::to("/"))
    })
    .await
}

/// Pages are shown as oneself sees them again.
#[server]
pub async fn leave_view() -> Result<(), AppError> {
    press("/", async move {
        let (visitor, viewer, address) = (visitor()?, viewer()?, address()?);
        let Some(looking) = visitor.looking else {
            return Ok(Done::to("/"));
        };
        let user = looking.as_whom;
        gateway()?
            .users()
            .end_viewing(&viewer, address.origin(), user.id)
            .await?;
        session()?.0.look_as(None).await?;
        Ok(Done::to(page_of(user.id)).saying(match use_language() {
            Language::En => format!("You see the console as yourself again, no longer as {}.", user.email),
            Language::Zh => format!("已退出 {} 的视图，恢复为你自己的视图。", user.email),
        }))
    })
    .await
}
