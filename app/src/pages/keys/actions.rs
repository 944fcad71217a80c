//! What the forms about API keys do.

use domain::{
    access::Viewer,
    id::{KeyId, ProjectId},
    key::{ApiKey, Bound, Expiry, Overlap},
    name::Label,
    refusal::{Invalid, Refusal, Thing},
    time::Timestamp,
};
use gateway::{KeyDraft, KeyEdit, KeyTag};
use leptos::prelude::*;

use super::{ONCE, fields::RuleFields, list_of, page_of};
use crate::{
    components::Tone,
    context,
    error::AppError,
    form::{self, AtField, Back, Done},
    pages::providers::press::press,
    text::{Language, use_language},
};

/// Makes a key for oneself and leads to the page that shows it once.
#[server]
pub async fn create_key(
    name: String,
    #[server(default)] project: String,
    #[server(flatten)] typed: RuleFields,
) -> Result<(), AppError> {
    let back = Back::to("/keys/new")
        .keeping("name", &name)
        .keeping("project", &project);
    form::submit(typed.keep(back), async move {
        let (holder, address) = (context::key_holder()?, context::address()?);
        let name = form::parse::<Label>("name", &name)?;
        let usual = KeyDraft::named(&name);
        let project = match project.trim() {
            "" => None,
            text => Some(
                text.parse::<ProjectId>()
                    .map_err(|_| context::missing(Thing::Project))
                    .at("project")?,
            ),
        };
        let draft = KeyDraft {
            project,
            // Whoever sends a name alone wants an ordinary key.
            scopes: if typed.is_absent() {
                usual.scopes
            } else {
                typed.scopes()
            },
            allowed: typed.allowed()?,
            addresses: typed.addresses()?,
            expiry: typed.expiry()?.unwrap_or_default(),
            ..usual
        };
        let made = context::gateway()?
            .keys()
            .create_with(&holder, address.origin(), &draft)
            .await;
        let new = match made {
            Err(error) if error.refusal() == Invalid::Scopes.into() => return Err(error).at("inference"),
            Err(error) if error.refusal() == Invalid::Expiry.into() => return Err(error).at("until"),
            made => made.at("name")?,
        };
        Ok(Done::to(format!("/keys/{}/created", new.key.id)).once(ONCE, new.secret.expose()))
    })
    .await
}

/// Changes what a key is called and what it may do.
#[server]
pub async fn save_key(
    id: String,
    #[server(default)] name: String,
    /// As which the page has shown it.
    #[server(default)]
    seen: String,
    #[server(flatten)] typed: RuleFields,
) -> Result<(), AppError> {
    let back = Back::to(back_to(&id)).keeping("name", &name).keeping("seen", &seen);
    form::submit(typed.keep(back), async move {
        let (viewer, address, language) = (context::viewer()?, context::address()?, use_language());
        let id = key_id(&id)?;
        let key = known(&viewer, id).await?;
        let edit = KeyEdit {
            name: Some(form::parse::<Label>("name", &name)?),
            scopes: Some(typed.scopes()),
            allowed: Some(typed.allowed()?),
            addresses: Some(typed.addresses()?),
            expiry: typed.expiry()?,
            disabled: None,
            seen: (!seen.is_empty()).then(|| KeyTag::read(&seen)),
        };
        let edit = what_is_said(edit, &key, context::gateway()?.now());
        let saved = context::gateway()?
            .keys()
            .edit(&viewer, address.origin(), id, &edit)
            .await;
        match saved {
            Err(error) if error.refusal() == Invalid::Scopes.into() => return Err(error).at("inference"),
            Err(error) if error.refusal() == Invalid::Expiry.into() => return Err(error).at("until"),
            Err(error) => match error.refusal() {
                Refusal::BoundByAdmin { bound } => return Err(error).at(field_of(bound)),
                // What was typed was meant for another state: the form shows the one that holds.
                Refusal::Changed { .. } => {
                    let sentence = AppError::from(error).sentence(language);
                    return Ok(Done::to(page_of(id)).noticing(Tone::Bad, sentence));
                }
                _ => return Err(error.into()),
            },
            Ok(_) => {}
        };
        Ok(Done::to(page_of(id)).saying(language.pick(
            "The key was changed. It acts on its next request.",
            "密钥已更改，从下一次请求起生效。",
        )))
    })
    .await
}

/// Gives a key another secret and leads to the page that shows it once.
#[server]
pub async fn rotate_key(id: String, #[server(default)] overlap: String) -> Result<(), AppError> {
    form::submit(Back::to(back_to(&id)).keeping("overlap", &overlap), async move {
        let (holder, address) = (context::key_holder()?, context::address()?);
        let id = key_id(&id)?;
        let overlap = Overlap::parse(&overlap).ok_or(Invalid::Choice).at("overlap")?;
        let rotated = context::gateway()?
            .keys()
            .rotate(&holder, address.origin(), id, overlap)
            .await;
        let rotated = rotated.at("overlap")?;
        Ok(Done::to(format!("/keys/{id}/created")).once(ONCE, rotated.secret.expose()))
    })
    .await
}

/// Switches a key off, or on again.
#[server]
pub async fn switch_key(id: String, disabled: bool) -> Result<(), AppError> {
    press(back_to(&id), async move {
        let (viewer, address, language) = (context::viewer()?, context::address()?, use_language());
        let id = key_id(&id)?;
        let gateway = context::gateway()?;
        gateway
            .keys()
            .set_disabled(&viewer, address.origin(), id, disabled)
            .await?;
        let sentence = match disabled {
            true => language.pick(
                "The key is disabled: requests with it are refused until it is enabled again.",
                "密钥已停用，重新启用之前请求会被拒绝。",
            ),
            false => language.pick("The key is enabled again.", "密钥已重新启用。"),
        };
        Ok(Done::to(page_of(id)).saying(sentence))
    })
    .await
}

/// Revokes a key. It is refused from the next request on.
#[server]
pub async fn revoke_key(id: String) -> Result<(), AppError> {
    form::submit(Back::to(format!("/keys/{}/revoke", form::encode(&id))), async {
        let (holder, address, gateway) = (context::key_holder()?, context::address()?, context::gateway()?);
        let id = key_id(&id)?;
        let key = known(holder.viewer(), id).await?;
        gateway.keys().revoke(&holder, address.origin(), id).await?;
        let said = match use_language() {
            Language::En => format!(
                "Key “{}” is revoked. Requests with it are refused from now on.",
                key.name
            ),
            Language::Zh => format!("密钥“{}”已吊销，使用它的请求从现在起会被拒绝。", key.name),
        };
        Ok(Done::to(list_of(holder.viewer(), &key)).saying(said))
    })
    .await
}

/// Revokes a key and takes it out of the lists.
#[server]
pub async fn delete_key(id: String, #[server(default)] typed: String) -> Result<(), AppError> {
    let back = Back::to(format!("/keys/{}/delete", form::encode(&id))).keeping("typed", &typed);
    form::submit(back, async move {
        let (viewer, address, gateway) = (context::viewer()?, context::address()?, context::gateway()?);
        let id = key_id(&id)?;
        let key = known(&viewer, id).await?;
        if typed.trim() != key.name.as_str() {
            return Err(AppError::Refused(Refusal::ConfirmationMismatch)).at("typed");
        }
        gateway.keys().delete(&viewer, address.origin(), id).await?;
        let said = match use_language() {
            Language::En => format!("Key “{}” is deleted. Its calls stay in the log.", key.name),
            Language::Zh => format!("密钥“{}”已删除，其调用记录会保留。", key.name),
        };
        Ok(Done::to(list_of(&viewer, &key)).saying(said))
    })
    .await
}

/// The form sends all that it shows. Who changes something of that says nothing of the rest; who saves the rules as they are has said that
/// they hold, and sets them by their own right.
fn what_is_said(typed: KeyEdit, key: &ApiKey, now: Timestamp) -> KeyEdit {
    let rules = &key.rules;
    let edit = KeyEdit {
        name: typed.name.clone().filter(|name| *name != key.name),
        scopes: typed.scopes.filter(|scopes| *scopes != rules.scopes),
        allowed: typed.allowed.clone().filter(|allowed| *allowed != rules.allowed),
        addresses: typed
            .addresses
            .clone()
            .filter(|addresses| *addresses != rules.addresses),
        ..typed.clone()
    };
    let changes = edit.name.is_some()
        || edit.scopes.is_some()
        || edit.allowed.is_some()
        || edit.addresses.is_some()
        || edit.expiry.is_some();
    if changes {
        return edit;
    }
    let end = rules.expires_at.filter(|end| *end > now).map(Expiry::At);
    KeyEdit { expiry: end, ..typed }
}

const fn field_of(bound: Bound) -> &'static str {
    match bound {
        Bound::Scopes => "inference",
        Bound::Allowed => "models",
        Bound::Addresses => "addresses",
        Bound::ExpiresAt => "until",
    }
}

async fn known(viewer: &Viewer, id: KeyId) -> Result<ApiKey, AppError> {
    let key = context::gateway()?.keys().get(viewer, id).await?;
    key.ok_or(context::missing(Thing::Key))
}

fn key_id(text: &str) -> Result<KeyId, AppError> {
    text.parse().map_err(|_| context::missing(Thing::Key))
}

fn back_to(id: &str) -> String {
    format!("/keys/{}", form::encode(id))
}
