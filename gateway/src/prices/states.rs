//! In which state versions are: by what is in force for their model, whichever of them somebody looks at.

use std::collections::HashMap;

use domain::{
    access::MoneyReader,
    id::{ModelId, PriceId},
    price::{Recorded, VersionState},
};

use super::{Prices, from_of, id_of};
use crate::Error;

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
        let known = self.all(now).await?.into_iter();
        // What is damaged stands in the place of what should be in force.
        let in_force = known.map(|entry| {
            (
                entry.model.id,
                entry.current.map(|current| current.id).or(entry.damaged),
            )
        });
        let in_force: HashMap<ModelId, Option<PriceId>> = in_force.collect();
        let state = |version: &Recorded| match in_force.get(&model_of(version)) {
            None => VersionState::Gone,
            Some(current) if *current == Some(id_of(version)) => VersionState::InForce,
            Some(_) if from_of(version) > now => VersionState::Scheduled,
            Some(_) => VersionState::Past,
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
