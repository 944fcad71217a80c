//! In which state versions are: by what is in force for their model, whichever of them somebody looks at.

use std::collections::{HashMap, HashSet};

use domain::{
    access::MoneyReader,
    id::{ModelId, PriceId},
    price::{Recorded, VersionState},
    time::Timestamp,
};

use super::{Prices, from_of, id_of};
use crate::{
    Error,
    store::{models, prices as table},
};

impl Prices<'_> {
    /// The state of each of these versions, of whatever models, by its id.
    ///
    /// # Errors
    /// The database's.
    pub async fn states(
        &self,
        _: &MoneyReader,
        versions: &[Recorded],
    ) -> Result<HashMap<PriceId, VersionState>, Error> {
        let now = self.0.clock.now();
        let known = models::all(&self.0.store).await?.into_iter();
        let known: HashSet<ModelId> = known.map(|model| model.id).collect();
        // Before any moment only the present counts.
        let later = |from: Timestamp| Some(from).filter(|from| *from > now);
        // Of several with one moment the last one counts. What is damaged stands in the place of what should be in force.
        let rows = table::from(&self.0.store, now).await?.into_iter();
        let counts: HashMap<(ModelId, Option<Timestamp>), PriceId> = rows
            .map(|row| ((row.model(), later(row.effective_from())), row.id()))
            .collect();
        let state = |version: &Recorded| {
            let (model, moment) = (model_of(version), later(from_of(version)));
            let counts = counts.get(&(model, moment)) == Some(&id_of(version));
            match moment {
                _ if !known.contains(&model) => VersionState::Gone,
                None if counts => VersionState::InForce,
                Some(_) if counts => VersionState::Scheduled,
                None => VersionState::Past,
                Some(_) => VersionState::Replaced,
            }
        };
        Ok(versions
            .iter()
            .map(|version| (id_of(version), state(version)))
            .collect())
    }
}

fn model_of(row: &Recorded) -> ModelId {
    row.as_ref()
        .map_or_else(|damaged| damaged.model_id, |version| version.model_id)
}
