//! Other secrets for a key: the present one stands in its own row, earlier ones in rows that name it in `replaced_by`.

use domain::{id::KeyId, key::EarlierSecret, time::Timestamp};

use crate::store::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_optional};

/// Gives a key another secret. The one that it had, and those before that still work, go on until a moment: the first of them in
/// a row of its own with this number.
pub(crate) async fn replace_secret(
    tx: &mut Tx,
    key: KeyId,
    (token_hash, hint): (&str, &str),
    earlier: KeyId,
    until: Timestamp,
) -> Result<(), StoreError> {
    let old = tx_fetch_optional!(
        tx,
        (String, String),
        "SELECT token_hash, hint FROM api_key WHERE id = $1",
        key.number()
    )?;
    let Some((old_hash, old_hint)) = old else {
        return Ok(());
    };
    tx_execute!(
        tx,
        "UPDATE api_key SET expires_at = $2 WHERE replaced_by = $1 AND expires_at > $2",
        key.number(),
        until.microseconds()
    )?;
    tx_execute!(
        tx,
        "UPDATE api_key SET token_hash = $2, hint = $3 WHERE id = $1",
        key.number(),
        token_hash,
        hint
    )?;
    tx_execute!(
        tx,
        "INSERT INTO api_key (id, person_id, name, token_hash, hint, created_at, project_id, scopes, expires_at, replaced_by)
         SELECT $2, person_id, name, $3, $4, created_at, project_id, '', $5, id FROM api_key WHERE id = $1",
        key.number(),
        earlier.number(),
        old_hash,
        old_hint,
        until.microseconds()
    )?;
    Ok(())
}

/// Earlier secrets of a key that still work.
pub(crate) async fn earlier(store: &Store, key: KeyId, now: Timestamp) -> Result<Vec<EarlierSecret>, StoreError> {
    let rows = fetch_all!(
        store,
        (String, i64),
        "SELECT hint, expires_at FROM api_key WHERE replaced_by = $1 AND expires_at > $2 AND revoked_at IS NULL ORDER BY id DESC",
        key.number(),
        now.microseconds()
    )?;
    let told = |(hint, until)| EarlierSecret {
        hint,
        until: Timestamp(until),
    };
    Ok(rows.into_iter().map(told).collect())
}

/// How many earlier secrets of a key still work.
pub(crate) async fn living_earlier(tx: &mut Tx, key: KeyId, now: Timestamp) -> Result<i64, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM api_key WHERE replaced_by = $1 AND expires_at > $2",
        key.number(),
        now.microseconds()
    )?;
    Ok(found.map_or(0, |(count,)| count))
}

/// Forgets the earlier secrets of a key that ended, but the newest few, of which programs that still use them are told.
pub(crate) async fn sweep_earlier(tx: &mut Tx, key: KeyId, now: Timestamp, kept: i64) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "DELETE FROM api_key WHERE replaced_by = $1 AND expires_at <= $2
            AND id NOT IN (SELECT id FROM api_key WHERE replaced_by = $1 ORDER BY id DESC LIMIT $3)",
        key.number(),
        now.microseconds(),
        kept
    )?;
    Ok(())
}
