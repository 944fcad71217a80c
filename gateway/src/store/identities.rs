//! Table `identity`: by what people sign in beside a password.

use domain::{
    id::{IdentityId, UserId},
    identity::Profile,
    time::Timestamp,
};

use super::{Store, StoreError, Tx, execute, fetch_all, fetch_optional, tx_execute, tx_fetch_all, tx_fetch_optional};

/// A row as its owner may see it.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) email: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) last_used_at: Option<i64>,
}

/// Whose identity this is.
pub(crate) async fn owner(store: &Store, issuer: &str, subject: &str) -> Result<Option<UserId>, StoreError> {
    let row = fetch_optional!(
        store,
        (i64,),
        "SELECT person_id FROM identity WHERE issuer = $1 AND subject = $2",
        issuer,
        subject
    )?;
    Ok(row.map(|(id,)| UserId::from_number(id)))
}

/// The same within a change.
pub(crate) async fn owner_in(tx: &mut Tx, issuer: &str, subject: &str) -> Result<Option<UserId>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT person_id FROM identity WHERE issuer = $1 AND subject = $2",
        issuer,
        subject
    )?;
    Ok(row.map(|(id,)| UserId::from_number(id)))
}

const OF_PERSON: &str =
    "SELECT id, issuer, subject, email, created_at, last_used_at FROM identity WHERE person_id = $1 ORDER BY id";

/// A person's identities, oldest first.
pub(crate) async fn of_person(store: &Store, person: UserId) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(store, Row, OF_PERSON, person.number())?)
}

/// The same within a change.
pub(crate) async fn of_person_in(tx: &mut Tx, person: UserId) -> Result<Vec<Row>, StoreError> {
    Ok(tx_fetch_all!(tx, Row, OF_PERSON, person.number())?)
}

/// How many people each issuer has.
pub(crate) async fn people_by_issuer(store: &Store) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(fetch_all!(
        store,
        (String, i64),
        "SELECT issuer, COUNT(*) FROM identity GROUP BY issuer"
    )?)
}

/// The issuers by which admins who are not suspended may sign in.
pub(crate) async fn issuers_of_admins(tx: &mut Tx) -> Result<Vec<(String,)>, StoreError> {
    Ok(tx_fetch_all!(
        tx,
        (String,),
        "SELECT DISTINCT i.issuer FROM identity i JOIN person p ON p.id = i.person_id
         WHERE p.role IN ('owner', 'admin') AND p.suspended = 0"
    )?)
}

/// Gives the identities of one issuer to another name of it.
pub(crate) async fn rename_issuer(store: &Store, from: &str, to: &str) -> Result<u64, StoreError> {
    Ok(execute!(
        store,
        "UPDATE identity SET issuer = $2 WHERE issuer = $1
            AND NOT EXISTS (SELECT 1 FROM identity o WHERE o.issuer = $2 AND o.subject = identity.subject)",
        from,
        to
    )?)
}

/// Unlinks everything from somebody.
pub(crate) async fn delete_of_person(tx: &mut Tx, person: UserId) -> Result<(), StoreError> {
    tx_execute!(tx, "DELETE FROM identity WHERE person_id = $1", person.number())?;
    Ok(())
}

/// Links an identity. One that somebody has violates a unique constraint.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: IdentityId,
    person: UserId,
    profile: &Profile,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "INSERT INTO identity (id, person_id, issuer, subject, email, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        id.number(),
        person.number(),
        profile.issuer.as_str(),
        profile.subject.as_str(),
        profile.email.as_ref().map(domain::name::Email::as_str),
        now.microseconds(),
    )?;
    Ok(())
}

/// Notes a use, and the address that was told.
pub(crate) async fn note_used(tx: &mut Tx, profile: &Profile, now: Timestamp) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE identity SET email = $3, last_used_at = $4 WHERE issuer = $1 AND subject = $2",
        profile.issuer.as_str(),
        profile.subject.as_str(),
        profile.email.as_ref().map(domain::name::Email::as_str),
        now.microseconds(),
    )?;
    Ok(())
}

/// Unlinks one.
pub(crate) async fn delete(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    tx_execute!(tx, "DELETE FROM identity WHERE id = $1", id)?;
    Ok(())
}
