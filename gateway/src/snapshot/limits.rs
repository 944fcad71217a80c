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
    store::{self, Store, keys::Maker},
};

/// Every limit.
#[derive(Debug, Default)]
pub(crate) struct LimitBook {
    by_subject: HashMap<Subject, Vec<Arc<KnownLimit>>>,
    by_id: HashMap<LimitId, Arc<KnownLimit>>,
    makers: HashMap<KeyId, Maker>,
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

    /// Whose limits a caller counts in, each once: those of the key, of the project, and of the person; and of each key by which that came to
    /// be the same, so nobody gets out of a limit by making keys for others.
    pub fn subjects(&self, caller: Caller) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = caller.key.map(Subject::from).into_iter().collect();
        subjects.extend([Subject::from(caller.project), caller.user.into()]);
        // Whoever names an application gets out of no limit by it.
        if caller.home != caller.project {
            subjects.push(caller.home.into());
        }
        let maker = |key: &KeyId| self.makers.get(key).copied();
        let makers = std::iter::successors(caller.key.as_ref().and_then(maker), |last| maker(&last.key));
        for subject in makers.flat_map(Maker::subjects) {
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        subjects
    }

    /// Those that apply to a call, in the order in which they are locked.
    pub fn applying(&self, caller: Caller, candidate: &Candidate) -> Option<Applying> {
        if self.by_id.is_empty() {
            return None;
        }
        let hubs: [Subject; 2] = [candidate.model.into(), candidate.provider.id.into()];
        let subjects = self.subjects(caller).into_iter().chain(hubs);
        let of = subjects.flat_map(|subject| self.of(subject));
        let mut applying: Vec<Arc<KnownLimit>> = of.cloned().collect();
        applying.sort_unstable_by_key(|known| known.limit().id);
        (!applying.is_empty()).then(|| applying.into())
    }
}
