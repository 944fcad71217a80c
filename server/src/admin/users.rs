//! `/api/admin/users`: people. Reading is for whoever reads what concerns money, changing for admins; what concerns owners for owners.

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Money, MoneyReader, Role},
    account::{User, UserFilter, UserState},
    id::UserId,
    name::{Email, Label},
    refusal::{Refusal, Thing},
};
use gateway::{Gateway, UserEdit};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AdminError, Asked, At, By, Freely, Given, Listed, Made, Moment, Secret,
    body::{given, nullable},
    cursor, operation, words,
};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound { what: Thing::User };

/// A person.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminUser")]
pub struct UserEntry {
    #[schemars(with = "String")]
    id: UserId,
    #[schemars(with = "String")]
    email: Email,
    /// What people call them.
    #[schemars(with = "Option<String>")]
    name: Option<Label>,
    #[schemars(schema_with = "words::role")]
    role: Role,
    #[schemars(schema_with = "words::user_state")]
    state: &'static str,
    created_at: Moment,
    last_seen_at: Option<Moment>,
    /// Their calls and their books stay.
    deleted_at: Option<Moment>,
}

impl From<User> for UserEntry {
    fn from(user: User) -> Self {
        let state = match (user.deleted_at, user.suspended) {
            (Some(_), _) => UserState::Deleted,
            (None, true) => UserState::Suspended,
            (None, false) => UserState::Active,
        };
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            state: state.as_str(),
            created_at: user.created_at.into(),
            last_seen_at: user.last_seen_at.map(Moment),
            deleted_at: user.deleted_at.map(Moment),
        }
    }
}

/// Which people to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserQuery {
    /// Part of an address or a name, or an id. Every character stands for itself.
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    #[schemars(schema_with = "words::role")]
    role: Option<Role>,
    /// Without one everybody who was not deleted.
    #[serde(default)]
    #[schemars(schema_with = "words::user_state")]
    state: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// People, newest first.
pub async fn list(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    Asked(asked): Asked<UserQuery>,
) -> Result<Json<Listed<UserEntry>>, AdminError> {
    let wanted = asked.state.as_deref().map(|word| {
        let known = UserState::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| AdminError::invalid("state", "A state is active, suspended or deleted."))
    });
    let filter = UserFilter {
        search: asked
            .q
            .map(|text| text.trim().chars().take(254).collect())
            .filter(|text: &String| !text.is_empty()),
        role: asked.role,
        state: wanted.transpose()?,
    };
    let (place, size) = (cursor::by_id(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let page = state.gateway().users().page(&by.proof, &filter, place, size).await?;
    Ok(Json(Listed::by_id(page, UserEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("People")
        .asks::<UserQuery>(book)
        .tells::<Listed<UserEntry>>(book)
}

/// One person, also one who was deleted.
pub async fn show(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(id): At<UserId>,
) -> Result<Json<UserEntry>, AdminError> {
    Ok(Json(find(state.gateway(), &by.proof, id).await?.into()))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("A person").tells::<UserEntry>(book)
}

pub(super) async fn find(gateway: &Gateway, reader: &MoneyReader, id: UserId) -> Result<User, AdminError> {
    Ok(gateway.users().get(reader, id).await?.ok_or(MISSING)?)
}

/// A person to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[schemars(with = "String")]
    email: Email,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    name: Option<Label>,
    /// `member` unless said. Owners are added by owners.
    #[serde(default)]
    #[schemars(schema_with = "words::role")]
    role: Option<Role>,
    /// 10 to 200 characters. Without one nobody signs in as them by password.
    #[serde(default)]
    password: Option<Secret>,
}

/// Adds a person.
pub async fn create(
    State(state): State<HubState>,
    by: Freely<Admin>,
    Given(new): Given<NewUser>,
) -> Result<Made<UserEntry>, AdminError> {
    let users = state.gateway().users();
    let role = new.role.unwrap_or(Role::Member);
    let password = new.password.as_ref().map(|Secret(password)| password.expose());
    let user = users
        .create_named(&by.proof, by.origin(), (&new.email, new.name.as_ref()), role, password)
        .await?;
    Ok(Made(user.into()))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Add a person")
        .takes::<NewUser>(book)
        .example(&serde_json::json!({ "email": "sam@example.com", "name": "Sam", "role": "member" }))
        .makes::<UserEntry>(book)
}

/// What to change of a person. What is absent stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// It acts on their next request. Owners are made and unmade by owners.
    #[serde(default, deserialize_with = "given")]
    #[schemars(schema_with = "words::role")]
    role: Option<Role>,
    /// Suspended people cannot sign in, their sessions end and their keys are refused.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    suspended: Option<bool>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<String>")]
    name: Option<Option<Label>>,
    /// Where the days, weeks and months of limits begin of what their account pays for: `Europe/Berlin`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    time_zone: Option<String>,
}

/// Changes a person: all that is asked, or nothing.
pub async fn update(
    State(state): State<HubState>,
    by: Freely<Money>,
    At(id): At<UserId>,
    Given(change): Given<UserChange>,
) -> Result<Json<UserEntry>, AdminError> {
    let (gateway, users) = (state.gateway(), state.gateway().users());
    let edit = UserEdit {
        role: change.role,
        suspended: change.suspended,
        name: change.name,
        time_zone: change.time_zone,
    };
    match &edit {
        UserEdit {
            role: None,
            suspended: None,
            name: None,
            time_zone: Some(zone),
        } => drop(users.set_time_zone(&by.proof, by.origin(), id, zone).await?),
        _ => users.edit(&by.proof.admin()?, by.origin(), id, &edit).await?,
    }
    Ok(Json(find(gateway, &by.proof.reader(), id).await?.into()))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change a person")
        .about("Their time zone is set by whoever keeps money, all else by admins; what is an owner's, by owners. What is absent stays. All of it is changed, or nothing where something is refused.")
        .takes::<UserChange>(book)
        .example(&serde_json::json!({ "role": "billing" }))
        .tells::<UserEntry>(book)
}

/// A new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// 10 to 200 characters.
    password: Secret,
}

/// Replaces somebody's password and ends their sessions.
pub async fn set_password(
    State(state): State<HubState>,
    by: Freely<Admin>,
    At(id): At<UserId>,
    Given(new): Given<NewPassword>,
) -> Result<StatusCode, AdminError> {
    let users = state.gateway().users();
    users
        .set_password(&by.proof, by.origin(), id, new.password.0.expose())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn set_password_described(book: &mut Book) -> Operation {
    operation("Give a person a new password")
        .about("Ends all their sessions.")
        .takes::<NewPassword>(book)
        .leads(StatusCode::NO_CONTENT, "Done.")
}

/// Sessions that have ended.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "SessionsEnded")]
pub struct SessionsEnded {
    /// How many there were.
    sessions_ended: u64,
}

/// Signs somebody out everywhere.
pub async fn sign_out(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<UserId>,
) -> Result<Json<SessionsEnded>, AdminError> {
    let sessions_ended = state.gateway().users().sign_out(&by.proof, by.origin(), id).await?;
    Ok(Json(SessionsEnded { sessions_ended }))
}

/// What is said of it.
pub fn sign_out_described(book: &mut Book) -> Operation {
    operation("Sign a person out everywhere")
        .about("They may sign in again, and their keys go on.")
        .tells::<SessionsEnded>(book)
}

/// Deletes somebody; their calls and their books stay.
pub async fn delete(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<UserId>,
) -> Result<StatusCode, AdminError> {
    let gateway = state.gateway();
    let user = find(gateway, &by.proof.money_reader(), id).await?;
    // Whoever names an id means it: what the console has typed is their address.
    let typed = user.email.as_str();
    gateway.users().delete(&by.proof, by.origin(), id, typed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn delete_described(_: &mut Book) -> Operation {
    operation("Delete a person")
        .about("They cannot sign in any more, their keys are revoked, and their address is free. Their calls and their books stay. It cannot be undone.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
