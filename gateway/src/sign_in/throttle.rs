//! Remembers failed sign-ins and tells how long to wait: by account, and by the address that guesses come from.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::Mutex,
};

use domain::{
    refusal::Refusal,
    time::{Micros, Timestamp},
};

/// Failures that cost nothing. Each further one doubles the delay.
const FREE_FAILURES: u32 = 5;
/// The longest delay, in seconds.
const LONGEST_DELAY: i64 = 300;
/// Failures older than this are forgotten.
const MEMORY: Micros = Micros::from_seconds(3600);
/// Names remembered at the most, so that an attacker cannot fill the memory.
const NAMES: usize = 20_000;

/// Remembers failed sign-ins by account and by address.
#[derive(Debug)]
pub struct Throttle {
    room: usize,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    names: HashMap<String, Failures>,
    /// Counts failures, which tells the older of two that happened in one moment.
    turn: u64,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
    /// The one before, for when the last turns out to be none.
    before: Timestamp,
    turn: u64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::with_room(NAMES)
    }
}

/// What is counted of an attempt: the account, and the address as far as its owner cannot change it at will.
pub fn names(email: &str, address: Option<&str>) -> Vec<String> {
    std::iter::once(account_name(email))
        .chain(address.map(|address| format!("address {}", network(address))))
        .collect()
}

/// What an account is counted under.
pub fn account_name(email: &str) -> String {
    format!("account {email}")
}

/// One subscriber has all of an IPv6 network of 64 bits, and of IPv4 one address, in whichever notation.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

impl Failures {
    /// Until when attempts are refused.
    fn blocked_until(self) -> Timestamp {
        let Some(beyond) = self.count.checked_sub(FREE_FAILURES) else {
            return Timestamp(i64::MIN);
        };
        let seconds = 1_i64
            .checked_shl(beyond.min(20))
            .unwrap_or(LONGEST_DELAY)
            .min(LONGEST_DELAY);
        self.last.plus(Micros::from_seconds(seconds))
    }
}

impl Known {
    /// Makes room for one more name. Only the one that failed longest ago is forgotten: whoever fills the memory must not
    /// thereby free those who are being guessed at.
    fn make_room(&mut self, room: usize, now: Timestamp) {
        if self.names.len() < room {
            return;
        }
        self.names.retain(|_, known| now.since(known.last) < MEMORY);
        while self.names.len() >= room {
            let oldest = self.names.iter().min_by_key(|(_, known)| known.turn);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else {
                return;
            };
            self.names.remove(&oldest);
        }
    }
}

impl Throttle {
    fn with_room(room: usize) -> Self {
        Self {
            room,
            known: Mutex::default(),
        }
    }

    /// Whether an attempt may be made now.
    ///
    /// # Errors
    /// [`Refusal::TryLater`].
    pub fn check(&self, names: &[String], now: Timestamp) -> Result<(), Refusal> {
        let Ok(known) = self.known.lock() else { return Ok(()) };
        let until = names
            .iter()
            .filter_map(|name| known.names.get(name))
            .map(|failures| failures.blocked_until())
            .max();
        match until {
            Some(until) if until > now => {
                let seconds = (until.since(now).0 + 999_999) / 1_000_000;
                Err(Refusal::TryLater {
                    seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
                })
            }
            _ => Ok(()),
        }
    }

    /// Remembers a failure.
    pub fn fail(&self, names: Vec<String>, now: Timestamp) {
        let Ok(mut known) = self.known.lock() else { return };
        for name in names {
            if !known.names.contains_key(&name) {
                known.make_room(self.room, now);
            }
            known.turn += 1;
            let turn = known.turn;
            let failures = known.names.entry(name).or_insert(Failures {
                count: 0,
                last: now,
                before: now,
                turn,
            });
            if now.since(failures.last) >= MEMORY {
                failures.count = 0;
            }
            *failures = Failures {
                count: failures.count.saturating_add(1),
                last: now,
                before: failures.last,
                turn,
            };
        }
    }

    /// Somebody has a new password: what was tried with the old one counts no more.
    pub fn forget(&self, name: &str) {
        if let Ok(mut known) = self.known.lock() {
            known.names.remove(name);
        }
    }

    /// It was the right person after all: the account's failures are forgotten. Of the address only this attempt is taken
    /// back, so that whoever has an account cannot wipe out what he tried on others.
    pub fn succeed(&self, names: &[String]) {
        let Ok(mut known) = self.known.lock() else { return };
        let Some((account, address)) = names.split_first() else {
            return;
        };
        known.names.remove(account);
        for name in address {
            if let Some(failures) = known.names.get_mut(name) {
                failures.count = failures.count.saturating_sub(1);
                failures.last = failures.before;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_000_000_000_000);

    #[test]
    fn delays_grow_end_and_are_forgotten() {
        let names = || names("a@b.c", Some("10.0.0.1"));
        let throttle = Throttle::default();
        let mut now = START;
        for _ in 0..FREE_FAILURES {
            assert_eq!(throttle.check(&names(), now), Ok(()));
            throttle.fail(names(), now);
        }
        assert_eq!(throttle.check(&names(), now), Err(Refusal::TryLater { seconds: 1 }));
        now = now.plus(Micros::from_seconds(1));
        assert_eq!(throttle.check(&names(), now), Ok(()));
        throttle.fail(names(), now);
        assert_eq!(throttle.check(&names(), now), Err(Refusal::TryLater { seconds: 2 }));
        for _ in 0..40 {
            throttle.fail(names(), now);
        }
        assert_eq!(throttle.check(&names(), now), Err(Refusal::TryLater { seconds: 300 }));
        assert_eq!(throttle.check(&["address 10.0.0.2".into()], now), Ok(()));
        throttle.succeed(&names());
        assert_eq!(throttle.check(&names()[..1], now), Ok(()), "the account is free");
        assert!(throttle.check(&names()[1..], now).is_err(), "the address is not");
    }

    #[test]
    fn an_office_may_sign_in_all_morning() {
        let throttle = Throttle::default();
        for person in 0..100 {
            let names = names(&format!("{person}@b.c"), Some("10.0.0.1"));
            assert_eq!(throttle.check(&names, START), Ok(()));
            throttle.fail(names.clone(), START);
            throttle.succeed(&names);
        }
    }

    /// Others behind one address wait for what failed there, and not for those who sign in.
    #[test]
    fn who_signs_in_puts_off_nobody_behind_the_same_address() {
        let throttle = Throttle::default();
        for number in 0..10 {
            throttle.fail(names(&format!("guess{number}@b.c"), Some("10.0.0.1")), START);
        }
        let later = START.plus(Micros::from_seconds(LONGEST_DELAY));
        let right = names("a@b.c", Some("10.0.0.1"));
        assert_eq!(throttle.check(&right, later), Ok(()));
        throttle.fail(right.clone(), later);
        throttle.succeed(&right);
        assert_eq!(throttle.check(&names("other@b.c", Some("10.0.0.1")), later), Ok(()));
        throttle.fail(names("other@b.c", Some("10.0.0.1")), later);
        let refused = throttle.check(&names("third@b.c", Some("10.0.0.1")), later);
        assert!(
            matches!(refused, Err(Refusal::TryLater { .. })),
            "ten failures still count"
        );
    }

    #[test]
    fn an_address_counts_as_far_as_its_owner_cannot_change_it() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
        assert_eq!(network("unix socket"), "unix socket");
    }

    proptest! {
        /// Against a plain model: the names that failed last are remembered with their counts, as many as there is room
        /// for, whoever else fails meanwhile.
        #[test]
        fn only_the_oldest_are_forgotten(room in 1_usize..12, failed in prop::collection::vec(0_u8..24, 0..200)) {
            let throttle = Throttle::with_room(room);
            let mut model: Vec<(u8, u32)> = Vec::new();
            for name in failed {
                throttle.fail(vec![name.to_string()], START);
                let before = model.iter().position(|(known, _)| *known == name).map(|place| model.remove(place));
                model.push((name, before.map_or(0, |(_, count)| count) + 1));
                if model.len() > room {
                    model.remove(0);
                }
                let known = throttle.known.lock().unwrap();
                let mut found: Vec<(u8, u32)> = known.names.iter().map(|(name, failures)| (name.parse().unwrap(), failures.count)).collect();
                let mut wanted = model.clone();
                found.sort_unstable();
                wanted.sort_unstable();
                prop_assert_eq!(found, wanted);
            }
        }
    }
}
