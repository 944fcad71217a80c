//! Table `session`: sign-ins. The cookie's secret stands here as HMAC only.

use std::collections::{HashMap, HashSet};

use domain::{
    id::{SessionId, UserId},
    time::Timestamp,
};

use super::{Store, StoreError, Tx, change, execute, fetch_all, fetch_optional, tx_execute, tx_fetch_optional};

/// A row.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) person_id: Option<i64>,
    pub(crate) data: String,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) created_at: i64,
    pub(crate) seen_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) secured: i64,
}

/// Rows of sessions that are good: the person was not secured since they signed in.
macro_rules! good {
    ($rest:literal) => {
        concat!(
            "SELECT id, person_id, data, address, agent, created_at, seen_at, expires_at, secured FROM session
             WHERE (person_id IS NULL OR secured = (SELECT person.secured FROM person WHERE person.id = session.person_id)) AND ",
            $rest
        )
    };
}

/// The session with this token, unless it has expired, or the person was secured since they signed in.
pub(crate) async fn load(store: &Store, token_hash: &str, now: Timestamp) -> Result<Option<Row>, StoreError> {
    Ok(fetch_optional!(
        store,
        Row,
        good!("token_hash = $1 AND expires_at > $2"),
        token_hash,
        now.microseconds(),
    )?)
}

/// Adds a session. Gives false when the token is taken.
pub(crate) async fn insert(store: &Store, token_hash: &str, row: &Row) -> Result<bool, StoreError> {
    let added = execute!(
        store,
        "INSERT INTO session (id, token_hash, person_id, data, address, agent, created_at, seen_at, expires_at, secured)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (token_hash) DO NOTHING",
        row.id,
        token_hash,
        row.person_id,
        row.data.as_str(),
        row.address.as_str(),
        row.agent.as_str(),
        row.created_at,
        row.seen_at,
        row.expires_at,
        row.secured,
    )?;
    Ok(added > 0)
}

/// Changes a session that exists. A session that was ended meanwhile stays ended: false.
pub(crate) async fn update(store: &Store, token_hash: &str, row: &Row) -> Result<bool, StoreError> {
    let changed = execute!(
        store,
        "UPDATE session SET person_id = $2, data = $3, seen_at = $4, expires_at = $5 WHERE token_hash = $1",
        token_hash,
        row.person_id,
        row.data.as_str(),
        row.seen_at,
        row.expires_at,
    )?;
    Ok(changed > 0)
}

/// Removes the session with this token. Somebody's ends between changes: what looked at it is done by then, and nothing is done after.
pub(crate) async fn delete(store: &Store, token_hash: &str) -> Result<(), StoreError> {
    let visitors = "DELETE FROM session WHERE token_hash = $1 AND person_id IS NULL";
    if execute!(store, visitors, token_hash)? > 0 {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    change::lock(&mut tx).await?;
    tx_execute!(&mut tx, "DELETE FROM session WHERE token_hash = $1", token_hash)?;
    tx.commit().await
}

/// Removes what has expired. Gives the number of rows.
pub(crate) async fn delete_expired(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    Ok(execute!(
        store,
        "DELETE FROM session WHERE expires_at <= $1",
        now.microseconds()
    )?)
}

/// A person's sessions that are good, last used first.
pub(crate) async fn of_person(store: &Store, person: UserId, now: Timestamp) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(
        store,
        Row,
        good!("person_id = $1 AND expires_at > $2 ORDER BY seen_at DESC, id DESC"),
        person.number(),
        now.microseconds(),
    )?)
}

/// Removes one session of a person. Gives the number of rows.
pub(crate) async fn delete_one(tx: &mut Tx, person: UserId, id: SessionId) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "DELETE FROM session WHERE person_id = $1 AND id = $2",
        person.number(),
        id.number()
    )?)
}

/// Removes a person's sessions, all but one if that is named. Gives the number of rows.
pub(crate) async fn delete_of_person(tx: &mut Tx, person: UserId, keep: Option<SessionId>) -> Result<u64, StoreError> {
    let keep = keep.map_or(0, SessionId::number);
    Ok(tx_execute!(
        tx,
        "DELETE FROM session WHERE person_id = $1 AND id <> $2",
        person.number(),
        keep
    )?)
}

/// Whether a person's session, which was there a moment ago, was not ended, nor the person secured since they signed in.
pub(crate) async fn is_good(tx: &mut Tx, person: UserId, id: SessionId) -> Result<bool, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM session WHERE id = $1 AND person_id = $2
         AND secured = (SELECT person.secured FROM person WHERE person.id = $2)",
        id.number(),
        person.number()
    )?;
    Ok(found.is_some())
}

/// How many sessions one statement asks for.
const AT_ONCE: usize = 1000;

/// Whose those of these sessions are that were not ended, and whose person was not secured since they signed in.
pub(crate) async fn good_of(
    store: &Store,
    asked: &HashSet<SessionId>,
) -> Result<HashMap<SessionId, UserId>, StoreError> {
    let (asked, mut good) = (asked.iter().copied().collect::<Vec<_>>(), HashMap::new());
    for some in asked.chunks(AT_ONCE) {
        macro_rules! read {
            ($pool:expr) => {{
                let mut query = sqlx::QueryBuilder::new(
                    "SELECT s.id, s.person_id FROM session s JOIN person p ON p.id = s.person_id AND p.secured = s.secured
                     WHERE s.id IN (",
                );
                let mut list = query.separated(", ");
                for id in some {
                    list.push_bind(id.number());
                }
                query.push(")");
                query.build_query_as().fetch_all($pool).await?
            }};
        }
        let rows: Vec<(i64, i64)> = match store {
            Store::Sqlite(pools) => read!(&pools.read),
            Store::Postgres(pool) => read!(&mut pool.acquire().await?),
        };
        good.extend(
            rows.into_iter()
                .map(|(id, person)| (SessionId::from_number(id), UserId::from_number(person))),
        );
    }
    Ok(good)
}

/// Has one session of a person outlive that they were just secured, if it was good until then.
pub(crate) async fn keep(tx: &mut Tx, person: UserId, id: SessionId) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE session SET secured = secured + 1 WHERE person_id = $1 AND id = $2
         AND secured + 1 = (SELECT person.secured FROM person WHERE person.id = $1)",
        person.number(),
        id.number()
    )?;
    Ok(())
}
