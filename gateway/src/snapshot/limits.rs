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
    store::{
        self, Store,
        keys::{Maker, counted_in},
    },
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

    /// Whose limits a caller counts in, each once: those that their key counts in ([`counted_in`]), or, who calls without one, their own and their
    /// personal project's. Whoever names an application counts in its project's, too, and gets out of no limit by it.
    pub fn subjects(&self, caller: Caller) -> Vec<Subject> {
        let key = caller.key.map(|key| Maker {
            key,
            user: caller.user,
            project: caller.home,
        });
        let lineage = std::iter::successors(key, |last| self.makers.get(&last.key).copied());
        let mut subjects = counted_in(lineage);
        for subject in [Subject::from(caller.project), caller.home.into(), caller.user.into()] {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::{
        access::{Admin, Role},
        id::{ProjectId, UserId},
        key::Scope,
        project::ProjectRole,
    };

    use super::*;
    use crate::{Gateway, KeyDraft, Origin, call::Payer, scene, store::tx_execute};

    const HERE: Origin<'static> = Origin::at(None);

    async fn person(hub: &Gateway, email: &str) -> UserId {
        let (root, email) = (Admin::command_line(), email.parse().unwrap());
        let made = hub
            .users()
            .create_without_password(&root, HERE, &email, Role::Admin)
            .await;
        made.unwrap().id
    }

    async fn key(hub: &Gateway, of: UserId, project: Option<ProjectId>) -> KeyId {
        let viewer = hub.sessions().viewer(of).await.unwrap().unwrap();
        let draft = KeyDraft {
            scopes: Scope::ALL.into_iter().collect(),
            project,
            ..KeyDraft::named(&"key".parse().unwrap())
        };
        let holder = viewer.key_holder().unwrap();
        let made = hub.keys().create_with(&holder, HERE, &draft).await;
        made.unwrap().key.id
    }

    /// What a call counts in, which is found in memory, is what a key counts in that changes something, which is read of what is stored.
    #[tokio::test]
    async fn memory_and_storage_say_the_same_of_each_key() {
        let folder = tempfile::tempdir().unwrap();
        let hub = Gateway::open(scene::settings(&folder)).await.unwrap();
        let root = Admin::command_line();
        let (ada, sam) = (
            person(&hub, "ada@example.com").await,
            person(&hub, "sam@example.com").await,
        );
        let projects = hub.projects();
        let shared = projects
            .create(&root, HERE, &"shared".parse().unwrap(), ada)
            .await
            .unwrap();
        let keeper = root.keeper_of(shared.clone());
        for member in [ada, sam] {
            projects
                .set_member(&keeper, HERE, member, ProjectRole::Member)
                .await
                .unwrap();
        }
        let shared = shared.id;
        // Each but the first was made by the one before: of two people, in three projects.
        let chain = [
            (key(&hub, ada, None).await, ada, ProjectId::personal_of(ada)),
            (key(&hub, sam, Some(shared)).await, sam, shared),
            (key(&hub, ada, Some(shared)).await, ada, shared),
            (key(&hub, sam, None).await, sam, ProjectId::personal_of(sam)),
        ];
        let mut tx = hub.0.store.begin().await.unwrap();
        for pair in chain.windows(2) {
            let (maker, made) = (pair[0].0.number(), pair[1].0.number());
            tx_execute!(&mut tx, "UPDATE api_key SET maker_id = $1 WHERE id = $2", maker, made).unwrap();
        }
        let book = {
            tx.commit().await.unwrap();
            LimitBook::load(&hub.0.store).await.unwrap()
        };
        for (at, (key, user, project)) in chain.into_iter().enumerate() {
            let caller = Caller {
                user,
                key: Some(key),
                project,
                home: project,
                payer: Payer::Themselves,
            };
            let mut tx = hub.0.store.begin_read().await.unwrap();
            let stored = store::keys::counted(&mut tx, key).await.unwrap();
            assert_eq!(book.subjects(caller), stored);
            let distinct: HashSet<_> = stored.iter().collect();
            assert_eq!(distinct.len(), stored.len(), "each once");
            let mine: Vec<Subject> = chain[..=at].iter().map(|(key, ..)| Subject::from(*key)).collect();
            assert!(mine.iter().all(|key| stored.contains(key)), "{stored:?}");
            // Who names an application counts in its project's, too, and in all that they counted in.
            let elsewhere = Caller {
                project: ProjectId::from_number(7),
                ..caller
            };
            let named = book.subjects(elsewhere);
            assert!(stored.iter().all(|subject| named.contains(subject)));
            assert_eq!(named.len(), stored.len() + 1);
        }
        hub.shutdown(std::time::Duration::ZERO).await;
    }
}
