//! The accounts that an owner of the ledger has in memory. So many may stay; when there are more, those go that were idle longest:
//! what they are stands in the database, and is read again when it is needed. One with an open hold stays, and so does one of
//! which something is still on its way to the disk, as memory is ahead of the database there. Called by `owned`.

use std::{collections::HashMap, sync::Arc};

use domain::id::AccountId;

use crate::ledger::Desk;

/// Kept by what an account has on its way to the disk, until that is there or given up.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnItsWay(Arc<()>);

/// An account in memory.
pub(super) struct Place {
    pub desk: Desk,
    /// To be kept by whatever is booked on it.
    pub on_its_way: OnItsWay,
    /// The number of its last use.
    used: u64,
}

/// Accounts by their ids.
pub(super) struct Desks {
    places: HashMap<AccountId, Place>,
    /// So many may stay.
    most: usize,
    /// With more than this it is tidied up. Above `most` where so many are busy.
    limit: usize,
    /// Uses so far.
    uses: u64,
}

impl Place {
    /// It is in the database as it is here.
    fn is_idle(&mut self) -> bool {
        // Nobody else keeps it, and what its last keeper waited for has happened.
        Arc::get_mut(&mut self.on_its_way.0).is_some() && self.desk.account.holds().next().is_none()
    }
}

impl Desks {
    /// Of which this many stay.
    pub fn new(most: usize) -> Self {
        Self {
            places: HashMap::new(),
            most,
            limit: most,
            uses: 0,
        }
    }

    /// An account that is used now, when it is in memory.
    pub fn get(&mut self, account: AccountId) -> Option<&mut Place> {
        self.uses += 1;
        let place = self.places.get_mut(&account)?;
        place.used = self.uses;
        Some(place)
    }

    /// Whether an account is in memory.
    pub fn contains(&self, account: AccountId) -> bool {
        self.places.contains_key(&account)
    }

    /// Takes an account that was just read.
    pub fn put(&mut self, account: AccountId, desk: Desk) {
        self.uses += 1;
        let place = Place {
            desk,
            on_its_way: OnItsWay::default(),
            used: self.uses,
        };
        self.places.insert(account, place);
        if self.places.len() > self.limit {
            self.tidy_up();
        }
    }

    /// Forgets an account.
    pub fn remove(&mut self, account: AccountId) {
        self.places.remove(&account);
    }

    /// Forgets those that were idle longest; an eighth more than has to be, so that this does not come with each account.
    fn tidy_up(&mut self) {
        let newest = self.uses;
        let mut idle: Vec<(u64, AccountId)> = self
            .places
            .iter_mut()
            .filter_map(|(account, place)| (place.used != newest && place.is_idle()).then_some((place.used, *account)))
            .collect();
        idle.sort_unstable();
        let more = self.places.len().saturating_sub(self.most - self.most / 8);
        for (_, account) in idle.into_iter().take(more) {
            self.places.remove(&account);
        }
        // Where too many are busy it is not tried with each account either.
        self.limit = self.most.max(self.places.len() + self.places.len() / 8);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::{
        id::{CallId, LotId},
        ledger::{Account, Command, Grant, LotKind, apply},
        money::Amount,
        time::Timestamp,
    };
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(5);

    fn account(number: i64) -> AccountId {
        AccountId::from_number(number)
    }

    fn nano(count: i64) -> Amount {
        Amount::from_nano(count).unwrap()
    }

    /// As it is read: with a credit.
    fn desk(number: i64) -> Desk {
        let mut account = Account::open(account(number), NOW);
        let grant = Grant {
            lot: LotId::from_number(number),
            kind: LotKind::Paid,
            priority: 1,
            amount: nano(1_000),
            effective_at: NOW,
            expires_at: None,
            source: String::new(),
            reason: String::new(),
        };
        apply(&mut account, &Command::Grant(grant), NOW).unwrap();
        Desk {
            account,
            chain: "".into(),
        }
    }

    #[derive(Clone, Debug)]
    enum Event {
        /// Used as it is.
        Use(i64),
        /// A call begins, and holds.
        Hold(i64),
        /// It ends.
        Release(i64),
        /// Something is booked, and on its way.
        Book(i64),
        /// All of that is on the disk.
        Written(i64),
    }

    fn event() -> impl Strategy<Value = Event> {
        let some = || 0..24_i64;
        prop_oneof![
            6 => some().prop_map(Event::Use),
            2 => some().prop_map(Event::Hold),
            2 => some().prop_map(Event::Release),
            2 => some().prop_map(Event::Book),
            2 => some().prop_map(Event::Written),
        ]
    }

    proptest! {
        /// Against a plain list of what is used, held and on its way: the busy stay, of the others the last used, and as many as may.
        #[test]
        fn the_busy_stay_and_of_the_others_those_that_were_used_last(
            most in 1..12_usize,
            events in proptest::collection::vec(event(), 1..200),
        ) {
            let mut desks = Desks::new(most);
            let (mut order, mut busiest) = (Vec::new(), 0);
            let (mut held, mut booked) = (HashSet::new(), Vec::new());
            for event in events {
                let (Event::Use(number) | Event::Hold(number) | Event::Release(number) | Event::Book(number) | Event::Written(number)) = event;
                if let Event::Written(number) = event {
                    booked.retain(|(of, _)| *of != number);
                    continue;
                }
                let before: HashSet<i64> = (0..24).filter(|one| desks.contains(account(*one))).collect();
                if !before.contains(&number) {
                    prop_assert!(desks.get(account(number)).is_none());
                    desks.put(account(number), desk(number));
                }
                order.retain(|one| *one != number);
                order.push(number);
                let gone: Vec<i64> = before.iter().copied().filter(|one| !desks.contains(account(*one))).collect();
                let is_busy = |one: &i64| held.contains(one) || booked.iter().any(|(of, _): &(i64, OnItsWay)| of == one);
                prop_assert!(!gone.iter().any(is_busy), "{:?} had something open", gone);
                let used = |one: &i64| order.iter().position(|other| other == one);
                for stays in before.iter().filter(|one| **one != number && !gone.contains(one) && !is_busy(one)) {
                    prop_assert!(gone.iter().all(|gone| used(gone) < used(stays)), "{:?} went before {}", gone, stays);
                }
                let busy = (0..24).filter(is_busy).count();
                busiest = busiest.max(busy);
                let here = (0..24).filter(|one| desks.contains(account(*one))).count();
                // And the one that is used now.
                prop_assert!(here <= most.max((busiest + 1) * 9 / 8), "{} are here, {} may be, {} were busy", here, most, busiest);
                prop_assert!(gone.is_empty() || before.len() >= most, "{:?} went, and there was room", gone);

                let place = desks.get(account(number)).unwrap();
                let call = CallId::from_number(number);
                match event {
                    Event::Hold(_) if held.insert(number) => {
                        apply(&mut place.desk.account, &Command::Hold { call, amount: nano(1) }, NOW).unwrap();
                    }
                    Event::Release(_) if held.remove(&number) => {
                        apply(&mut place.desk.account, &Command::Release { call }, NOW).unwrap();
                    }
                    Event::Book(_) => booked.push((number, place.on_its_way.clone())),
                    _ => {}
                }
            }
        }
    }
}
