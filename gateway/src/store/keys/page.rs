//! Keys a page at a time.

use std::collections::HashMap;

use domain::{
    id::KeyId,
    key::{Allowed, ApiKey, KeyFilter, KeyState},
    page::{Cursor, PageSize},
    time::Timestamp,
};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{Row, SOME, grouped};
use crate::store::{
    Store, StoreError,
    filtered::{filtered_count, filtered_page},
};

/// Which keys, and the moment at which some have expired.
type Wanted<'a> = (&'a KeyFilter, Timestamp);

/// Adds the conditions of a filter. Values are always bound.
fn push_filter<DB>(query: &mut QueryBuilder<DB>, (filter, now): Wanted<'_>)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
{
    if let Some(user) = filter.user {
        query.push(" AND k.person_id = ").push_bind(user.number());
    }
    if let Some(project) = filter.project {
        query.push(" AND k.project_id = ").push_bind(project.number());
    }
    // As `ApiKey::state` has it.
    let now = now.microseconds();
    match filter.state {
        None => {}
        Some(KeyState::Revoked) => {
            query.push(" AND k.revoked_at IS NOT NULL");
        }
        Some(KeyState::Expired) => {
            query
                .push(" AND k.revoked_at IS NULL AND k.expires_at <= ")
                .push_bind(now);
        }
        Some(state @ (KeyState::Disabled | KeyState::Active)) => {
            query.push(match state {
                KeyState::Disabled => " AND k.disabled_at IS NOT NULL",
                _ => " AND k.disabled_at IS NULL",
            });
            query.push(" AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ");
            query.push_bind(now).push(")");
        }
    }
}

/// The same for a count, of which `SOME` is no part.
fn push_listed<DB>(query: &mut QueryBuilder<DB>, wanted: Wanted<'_>)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
{
    query.push(" AND k.deleted_at IS NULL AND k.replaced_by IS NULL");
    push_filter(query, wanted);
}

/// One more row than a page holds, in the order of the cursor: ascending after an id, else descending.
pub(crate) async fn page(
    store: &Store,
    wanted: Wanted<'_>,
    cursor: Cursor,
    size: PageSize,
) -> Result<Vec<ApiKey>, StoreError> {
    let rows = filtered_page!(store, Row, SOME, push_filter, wanted, "k.id", cursor, size);
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut allowed = allowed_of(store, &ids).await?;
    rows.into_iter().map(|row| row.key(&mut allowed)).collect()
}

/// How many keys match, counted up to `cap`.
pub(crate) async fn count(store: &Store, wanted: Wanted<'_>, cap: i64) -> Result<i64, StoreError> {
    Ok(filtered_count!(store, "api_key k", push_listed, wanted, cap))
}

/// What those of these keys may ask that are bound to some models.
async fn allowed_of(store: &Store, keys: &[i64]) -> Result<HashMap<KeyId, Allowed>, StoreError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    macro_rules! read {
        ($pool:expr) => {{
            let mut query = QueryBuilder::new("SELECT key_id, kind, name FROM api_key_allowed WHERE key_id IN (");
            let mut list = query.separated(", ");
            for key in keys {
                list.push_bind(*key);
            }
            query.push(")");
            query.build_query_as().fetch_all($pool).await?
        }};
    }
    let names: Vec<(i64, String, String)> = match store {
        Store::Sqlite(pools) => read!(&pools.read),
        Store::Postgres(pool) => read!(&mut pool.acquire().await?),
    };
    Ok(grouped(names))
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::SOME;

    /// A page reads its own keys and no others, whoever is asked for.
    #[tokio::test]
    async fn a_page_is_read_in_order_and_by_an_index() {
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::migrate!("../migrations/sqlite").run(&mut database).await.unwrap();
        for (condition, index) in [
            ("", "PRIMARY KEY"),
            (" AND k.person_id = 7", "api_key_person"),
            (" AND k.project_id = 7", "api_key_project"),
        ] {
            let query = format!("EXPLAIN QUERY PLAN {SOME}{condition} AND k.id < 5 ORDER BY k.id DESC LIMIT 26");
            let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .fetch_all(&mut database)
                .await
                .unwrap();
            let plan: Vec<String> = plan.into_iter().map(|(.., line)| line).collect();
            assert!(plan[0].starts_with("SEARCH k ") && plan[0].contains(index), "{plan:?}");
            assert!(plan.iter().all(|line| line.starts_with("SEARCH ")), "{plan:?}");
        }
    }
}
