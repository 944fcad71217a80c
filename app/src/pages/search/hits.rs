//! What the engine found, as the palette and the page show it.

use domain::access::{Capability, Viewer};
use gateway::{Error, Gateway};

use crate::{
    form::encode,
    islands::palette::hit::{Hit, HitKind},
};

/// So many of each kind are shown; whoever wants more narrows the words.
const EACH: u8 = 6;

/// Everything but pages.
///
/// # Errors
/// The database's.
pub async fn found(gateway: &Gateway, viewer: &Viewer, words: &str) -> Result<Vec<Hit>, Error> {
    let found = gateway.search().find(viewer, words, EACH).await?;
    let prices = viewer.may(Capability::ReadMoney);
    let mut hits = Vec::new();
    if let Some(call) = found.call {
        hits.push(Hit::new(
            HitKind::Call,
            call.name,
            call.note,
            format!("/calls/{}", call.id),
        ));
    }
    for user in found.people {
        hits.push(Hit::new(
            HitKind::User,
            user.name,
            user.note,
            format!("/users/{}", user.id),
        ));
    }
    for key in found.keys {
        let href = format!("/keys/{}", key.id);
        hits.push(Hit::new(HitKind::Key, key.name, key.note, href));
    }
    for model in found.models {
        let href = if prices {
            format!("/prices/{}", model.id)
        } else {
            format!("/pricing?q={}", encode(&model.name))
        };
        hits.push(Hit::new(HitKind::Model, model.name, model.note, href));
    }
    for provider in found.providers {
        let href = format!("/providers/{}", provider.id);
        hits.push(Hit::new(HitKind::Provider, provider.name, provider.note, href));
    }
    Ok(hits)
}
