//! Prices in memory: of each model the version in force and those that take effect later. Which one counts is found by the
//! time of day, so a scheduled version takes effect without anything being read.

use std::{collections::HashMap, sync::Arc};

use domain::{
    id::{ModelId, PriceId},
    price::PriceVersion,
    time::{Micros, Timestamp},
};

use crate::{
    Error,
    secrets::PriceSeal,
    store::{self, Store},
};

/// Versions that were in force within this span are kept too, as a clock may step back.
const BEHIND: Micros = Micros::from_days(1);

/// Every model's versions.
#[derive(Debug, Default)]
pub(super) struct PriceBook(HashMap<ModelId, Vec<Stand>>);

/// A version in its place.
#[derive(Debug)]
struct Stand {
    from: Timestamp,
    id: PriceId,
    /// None for a row that is not as it was written: while it should be in force the model has no price, since another
    /// one would be the wrong one.
    version: Option<Arc<PriceVersion>>,
}

impl PriceBook {
    /// The version in force at a moment.
    pub fn at(&self, model: ModelId, moment: Timestamp) -> Option<&Arc<PriceVersion>> {
        let stands = self.0.get(&model)?;
        let later = stands.partition_point(|stand| stand.from <= moment);
        stands.get(later.checked_sub(1)?)?.version.as_ref()
    }

    /// The version that takes effect next.
    pub fn after(&self, model: ModelId, moment: Timestamp) -> Option<&Arc<PriceVersion>> {
        let stands = self.0.get(&model)?;
        let later = stands.partition_point(|stand| stand.from <= moment);
        // Of several with one moment the last one counts.
        let from = stands.get(later)?.from;
        let last = stands.partition_point(|stand| stand.from <= from);
        stands.get(last.checked_sub(1)?)?.version.as_ref()
    }

    /// Reads what is in force and what is scheduled. A version never changes, so those in `previous` are taken over.
    pub async fn load(store: &Store, seal: &PriceSeal, now: Timestamp, previous: Option<&Self>) -> Result<Self, Error> {
        let known: HashMap<PriceId, &Arc<PriceVersion>> = previous
            .into_iter()
            .flat_map(|book| book.0.values().flatten())
            .filter_map(|stand| Some((stand.id, stand.version.as_ref()?)))
            .collect();
        let mut book = Self::default();
        for row in store::prices::from(store, now.plus(Micros(-BEHIND.0))).await? {
            let (id, model, from) = (row.id(), row.model(), row.effective_from());
            let version = match known.get(&id) {
                Some(version) => Some(Arc::clone(version)),
                None => row
                    .version(seal)
                    .inspect_err(|error| {
                        tracing::error!(price = %id, %error, "a price version is not as the hub published it; its model has no price. See `aigne-hub verify-ledger`; the row has to be put back as it was");
                    })
                    .ok()
                    .map(Arc::new),
            };
            book.0.entry(model).or_default().push(Stand { from, id, version });
        }
        Ok(book)
    }
}
