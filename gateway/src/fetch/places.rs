//! How many calls may have files fetched at the same time, all together and of one person: nobody can make the others wait.
//! Taken by `fetch`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Calls of everybody.
const AT_ONCE: usize = 16;
/// Calls of one person.
const OF_ONE: usize = 4;

/// The places.
#[derive(Debug)]
pub(super) struct Places {
    all: Semaphore,
    /// Of whoever has a place or waits for one.
    own: Mutex<HashMap<UserId, Arc<Semaphore>>>,
}

/// A place that is taken. Dropping it makes room for the next call.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    _all: SemaphorePermit<'a>,
    _own: Own<'a>,
}

/// A person's share: of the places, and of the list of people.
#[derive(Debug)]
struct Own<'a> {
    places: &'a Places,
    user: UserId,
    permit: Option<OwnedSemaphorePermit>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            all: Semaphore::new(AT_ONCE),
            own: Mutex::default(),
        }
    }

    /// Waits for a place: first among the person's own calls, then among all.
    pub(super) async fn take(&self, user: UserId) -> Option<Place<'_>> {
        let share = {
            // Nothing is left half done under this lock.
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            let share = own.entry(user).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE)));
            Arc::clone(share)
        };
        let mut own = Own {
            places: self,
            user,
            permit: None,
        };
        own.permit = Some(share.acquire_owned().await.ok()?);
        Some(Place {
            _all: self.all.acquire().await.ok()?,
            _own: own,
        })
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        let mut own = self.places.own.lock().unwrap_or_else(PoisonError::into_inner);
        // The permit holds the share as well.
        drop(self.permit.take());
        if own.get(&self.user).is_some_and(|share| Arc::strong_count(share) == 1) {
            own.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn one_person_leaves_places_to_the_others_and_no_trace() {
        let places = Places::new();
        let (greedy, other) = (UserId::from_number(1), UserId::from_number(2));
        let mut taken = Vec::new();
        for _ in 0..OF_ONE {
            taken.push(places.take(greedy).now_or_never().flatten().unwrap());
        }
        assert!(places.take(greedy).now_or_never().is_none(), "the share is used up");
        let others = places.take(other).now_or_never().flatten();
        assert!(others.is_some());
        taken.pop();
        assert!(places.take(greedy).now_or_never().flatten().is_some());
        drop((taken, others));
        assert!(places.own.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn all_together_have_no_more_than_there_are() {
        let places = Places::new();
        let mut taken = Vec::new();
        for number in 0..AT_ONCE {
            let user = UserId::from_number(i64::try_from(number / OF_ONE).unwrap());
            taken.push(places.take(user).now_or_never().flatten().unwrap());
        }
        assert!(places.take(UserId::from_number(99)).now_or_never().is_none());
    }
}
