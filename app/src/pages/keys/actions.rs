//! What the forms about API keys do.

use domain::{id::KeyId, name::Label, refusal::Thing};
use leptos::prelude::*;

use super::ONCE;
use crate::{
    context,
    error::AppError,
    form::{self, AtField, Back, Done},
    text::{Language, use_language},
};

/// Makes a key for oneself and leads to the page that shows it once.
#[server]
pub async fn create_key(name: String) -> Result<(), AppError> {
    form::submit(Back::to("/keys/new").keeping("name", &name), async {
        let (holder, address) = (context::key_holder()?, context::address()?);
        let name = form::parse::<Label>("name", &name)?;
        let new = context::gateway()?
            .keys()
            .create(&holder, address.origin(), &name)
            .await
            .at("name")?;
        Ok(Done::to(format!("/keys/{}/created", new.key.id)).once(ONCE, new.secret.expose()))
    })
    .await
}

/// Revokes a key. It is refused from the next request on.
#[server]
pub async fn revoke_key(id: String) -> Result<(), AppError> {
    form::submit(Back::to(format!("/keys/{}/revoke", form::encode(&id))), async {
        let (holder, address, gateway) = (context::key_holder()?, context::address()?, context::gateway()?);
        let id: KeyId = id.parse().map_err(|_| context::missing(Thing::Key))?;
        let key = gateway
            .keys()
            .get(holder.viewer(), id)
            .await?
            .ok_or(context::missing(Thing::Key))?;
        gateway.keys().revoke(&holder, address.origin(), id).await?;
        let said = match use_language() {
            Language::En => format!(
                "Key “{}” is revoked. Requests with it are refused from now on.",
                key.name
            ),
            Language::Zh => format!("密钥“{}”已吊销，使用它的请求从现在起会被拒绝。", key.name),
        };
        let back = if key.user_id == holder.viewer().id {
            "/keys"
        } else {
            "/keys?all=1"
        };
        Ok(Done::to(back).saying(said))
    })
    .await
}
