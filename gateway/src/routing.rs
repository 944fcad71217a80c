//! Which of a provider's credentials a call uses: they take turns, and one that failed rests for a while.
//!
//! Kept in memory only. A credential that rests is used all the same when there is no other: the rest may be longer than
//! what is wrong with it, and an admin who has put it right should see that at the next call.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::id::CredentialId;
use tokio::time::Instant;

use crate::CredentialEntry;

/// Whose turn it is, and who rests.
#[derive(Debug, Default)]
pub(crate) struct Rotation {
    turn: AtomicUsize,
    /// How many rest, so that the usual case takes no lock.
    resting: AtomicUsize,
    until: Mutex<HashMap<CredentialId, Instant>>,
}

impl Rotation {
    /// The credential for the next attempt among those not yet tried; `None` when all were.
    pub fn pick(
        &self,
        credentials: &[Arc<CredentialEntry>],
        tried: &[CredentialId],
        now: Instant,
    ) -> Option<Arc<CredentialEntry>> {
        let count = credentials.len();
        let first = if count > 1 {
            self.turn.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        };
        let in_turn = (0..count).filter_map(|step| credentials.get((first.wrapping_add(step)) % count));
        let mut untried = in_turn.filter(|credential| !tried.contains(&credential.id));
        if self.resting.load(Ordering::Relaxed) == 0 {
            return untried.next().cloned();
        }
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        // The first that does not rest; else the one that rests least long. Among equals the first in turn.
        untried
            .min_by_key(|credential| until.get(&credential.id).filter(|until| **until > now).copied())
            .cloned()
    }

    /// Whether all of these rest, so that whoever calls now gets one that has just failed. None of none does.
    pub fn all_rest(&self, credentials: &[Arc<CredentialEntry>], now: Instant) -> bool {
        if credentials.is_empty() || self.resting.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let rests = |credential: &Arc<CredentialEntry>| until.get(&credential.id).is_some_and(|until| *until > now);
        credentials.iter().all(rests)
    }

    /// Lets a credential rest.
    pub fn rest(&self, credential: CredentialId, span: Duration, now: Instant) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, until| *until > now);
        until.insert(credential, now + span);
        self.resting.store(until.len(), Ordering::Relaxed);
    }

    /// A credential has served: it rests no longer.
    pub fn served(&self, credential: CredentialId) {
        if self.resting.load(Ordering::Relaxed) > 0 {
            let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
            until.remove(&credential);
            self.resting.store(until.len(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use ::http::HeaderValue;

    use super::*;
    use crate::{SecretText, secrets::Marks};

    fn credentials(count: i64) -> Vec<Arc<CredentialEntry>> {
        let entry = |number| CredentialEntry {
            id: CredentialId::from_number(number),
            label: number.to_string().into(),
            authorization: HeaderValue::from_static("Bearer x"),
            bare: HeaderValue::from_static("x"),
            secret: SecretText::from("x".to_owned()),
            marks: Marks::of("x"),
        };
        (0..count).map(|number| Arc::new(entry(number))).collect()
    }

    fn picked(rotation: &Rotation, all: &[Arc<CredentialEntry>], tried: &[CredentialId], now: Instant) -> Option<i64> {
        rotation.pick(all, tried, now).map(|credential| credential.id.number())
    }

    #[test]
    fn healthy_credentials_take_turns() {
        let (rotation, all, now) = (Rotation::default(), credentials(3), Instant::now());
        let order: Vec<_> = (0..6).filter_map(|_| picked(&rotation, &all, &[], now)).collect();
        assert_eq!(order, [0, 1, 2, 0, 1, 2]);
        assert_eq!(picked(&rotation, &[], &[], now), None);
    }

    #[test]
    fn one_that_rests_is_passed_over_until_its_time_or_its_success() {
        let (rotation, all, now) = (Rotation::default(), credentials(2), Instant::now());
        let resting = CredentialId::from_number(0);
        rotation.rest(resting, Duration::from_secs(30), now);
        assert_eq!(
            (0..4)
                .filter_map(|_| picked(&rotation, &all, &[], now))
                .collect::<Vec<_>>(),
            [1; 4]
        );
        let later = now + Duration::from_secs(31);
        assert!(
            (0..2)
                .filter_map(|_| picked(&rotation, &all, &[], later))
                .any(|number| number == 0)
        );
        rotation.served(resting);
        assert!(
            (0..2)
                .filter_map(|_| picked(&rotation, &all, &[], now))
                .any(|number| number == 0)
        );
    }

    #[test]
    fn when_all_rest_the_one_that_is_back_soonest_is_used() {
        let (rotation, all, now) = (Rotation::default(), credentials(2), Instant::now());
        rotation.rest(CredentialId::from_number(0), Duration::from_secs(30), now);
        assert!(!rotation.all_rest(&all, now) && rotation.all_rest(&all[..1], now));
        rotation.rest(CredentialId::from_number(1), Duration::from_secs(10), now);
        assert!(rotation.all_rest(&all, now) && !rotation.all_rest(&[], now));
        assert!(!rotation.all_rest(&all, now + Duration::from_secs(10)));
        assert_eq!(picked(&rotation, &all, &[], now), Some(1));
        assert_eq!(picked(&rotation, &all, &[CredentialId::from_number(1)], now), Some(0));
        assert_eq!(
            picked(
                &rotation,
                &all,
                &[CredentialId::from_number(0), CredentialId::from_number(1)],
                now
            ),
            None
        );
    }
}
