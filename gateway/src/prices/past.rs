//! What another price would have made of the last days.

use domain::{
    access::MoneyReader,
    id::ModelId,
    price::{Past, Shape},
    time::Micros,
};

use super::{NO_MODEL, Prices};
use crate::{
    Error,
    store::{calls::past, models},
};

/// So far back calls are priced anew.
const DAYS: i64 = 30;

impl Prices<'_> {
    /// What the calls of a model used within the last 30 days, told apart as prices of this shape tell calls apart, and what was booked for
    /// them.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::NotFound`] without such a model; the database's.
    pub async fn past(&self, _: &MoneyReader, model: ModelId, shape: Shape) -> Result<Past, Error> {
        let known = models::all(&self.0.store).await?;
        let model = known.into_iter().find(|known| known.id == model).ok_or(NO_MODEL)?;
        let name = model.public_name();
        let whose = past::Whose {
            model: model.id,
            provider: model.provider_id,
            name: &name,
        };
        let since = self.0.clock.now().plus(Micros(-Micros::from_days(DAYS).0));
        Ok(past::since(&self.0.store, whose, since, shape).await?)
    }
}
