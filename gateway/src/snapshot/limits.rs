//! Limits in memory: those that apply to a call are found by what it is of. A hub without limits has none to look for.

use std::{collections::HashMap, sync::Arc};

use domain::{
    id::{KeyId, LimitId},
    limit::{Ruled as _, Subject},
};

use super::Candidate;
use crate::{
    Error,
    call::Caller,
    limits::{Applying, KnownLimit},
    store::{self, Store},
};

/// Every limit.
#[derive(Debug, Default)]
pub(crate) struct LimitBook {
    by_subject: HashMap<Subject, Vec<Arc<KnownLimit>>>,
    by_id: HashMap<LimitId, Arc<KnownLimit>>,
    makers: HashMap<KeyId, KeyId>,
}

impl LimitBook {
    pub(super) async fn load(store: &Store) -> Result<Self, Error> {
        let mut book = Self {
            makers: store::keys::makers(store).await?,
            ..Self::default()
        };
        for (limit, zone) in store::limits::all(store).await? {
            let known = Arc::new(KnownLimit::new(limit, &zone));
            book.by_subject
                .entry(limit.subject)
                .or_default()
                .push(Arc::clone(&known));
            book.by_id.insert(limit.id, known);
        }
        Ok(book)
    }

    /// One limit.
    pub fn get(&self, id: LimitId) -> Option<&Arc<KnownLimit>> {
        self.by_id.get(&id)
    }

    /// Those that are on one thing.
    pub fn of(&self, subject: Subject) -> &[Arc<KnownLimit>] {
        self.by_subject.get(&subject).map_or(&[], Vec::as_slice)
    }

    /// Whose limits a caller counts in: those of the key and of each by which it came to be, of the project, and of the person.
    pub fn subjects(&self, caller: Caller) -> impl Iterator<Item = Subject> {
        let makers = std::iter::successors(caller.key, |key| self.makers.get(key).copied());
        let keys = makers.map(Subject::from);
        keys.chain([caller.project.into(), caller.user.into()])
    }

    /// Those that apply to a call, in the order in which they are locked.
    pub fn applying(&self, caller: Caller, candidate: &Candidate) -> Option<Applying> {
        if self.by_id.is_empty() {
            return None;
        }
        let hubs: [Subject; 2] = [candidate.model.into(), candidate.provider.id.into()];
        let of = self.subjects(caller).chain(hubs).flat_map(|subject| self.of(subject));
        let mut applying: Vec<Arc<KnownLimit>> = of.cloned().collect();
        applying.sort_unstable_by_key(|known| known.limit().id);
        (!applying.is_empty()).then(|| applying.into())
    }
}
