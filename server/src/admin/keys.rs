//! `/api/admin/keys`: everybody's API keys. The key itself is told once, by the answer that made it or gave it another secret. Nobody
//! makes a key that manages for somebody else, or sees a new secret of theirs: it would do what that person may. What is sent
//! stands in `keys/draft.rs`.

mod draft;

use std::convert::Infallible;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use domain::{
    access::{Admin, Reader, Viewer},
    id::{KeyId, ProjectId, UserId},
    key::{ApiKey, KeyFilter, Scopes},
    name::{Email, Label},
    refusal::{Refusal, Thing},
    time::Timestamp,
};
use gateway::{KeyEdit, KeyTag};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::draft::{KeyChange, NewKey, Rotation};
use super::{AdminError, Asked, At, By, Given, Listed, Made, Moment, cursor, operation, words};
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
    #[schemars(with = "String")]
    project_id: ProjectId,
    #[schemars(with = "String")]
    project: Label,
    /// Its beginning and its end.
    hint: String,
    #[schemars(schema_with = "words::key_state")]
    state: &'static str,
    #[schemars(schema_with = "words::scopes")]
    scopes: Scopes,
    /// Which models it may ask, as `openai/gpt-5` or `anthropic/*`; null: all.
    allowed: Option<Vec<String>>,
    /// From where it may be used, as `10.0.0.0/8`; null: from everywhere.
    addresses: Option<Vec<String>>,
    /// Null: never.
    expires_at: Option<Moment>,
    /// The key by which it was made, in whose limits it counts, too; null: a person made it.
    #[schemars(with = "Option<String>")]
    made_by: Option<KeyId>,
    created_at: Moment,
    /// Up to a minute old.
    last_used_at: Option<Moment>,
    /// It can be enabled again.
    disabled_at: Option<Moment>,
    /// It is refused for good.
    revoked_at: Option<Moment>,
}

impl KeyEntry {
    fn of(key: ApiKey, now: Timestamp) -> Self {
        Self {
            state: key.state(now).as_str(),
            id: key.id,
            name: key.name,
            user_id: key.user_id,
            user_email: key.user_email,
            project_id: key.project_id,
            project: key.project_name,
            hint: key.hint,
            scopes: key.rules.scopes,
            allowed: (!key.rules.allowed.is_everything()).then(|| key.rules.allowed.names().collect()),
            addresses: key
                .rules
                .addresses
                .map(|addresses| addresses.to_string().split(',').map(str::to_owned).collect()),
            expires_at: key.rules.expires_at.map(Moment),
            made_by: key.made_by,
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(Moment),
            disabled_at: key.disabled_at.map(Moment),
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
    /// Only this project's.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
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
    let filter = KeyFilter {
        user: asked.user,
        project: asked.project,
        state: None,
    };
    let (gateway, size) = (state.gateway(), cursor::size(asked.limit)?);
    let place = cursor::by_id(asked.cursor.as_deref())?;
    let page = gateway.keys().everybodys(&by.proof).page(&filter, place, size).await?;
    let now = gateway.now();
    Ok(Json(Listed::by_id(page, |key| KeyEntry::of(key, now))))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("API keys, newest first")
        .asks::<KeyQuery>(book)
        .tells::<Listed<KeyEntry>>(book)
}

async fn find(state: &HubState, viewer: &Viewer, id: KeyId) -> Result<ApiKey, AdminError> {
    Ok(state.gateway().keys().get(viewer, id).await?.ok_or(MISSING)?)
}

/// A key, with the tag of what can be changed of it.
fn tagged(state: &HubState, key: ApiKey) -> Response {
    let tag = HeaderValue::try_from(format!("\"{}\"", KeyTag::of(&key))).ok();
    let head: HeaderMap = tag.map(|tag| (header::ETAG, tag)).into_iter().collect();
    (head, Json(KeyEntry::of(key, state.gateway().now()))).into_response()
}

/// One key.
pub async fn show(State(state): State<HubState>, by: By<Reader>, At(id): At<KeyId>) -> Result<Response, AdminError> {
    let key = find(&state, &by.viewer, id).await?;
    Ok(tagged(&state, key))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("An API key")
        .about("The header `ETag` stands for all of it that can be changed.")
        .tells::<KeyEntry>(book)
}

/// As which whoever asks has seen the key, by `If-Match`.
pub struct AsSeen(Option<KeyTag>);

impl FromRequestParts<HubState> for AsSeen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &HubState) -> Result<Self, Infallible> {
        let tag = parts.headers.get(header::IF_MATCH);
        let tag = tag.map(|tag| tag.to_str().unwrap_or_default().trim());
        Ok(Self(tag.filter(|tag| *tag != "*").map(KeyTag::read)))
    }
}

/// A key with the one copy of its secret.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminNewKey")]
pub struct MadeKey {
    #[serde(flatten)]
    entry: KeyEntry,
    /// The key itself. It is not told again.
    key: String,
}

impl MadeKey {
    fn of(made: gateway::NewKey, now: Timestamp) -> Self {
        Self {
            key: made.secret.expose().to_owned(),
            entry: KeyEntry::of(made.key, now),
        }
    }
}

/// Makes a key for somebody.
pub async fn create(
    State(state): State<HubState>,
    by: By<Admin>,
    At(user): At<UserId>,
    Given(new): Given<NewKey>,
) -> Result<Made<MadeKey>, AdminError> {
    let (gateway, keys, draft) = (state.gateway(), state.gateway().keys(), new.draft()?);
    let made = if user == by.viewer.id {
        let holder = by.viewer.key_holder()?;
        keys.create_with(&holder, by.origin(), &draft).await?
    } else {
        keys.create_for_with(&by.proof, by.origin(), user, &draft).await?
    };
    Ok(Made(MadeKey::of(made, gateway.now())))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Make an API key for a person")
        .about("The answer holds the key, which is told once. A key that manages is made by its owner alone.")
        .takes::<NewKey>(book)
        .example(&serde_json::json!({ "name": "laptop", "allowed": ["openai/gpt-4o-mini"] }))
        .makes::<MadeKey>(book)
}

/// Changes what a key may do and whether it is disabled: all of it, or nothing.
pub async fn update(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<KeyId>,
    AsSeen(seen): AsSeen,
    Given(change): Given<KeyChange>,
) -> Result<Response, AdminError> {
    let edit = KeyEdit { seen, ..change.edit()? };
    state.gateway().keys().edit(&by.viewer, by.origin(), id, &edit).await?;
    let key = find(&state, &by.viewer, id).await?;
    Ok(tagged(&state, key))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change an API key")
        .about("What is absent stays. All of it is changed, or nothing where something is refused. It acts on the next request. That a key may manage is said by its owner alone. With `If-Match` it is changed only while it is as you have seen it, else refused with 409 `key_changed`. A bound that is named counts as set by you, also where it was so before.")
        .header("If-Match", "The tag by which you have seen the key, as `ETag` gives it.")
        .takes::<KeyChange>(book)
        .example(&serde_json::json!({ "disabled": true }))
        .tells::<KeyEntry>(book)
}

/// Gives one of one's own keys another secret.
pub async fn rotate(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<KeyId>,
    Given(rotation): Given<Rotation>,
) -> Result<Json<MadeKey>, AdminError> {
    let gateway = state.gateway();
    let holder = by.viewer.key_holder()?;
    let rotated = gateway
        .keys()
        .rotate(&holder, by.origin(), id, rotation.overlap()?)
        .await?;
    Ok(Json(MadeKey::of(rotated, gateway.now())))
}

/// What is said of it.
pub fn rotate_described(book: &mut Book) -> Operation {
    operation("Give one of your own API keys another secret")
        .about("The answer holds the new secret, which is told once; the old one goes on for a while. Its id, its rules and its calls stay.")
        .takes::<Rotation>(book)
        .tells::<MadeKey>(book)
}

/// Revokes a key: it is refused from the next request on, and for good.
pub async fn revoke(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<KeyId>,
) -> Result<Json<KeyEntry>, AdminError> {
    state
        .gateway()
        .keys()
        .revoke(&by.viewer.key_holder()?, by.origin(), id)
        .await?;
    let key = find(&state, &by.viewer, id).await?;
    Ok(Json(KeyEntry::of(key, state.gateway().now())))
}

/// What is said of it.
pub fn revoke_described(book: &mut Book) -> Operation {
    operation("Revoke an API key")
        .about("It is refused from the next request on, for good, and stays in the list.")
        .tells::<KeyEntry>(book)
}

/// Revokes a key and takes it out of the lists.
pub async fn delete(State(state): State<HubState>, by: By<Admin>, At(id): At<KeyId>) -> Result<StatusCode, AdminError> {
    state.gateway().keys().delete(&by.viewer, by.origin(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn delete_described(_: &mut Book) -> Operation {
    operation("Delete an API key")
        .about("It is refused from the next request on and leaves the lists. Its calls stay.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
