//! Table `identity_provider`: those that were added in the console.

use domain::{id::IdentityProviderId, identity::IdentityDraft, time::Timestamp};

use super::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_all, tx_fetch_optional};

/// A row as it is read.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: IdentityProviderId,
    pub(crate) draft: IdentityDraft,
    pub(crate) sealed: Option<String>,
    pub(crate) enabled: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    draft: String,
    sealed: Option<String>,
    enabled: i64,
}

impl Row {
    fn stored(self) -> Result<Stored, StoreError> {
        Ok(Stored {
            id: IdentityProviderId::from_number(self.id),
            draft: serde_json::from_str(&self.draft).map_err(|_| StoreError::Row {
                table: "identity_provider",
                column: "draft",
            })?,
            sealed: self.sealed,
            enabled: self.enabled != 0,
        })
    }
}

const ALL: &str = "SELECT id, draft, sealed, enabled FROM identity_provider ORDER BY id";

/// All, oldest first.
pub(crate) async fn all(store: &Store) -> Result<Vec<Stored>, StoreError> {
    fetch_all!(store, Row, ALL)?.into_iter().map(Row::stored).collect()
}

/// All, within a change.
pub(crate) async fn all_in(tx: &mut Tx) -> Result<Vec<Stored>, StoreError> {
    tx_fetch_all!(tx, Row, ALL)?.into_iter().map(Row::stored).collect()
}

/// The one with this slug, within a change.
pub(crate) async fn find_in(tx: &mut Tx, slug: &str) -> Result<Option<Stored>, StoreError> {
    // PostgreSQL takes no text with such a letter, to compare with neither.
    if slug.contains('\0') {
        return Ok(None);
    }
    tx_fetch_optional!(
        tx,
        Row,
        "SELECT id, draft, sealed, enabled FROM identity_provider WHERE slug = $1",
        slug
    )?
    .map(Row::stored)
    .transpose()
}

/// Adds one. A taken slug violates a unique constraint.
pub(crate) async fn insert(tx: &mut Tx, provider: &Stored, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO identity_provider (id, slug, draft, sealed, enabled, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        provider.id.number(),
        provider.draft.slug.as_str(),
        json(&provider.draft),
        provider.sealed.as_deref(),
        i64::from(provider.enabled),
        now.microseconds(),
    )?;
    Ok(())
}

/// Replaces all of one but its slug.
pub(crate) async fn update(tx: &mut Tx, provider: &Stored) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE identity_provider SET draft = $2, sealed = $3, enabled = $4 WHERE id = $1",
        provider.id.number(),
        json(&provider.draft),
        provider.sealed.as_deref(),
        i64::from(provider.enabled),
    )?;
    Ok(())
}

/// Removes one.
pub(crate) async fn delete(tx: &mut Tx, id: IdentityProviderId) -> Result<(), StoreError> {
    tx_execute!(tx, "DELETE FROM identity_provider WHERE id = $1", id.number())?;
    Ok(())
}

fn json(draft: &IdentityDraft) -> String {
    serde_json::to_string(draft).unwrap_or_default()
}
