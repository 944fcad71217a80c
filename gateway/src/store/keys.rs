//! Table `api_key`: keys as hashes.

use domain::{
    id::{KeyId, UserId},
    key::ApiKey,
    time::Timestamp,
};

use super::{Store, StoreError, Tx, fetch_all, fetch_optional, tx_execute};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    person_id: i64,
    email: String,
    hint: String,
    created_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl Row {
    fn key(self) -> Result<ApiKey, StoreError> {
        Ok(ApiKey {
            id: KeyId::from_number(self.id),
            name: self.name.parse().map_err(|_| StoreError::Row {
                table: "api_key",
                column: "name",
            })?,
            user_id: UserId::from_number(self.person_id),
            user_email: self.email.parse().map_err(|_| StoreError::Row {
                table: "person",
                column: "email",
            })?,
            hint: self.hint,
            created_at: Timestamp(self.created_at),
            last_used_at: self.last_used_at.map(Timestamp),
            revoked_at: self.revoked_at.map(Timestamp),
        })
    }
}

const ALL: &str = "SELECT k.id, k.name, k.person_id, p.email, k.hint, k.created_at, k.last_used_at, k.revoked_at
    FROM api_key k JOIN person p ON p.id = k.person_id ORDER BY k.id DESC";
const OF_PERSON: &str = "SELECT k.id, k.name, k.person_id, p.email, k.hint, k.created_at, k.last_used_at, k.revoked_at
    FROM api_key k JOIN person p ON p.id = k.person_id WHERE k.person_id = $1 ORDER BY k.id DESC";
const ONE: &str = "SELECT k.id, k.name, k.person_id, p.email, k.hint, k.created_at, k.last_used_at, k.revoked_at
    FROM api_key k JOIN person p ON p.id = k.person_id WHERE k.id = $1";

/// Every key, newest first.
pub(crate) async fn all(store: &Store) -> Result<Vec<ApiKey>, StoreError> {
    fetch_all!(store, Row, ALL)?.into_iter().map(Row::key).collect()
}

/// One person's keys, newest first.
pub(crate) async fn of_person(store: &Store, person: UserId) -> Result<Vec<ApiKey>, StoreError> {
    fetch_all!(store, Row, OF_PERSON, person.number())?
        .into_iter()
        .map(Row::key)
        .collect()
}

/// One key.
pub(crate) async fn get(store: &Store, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
    fetch_optional!(store, Row, ONE, id.number())?.map(Row::key).transpose()
}

/// Adds a key.
pub(crate) async fn insert(tx: &mut Tx, key: &ApiKey, token_hash: &str) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO api_key (id, person_id, name, token_hash, hint, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        key.id.number(),
        key.user_id.number(),
        key.name.as_str(),
        token_hash,
        key.hint.as_str(),
        key.created_at.microseconds(),
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

/// Revokes all keys of a person. Gives how many worked until now.
pub(crate) async fn revoke_of_person(tx: &mut Tx, person: UserId, now: Timestamp) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE api_key SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL",
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

/// What the request path needs of a key.
#[derive(sqlx::FromRow)]
pub(crate) struct Access {
    pub(crate) id: i64,
    pub(crate) person_id: i64,
    pub(crate) token_hash: String,
    pub(crate) revoked: i64,
    pub(crate) suspended: i64,
}

/// Every key as the request path needs it. Auditors have none: those that they made before rest, like a suspended person's.
pub(crate) async fn access(store: &Store) -> Result<Vec<Access>, StoreError> {
    Ok(fetch_all!(
        store,
        Access,
        "SELECT k.id, k.person_id, k.token_hash, CAST(CASE WHEN k.revoked_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS revoked,
            CAST(CASE WHEN p.suspended = 1 OR p.role = 'auditor' THEN 1 ELSE 0 END AS BIGINT) AS suspended
         FROM api_key k JOIN person p ON p.id = k.person_id",
    )?)
}
