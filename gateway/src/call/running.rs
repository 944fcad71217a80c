//! What runs at this moment: to stop one call, to stop them all, and to know when the last one has ended.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::id::{CallId, UserId};
use tokio::sync::Notify;

use crate::routing::Rotation;

/// The calls of this process, and what they remember for each other.
#[derive(Debug, Default)]
pub(crate) struct Running {
    calls: Mutex<HashMap<CallId, Entry>>,
    refusing: AtomicBool,
    ended: Notify,
    /// Calls whose task has gone without knowing whether their end was written.
    left: Mutex<Vec<(CallId, UserId)>>,
    /// Whose turn it is among credentials.
    pub rotation: Rotation,
}

#[derive(Debug)]
struct Entry {
    user: UserId,
    stop: Arc<Stop>,
}

/// The wish that a call should end.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    wished: Notify,
    by_shutdown: AtomicBool,
}

impl Stop {
    /// Returns when somebody wants the call to end; says whether that is because the hub shuts down.
    pub async fn wished(&self) -> bool {
        self.wished.notified().await;
        self.by_shutdown.load(Ordering::Acquire)
    }

    fn wish(&self, by_shutdown: bool) {
        self.by_shutdown.store(by_shutdown, Ordering::Release);
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
    pub fn enter(&self, id: CallId, user: UserId) -> Option<Place<'_>> {
        let stop = Arc::new(Stop::default());
        let mut calls = self.calls();
        // Read under the lock, so that no call slips in after `refuse_new` found none.
        if self.refusing.load(Ordering::Acquire) {
            return None;
        }
        calls.insert(
            id,
            Entry {
                user,
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
            .filter(|entry| of.is_none_or(|user| user == entry.user))
        {
            Some(entry) => {
                entry.stop.wish(false);
                true
            }
            None => false,
        }
    }

    /// Notes calls whose task goes without knowing whether their end was written, for the sweeper.
    pub fn leave(&self, calls: &[(CallId, UserId)]) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.extend_from_slice(calls);
    }

    /// Takes what was noted. Calls that still run stay.
    pub fn take_left(&self) -> Vec<(CallId, UserId)> {
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
            entry.stop.wish(true);
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
    use super::*;

    const OWNER: UserId = UserId::from_number(1);

    #[tokio::test]
    async fn only_the_owner_stops_a_call_and_only_while_it_runs() {
        let running = Running::default();
        let id = CallId::from_number(7);
        let place = running.enter(id, OWNER).unwrap();
        assert!(!running.stop(id, Some(UserId::from_number(2))));
        assert!(!running.stop(CallId::from_number(8), None));
        assert!(running.stop(id, Some(OWNER)));
        assert!(!place.stop.wished().await);
        running.stop_all();
        assert!(place.stop.wished().await);
        drop(place);
        assert!(!running.stop(id, None));
    }

    #[tokio::test]
    async fn the_end_of_the_last_call_is_noticed() {
        let running = Running::default();
        running.all_ended().await;
        let place = running.enter(CallId::from_number(1), OWNER).unwrap();
        running.refuse_new();
        assert!(running.enter(CallId::from_number(2), OWNER).is_none());
        let mut waiting = std::pin::pin!(running.all_ended());
        assert!(futures_util::FutureExt::now_or_never(waiting.as_mut()).is_none());
        drop(place);
        waiting.await;
    }
}
