//! Table `identity_attempt`: sign-ins by identity providers that browsers have come back from with a code, while they would still be good. Once those
//! that had begun lay here, so it has columns that are empty now.

use domain::time::Timestamp;

use super::{Store, StoreError, execute};

/// Uses a sign-in up, which is good until then. `false` when somebody has: of several who come with the same, one does.
pub(crate) async fn spend(store: &Store, state_hash: &str, until: Timestamp) -> Result<bool, StoreError> {
    let written = execute!(
        store,
        "INSERT INTO identity_attempt (state_hash, session_hash, sealed, network, expires_at) VALUES ($1, '', '', '', $2)
         ON CONFLICT (state_hash) DO NOTHING",
        state_hash,
        until.microseconds(),
    )?;
    Ok(written == 1)
}

/// Forgets those that are good no more.
pub(crate) async fn delete_expired(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "DELETE FROM identity_attempt WHERE expires_at <= $1",
        now.microseconds()
    )?;
    Ok(())
}
