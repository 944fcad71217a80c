//! Table `api_key`: keys as hashes; `api_key_allowed`: what some of them may ask. A row that names another in `replaced_by` is an
//! earlier secret of that key, and no key of its own: nobody lists it (`keys/secrets.rs`).

mod makers;
mod page;
mod request;
mod secrets;

use std::collections::HashMap;

use domain::{
    id::{KeyId, ProjectId, UserId},
    key::{Addresses, Allowed, ApiKey, BoundRights, KeyRules, Right, Scopes},
    name::Label,
    time::Timestamp,
};

pub(crate) use makers::{Maker, counted, counted_in, has_made, made_for_others, makers};
pub(crate) use page::{count, page};
pub(crate) use request::{Access, access, access_of, earlier_of_all};
pub(crate) use secrets::{earlier, living_earlier, replace_secret, sweep_earlier};

use super::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_all, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    person_id: i64,
    email: String,
    project_id: i64,
    project: String,
    hint: String,
    scopes: String,
    addresses: Option<String>,
    expires_at: Option<i64>,
    maker_id: Option<i64>,
    created_at: i64,
    last_used_at: Option<i64>,
    disabled_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl Row {
    fn key(self, allowed: &mut HashMap<KeyId, Allowed>) -> Result<ApiKey, StoreError> {
        let unreadable = |table, column| StoreError::Row { table, column };
        Ok(ApiKey {
            id: KeyId::from_number(self.id),
            name: Label::stored(&self.name).map_err(|_| unreadable("api_key", "name"))?,
            user_id: UserId::from_number(self.person_id),
            user_email: self.email.parse().map_err(|_| unreadable("person", "email"))?,
            project_id: ProjectId::from_number(self.project_id),
            project_name: Label::stored(&self.project).map_err(|_| unreadable("project", "name"))?,
            hint: self.hint,
            rules: KeyRules {
                scopes: Scopes::stored(&self.scopes),
                allowed: allowed.remove(&KeyId::from_number(self.id)).unwrap_or_default(),
                addresses: self.addresses.as_deref().map(Addresses::stored),
                expires_at: self.expires_at.map(Timestamp),
            },
            made_by: self.maker_id.map(KeyId::from_number),
            created_at: Timestamp(self.created_at),
            last_used_at: self.last_used_at.map(Timestamp),
            disabled_at: self.disabled_at.map(Timestamp),
            revoked_at: self.revoked_at.map(Timestamp),
        })
    }
}

/// `CROSS JOIN`: SQLite goes through keys in their order and looks up the rest, whatever its statistics say.
macro_rules! listed {
    ($end:literal) => {
        concat!(
            "SELECT k.id, k.name, k.person_id, p.email, k.project_id, j.name AS project, k.hint, k.scopes, k.addresses, k.expires_at,
                k.maker_id, k.created_at, k.last_used_at, k.disabled_at, k.revoked_at
             FROM api_key k CROSS JOIN person p CROSS JOIN project j
             WHERE p.id = k.person_id AND j.id = k.project_id AND k.deleted_at IS NULL AND k.replaced_by IS NULL ",
            $end
        )
    };
}

const ALL: &str = listed!("ORDER BY k.id DESC");
const OF_PERSON: &str = listed!("AND k.person_id = $1 ORDER BY k.id DESC");
const ONE: &str = listed!("AND k.id = $1");
/// Before the conditions of a filter.
const SOME: &str = listed!("");

/// Every key, newest first.
pub(crate) async fn all(store: &Store) -> Result<Vec<ApiKey>, StoreError> {
    with_allowed(store, fetch_all!(store, Row, ALL)?).await
}

/// One person's keys, newest first.
pub(crate) async fn of_person(store: &Store, person: UserId) -> Result<Vec<ApiKey>, StoreError> {
    with_allowed(store, fetch_all!(store, Row, OF_PERSON, person.number())?).await
}

async fn with_allowed(store: &Store, rows: Vec<Row>) -> Result<Vec<ApiKey>, StoreError> {
    let mut bound = match rows.is_empty() {
        true => HashMap::new(),
        false => allowed(store).await?,
    };
    rows.into_iter().map(|row| row.key(&mut bound)).collect()
}

fn grouped(names: Vec<(i64, String, String)>) -> HashMap<KeyId, Allowed> {
    let mut bound: HashMap<KeyId, Allowed> = HashMap::new();
    for (key, kind, name) in names {
        let allowed = bound.entry(KeyId::from_number(key)).or_default();
        match kind.as_str() {
            "provider" => allowed.providers.insert(name),
            _ => allowed.models.insert(name),
        };
    }
    bound
}

/// One key that was not deleted.
pub(crate) async fn get_in(tx: &mut Tx, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let Some(row) = tx_fetch_optional!(tx, Row, ONE, id.number())? else {
        return Ok(None);
    };
    let names = tx_fetch_all!(
        tx,
        (i64, String, String),
        "SELECT key_id, kind, name FROM api_key_allowed WHERE key_id = $1",
        id.number()
    )?;
    row.key(&mut grouped(names)).map(Some)
}

/// What each key that is bound to some models may ask.
pub(crate) async fn allowed(store: &Store) -> Result<HashMap<KeyId, Allowed>, StoreError> {
    let names = fetch_all!(
        store,
        (i64, String, String),
        "SELECT key_id, kind, name FROM api_key_allowed"
    )?;
    Ok(grouped(names))
}

/// Adds a key.
pub(crate) async fn insert(tx: &mut Tx, key: &ApiKey, rights: BoundRights, token_hash: &str) -> Result<(), StoreError> {
    let [scopes, allowed, addresses, expires_at] = rights.0.map(Right::number);
    tx_execute!(
        tx,
        "INSERT INTO api_key (id, person_id, name, token_hash, hint, created_at, project_id, scopes, addresses, expires_at,
            scopes_right, allowed_right, addresses_right, expires_right, maker_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        key.id.number(),
        key.user_id.number(),
        key.name.as_str(),
        token_hash,
        key.hint.as_str(),
        key.created_at.microseconds(),
        key.project_id.number(),
        key.rules.scopes.to_string(),
        key.rules.addresses.as_ref().map(ToString::to_string),
        key.rules.expires_at.map(Timestamp::microseconds),
        scopes,
        allowed,
        addresses,
        expires_at,
        key.made_by.map(KeyId::number),
    )?;
    insert_allowed(tx, key.id, &key.rules.allowed).await
}

async fn insert_allowed(tx: &mut Tx, key: KeyId, allowed: &Allowed) -> Result<(), StoreError> {
    let providers = allowed.providers.iter().map(|name| ("provider", name));
    let models = allowed.models.iter().map(|name| ("model", name));
    for (kind, name) in providers.chain(models) {
        tx_execute!(
            tx,
            "INSERT INTO api_key_allowed (key_id, kind, name) VALUES ($1, $2, $3)",
            key.number(),
            kind,
            name.as_str()
        )?;
    }
    Ok(())
}

/// Replaces a key's name, its rules, and by whose right each of them is set.
pub(crate) async fn update(
    tx: &mut Tx,
    id: KeyId,
    name: &Label,
    rules: &KeyRules,
    rights: BoundRights,
) -> Result<(), StoreError> {
    let [scopes, allowed, addresses, expires_at] = rights.0.map(Right::number);
    tx_execute!(
        tx,
        "UPDATE api_key SET name = $2, scopes = $3, addresses = $4, expires_at = $5, scopes_right = $6, allowed_right = $7,
            addresses_right = $8, expires_right = $9 WHERE id = $1",
        id.number(),
        name.as_str(),
        rules.scopes.to_string(),
        rules.addresses.as_ref().map(ToString::to_string),
        rules.expires_at.map(Timestamp::microseconds),
        scopes,
        allowed,
        addresses,
        expires_at,
    )?;
    tx_execute!(tx, "DELETE FROM api_key_allowed WHERE key_id = $1", id.number())?;
    insert_allowed(tx, id, &rules.allowed).await
}

/// Switches a key off since a moment by some right, or on.
pub(crate) async fn set_disabled(
    tx: &mut Tx,
    id: KeyId,
    since: Option<Timestamp>,
    right: Right,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE api_key SET disabled_at = $2, disabled_right = $3 WHERE id = $1",
        id.number(),
        since.map(Timestamp::microseconds),
        right.number()
    )?;
    Ok(())
}

/// Takes a key out of the lists, and its power.
pub(crate) async fn delete(tx: &mut Tx, id: KeyId, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE api_key SET deleted_at = $2, revoked_at = COALESCE(revoked_at, $2) WHERE id = $1",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

/// Revokes a key once. Gives the number of rows: 0 when it was revoked before.
pub(crate) async fn revoke(tx: &mut Tx, id: KeyId, now: Timestamp) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id.number(),
        now.microseconds()
    )?)
}

/// What somebody's keys that are not revoked are called, by their ids.
pub(crate) async fn names_of_person(tx: &mut Tx, person: UserId) -> Result<Vec<(KeyId, String)>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (i64, String),
        "SELECT id, name FROM api_key
         WHERE person_id = $1 AND revoked_at IS NULL AND deleted_at IS NULL AND replaced_by IS NULL ORDER BY id",
        person.number()
    )?;
    let named = |(id, name)| (KeyId::from_number(id), name);
    Ok(rows.into_iter().map(named).collect())
}

/// Revokes all keys of a person. Gives how many worked until now.
pub(crate) async fn revoke_of_person(tx: &mut Tx, person: UserId, now: Timestamp) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE api_key SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL AND replaced_by IS NULL",
        person.number(),
        now.microseconds()
    )?)
}

/// Notes when a key was used.
pub(crate) async fn note_used(tx: &mut Tx, id: KeyId, at: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        id.number(),
        at.microseconds(),
    )?;
    Ok(())
}

/// How many keys somebody has in a project that were neither revoked nor deleted and have not ended.
pub(crate) async fn living(tx: &mut Tx, person: UserId, project: ProjectId, now: Timestamp) -> Result<i64, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM api_key WHERE project_id = $1 AND person_id = $2 AND replaced_by IS NULL AND deleted_at IS NULL
            AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)",
        project.number(),
        person.number(),
        now.microseconds()
    )?;
    Ok(found.map_or(0, |(count,)| count))
}

/// By which right a key was switched off.
pub(crate) async fn disabled_right(tx: &mut Tx, key: KeyId) -> Result<Right, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT disabled_right FROM api_key WHERE id = $1",
        key.number()
    )?;
    Ok(found.map_or(Right::Owner, |(right,)| Right::from_number(right)))
}

/// By which right each bound of a key was set.
pub(crate) async fn bound_rights(tx: &mut Tx, key: KeyId) -> Result<BoundRights, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64, i64, i64, i64),
        "SELECT scopes_right, allowed_right, addresses_right, expires_right FROM api_key WHERE id = $1",
        key.number()
    )?;
    let rights =
        |(scopes, allowed, addresses, end)| BoundRights([scopes, allowed, addresses, end].map(Right::from_number));
    Ok(found.map_or_else(BoundRights::default, rights))
}
