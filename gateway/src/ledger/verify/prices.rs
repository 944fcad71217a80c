//! Every price version: as the hub published it, none gone, none that nobody published, and which was in force when.

use std::collections::{HashMap, HashSet};

use domain::{
    id::{ModelId, PriceId},
    price::PriceVersion,
    time::Timestamp,
};

use super::{LedgerFinding, LedgerReport, Listed};
use crate::{
    Error,
    secrets::HubKeys,
    store::{Tx, prices},
};

/// All versions.
pub(super) struct Prices<'a> {
    keys: &'a HubKeys,
    versions: HashMap<PriceId, PriceVersion>,
    /// Of each model, in the order in which they take effect.
    orders: HashMap<ModelId, Vec<(Timestamp, PriceId)>>,
    /// All that were looked at, those among them that are not as they were written.
    known: HashSet<PriceId>,
}

impl<'a> Prices<'a> {
    /// Reads them; what was changed, forged or deleted is found.
    pub async fn read(
        tx: &mut Tx,
        keys: &'a HubKeys,
        listed: &mut Listed,
        report: &mut LedgerReport,
    ) -> Result<Self, Error> {
        let mut all = Self {
            keys,
            versions: HashMap::new(),
            orders: HashMap::new(),
            known: HashSet::new(),
        };
        all.read_more(tx, listed, report).await?;
        Ok(all)
    }

    /// If this version is not known and stands there, reads what was published meanwhile: an account is read later than the versions, and its
    /// calls may have been charged by one that is newer.
    pub async fn catch_up(
        &mut self,
        tx: &mut Tx,
        id: PriceId,
        listed: &mut Listed,
        report: &mut LedgerReport,
    ) -> Result<(), Error> {
        if self.known.contains(&id) || !prices::is_there(tx, id).await? {
            return Ok(());
        }
        self.read_more(tx, listed, report).await
    }

    /// Reads those that are not known yet, with what is told of them by now.
    async fn read_more(&mut self, tx: &mut Tx, listed: &mut Listed, report: &mut LedgerReport) -> Result<(), Error> {
        report.findings.extend(listed.follow(tx, &self.keys.audit).await?);
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
                if self.known.insert(row.id()) {
                    self.add(row, listed).into_iter().for_each(&mut find);
                }
            }
        }
        listed.missed_prices().into_iter().for_each(find);
        report.prices = self.known.len() as u64;
        self.orders.values_mut().for_each(|order| order.sort_unstable());
        Ok(())
    }

    /// Adds one. Gives what is wrong with it.
    fn add(&mut self, row: prices::Row, listed: &mut Listed) -> Option<String> {
        let id = row.id();
        let (model, from, sealed) = (row.model(), row.effective_from(), row.seal().to_owned());
        self.orders.entry(model).or_default().push((from, id));
        match row.version(&self.keys.price) {
            Ok(version) => {
                let problem = listed.compare_price(&version, &sealed);
                self.versions.insert(id, version);
                problem
            }
            Err(error) => {
                listed.forget_price(id);
                Some(format!("{id} is not as the hub has published it: {error}."))
            }
        }
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
