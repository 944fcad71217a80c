//! Limits in memory: those that apply to a call are found by what it is of. A hub without limits has none to look for.

use std::{collections::HashMap, sync::Arc};

use domain::{
    id::LimitId,
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
}

impl LimitBook {
    pub(super) async fn load(store: &Store) -> Result<Self, Error> {
        let mut book = Self::default();
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

    /// Those that apply to a call, in the order in which they are locked.
    pub fn applying(&self, caller: Caller, candidate: &Candidate) -> Option<Applying> {
        if self.by_id.is_empty() {
            return None;
        }
        let subjects = [
            caller.key.map(Subject::from),
            Some(caller.project.into()),
            Some(caller.user.into()),
            Some(candidate.model.into()),
            Some(candidate.provider.id.into()),
        ];
        let of = subjects.into_iter().flatten().flat_map(|subject| self.of(subject));
        let mut applying: Vec<Arc<KnownLimit>> = of.cloned().collect();
        applying.sort_unstable_by_key(|known| known.limit().id);
        (!applying.is_empty()).then(|| applying.into())
    }
}
