//! The seals of price versions from before there were seals. Called once, when the key is made (`opening/keys.rs`).

use std::collections::{BTreeMap, HashSet};

use domain::{
    id::PriceId,
    time::{Micros, Timestamp},
};
use serde_json::json;

use super::all_after;
use crate::{
    secrets::{PRICE, PriceSeal},
    store::{Change, Store, StoreError, Tx, change::Subject, tx_execute, tx_fetch_all, tx_fetch_optional},
};

/// The action of the entries that name every version which there was when seals became a matter of the list of changes.
pub(crate) const SEALED: &str = "price.seal";

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

/// Whether the key that seals was used once: by a seal, or by an entry of the list of changes that tells of one.
pub(crate) async fn were_made(tx: &mut Tx) -> Result<bool, StoreError> {
    let sealed = tx_fetch_optional!(tx, (i64,), "SELECT id FROM price WHERE seal IS NOT NULL LIMIT 1")?;
    if sealed.is_some() {
        return Ok(true);
    }
    let told = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM audit WHERE action = $1 OR (action = 'price.publish' AND after_json LIKE '%\"seal\":\"%') LIMIT 1",
        SEALED
    )?;
    Ok(told.is_some())
}

/// Names every sealed version in the list of changes, with its seal, which is over all that is stored of it. But not what the list should
/// tell of already and does not: each version that was published since changes are chained has an entry.
pub(crate) async fn write_down(change: &mut Change<'_>, seal: &PriceSeal) -> Result<(), StoreError> {
    let tx = &mut change.tx;
    let first = tx_fetch_optional!(tx, (i64,), "SELECT at FROM audit WHERE number = 1")?;
    // Clocks of servers differ.
    let told_since = first.map_or(i64::MAX, |(at,)| at.saturating_add(Micros::from_days(1).0));
    let told: HashSet<String> = tx_fetch_all!(
        tx,
        (String,),
        "SELECT subject FROM audit WHERE action = 'price.publish' AND number IS NOT NULL"
    )?
    .into_iter()
    .map(|(subject,)| subject)
    .collect();
    let mut after = PriceId::from_number(0);
    loop {
        let rows = all_after(&mut change.tx, after).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id();
        let seals: BTreeMap<PriceId, &str> = rows
            .iter()
            .filter(|row| row.is_sealed(seal) && (row.created_at < told_since || told.contains(&row.id().to_string())))
            .filter_map(|row| Some((row.id(), row.seal.as_deref()?)))
            .collect();
        if seals.is_empty() {
            continue;
        }
        let subject = Subject {
            action: SEALED,
            id: "hub".to_owned(),
            name: "price versions",
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "seals": seals })))
            .await?;
    }
}
