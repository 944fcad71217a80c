//! Table `model`: what providers offer.

use domain::{
    catalog::ProviderKind,
    id::{ModelId, ProviderId},
    name::Label,
    provider::{Model, ModelSource},
    time::Timestamp,
};

use super::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    provider_id: i64,
    provider: String,
    provider_title: String,
    kind: String,
    provider_enabled: i64,
    slug: String,
    enabled: i64,
    source: String,
    context_tokens: Option<i64>,
    created_at: i64,
}

impl Row {
    fn model(self) -> Result<Model, StoreError> {
        let unreadable = |column| StoreError::Row { table: "model", column };
        Ok(Model {
            id: ModelId::from_number(self.id),
            provider_id: ProviderId::from_number(self.provider_id),
            provider: self.provider.parse().map_err(|_| unreadable("provider"))?,
            provider_title: Label::stored(&self.provider_title).map_err(|_| unreadable("provider_title"))?,
            kind: ProviderKind::parse(&self.kind).ok_or(unreadable("kind"))?,
            slug: self.slug.parse().map_err(|_| unreadable("slug"))?,
            enabled: self.enabled != 0,
            provider_enabled: self.provider_enabled != 0,
            source: ModelSource::parse(&self.source),
            context_tokens: self.context_tokens.and_then(|tokens| u64::try_from(tokens).ok()),
            created_at: Timestamp(self.created_at),
        })
    }
}

const ALL: &str =
    "SELECT m.id, m.provider_id, p.name AS provider, p.title AS provider_title, p.kind, p.enabled AS provider_enabled,
        m.slug, m.enabled, m.source, m.context_tokens, m.created_at
    FROM model m JOIN provider p ON p.id = m.provider_id ORDER BY p.position, p.id, m.slug";
const ONE: &str =
    "SELECT m.id, m.provider_id, p.name AS provider, p.title AS provider_title, p.kind, p.enabled AS provider_enabled,
        m.slug, m.enabled, m.source, m.context_tokens, m.created_at
    FROM model m JOIN provider p ON p.id = m.provider_id WHERE m.id = $1";

/// Every model, by the order of providers, then by name.
pub(crate) async fn all(store: &Store) -> Result<Vec<Model>, StoreError> {
    fetch_all!(store, Row, ALL)?.into_iter().map(Row::model).collect()
}

/// One model, within a change.
pub(crate) async fn get_in(tx: &mut Tx, id: ModelId) -> Result<Option<Model>, StoreError> {
    tx_fetch_optional!(tx, Row, ONE, id.number())?
        .map(Row::model)
        .transpose()
}

/// Adds a model unless the provider has it already. Gives the number of rows.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: ModelId,
    provider: ProviderId,
    slug: &str,
    source: ModelSource,
    at: Timestamp,
) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "INSERT INTO model (id, provider_id, slug, source, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (provider_id, slug) DO NOTHING",
        id.number(),
        provider.number(),
        slug,
        source.as_str(),
        at.microseconds(),
    )?)
}

/// Says how many tokens a model takes; nothing when that is not known.
pub(crate) async fn set_context(tx: &mut Tx, id: ModelId, tokens: Option<i64>) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE model SET context_tokens = $2 WHERE id = $1",
        id.number(),
        tokens
    )?;
    Ok(())
}

/// The same from the provider's list, where nobody has said it yet. Gives the number of rows.
pub(crate) async fn learn_context(
    tx: &mut Tx,
    provider: ProviderId,
    slug: &str,
    tokens: i64,
) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE model SET context_tokens = $3 WHERE provider_id = $1 AND slug = $2 AND context_tokens IS NULL",
        provider.number(),
        slug,
        tokens,
    )?)
}

/// Lets calls use a model, or not.
pub(crate) async fn set_enabled(tx: &mut Tx, id: ModelId, enabled: bool) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE model SET enabled = $2 WHERE id = $1",
        id.number(),
        i64::from(enabled)
    )?;
    Ok(())
}

/// Removes a model.
pub(crate) async fn delete(tx: &mut Tx, id: ModelId) -> Result<(), StoreError> {
    tx_execute!(tx, "DELETE FROM model WHERE id = $1", id.number())?;
    Ok(())
}

/// Lets calls use all models of a provider, or none. Gives the number of rows that changed.
pub(crate) async fn set_all_enabled(tx: &mut Tx, provider: ProviderId, enabled: bool) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE model SET enabled = $2 WHERE provider_id = $1 AND enabled <> $2",
        provider.number(),
        i64::from(enabled),
    )?)
}
