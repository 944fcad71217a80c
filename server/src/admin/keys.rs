//! `/api/admin/keys`: everybody's API keys. The key itself is told once, by the answer that made it.

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Reader},
    id::{KeyId, UserId},
    key::ApiKey,
    name::{Email, Label},
    page::Page,
    refusal::{Refusal, Thing},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdminError, Asked, At, By, Given, Listed, Made, Moment, cursor, operation};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound { what: Thing::Key };

/// An API key, without the key.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminKey")]
pub struct KeyEntry {
    #[schemars(with = "String")]
    id: KeyId,
    #[schemars(with = "String")]
    name: Label,
    #[schemars(with = "String")]
    user_id: UserId,
    #[schemars(with = "String")]
    user_email: Email,
    /// Its beginning and its end.
    hint: String,
    created_at: Moment,
    /// Up to a minute old.
    last_used_at: Option<Moment>,
    /// From then on it is refused.
    revoked_at: Option<Moment>,
}

impl From<ApiKey> for KeyEntry {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            user_id: key.user_id,
            user_email: key.user_email,
            hint: key.hint,
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(Moment),
            revoked_at: key.revoked_at.map(Moment),
        }
    }
}

/// Which keys to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyQuery {
    /// Only this person's.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    user: Option<UserId>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// Keys, newest first.
pub async fn list(
    State(state): State<HubState>,
    by: By<Reader>,
    Asked(asked): Asked<KeyQuery>,
) -> Result<Json<Listed<KeyEntry>>, AdminError> {
    let (place, size) = (cursor::by_name(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let all = state.gateway().keys().list_all(&by.proof).await?;
    let shows = |key: &ApiKey| asked.user.is_none_or(|user| key.user_id == user);
    let page = Page::by_name(all, &place, size, shows, |key| key.id.to_string());
    Ok(Json(Listed::by_name(page, KeyEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("API keys")
        .asks::<KeyQuery>(book)
        .tells::<Listed<KeyEntry>>(book)
}

/// One key.
pub async fn show(
    State(state): State<HubState>,
    by: By<Reader>,
    At(id): At<KeyId>,
) -> Result<Json<KeyEntry>, AdminError> {
    let all = state.gateway().keys().list_all(&by.proof).await?;
    let found = all.into_iter().find(|key| key.id == id).ok_or(MISSING)?;
    Ok(Json(found.into()))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("An API key").tells::<KeyEntry>(book)
}

/// A key to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is called.
    #[schemars(with = "String")]
    name: Label,
}

/// A key that was just made.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminNewKey")]
pub struct MadeKey {
    #[serde(flatten)]
    entry: KeyEntry,
    /// The key itself. It is not told again.
    key: String,
}

/// Makes a key for somebody.
pub async fn create(
    State(state): State<HubState>,
    by: By<Admin>,
    At(user): At<UserId>,
    Given(new): Given<NewKey>,
) -> Result<Made<MadeKey>, AdminError> {
    let keys = state.gateway().keys();
    let made = keys.create_for(&by.proof, by.origin(), user, &new.name).await?;
    Ok(Made(MadeKey {
        key: made.secret.expose().to_owned(),
        entry: made.key.into(),
    }))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Make an API key for a person")
        .about("The answer holds the key, which is told once.")
        .takes::<NewKey>(book)
        .example(&serde_json::json!({ "name": "laptop" }))
        .makes::<MadeKey>(book)
}

/// Revokes a key: it is refused from the next request on.
pub async fn revoke(State(state): State<HubState>, by: By<Admin>, At(id): At<KeyId>) -> Result<StatusCode, AdminError> {
    state.gateway().keys().revoke_any(&by.proof, by.origin(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn revoke_described(_: &mut Book) -> Operation {
    operation("Revoke an API key")
        .about("It is refused from the next request on, and stays in the list.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
