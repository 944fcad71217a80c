//! Table `link`: what somebody may do once who holds a link. Its token stands here as HMAC only.

use domain::{
    id::{InvitationId, UserId},
    time::Timestamp,
};

use super::{Store, StoreError, Tx, execute, fetch_optional, tx_execute, tx_fetch_optional};

/// A row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) person_id: Option<i64>,
    pub(crate) invitation_id: Option<i64>,
    pub(crate) email: String,
    pub(crate) expires_at: i64,
}

const ONE: &str =
    "SELECT person_id, invitation_id, email, expires_at FROM link WHERE hash = $1 AND kind = $2 AND expires_at > $3";

/// The link that is known by this, unless its time is over.
pub(crate) async fn get(store: &Store, hash: &str, kind: &str, now: Timestamp) -> Result<Option<Row>, StoreError> {
    Ok(fetch_optional!(store, Row, ONE, hash, kind, now.microseconds())?)
}

/// Takes the link, within a change. Of two who take it, one gets it.
pub(crate) async fn take(tx: &mut Tx, hash: &str, kind: &str, now: Timestamp) -> Result<Option<Row>, StoreError> {
    let found = tx_fetch_optional!(tx, Row, ONE, hash, kind, now.microseconds())?;
    let removed = tx_execute!(tx, "DELETE FROM link WHERE hash = $1", hash)?;
    Ok(found.filter(|_| removed == 1))
}

/// Adds a link.
pub(crate) async fn insert(tx: &mut Tx, hash: &str, kind: &str, row: &Row) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO link (hash, kind, person_id, invitation_id, email, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        hash,
        kind,
        row.person_id,
        row.invitation_id,
        row.email.as_str(),
        row.expires_at,
    )?;
    Ok(())
}

/// Removes somebody's links, whatever for.
pub(crate) async fn delete_of_person(tx: &mut Tx, person: UserId) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "DELETE FROM link WHERE person_id = $1",
        person.number()
    )?)
}

/// Removes links by which somebody registers with this address.
pub(crate) async fn delete_of_stranger(tx: &mut Tx, email: &str) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "DELETE FROM link WHERE kind = 'register' AND email = $1",
        email
    )?)
}

/// Removes the links of an invitation.
pub(crate) async fn delete_of_invitation(tx: &mut Tx, id: InvitationId) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "DELETE FROM link WHERE invitation_id = $1",
        id.number()
    )?)
}

/// Removes links whose time is over.
pub(crate) async fn delete_expired(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    Ok(execute!(
        store,
        "DELETE FROM link WHERE expires_at <= $1",
        now.microseconds()
    )?)
}
