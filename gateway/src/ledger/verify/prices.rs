//! Every price version: as the hub published it, none gone, none that nobody published, and which was in force when.

use std::collections::HashMap;

use domain::{
    id::{ModelId, PriceId},
    price::PriceVersion,
    time::Timestamp,
};

use super::{LedgerFinding, LedgerReport, Listed};
use crate::{
    Error,
    secrets::PriceSeal,
    store::{Tx, prices},
};

/// All versions.
#[derive(Default)]
pub(super) struct Prices {
    versions: HashMap<PriceId, PriceVersion>,
    /// Of each model, in the order in which they take effect.
    orders: HashMap<ModelId, Vec<(Timestamp, PriceId)>>,
    count: u64,
}

impl Prices {
    /// Reads them; what was changed, forged or deleted is found.
    pub async fn read(
        tx: &mut Tx,
        seal: &PriceSeal,
        listed: &mut Listed,
        report: &mut LedgerReport,
    ) -> Result<Self, Error> {
        let mut all = Self::default();
        let mut find = |problem| {
            report.findings.push(LedgerFinding {
                account: None,
                seq: None,
                problem,
            });
        };
        let mut after = PriceId::from_number(0);
        loop {
            let rows = prices::all_after(tx, after).await?;
            let Some(last) = rows.last().map(prices::Row::id) else {
                break;
            };
            after = last;
            for row in rows {
                all.count += 1;
                let id = row.id();
                let (model, from, sealed) = (row.model(), row.effective_from(), row.seal().to_owned());
                all.orders.entry(model).or_default().push((from, id));
                match row.version(seal) {
                    Ok(version) => {
                        listed.compare_price(&version, &sealed).into_iter().for_each(&mut find);
                        all.versions.insert(id, version);
                    }
                    Err(error) => {
                        listed.forget_price(id);
                        find(format!("{id} is not as the hub has published it: {error}."));
                    }
                }
            }
        }
        listed.missed_prices().into_iter().for_each(find);
        report.prices = all.count;
        all.orders.values_mut().for_each(|order| order.sort_unstable());
        Ok(all)
    }

    /// The version with this id, as it was written.
    pub fn get(&self, id: PriceId) -> Option<&PriceVersion> {
        self.versions.get(&id)
    }

    /// Whether this version was in force at some moment of this span.
    pub fn in_force(&self, version: &PriceVersion, from: Timestamp, until: Timestamp) -> bool {
        let order = self
            .orders
            .get(&version.model_id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let place = order.iter().position(|(_, id)| *id == version.id);
        let next = place.and_then(|place| order.get(place + 1));
        version.effective_from <= until && next.is_none_or(|(next, _)| *next >= from)
    }
}
