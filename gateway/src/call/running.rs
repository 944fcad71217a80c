//! What runs at this moment: to stop one call, those of whoever may not call any more, or all; and to know when the last one has ended.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

use domain::id::{AccountId, CallId, SessionId, UserId};
use tokio::sync::Notify;

use super::{Caller, KeyProblem, task::Leave};
use crate::{routing::Rotation, snapshot::ProviderEntry};

/// The calls of this process, and what they remember for each other.
#[derive(Debug, Default)]
pub(crate) struct Running {
    calls: Mutex<HashMap<CallId, Entry>>,
    refusing: AtomicBool,
    ended: Notify,
    /// Calls whose task has gone without knowing whether their end was written.
    left: Mutex<Vec<(CallId, AccountId)>>,
    /// Whose turn it is among credentials.
    pub rotation: Rotation,
}

#[derive(Debug)]
struct Entry {
    asking: Asking,
    stop: Arc<Stop>,
}

/// Who asks what from where, as far as that may be taken from them while they ask.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub caller: Caller,
    /// From where a key was used; none where somebody calls without.
    pub from: Option<IpAddr>,
    /// In which session they ask who call without.
    pub session: Option<SessionId>,
    /// Who serves the model.
    pub provider: Arc<ProviderEntry>,
    /// What the provider calls it.
    pub slug: Arc<str>,
}

/// The wish that a call should end. Several may come; what is nearer to the end of the hub wins.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    wished: Notify,
    wishes: AtomicU8,
    withdrawn: OnceLock<Withdrawn>,
}

/// Why somebody may not call any more who has begun to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withdrawn {
    /// What is wrong with their key.
    Key(KeyProblem),
    /// Their key may not ask this model.
    Model,
    /// They called by no key, and are suspended or have a role that asks no models.
    Person,
    /// They called by no key, and their session has ended.
    SignedOut,
}

/// Bits of `Stop::wishes`.
const LEFT: u8 = 1;
const STOPPED: u8 = 2;
const SHUTDOWN: u8 = 4;
const WITHDRAWN: u8 = 8;

impl Stop {
    /// Returns when the call should end. That its client has left counts only where it does so `of_client`.
    pub async fn wished(&self, of_client: bool) -> Leave {
        loop {
            self.wished.notified().await;
            match self.wishes.load(Ordering::Acquire) {
                wishes if wishes & SHUTDOWN != 0 => return Leave::Shutdown,
                wishes if wishes & STOPPED != 0 => return Leave::Stopped,
                wishes if wishes & WITHDRAWN != 0 => {
                    // Set before it was wished.
                    return Leave::Withdrawn(self.withdrawn.get().copied().unwrap_or(Withdrawn::Person));
                }
                wishes if wishes & LEFT != 0 && of_client => return Leave::Client,
                _ => {}
            }
        }
    }

    /// Whoever called may not any more. The first reason is told.
    pub fn withdraw(&self, why: Withdrawn) {
        let _ = self.withdrawn.set(why);
        self.wish(WITHDRAWN);
    }

    fn wish(&self, wish: u8) {
        self.wishes.fetch_or(wish, Ordering::AcqRel);
        self.wished.notify_one();
    }
}

/// A place among the running calls; given back when dropped.
pub(crate) struct Place<'a> {
    running: &'a Running,
    id: CallId,
    /// Tells when the call should end.
    pub stop: Arc<Stop>,
}

impl Running {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, Entry>> {
        // A panic elsewhere leaves a map that is still right.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a call; `None` when the hub takes no more.
    pub fn enter(&self, id: CallId, asking: Asking) -> Option<Place<'_>> {
        let stop = Arc::new(Stop::default());
        let mut calls = self.calls();
        // Read under the lock, so that no call slips in after `refuse_new` found none.
        if self.refusing.load(Ordering::Acquire) {
            return None;
        }
        calls.insert(
            id,
            Entry {
                asking,
                stop: Arc::clone(&stop),
            },
        );
        Some(Place {
            running: self,
            id,
            stop,
        })
    }

    /// Stops one call. `of` limits it to calls of one person. `false` when there is no such call any more.
    pub fn stop(&self, id: CallId, of: Option<UserId>) -> bool {
        match self
            .calls()
            .get(&id)
            .filter(|entry| of.is_none_or(|user| user == entry.asking.caller.user))
        {
            Some(entry) => {
                entry.stop.wish(STOPPED);
                true
            }
            None => false,
        }
    }

    /// Ends the calls of whoever may not call any more.
    pub fn withdraw(&self, withdrawn: impl Fn(&Asking) -> Option<Withdrawn>) {
        for entry in self.calls().values() {
            if let Some(why) = withdrawn(&entry.asking) {
                entry.stop.withdraw(why);
            }
        }
    }

    /// The sessions in which something is asked.
    pub fn sessions(&self) -> HashSet<SessionId> {
        self.calls().values().filter_map(|entry| entry.asking.session).collect()
    }

    /// The client of a call has left.
    pub fn client_left(&self, id: CallId) {
        if let Some(entry) = self.calls().get(&id) {
            entry.stop.wish(LEFT);
        }
    }

    /// Notes calls whose task goes without knowing whether their end was written, for the sweeper.
    pub fn leave(&self, calls: &[(CallId, AccountId)]) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.extend_from_slice(calls);
    }

    /// Takes what was noted. Calls that still run stay.
    pub fn take_left(&self) -> Vec<(CallId, AccountId)> {
        let running = self.calls();
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (stay, gone) = left.drain(..).partition(|(call, _)| running.contains_key(call));
        *left = stay;
        gone
    }

    /// From now on no call is taken.
    pub fn refuse_new(&self) {
        let _calls = self.calls();
        self.refusing.store(true, Ordering::Release);
    }

    /// Tells every running call to end.
    pub fn stop_all(&self) {
        for entry in self.calls().values() {
            entry.stop.wish(SHUTDOWN);
        }
    }

    /// Returns when no call runs.
    pub async fn all_ended(&self) {
        loop {
            let mut next = std::pin::pin!(self.ended.notified());
            // Registered before looking, so that an end between the two is not missed.
            next.as_mut().enable();
            if self.calls().is_empty() {
                return;
            }
            next.await;
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let empty = {
            let mut calls = self.running.calls();
            calls.remove(&self.id);
            calls.is_empty()
        };
        if empty {
            self.running.ended.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        catalog::{ProviderKind, Quirks},
        id::ProviderId,
        provider::{DisconnectPolicy, Timeouts},
    };

    use super::*;
    use crate::providers::Addresses;

    const OWNER: Caller = Caller::of_person(UserId::from_number(1));

    fn asks(caller: Caller) -> Asking {
        let kind = ProviderKind::Simulated;
        let provider = ProviderEntry {
            id: ProviderId::from_number(1),
            name: "p".to_owned(),
            title: "P".into(),
            logo: String::new(),
            kind,
            quirks: Quirks::default(),
            works_without_credential: true,
            proof: None,
            base_url: None,
            timeouts: Timeouts::DEFAULT,
            disconnect: DisconnectPolicy::Cancel,
            bills_on: false,
            enabled: true,
            credentials: Vec::new(),
            addresses: Addresses::of(kind, None),
            clients: crate::http::clients(&Timeouts::DEFAULT).unwrap(),
        };
        Asking {
            caller,
            from: None,
            session: None,
            provider: Arc::new(provider),
            slug: "m".into(),
        }
    }

    #[tokio::test]
    async fn only_the_owner_stops_a_call_and_only_while_it_runs() {
        let running = Running::default();
        let id = CallId::from_number(7);
        let place = running.enter(id, asks(OWNER)).unwrap();
        assert!(!running.stop(id, Some(UserId::from_number(2))));
        assert!(!running.stop(CallId::from_number(8), None));
        assert!(running.stop(id, Some(OWNER.user)));
        assert_eq!(place.stop.wished(true).await, Leave::Stopped);
        running.stop_all();
        assert_eq!(place.stop.wished(true).await, Leave::Shutdown);
        drop(place);
        assert!(!running.stop(id, None));
    }

    #[tokio::test]
    async fn who_may_not_call_any_more_is_stopped_and_told_why_first() {
        let running = Running::default();
        let other = Caller::of_person(UserId::from_number(2));
        let (his, hers) = (CallId::from_number(7), CallId::from_number(8));
        let (his, hers) = (
            running.enter(his, asks(OWNER)).unwrap(),
            running.enter(hers, asks(other)).unwrap(),
        );
        let of_owner = |why| move |asking: &Asking| (asking.caller == OWNER).then_some(Withdrawn::Key(why));
        running.withdraw(of_owner(KeyProblem::Disabled));
        running.withdraw(of_owner(KeyProblem::Revoked));
        // Whatever its provider's policy is for clients that leave.
        let why = his.stop.wished(false).await;
        assert_eq!(why, Leave::Withdrawn(Withdrawn::Key(KeyProblem::Disabled)));
        let mut waiting = std::pin::pin!(hers.stop.wished(true));
        assert_eq!(futures_util::FutureExt::now_or_never(waiting.as_mut()), None);
        running.stop_all();
        assert_eq!(his.stop.wished(true).await, Leave::Shutdown);
    }

    #[tokio::test]
    async fn that_a_client_has_left_counts_where_it_ends_the_call() {
        let running = Running::default();
        let id = CallId::from_number(7);
        let place = running.enter(id, asks(OWNER)).unwrap();
        running.client_left(id);
        assert_eq!(place.stop.wished(true).await, Leave::Client);
        running.client_left(id);
        let mut drained = std::pin::pin!(place.stop.wished(false));
        assert_eq!(futures_util::FutureExt::now_or_never(drained.as_mut()), None);
        assert!(running.stop(id, None));
        assert_eq!(drained.await, Leave::Stopped);
    }

    #[tokio::test]
    async fn the_end_of_the_last_call_is_noticed() {
        let running = Running::default();
        running.all_ended().await;
        let place = running.enter(CallId::from_number(1), asks(OWNER)).unwrap();
        running.refuse_new();
        assert!(running.enter(CallId::from_number(2), asks(OWNER)).is_none());
        let mut waiting = std::pin::pin!(running.all_ended());
        assert!(futures_util::FutureExt::now_or_never(waiting.as_mut()).is_none());
        drop(place);
        waiting.await;
    }
}
