//! Table `identity_attempt`: sign-ins between the two visits of the browser.

use domain::time::Timestamp;

use super::{Store, StoreError, execute, fetch_optional, tx_execute};

/// A sign-in that begins.
pub(crate) struct NewAttempt<'a> {
    pub(crate) state_hash: &'a str,
    pub(crate) session_hash: &'a str,
    pub(crate) sealed: &'a str,
    pub(crate) network: &'a str,
    pub(crate) expires_at: Timestamp,
}

/// Notes one that begins. Where its session, or its network, has as many already, those that were begun first make room.
pub(crate) async fn insert(
    store: &Store,
    new: &NewAttempt<'_>,
    (of_session, of_network): (i64, i64),
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx_execute!(
        &mut tx,
        "DELETE FROM identity_attempt WHERE state_hash IN (
            SELECT state_hash FROM identity_attempt WHERE session_hash = $1 ORDER BY expires_at DESC, state_hash LIMIT 1000 OFFSET $2)",
        new.session_hash,
        of_session - 1,
    )?;
    tx_execute!(
        &mut tx,
        "DELETE FROM identity_attempt WHERE state_hash IN (
            SELECT state_hash FROM identity_attempt WHERE network = $1 ORDER BY expires_at DESC, state_hash LIMIT 1000 OFFSET $2)",
        new.network,
        of_network - 1,
    )?;
    tx_execute!(
        &mut tx,
        "INSERT INTO identity_attempt (state_hash, session_hash, sealed, network, expires_at) VALUES ($1, $2, $3, $4, $5)",
        new.state_hash,
        new.session_hash,
        new.sealed,
        new.network,
        new.expires_at.microseconds(),
    )?;
    tx.commit().await
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
