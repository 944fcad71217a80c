//! What the console's search looks through: people, keys, models and providers by parts of their names, a few rows of each. Texts
//! are matched without regard to capital letters; `%` and `_` of a search are letters.
//!
//! A part of a word has no index: each table is read from its end until enough rows match. They hold thousands of rows, not
//! millions (calls are found by their id alone), and a search that matches nothing reads each of them once.

use domain::id::{KeyId, ModelId, ProviderId, UserId};

use super::{Store, StoreError, calls::escape_like, fetch_all};

/// A row that was found: its number, what it is called, what else tells it apart.
type Row = (i64, String, String);

/// A search as `LIKE` wants it.
pub(crate) fn pattern(words: &str) -> String {
    format!("%{}%", escape_like(&words.to_lowercase()))
}

/// People who are there: address and name.
pub(crate) async fn people(
    store: &Store,
    pattern: &str,
    id: Option<UserId>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(
        store,
        Row,
        "SELECT id, email, COALESCE(name, '') FROM person
         WHERE deleted_at IS NULL AND (id = $2 OR LOWER(email) LIKE $1 ESCAPE '\\' OR LOWER(name) LIKE $1 ESCAPE '\\')
         ORDER BY id DESC LIMIT $3",
        pattern,
        id.map_or(0, UserId::number),
        limit
    )?)
}

/// Keys that work, of one person or of everybody: name, and whose it is.
pub(crate) async fn keys(
    store: &Store,
    owner: Option<UserId>,
    (pattern, id): (&str, Option<KeyId>),
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(
        store,
        Row,
        "SELECT k.id, k.name, k.hint || ' · ' || p.email FROM api_key k JOIN person p ON p.id = k.person_id
         WHERE k.revoked_at IS NULL AND k.replaced_by IS NULL AND (k.person_id = $3 OR $3 = 0)
            AND (k.id = $2 OR LOWER(k.name) LIKE $1 ESCAPE '\\' OR LOWER(k.hint) LIKE $1 ESCAPE '\\')
         ORDER BY k.id DESC LIMIT $4",
        pattern,
        id.map_or(0, KeyId::number),
        owner.map_or(0, UserId::number),
        limit
    )?)
}

/// Models: `provider/model`, and what people call the provider.
pub(crate) async fn models(
    store: &Store,
    pattern: &str,
    id: Option<ModelId>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(
        store,
        Row,
        "SELECT m.id, p.name || '/' || m.slug, p.title FROM model m JOIN provider p ON p.id = m.provider_id
         WHERE m.id = $2 OR LOWER(p.name || '/' || m.slug) LIKE $1 ESCAPE '\\' OR LOWER(p.title) LIKE $1 ESCAPE '\\'
         ORDER BY p.position, p.id, m.slug LIMIT $3",
        pattern,
        id.map_or(0, ModelId::number),
        limit
    )?)
}

/// Providers: what people call it, and its name in models.
pub(crate) async fn providers(
    store: &Store,
    pattern: &str,
    id: Option<ProviderId>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(
        store,
        Row,
        "SELECT id, title, name FROM provider
         WHERE id = $2 OR LOWER(title) LIKE $1 ESCAPE '\\' OR LOWER(name) LIKE $1 ESCAPE '\\'
         ORDER BY position, id LIMIT $3",
        pattern,
        id.map_or(0, ProviderId::number),
        limit
    )?)
}
