//! By which key another was made. It is written once, with the key, so no chain of them is a ring; rows of keys stay, so each ends at
//! one that a person made.

use std::collections::HashMap;

use domain::id::KeyId;

use crate::store::{Store, StoreError, Tx, fetch_all, tx_fetch_optional};

/// The maker of each key that was made by one, also of those that were deleted.
pub(crate) async fn makers(store: &Store) -> Result<HashMap<KeyId, KeyId>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, i64),
        "SELECT id, maker_id FROM api_key WHERE maker_id IS NOT NULL"
    )?;
    let ids = |(key, maker)| (KeyId::from_number(key), KeyId::from_number(maker));
    Ok(rows.into_iter().map(ids).collect())
}

/// A key, the one by which it was made, the one by which that was made, and so on.
pub(crate) async fn lineage(tx: &mut Tx, key: KeyId) -> Result<Vec<KeyId>, StoreError> {
    let mut keys = vec![key];
    let mut last = key;
    loop {
        let maker = tx_fetch_optional!(
            tx,
            (i64,),
            "SELECT maker_id FROM api_key WHERE id = $1 AND maker_id IS NOT NULL",
            last.number()
        )?;
        match maker.map(|(maker,)| KeyId::from_number(maker)) {
            Some(maker) if !keys.contains(&maker) => keys.push(maker),
            _ => return Ok(keys),
        }
        last = keys.last().copied().unwrap_or(key);
    }
}
