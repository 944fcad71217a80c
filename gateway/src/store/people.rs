//! Table `person`: who can sign in. Everybody has an account in the ledger and a personal project from the first
//! moment on. People who were deleted keep their row.

use std::collections::HashMap;

use domain::{
    access::Role,
    account::{User, UserFilter, UserState},
    id::UserId,
    name::Label,
    page::{Cursor, PageSize},
    time::Timestamp,
};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{
    Store, StoreError, Tx,
    calls::escape_like,
    execute, fetch_all, fetch_optional,
    filtered::{filtered_count, filtered_page, matches_nothing},
    tx_execute, tx_fetch_optional,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    email: String,
    name: Option<String>,
    role: String,
    suspended: i64,
    created_at: i64,
    last_seen_at: Option<i64>,
    deleted_at: Option<i64>,
}

impl Row {
    fn user(self) -> Result<User, StoreError> {
        Ok(User {
            id: UserId::from_number(self.id),
            email: self.email.parse().map_err(|_| StoreError::Row {
                table: "person",
                column: "email",
            })?,
            name: self.name.and_then(|name| Label::stored(&name).ok()),
            role: Role::parse(&self.role).ok_or(StoreError::Row {
                table: "person",
                column: "role",
            })?,
            suspended: self.suspended != 0,
            created_at: Timestamp(self.created_at),
            last_seen_at: self.last_seen_at.map(Timestamp),
            deleted_at: self.deleted_at.map(Timestamp),
        })
    }
}

const ALL: &str = "SELECT id, email, name, role, suspended, created_at, last_seen_at, deleted_at FROM person
    WHERE deleted_at IS NULL ORDER BY id";
const BY_ID: &str =
    "SELECT id, email, name, role, suspended, created_at, last_seen_at, deleted_at FROM person WHERE id = $1";
const BY_EMAIL: &str = "SELECT id, email, name, role, suspended, created_at, last_seen_at, deleted_at FROM person
    WHERE email = $1 AND deleted_at IS NULL";

/// Everybody who was not deleted, oldest first.
pub(crate) async fn all(store: &Store) -> Result<Vec<User>, StoreError> {
    fetch_all!(store, Row, ALL)?.into_iter().map(Row::user).collect()
}

/// One person.
pub(crate) async fn get(store: &Store, id: UserId) -> Result<Option<User>, StoreError> {
    fetch_optional!(store, Row, BY_ID, id.number())?
        .map(Row::user)
        .transpose()
}

/// One person, within a change.
pub(crate) async fn get_in(tx: &mut Tx, id: UserId) -> Result<Option<User>, StoreError> {
    tx_fetch_optional!(tx, Row, BY_ID, id.number())?
        .map(Row::user)
        .transpose()
}

/// The person with this address.
pub(crate) async fn find(store: &Store, email: &str) -> Result<Option<User>, StoreError> {
    fetch_optional!(store, Row, BY_EMAIL, email)?.map(Row::user).transpose()
}

/// Adds the conditions of a filter. Values are always bound.
fn push_filter<DB>(query: &mut QueryBuilder<DB>, filter: &UserFilter)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    if matches_nothing(query, &[filter.search.as_deref()]) {
        return;
    }
    query.push(match filter.state {
        None => " AND deleted_at IS NULL",
        Some(UserState::Active) => " AND deleted_at IS NULL AND suspended = 0",
        Some(UserState::Suspended) => " AND deleted_at IS NULL AND suspended = 1",
        Some(UserState::Deleted) => " AND deleted_at IS NOT NULL",
    });
    if let Some(role) = filter.role {
        query.push(" AND role = ").push_bind(role.as_str().to_owned());
    }
    if let Some(text) = &filter.search {
        // Addresses are kept in small letters.
        let pattern = format!("%{}%", escape_like(&text.to_lowercase()));
        query.push(" AND (email LIKE ").push_bind(pattern.clone());
        query.push(" ESCAPE '\\' OR LOWER(name) LIKE ").push_bind(pattern);
        query.push(" ESCAPE '\\'");
        if let Ok(id) = text.parse::<UserId>() {
            query.push(" OR id = ").push_bind(id.number());
        }
        query.push(")");
    }
}

/// One more row than a page holds, in the order of the cursor: ascending after an id, else descending.
pub(crate) async fn page(
    store: &Store,
    filter: &UserFilter,
    cursor: Cursor,
    size: PageSize,
) -> Result<Vec<User>, StoreError> {
    let rows = filtered_page!(
        store,
        Row,
        "SELECT id, email, name, role, suspended, created_at, last_seen_at, deleted_at FROM person WHERE 1 = 1",
        push_filter,
        filter,
        "id",
        cursor,
        size
    );
    rows.into_iter().map(Row::user).collect()
}

/// How many people match, counted up to `cap`.
pub(crate) async fn count(store: &Store, filter: &UserFilter, cap: i64) -> Result<i64, StoreError> {
    Ok(filtered_count!(store, "person", push_filter, filter, cap))
}

/// The person with this address, within a change.
pub(crate) async fn find_in(tx: &mut Tx, email: &str) -> Result<Option<User>, StoreError> {
    let found = tx_fetch_optional!(tx, (i64,), "SELECT id FROM person WHERE email = $1", email)?;
    match found {
        Some((id,)) => get_in(tx, UserId::from_number(id)).await,
        None => Ok(None),
    }
}

/// The stored hash of a person's password.
pub(crate) async fn password_hash(store: &Store, id: UserId) -> Result<Option<String>, StoreError> {
    let row = fetch_optional!(
        store,
        (Option<String>,),
        "SELECT password_hash FROM person WHERE id = $1",
        id.number()
    )?;
    Ok(row.and_then(|(hash,)| hash))
}

/// Adds a person. A taken address violates a unique constraint.
pub(crate) async fn insert(tx: &mut Tx, user: &User, password_hash: Option<&str>) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO person (id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        user.id.number(),
        user.email.as_str(),
        user.name.as_ref().map(Label::as_str),
        user.role.as_str(),
        password_hash,
        user.created_at.microseconds(),
    )?;
    super::ledger::open_account(tx, user.id.number(), user.created_at).await?;
    super::projects::insert_personal(tx, user.id, user.created_at).await
}

/// Replaces a password's hash.
pub(crate) async fn set_password_hash(tx: &mut Tx, id: UserId, hash: &str) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE person SET password_hash = $2 WHERE id = $1",
        id.number(),
        hash
    )?;
    Ok(())
}

/// Replaces role and suspension.
pub(crate) async fn set_standing(tx: &mut Tx, id: UserId, role: Role, suspended: bool) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE person SET role = $2, suspended = $3 WHERE id = $1",
        id.number(),
        role.as_str(),
        i64::from(suspended)
    )?;
    Ok(())
}

/// Replaces the name.
pub(crate) async fn set_name(tx: &mut Tx, id: UserId, name: Option<&Label>) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE person SET name = $2 WHERE id = $1",
        id.number(),
        name.map(Label::as_str)
    )?;
    Ok(())
}

/// Takes from somebody all that lets them in, and frees their address. The row stays, as the books and the log name it.
pub(crate) async fn delete(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE person SET email = $2, name = NULL, role = 'member', password_hash = NULL, suspended = 1, deleted_at = $3
         WHERE id = $1",
        id.number(),
        User::freed_address(id),
        now.microseconds(),
    )?;
    Ok(())
}

/// How many owners, and how many owners and admins, can sign in.
pub(crate) async fn active_admins(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64, i64),
        "SELECT CAST(COALESCE(SUM(CASE WHEN role = 'owner' THEN 1 ELSE 0 END), 0) AS BIGINT), COUNT(*)
         FROM person WHERE role IN ('owner', 'admin') AND suspended = 0"
    )?;
    Ok(row.unwrap_or_default())
}

/// Whether there is any admin at all.
pub(crate) async fn any_admin(store: &Store) -> Result<bool, StoreError> {
    let row = fetch_optional!(
        store,
        (i64,),
        "SELECT COUNT(*) FROM person WHERE role IN ('owner', 'admin')"
    )?;
    Ok(row.is_some_and(|(count,)| count > 0))
}

/// Language and theme.
pub(crate) async fn preferences(store: &Store, id: UserId) -> Result<(Option<String>, Option<String>), StoreError> {
    let row = fetch_optional!(
        store,
        (Option<String>, Option<String>),
        "SELECT language, theme FROM person WHERE id = $1",
        id.number()
    )?;
    Ok(row.unwrap_or_default())
}

/// Sets language and theme.
pub(crate) async fn set_preferences(
    store: &Store,
    id: UserId,
    language: Option<&str>,
    theme: Option<&str>,
) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE person SET language = $2, theme = $3 WHERE id = $1",
        id.number(),
        language,
        theme
    )?;
    Ok(())
}

/// Notes a sign-in.
pub(crate) async fn note_seen(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE person SET last_seen_at = $2 WHERE id = $1",
        id.number(),
        now.microseconds()
    )?;
    Ok(())
}

/// When somebody last proved that their address is theirs.
pub(crate) async fn verified_at(store: &Store, id: UserId) -> Result<Option<Timestamp>, StoreError> {
    let row = fetch_optional!(
        store,
        (Option<i64>,),
        "SELECT verified_at FROM person WHERE id = $1",
        id.number()
    )?;
    Ok(row.and_then(|(at,)| at).map(Timestamp))
}

/// The address is proved to be theirs. One that somebody else has violates a unique constraint.
pub(crate) async fn set_verified(tx: &mut Tx, id: UserId, email: &str, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE person SET email = $2, verified_at = $3 WHERE id = $1",
        id.number(),
        email,
        now.microseconds()
    )?;
    Ok(())
}

/// Notes that somebody was shown how to begin. True the first time.
pub(crate) async fn welcome(store: &Store, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let rows = execute!(
        store,
        "UPDATE person SET welcomed_at = $2 WHERE id = $1 AND welcomed_at IS NULL",
        id.number(),
        now.microseconds()
    )?;
    Ok(rows == 1)
}

/// Everybody who may ask no models, with a key or without: who is suspended or deleted, and auditors. With whether they pay for nobody's
/// calls either, as who is suspended or deleted does not.
pub(crate) async fn kept_out(store: &Store) -> Result<HashMap<UserId, bool>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, i64),
        "SELECT id, CAST(CASE WHEN suspended = 1 OR deleted_at IS NOT NULL THEN 1 ELSE 0 END AS BIGINT) FROM person
         WHERE suspended = 1 OR deleted_at IS NOT NULL OR role = 'auditor'"
    )?;
    let told = |(id, pays_nothing)| (UserId::from_number(id), pays_nothing != 0);
    Ok(rows.into_iter().map(told).collect())
}
