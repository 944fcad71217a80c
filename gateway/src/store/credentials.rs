//! Table `credential`: secrets of providers, sealed.

use domain::{
    id::{CredentialId, ProviderId},
    name::Label,
    provider::{Credential, Health},
    time::Timestamp,
};

use super::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    provider_id: i64,
    label: String,
    hint: String,
    enabled: i64,
    health: String,
    last_error: Option<String>,
    last_used_at: Option<i64>,
    created_at: i64,
}

impl Row {
    fn credential(self) -> Result<(ProviderId, Credential), StoreError> {
        let credential = Credential {
            id: CredentialId::from_number(self.id),
            label: Label::stored(&self.label).map_err(|_| StoreError::Row {
                table: "credential",
                column: "label",
            })?,
            hint: self.hint,
            enabled: self.enabled != 0,
            health: Health::parse(&self.health),
            last_error: self.last_error,
            last_used_at: self.last_used_at.map(Timestamp),
            created_at: Timestamp(self.created_at),
        };
        Ok((ProviderId::from_number(self.provider_id), credential))
    }
}

/// Every credential with its provider, oldest first.
pub(crate) async fn all(store: &Store) -> Result<Vec<(ProviderId, Credential)>, StoreError> {
    fetch_all!(
        store,
        Row,
        "SELECT id, provider_id, label, hint, enabled, health, last_error, last_used_at, created_at FROM credential ORDER BY id",
    )?
    .into_iter()
    .map(Row::credential)
    .collect()
}

/// One provider's credentials, oldest first.
pub(crate) async fn of_provider(store: &Store, provider: ProviderId) -> Result<Vec<Credential>, StoreError> {
    fetch_all!(
        store,
        Row,
        "SELECT id, provider_id, label, hint, enabled, health, last_error, last_used_at, created_at
         FROM credential WHERE provider_id = $1 ORDER BY id",
        provider.number(),
    )?
    .into_iter()
    .map(|row| row.credential().map(|(_, credential)| credential))
    .collect()
}

/// One credential of a provider, within a change.
pub(crate) async fn get_in(
    tx: &mut Tx,
    provider: ProviderId,
    id: CredentialId,
) -> Result<Option<Credential>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        Row,
        "SELECT id, provider_id, label, hint, enabled, health, last_error, last_used_at, created_at
         FROM credential WHERE provider_id = $1 AND id = $2",
        provider.number(),
        id.number(),
    )?;
    row.map(|row| row.credential().map(|(_, credential)| credential))
        .transpose()
}

/// A credential that calls may use, still sealed.
#[derive(sqlx::FromRow)]
pub(crate) struct Sealed {
    pub(crate) id: i64,
    pub(crate) provider_id: i64,
    pub(crate) label: String,
    pub(crate) sealed: String,
    pub(crate) enabled: i64,
}

/// Every credential as it is sealed, oldest first.
pub(crate) async fn sealed(store: &Store) -> Result<Vec<Sealed>, StoreError> {
    Ok(fetch_all!(
        store,
        Sealed,
        "SELECT id, provider_id, label, sealed, enabled FROM credential ORDER BY id"
    )?)
}

/// Adds a credential.
pub(crate) async fn insert(
    tx: &mut Tx,
    provider: ProviderId,
    credential: &Credential,
    sealed: &str,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO credential (id, provider_id, label, sealed, hint, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        credential.id.number(),
        provider.number(),
        credential.label.as_str(),
        sealed,
        credential.hint.as_str(),
        credential.created_at.microseconds(),
    )?;
    Ok(())
}

/// Lets calls use a credential, or not.
pub(crate) async fn set_enabled(tx: &mut Tx, id: CredentialId, enabled: bool) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE credential SET enabled = $2 WHERE id = $1",
        id.number(),
        i64::from(enabled)
    )?;
    Ok(())
}

/// Removes a credential.
pub(crate) async fn delete(tx: &mut Tx, id: CredentialId) -> Result<(), StoreError> {
    tx_execute!(tx, "DELETE FROM credential WHERE id = $1", id.number())?;
    Ok(())
}

/// Removes every credential of a provider. Gives their number.
pub(crate) async fn delete_of_provider(tx: &mut Tx, provider: ProviderId) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "DELETE FROM credential WHERE provider_id = $1",
        provider.number()
    )?)
}

/// Notes how the last use went. What could not tell leaves a good one standing.
pub(crate) async fn note_health(
    tx: &mut Tx,
    id: CredentialId,
    health: Health,
    error: Option<&str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE credential SET health = CASE WHEN $2 = 'unknown' AND health = 'good' THEN health ELSE $2 END, last_error = $3,
            last_used_at = $4 WHERE id = $1",
        id.number(),
        health.as_str(),
        error,
        at.microseconds(),
    )?;
    Ok(())
}
