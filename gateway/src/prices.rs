//! Prices: publishing a version, what is in force and what comes next, what was. The request path reads them from the
//! snapshot (`Snapshot::price_at`).

mod offers;
mod past;
mod states;

use std::collections::HashMap;

use domain::{
    access::{Money, MoneyReader},
    id::{ModelId, PriceId},
    page::{Cursor, NameCursor, Page, PageSize},
    price::{Base, MOST_TIERS, ModelPrice, PriceDraft, PriceFilter, PriceRefusal, PriceState, PriceVersion, Recorded},
    refusal::{Refusal, Thing},
    time::{Micros, Timestamp},
};
use serde_json::json;

use crate::{
    Error, Inner, Origin,
    call_log::page_of,
    snapshot,
    store::{change::Subject, models, prices as table},
};

pub use offers::OfferList;

/// Use-cases about prices.
pub struct Prices<'a>(pub(crate) &'a Inner);

const NO_MODEL: Refusal = Refusal::NotFound { what: Thing::Model };
/// How long a commit may take without eating into [`PriceDraft::LEAD`].
const COMMIT: Micros = Micros::from_seconds(1);

/// Whose versions a history holds.
#[derive(Clone, Copy, Debug)]
pub enum PricesOf<'a> {
    /// Those of this model, whatever it was called.
    Model(ModelId),
    /// Those of the model that is called so now, and those that were published under this name.
    Name(&'a str),
}

/// A page of models with their prices, and how many there are in each state.
#[derive(Clone, Debug)]
pub struct PriceList {
    /// The models, by name.
    pub page: Page<ModelPrice>,
    /// How many match the search and the provider, in every state.
    pub all: usize,
    /// Of these, how many have no price, or one that lacks what every call uses.
    pub unpriced: usize,
    /// How many are sold below cost.
    pub below_cost: usize,
    /// How many have another price scheduled.
    pub scheduled: usize,
}

impl Prices<'_> {
    /// Publishes a version. The first one of a model is in force at once; one that replaces another two seconds after the latest moment of its
    /// commit, so that every process has it by then; or later, as asked.
    ///
    /// # Errors
    /// [`Error::Price`] with what is wrong; [`Refusal::NotFound`] without such a model; the database's.
    pub async fn publish(
        &self,
        money: &Money,
        origin: Origin<'_>,
        model: ModelId,
        draft: PriceDraft,
    ) -> Result<PriceVersion, Error> {
        check(&draft)?;
        let mut change = self.0.change(money.actor(), origin).await?;
        let seal = &self.0.keys.price;
        let known = models::get_in(&mut change.tx, model).await?.ok_or(NO_MODEL)?;
        check_cost(&draft, known.slug.as_str())?;
        let name = known.public_name();
        let newest = table::newest_in(&mut change.tx, model).await?;
        if let Base::Newest(seen) = draft.base
            && seen != newest
        {
            return Err(PriceRefusal::Stale { newest }.into());
        }
        let asked = draft.effective_from.unwrap_or(change.at);
        if asked < change.at {
            return Err(PriceRefusal::Past.into());
        }
        if draft.effective_from.is_some_and(|from| !from.is_whole_second()) {
            return Err(PriceRefusal::Fraction.into());
        }
        let mut before = table::in_force_in(&mut change.tx, seal, model, asked).await?;
        let earliest = change.at.plus(PriceDraft::LEAD).plus(COMMIT);
        let effective_from = if before.is_some() { asked.max(earliest) } else { asked };
        if effective_from > asked {
            before = table::in_force_in(&mut change.tx, seal, model, effective_from).await?;
        }
        // Ids rise with time, but other processes have other clocks; of two versions the later must have the greater one.
        let beyond = newest.and_then(|newest| newest.number().checked_add(1));
        let id = change.next_id().max(beyond.unwrap_or_default());
        let version = PriceVersion {
            id: PriceId::from_number(id),
            model_id: model,
            model: name.clone(),
            effective_from,
            created_at: change.at,
            actor: money.actor().clone(),
            reason: draft.reason.trim().to_owned(),
            source: draft.source.trim().to_owned(),
            sheet: draft.sheet,
        };
        let sealed = table::insert(&mut change.tx, seal, &version).await?;
        let subject = Subject {
            action: "price.publish",
            id: version.id.to_string(),
            name: &name,
        };
        let before = before.map(|before| match before {
            Ok(before) => told(&before),
            Err(damaged) => json!({ "price": damaged.id, "damaged": true }),
        });
        let mut after = told(&version);
        after["seal"] = sealed.into();
        change.audit(subject, before.as_ref(), Some(&after)).await?;
        let begun = change.at;
        change.publish().await?;
        if before.is_some() && self.0.clock.now() > begun.plus(COMMIT) {
            tracing::warn!(price = %version.id, "a price was committed slowly; other processes may apply it a moment late");
        }
        snapshot::reload(self.0).await?;
        Ok(version)
    }

    /// One page of models with their prices, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        &self,
        _: &MoneyReader,
        filter: &PriceFilter,
        cursor: &NameCursor,
        size: PageSize,
    ) -> Result<PriceList, Error> {
        let mut all = self.all(self.0.clock.now()).await?;
        all.sort_by_cached_key(|entry| entry.model.public_name());
        let whatever = PriceFilter {
            state: PriceState::Any,
            ..filter.clone()
        };
        let count = |state| {
            let filter = PriceFilter {
                state,
                ..whatever.clone()
            };
            all.iter().filter(|entry| filter.shows(entry)).count()
        };
        Ok(PriceList {
            all: count(PriceState::Any),
            unpriced: count(PriceState::Unpriced),
            below_cost: count(PriceState::BelowCost),
            scheduled: count(PriceState::Scheduled),
            page: Page::by_name(
                all,
                cursor,
                size,
                |entry| filter.shows(entry),
                |entry| entry.model.public_name(),
            ),
        })
    }

    /// One model with its prices.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_model(&self, _: &MoneyReader, model: ModelId) -> Result<Option<ModelPrice>, Error> {
        let all = self.all(self.0.clock.now()).await?;
        Ok(all.into_iter().find(|entry| entry.model.id == model))
    }

    /// One page of a model's versions, newest first, also when it is gone.
    ///
    /// # Errors
    /// The database's.
    pub async fn history(
        &self,
        _: &MoneyReader,
        of: PricesOf<'_>,
        cursor: Cursor,
        size: PageSize,
    ) -> Result<Page<Recorded>, Error> {
        let seal = &self.0.keys.price;
        let rows = match of {
            PricesOf::Model(model) => table::history(&self.0.store, seal, Some(model), "", cursor, size).await?,
            PricesOf::Name(name) => {
                let known = models::all(&self.0.store).await?;
                let model = known.iter().find(|model| model.public_name() == name);
                table::history(&self.0.store, seal, model.map(|model| model.id), name, cursor, size).await?
            }
        };
        Ok(page_of(rows, cursor, size, |row| id_of(row).number()))
    }

    /// What each of these versions of a model has replaced, by its id: what was in force, when it was published, at the moment from which it
    /// was to hold. Nothing for one before which nothing was.
    ///
    /// # Errors
    /// The database's.
    pub async fn replaced(
        &self,
        _: &MoneyReader,
        model: ModelId,
        versions: &[Recorded],
    ) -> Result<HashMap<PriceId, Recorded>, Error> {
        let ids = || versions.iter().map(id_of);
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Ok(HashMap::new());
        };
        let candidates = table::replaced(&self.0.store, &self.0.keys.price, model, (first, last)).await?;
        let of = |version: &Recorded| {
            let (id, from) = (id_of(version), from_of(version));
            let before = candidates.iter().filter(|row| id_of(row) < id && from_of(row) <= from);
            Some((id, before.max_by_key(|row| (from_of(row), id_of(row)))?.clone()))
        };
        Ok(versions.iter().filter_map(of).collect())
    }

    async fn all(&self, now: Timestamp) -> Result<Vec<ModelPrice>, Error> {
        let models = models::all(&self.0.store).await?;
        let newest: HashMap<ModelId, PriceId> = table::newest(&self.0.store).await?.into_iter().collect();
        let mut rows: HashMap<ModelId, Vec<(Timestamp, Recorded)>> = HashMap::new();
        for row in table::from(&self.0.store, now).await? {
            let (model, from) = (row.model(), row.effective_from());
            rows.entry(model)
                .or_default()
                .push((from, row.recorded(&self.0.keys.price)));
        }
        let entry = |model: domain::provider::Model| {
            let rows = rows.remove(&model.id).unwrap_or_default();
            let (past, later): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(from, _)| *from <= now);
            let mut scheduled: Vec<Timestamp> = later.iter().map(|(from, _)| *from).collect();
            scheduled.sort_unstable();
            scheduled.dedup();
            let next = scheduled.first().copied();
            // What is damaged lets nothing older through, and of several with one moment the last one counts.
            let current = past.into_iter().next_back().map(|(_, row)| row);
            let next = later.into_iter().rfind(|(from, _)| Some(*from) == next);
            ModelPrice {
                newest: newest.get(&model.id).copied(),
                damaged: current.as_ref().and_then(|row| row.as_ref().err()).map(|row| row.id),
                current: current.and_then(Result::ok),
                next: next.and_then(|(_, row)| row.ok()),
                scheduled,
                model,
            }
        };
        Ok(models.into_iter().map(entry).collect())
    }
}

fn id_of(row: &Recorded) -> PriceId {
    row.as_ref().map_or_else(|damaged| damaged.id, |version| version.id)
}

fn from_of(row: &Recorded) -> Timestamp {
    row.as_ref()
        .map_or_else(|damaged| damaged.effective_from, |version| version.effective_from)
}

/// What can be seen without the database.
fn check(draft: &PriceDraft) -> Result<(), PriceRefusal> {
    let plain = |text: &str| text.chars().count() <= PriceDraft::LONGEST && !text.contains(char::is_control);
    if !plain(&draft.reason) || !plain(&draft.source) {
        return Err(PriceRefusal::Text);
    }
    if draft.sheet.sell().base().is_empty() {
        return Err(PriceRefusal::Empty);
    }
    if draft.sheet.cost().tiers().len().max(draft.sheet.sell().tiers().len()) > MOST_TIERS {
        return Err(PriceRefusal::Tiers);
    }
    let never = draft.sheet.never_charged();
    if !never.is_empty() {
        return Err(PriceRefusal::NeverCharged(never));
    }
    Ok(())
}

/// Whether it is sold below cost without a yes to that. What a picture costs depends on who draws it.
fn check_cost(draft: &PriceDraft, slug: &str) -> Result<(), PriceRefusal> {
    let below = draft.sheet.below_cost(slug);
    if !draft.below_cost_ok && !below.is_empty() {
        return Err(PriceRefusal::BelowCost(below));
    }
    Ok(())
}

/// What the list of changes says of a version.
fn told(version: &PriceVersion) -> serde_json::Value {
    json!({
        "price": version.id, "sheet": version.sheet, "effective_from": version.effective_from,
        "reason": version.reason, "source": version.source,
    })
}
