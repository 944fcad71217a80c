//! What a call claims of the limits that apply to it: looked at and taken by whoever decides about credit, in the same step.
//! `call` makes claims, `ledger` decides them.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{
    id::LimitId,
    limit::{Ask, Counters, Granted, OverLimit, Ruled as _, Standing, Taking, offer, standing, take},
    time::Timestamp,
};

use super::KnownLimit;

/// The limits that apply to a call.
pub(crate) type Applying = Arc<[Arc<KnownLimit>]>;

/// A claim of a call that begins, or of one that grows.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub limits: Applying,
    pub ask: Ask,
    /// What the call has already.
    pub before: Option<Had>,
    /// What came of it; of several tries the last counts.
    answer: Arc<Mutex<Option<Had>>>,
}

/// What a call has of its limits.
#[derive(Clone, Debug)]
pub(crate) struct Had {
    /// When it was authorised: that is where it counts.
    pub at: Timestamp,
    /// What it has got this time.
    pub granted: Granted,
    /// All that it has.
    pub takings: Vec<Taking>,
    /// How its limits stand with that.
    pub standings: Vec<Standing>,
}

impl Claim {
    pub fn new(limits: Applying, ask: Ask, before: Option<Had>) -> Self {
        Self {
            limits,
            ask,
            before,
            answer: Arc::default(),
        }
    }

    /// What there is to be had.
    pub fn offer(&self, counters: &Counters, now: Timestamp) -> Result<Granted, OverLimit> {
        offer(&self.limits, counters, &self.ask, self.authorised(now), now)
    }

    /// Takes it.
    pub fn take(&self, counters: &mut Counters, granted: Granted, now: Timestamp) {
        let at = self.authorised(now);
        let mut takings = self.before.as_ref().map_or_else(Vec::new, |had| had.takings.clone());
        take(&self.limits, counters, &self.ask, granted, at, &mut takings);
        let standings = self
            .limits
            .iter()
            .map(|known| standing(&**known, counters, at))
            .collect();
        let had = Had {
            at,
            granted,
            takings,
            standings,
        };
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(had);
    }

    /// What it has got, once that is decided.
    pub fn had(&self) -> Option<Had> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The limits, in the order in which they are locked.
    pub fn ids(&self) -> impl Iterator<Item = LimitId> {
        self.limits.iter().map(|known| known.limit().id)
    }

    fn authorised(&self, now: Timestamp) -> Timestamp {
        self.before.as_ref().map_or(now, |had| had.at)
    }
}
