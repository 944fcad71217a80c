//! The seals of price versions from before there were seals. Called once, when the key is made (`opening`).

use domain::{id::PriceId, time::Timestamp};

use super::all_after;
use crate::{
    secrets::{PRICE, PriceSeal},
    store::{Store, StoreError, tx_execute},
};

/// Stores the key, when there is none yet, and seals every version that has no seal in the same transaction: as it stands then,
/// if it fits its digest. Of several processes that start at once the first one does so.
pub(crate) async fn begin(store: &Store, wrapped: &str, seal: &PriceSeal, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let first = tx_execute!(
        &mut tx,
        "INSERT INTO hub_key (label, sealed, updated_at) VALUES ($1, $2, $3) ON CONFLICT (label) DO NOTHING",
        PRICE,
        wrapped,
        now.microseconds(),
    )?;
    if first == 0 {
        return tx.commit().await;
    }
    let mut after = PriceId::from_number(0);
    loop {
        let rows = all_after(&mut tx, after).await?;
        let Some(last) = rows.last() else { break };
        after = last.id();
        for row in rows.iter().filter(|row| row.seal.is_none() && row.fits_its_digest()) {
            tx_execute!(
                &mut tx,
                "UPDATE price SET seal = $2 WHERE id = $1",
                row.id,
                seal.of(&row.told())
            )?;
        }
    }
    tx.commit().await
}
