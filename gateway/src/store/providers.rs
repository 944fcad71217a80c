//! Table `provider`: configured upstreams.

use domain::{
    catalog::ProviderKind,
    id::ProviderId,
    name::{BaseUrl, Label},
    provider::{DisconnectPolicy, Health, Provider, ProviderDraft, Timeouts},
    time::Timestamp,
};

use super::{Store, StoreError, Tx, credentials, fetch_all, fetch_optional, tx_execute, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    title: String,
    kind: String,
    preset: Option<String>,
    base_url: Option<String>,
    connect_ms: i64,
    first_byte_ms: i64,
    gap_ms: i64,
    total_ms: i64,
    disconnect: String,
    quirks: Option<String>,
    health: String,
    last_error: Option<String>,
    last_used_at: Option<i64>,
    enabled: i64,
    position: i64,
    created_at: i64,
    models: i64,
    models_enabled: i64,
}

impl Row {
    fn provider(self) -> Result<Provider, StoreError> {
        let unreadable = |column| StoreError::Row {
            table: "provider",
            column,
        };
        let limit = |value: i64| u32::try_from(value).map_err(|_| unreadable("connect_ms"));
        Ok(Provider {
            id: ProviderId::from_number(self.id),
            draft: ProviderDraft {
                name: self.name.parse().map_err(|_| unreadable("name"))?,
                title: Label::stored(&self.title).map_err(|_| unreadable("title"))?,
                kind: ProviderKind::parse(&self.kind).ok_or(unreadable("kind"))?,
                preset: self.preset,
                base_url: self
                    .base_url
                    .map(|url| url.parse().map_err(|_| unreadable("base_url")))
                    .transpose()?,
                timeouts: Timeouts {
                    connect_ms: limit(self.connect_ms)?,
                    first_byte_ms: limit(self.first_byte_ms)?,
                    gap_ms: limit(self.gap_ms)?,
                    total_ms: limit(self.total_ms)?,
                },
                disconnect: DisconnectPolicy::parse(&self.disconnect).ok_or(unreadable("disconnect"))?,
                quirks: self
                    .quirks
                    .map(|json| serde_json::from_str(&json).map_err(|_| unreadable("quirks")))
                    .transpose()?,
            },
            enabled: self.enabled != 0,
            position: self.position,
            health: Health::parse(&self.health),
            last_error: self.last_error,
            last_used_at: self.last_used_at.map(Timestamp),
            created_at: Timestamp(self.created_at),
            credentials: Vec::new(),
            models: self.models,
            models_enabled: self.models_enabled,
        })
    }
}

const ALL: &str =
    "SELECT p.id, p.name, p.title, p.kind, p.preset, p.base_url, p.connect_ms, p.first_byte_ms, p.gap_ms, p.total_ms,
        p.disconnect, p.quirks, p.health, p.last_error, p.last_used_at, p.enabled, p.position, p.created_at,
        (SELECT COUNT(*) FROM model m WHERE m.provider_id = p.id) AS models,
        (SELECT COUNT(*) FROM model m WHERE m.provider_id = p.id AND m.enabled = 1) AS models_enabled
    FROM provider p ORDER BY p.position, p.id";
const ONE: &str =
    "SELECT p.id, p.name, p.title, p.kind, p.preset, p.base_url, p.connect_ms, p.first_byte_ms, p.gap_ms, p.total_ms,
        p.disconnect, p.quirks, p.health, p.last_error, p.last_used_at, p.enabled, p.position, p.created_at,
        (SELECT COUNT(*) FROM model m WHERE m.provider_id = p.id) AS models,
        (SELECT COUNT(*) FROM model m WHERE m.provider_id = p.id AND m.enabled = 1) AS models_enabled
    FROM provider p WHERE p.id = $1";

/// Every provider in its order, with credentials.
pub(crate) async fn all(store: &Store) -> Result<Vec<Provider>, StoreError> {
    let mut providers = fetch_all!(store, Row, ALL)?
        .into_iter()
        .map(Row::provider)
        .collect::<Result<Vec<_>, _>>()?;
    for (owner, credential) in credentials::all(store).await? {
        if let Some(provider) = providers.iter_mut().find(|provider| provider.id == owner) {
            provider.credentials.push(credential);
        }
    }
    Ok(providers)
}

/// One provider, with credentials.
pub(crate) async fn get(store: &Store, id: ProviderId) -> Result<Option<Provider>, StoreError> {
    let Some(row) = fetch_optional!(store, Row, ONE, id.number())? else {
        return Ok(None);
    };
    let mut provider = row.provider()?;
    provider.credentials = credentials::of_provider(store, id).await?;
    Ok(Some(provider))
}

/// One provider within a change, without credentials.
pub(crate) async fn get_in(tx: &mut Tx, id: ProviderId) -> Result<Option<Provider>, StoreError> {
    tx_fetch_optional!(tx, Row, ONE, id.number())?
        .map(Row::provider)
        .transpose()
}

/// The place after the last provider.
pub(crate) async fn next_position(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx_fetch_optional!(tx, (i64,), "SELECT COALESCE(MAX(position), 0) + 1 FROM provider")?;
    Ok(row.map_or(1, |(position,)| position))
}

fn quirks(draft: &ProviderDraft) -> Option<String> {
    draft
        .quirks
        .as_ref()
        .map(|quirks| serde_json::json!(quirks).to_string())
}

/// Adds a provider. A taken name violates a unique constraint.
pub(crate) async fn insert(tx: &mut Tx, provider: &Provider) -> Result<(), StoreError> {
    let draft = &provider.draft;
    tx_execute!(
        tx,
        "INSERT INTO provider (id, name, title, kind, preset, base_url, connect_ms, first_byte_ms, gap_ms, total_ms, disconnect, quirks,
            position, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        provider.id.number(),
        draft.name.as_str(),
        draft.title.as_str(),
        draft.kind.as_str(),
        draft.preset.as_deref(),
        draft.base_url.as_ref().map(BaseUrl::as_str),
        i64::from(draft.timeouts.connect_ms),
        i64::from(draft.timeouts.first_byte_ms),
        i64::from(draft.timeouts.gap_ms),
        i64::from(draft.timeouts.total_ms),
        draft.disconnect.as_str(),
        quirks(draft),
        provider.position,
        provider.created_at.microseconds(),
    )?;
    Ok(())
}

/// Replaces what an admin said about a provider.
pub(crate) async fn update(tx: &mut Tx, id: ProviderId, draft: &ProviderDraft) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE provider SET name = $2, title = $3, kind = $4, preset = $5, base_url = $6, connect_ms = $7, first_byte_ms = $8,
            gap_ms = $9, total_ms = $10, disconnect = $11, quirks = $12 WHERE id = $1",
        id.number(),
        draft.name.as_str(),
        draft.title.as_str(),
        draft.kind.as_str(),
        draft.preset.as_deref(),
        draft.base_url.as_ref().map(BaseUrl::as_str),
        i64::from(draft.timeouts.connect_ms),
        i64::from(draft.timeouts.first_byte_ms),
        i64::from(draft.timeouts.gap_ms),
        i64::from(draft.timeouts.total_ms),
        draft.disconnect.as_str(),
        quirks(draft),
    )?;
    Ok(())
}

/// Lets calls use a provider, or not.
pub(crate) async fn set_enabled(tx: &mut Tx, id: ProviderId, enabled: bool) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE provider SET enabled = $2 WHERE id = $1",
        id.number(),
        i64::from(enabled)
    )?;
    Ok(())
}

/// Notes how the last use without a credential went. What could not tell leaves a good one standing.
pub(crate) async fn note_health(
    tx: &mut Tx,
    id: ProviderId,
    health: Health,
    error: Option<&str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE provider SET health = CASE WHEN $2 = 'unknown' AND health = 'good' THEN health ELSE $2 END, last_error = $3,
            last_used_at = $4 WHERE id = $1",
        id.number(),
        health.as_str(),
        error,
        at.microseconds(),
    )?;
    Ok(())
}

/// Forgets how a provider fared: it is somewhere else now.
pub(crate) async fn forget_health(tx: &mut Tx, id: ProviderId) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE provider SET health = 'unknown', last_error = NULL, last_used_at = NULL WHERE id = $1",
        id.number()
    )?;
    Ok(())
}

/// Ids in their order.
pub(crate) async fn order(tx: &mut Tx) -> Result<Vec<ProviderId>, StoreError> {
    let rows = super::tx_fetch_all!(tx, (i64,), "SELECT id FROM provider ORDER BY position, id")?;
    Ok(rows.into_iter().map(|(id,)| ProviderId::from_number(id)).collect())
}

/// Gives a provider its place.
pub(crate) async fn set_position(tx: &mut Tx, id: ProviderId, position: i64) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE provider SET position = $2 WHERE id = $1",
        id.number(),
        position
    )?;
    Ok(())
}

/// Removes a provider with its credentials and models.
pub(crate) async fn delete(tx: &mut Tx, id: ProviderId) -> Result<(), StoreError> {
    tx_execute!(tx, "DELETE FROM provider WHERE id = $1", id.number())?;
    Ok(())
}
