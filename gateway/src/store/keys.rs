//! Table `api_key`: keys as hashes; `api_key_allowed`: what some of them may ask. A row that names another in `replaced_by` is an
//! earlier secret of that key, and no key of its own: nobody lists it.

mod request;

use std::collections::HashMap;

use domain::{
    id::{KeyId, ProjectId, UserId},
    key::{Addresses, Allowed, ApiKey, EarlierSecret, KeyRules, Scopes},
    name::Label,
    time::Timestamp,
};

pub(crate) use request::{Access, access, earlier_of_all};

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
            name: self.name.parse().map_err(|_| unreadable("api_key", "name"))?,
            user_id: UserId::from_number(self.person_id),
            user_email: self.email.parse().map_err(|_| unreadable("person", "email"))?,
            project_id: ProjectId::from_number(self.project_id),
            project_name: self.project.parse().map_err(|_| unreadable("project", "name"))?,
            hint: self.hint,
            rules: KeyRules {
                scopes: Scopes::stored(&self.scopes),
                allowed: allowed.remove(&KeyId::from_number(self.id)).unwrap_or_default(),
                addresses: self.addresses.as_deref().map(Addresses::stored),
                expires_at: self.expires_at.map(Timestamp),
            },
            created_at: Timestamp(self.created_at),
            last_used_at: self.last_used_at.map(Timestamp),
            disabled_at: self.disabled_at.map(Timestamp),
            revoked_at: self.revoked_at.map(Timestamp),
        })
    }
}

macro_rules! listed {
    ($end:literal) => {
        concat!(
            "SELECT k.id, k.name, k.person_id, p.email, k.project_id, j.name AS project, k.hint, k.scopes, k.addresses, k.expires_at,
                k.created_at, k.last_used_at, k.disabled_at, k.revoked_at
             FROM api_key k JOIN person p ON p.id = k.person_id JOIN project j ON j.id = k.project_id
             WHERE k.deleted_at IS NULL AND k.replaced_by IS NULL ",
            $end
        )
    };
}

const ALL: &str = listed!("ORDER BY k.id DESC");
const OF_PERSON: &str = listed!("AND k.person_id = $1 ORDER BY k.id DESC");
const OF_PROJECT: &str = listed!("AND k.project_id = $1 ORDER BY k.id DESC");
const ONE: &str = listed!("AND k.id = $1");

/// Every key, newest first.
pub(crate) async fn all(store: &Store) -> Result<Vec<ApiKey>, StoreError> {
    with_allowed(store, fetch_all!(store, Row, ALL)?).await
}

/// One person's keys, newest first.
pub(crate) async fn of_person(store: &Store, person: UserId) -> Result<Vec<ApiKey>, StoreError> {
    with_allowed(store, fetch_all!(store, Row, OF_PERSON, person.number())?).await
}

/// A project's keys, newest first.
pub(crate) async fn of_project(store: &Store, project: ProjectId) -> Result<Vec<ApiKey>, StoreError> {
    with_allowed(store, fetch_all!(store, Row, OF_PROJECT, project.number())?).await
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
pub(crate) async fn get(store: &Store, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    let mut tx = store.begin_read().await?;
    get_in(&mut tx, id).await
}

/// The same within a change.
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
pub(crate) async fn insert(tx: &mut Tx, key: &ApiKey, token_hash: &str) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO api_key (id, person_id, name, token_hash, hint, created_at, project_id, scopes, addresses, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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

/// Replaces a key's name and rules.
pub(crate) async fn update(tx: &mut Tx, id: KeyId, name: &Label, rules: &KeyRules) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE api_key SET name = $2, scopes = $3, addresses = $4, expires_at = $5 WHERE id = $1",
        id.number(),
        name.as_str(),
        rules.scopes.to_string(),
        rules.addresses.as_ref().map(ToString::to_string),
        rules.expires_at.map(Timestamp::microseconds),
    )?;
    tx_execute!(tx, "DELETE FROM api_key_allowed WHERE key_id = $1", id.number())?;
    insert_allowed(tx, id, &rules.allowed).await
}

/// Switches a key off since a moment by some right, or on.
pub(crate) async fn set_disabled(
    tx: &mut Tx,
    id: KeyId,
    since: Option<Timestamp>,
    right: i64,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE api_key SET disabled_at = $2, disabled_right = $3 WHERE id = $1",
        id.number(),
        since.map(Timestamp::microseconds),
        right
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

/// Gives a key another secret. The one that it had, and those before that still work, go on until a moment: the first of them in
/// a row of its own with this number.
pub(crate) async fn replace_secret(
    tx: &mut Tx,
    key: KeyId,
    (token_hash, hint): (&str, &str),
    earlier: KeyId,
    until: Timestamp,
) -> Result<(), StoreError> {
    let old = tx_fetch_optional!(
        tx,
        (String, String),
        "SELECT token_hash, hint FROM api_key WHERE id = $1",
        key.number()
    )?;
    let Some((old_hash, old_hint)) = old else {
        return Ok(());
    };
    tx_execute!(
        tx,
        "UPDATE api_key SET expires_at = $2 WHERE replaced_by = $1 AND expires_at > $2",
        key.number(),
        until.microseconds()
    )?;
    tx_execute!(
        tx,
        "UPDATE api_key SET token_hash = $2, hint = $3 WHERE id = $1",
        key.number(),
        token_hash,
        hint
    )?;
    tx_execute!(
        tx,
        "INSERT INTO api_key (id, person_id, name, token_hash, hint, created_at, project_id, scopes, expires_at, replaced_by)
         SELECT $2, person_id, name, $3, $4, created_at, project_id, '', $5, id FROM api_key WHERE id = $1",
        key.number(),
        earlier.number(),
        old_hash,
        old_hint,
        until.microseconds()
    )?;
    Ok(())
}

/// Earlier secrets of a key that still work.
pub(crate) async fn earlier(store: &Store, key: KeyId, now: Timestamp) -> Result<Vec<EarlierSecret>, StoreError> {
    let rows = fetch_all!(
        store,
        (String, i64),
        "SELECT hint, expires_at FROM api_key WHERE replaced_by = $1 AND expires_at > $2 AND revoked_at IS NULL ORDER BY id DESC",
        key.number(),
        now.microseconds()
    )?;
    let told = |(hint, until)| EarlierSecret {
        hint,
        until: Timestamp(until),
    };
    Ok(rows.into_iter().map(told).collect())
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

/// How many earlier secrets of a key still work.
pub(crate) async fn living_earlier(tx: &mut Tx, key: KeyId, now: Timestamp) -> Result<i64, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM api_key WHERE replaced_by = $1 AND expires_at > $2",
        key.number(),
        now.microseconds()
    )?;
    Ok(found.map_or(0, |(count,)| count))
}

/// Forgets the earlier secrets of a key that ended, but the newest few, of which programs that still use them are told.
pub(crate) async fn sweep_earlier(tx: &mut Tx, key: KeyId, now: Timestamp, kept: i64) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "DELETE FROM api_key WHERE replaced_by = $1 AND expires_at <= $2
            AND id NOT IN (SELECT id FROM api_key WHERE replaced_by = $1 ORDER BY id DESC LIMIT $3)",
        key.number(),
        now.microseconds(),
        kept
    )?;
    Ok(())
}

/// By which right a key was switched off: see `keys::change`.
pub(crate) async fn disabled_right(tx: &mut Tx, key: KeyId) -> Result<i64, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT disabled_right FROM api_key WHERE id = $1",
        key.number()
    )?;
    Ok(found.map_or(0, |(right,)| right))
}
