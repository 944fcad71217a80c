//! Table `identity_attempt`: sign-ins between the two visits of the browser.

use domain::time::Timestamp;

use super::{Store, StoreError, execute, fetch_optional};

/// Notes one that begins.
pub(crate) async fn insert(
    store: &Store,
    state_hash: &str,
    session_hash: &str,
    sealed: &str,
    network: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        store,
        "INSERT INTO identity_attempt (state_hash, session_hash, sealed, network, expires_at) VALUES ($1, $2, $3, $4, $5)",
        state_hash,
        session_hash,
        sealed,
        network,
        expires_at.microseconds(),
    )?;
    Ok(())
}

/// How many of a network are open, and when the first of them ends.
pub(crate) async fn open_of(
    store: &Store,
    network: &str,
    now: Timestamp,
) -> Result<(i64, Option<Timestamp>), StoreError> {
    let found = fetch_optional!(
        store,
        (i64, Option<i64>),
        "SELECT COUNT(*), MIN(expires_at) FROM identity_attempt WHERE network = $1 AND expires_at > $2",
        network,
        now.microseconds(),
    )?;
    Ok(found.map_or((0, None), |(count, first)| (count, first.map(Timestamp))))
}

/// Takes one out. Of several who ask for the same, one gets it; another session does not even use it up.
pub(crate) async fn take(
    store: &Store,
    state_hash: &str,
    session_hash: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let found = fetch_optional!(
        store,
        (String,),
        "SELECT sealed FROM identity_attempt WHERE state_hash = $1 AND session_hash = $2 AND expires_at > $3",
        state_hash,
        session_hash,
        now.microseconds(),
    )?;
    let Some((sealed,)) = found else { return Ok(None) };
    let taken = execute!(store, "DELETE FROM identity_attempt WHERE state_hash = $1", state_hash)?;
    Ok((taken == 1).then_some(sealed))
}

/// Forgets those that were never finished.
pub(crate) async fn delete_expired(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "DELETE FROM identity_attempt WHERE expires_at <= $1",
        now.microseconds()
    )?;
    Ok(())
}
