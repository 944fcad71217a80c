//! Table `person`: who can sign in. Everybody has an account in the ledger from the first moment on.

use domain::{access::Role, account::User, id::UserId, time::Timestamp};

use super::{Store, StoreError, Tx, execute, fetch_all, fetch_optional, tx_execute, tx_fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    email: String,
    role: String,
    suspended: i64,
    created_at: i64,
    last_seen_at: Option<i64>,
}

impl Row {
    fn user(self) -> Result<User, StoreError> {
        Ok(User {
            id: UserId::from_number(self.id),
            email: self.email.parse().map_err(|_| StoreError::Row {
                table: "person",
                column: "email",
            })?,
            role: Role::parse(&self.role).ok_or(StoreError::Row {
                table: "person",
                column: "role",
            })?,
            suspended: self.suspended != 0,
            created_at: Timestamp(self.created_at),
            last_seen_at: self.last_seen_at.map(Timestamp),
        })
    }
}

/// Everybody, oldest first.
pub(crate) async fn all(store: &Store) -> Result<Vec<User>, StoreError> {
    let rows = fetch_all!(
        store,
        Row,
        "SELECT id, email, role, suspended, created_at, last_seen_at FROM person ORDER BY id"
    )?;
    rows.into_iter().map(Row::user).collect()
}

/// One person.
pub(crate) async fn get(store: &Store, id: UserId) -> Result<Option<User>, StoreError> {
    fetch_optional!(
        store,
        Row,
        "SELECT id, email, role, suspended, created_at, last_seen_at FROM person WHERE id = $1",
        id.number()
    )?
    .map(Row::user)
    .transpose()
}

/// One person, within a change.
pub(crate) async fn get_in(tx: &mut Tx, id: UserId) -> Result<Option<User>, StoreError> {
    tx_fetch_optional!(
        tx,
        Row,
        "SELECT id, email, role, suspended, created_at, last_seen_at FROM person WHERE id = $1",
        id.number()
    )?
    .map(Row::user)
    .transpose()
}

/// The person with this address.
pub(crate) async fn find(store: &Store, email: &str) -> Result<Option<User>, StoreError> {
    fetch_optional!(
        store,
        Row,
        "SELECT id, email, role, suspended, created_at, last_seen_at FROM person WHERE email = $1",
        email
    )?
    .map(Row::user)
    .transpose()
}

/// The same within a change.
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
        "INSERT INTO person (id, email, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        user.id.number(),
        user.email.as_str(),
        user.role.as_str(),
        password_hash,
        user.created_at.microseconds(),
    )?;
    super::ledger::open_account(tx, user.id.number(), user.created_at).await
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

/// How many admins can sign in.
pub(crate) async fn active_admins(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM person WHERE role = 'admin' AND suspended = 0"
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Whether there is any admin at all.
pub(crate) async fn any_admin(store: &Store) -> Result<bool, StoreError> {
    let row = fetch_optional!(store, (i64,), "SELECT COUNT(*) FROM person WHERE role = 'admin'")?;
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
