//! Accounts as the worker of a shared ledger left them. What is decided by these is written only if each account still stands there
//! (`store::journey`): so whoever is the only one to use an account, which is the rule, need not read it again for each batch. Where
//! others use it as well, it is left alone for a while.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::id::AccountId;

use crate::{
    ledger::Desk,
    store::ledger::{Era, keep::Place},
};

/// Accounts at the most; when there are more, all are forgotten.
const MOST: usize = 4_096;
/// For how many batches an account is read again once others have moved it, at the most. The number doubles each time.
const LONGEST: u32 = 64;
/// A batch that comes no later than this after the one before counts as one more in a row.
const SOON: Duration = Duration::from_millis(100);

/// An account, and where it stood.
pub(super) struct Known {
    pub desk: Desk,
    /// `account.moved`.
    pub moved: i64,
    pub pace: Pace,
}

/// How often an account is written on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    in_a_row: u32,
}

impl Pace {
    /// It was written on, as memory had it.
    pub fn step(&mut self, now: Instant) {
        let soon = self.last.is_some_and(|last| now.saturating_duration_since(last) < SOON);
        self.in_a_row = if soon { self.in_a_row + 1 } else { 1 };
        self.last = Some(now);
    }
}

impl Known {
    pub fn place(&self) -> Place {
        Place {
            seq: self.desk.account.seq(),
            moved: self.moved,
        }
    }
}

/// Others use it as well, or what it is asked for is refused.
#[derive(Default)]
struct Contended {
    /// For so many batches it is read again.
    rest: u32,
    /// And for so many the next time.
    next: u32,
}

/// What is known.
#[derive(Default)]
pub(super) struct Memory {
    /// When all of it was read: in another era nothing of it is true any more.
    era: Era,
    known: HashMap<AccountId, Known>,
    contended: HashMap<AccountId, Contended>,
}

impl Memory {
    pub const fn era(&self) -> Era {
        self.era
    }

    /// How an account stands.
    pub fn of(&self, account: AccountId) -> Option<&Known> {
        self.known.get(&account)
    }

    /// Takes these accounts out. None, and none is taken, unless all are known.
    pub fn take(&mut self, accounts: &[AccountId]) -> Option<HashMap<AccountId, Known>> {
        let mut all = true;
        for account in accounts {
            all &= self.known.contains_key(account);
        }
        if !all {
            return None;
        }
        accounts
            .iter()
            .map(|account| Some((*account, self.known.remove(account)?)))
            .collect()
    }

    /// They stand there now, which was written in this era.
    pub fn put(&mut self, era: Era, accounts: impl IntoIterator<Item = (AccountId, Known)>) {
        if self.era != era || self.known.len() > MOST {
            self.known.clear();
            self.contended.clear();
            self.era = era;
        }
        for (account, known) in accounts {
            match self.contended.get_mut(&account) {
                Some(contended) if contended.rest > 0 => contended.rest -= 1,
                _ => {
                    self.known.insert(account, known);
                }
            }
        }
    }

    /// Takes out of these accounts those that nobody else uses and that are used often: so many batches in a row.
    pub fn take_ripe(&mut self, accounts: Vec<AccountId>, after: u32) -> HashMap<AccountId, Known> {
        let ripe: Vec<AccountId> = accounts
            .into_iter()
            .filter(|account| !self.contended.contains_key(account))
            .filter(|account| {
                self.known
                    .get(account)
                    .is_some_and(|known| known.pace.in_a_row >= after)
            })
            .collect();
        ripe.into_iter()
            .filter_map(|account| Some((account, self.known.remove(&account)?)))
            .collect()
    }

    /// Forgets every account: the database was away, and another may have taken its place that knows less.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Forgets one.
    pub fn forget_one(&mut self, account: AccountId) {
        self.known.remove(&account);
    }

    /// What was decided by the memory of these was written.
    pub fn confirm(&mut self, accounts: &[AccountId]) {
        for account in accounts {
            if let Some(contended) = self.contended.get_mut(account) {
                contended.next /= 2;
                if contended.next == 0 {
                    self.contended.remove(account);
                }
            }
        }
    }

    /// It was not, because of this one.
    pub fn doubt(&mut self, account: AccountId) {
        if self.contended.len() > MOST {
            self.contended.clear();
        }
        let contended = self.contended.entry(account).or_default();
        contended.next = (contended.next * 2).clamp(1, LONGEST);
        contended.rest = contended.next;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{ledger::Account, time::Timestamp};

    use super::*;

    fn known(account: AccountId) -> (AccountId, Known) {
        let desk = Desk {
            account: Account::open(account, Timestamp(0)),
            chain: Arc::from(""),
        };
        let pace = Pace::default();
        (account, Known { desk, moved: 0, pace })
    }

    const fn era(epoch: i64) -> Era {
        Era { epoch, server_since: 7 }
    }

    /// So many batches pass before it is believed again.
    fn batches_until_known(memory: &mut Memory, account: AccountId) -> usize {
        (0..1_000)
            .find(|_| {
                memory.put(era(1), [known(account)]);
                memory.take(&[account]).is_some()
            })
            .unwrap()
    }

    #[test]
    fn what_others_use_is_read_again_ever_longer_until_they_stop() {
        let account = AccountId::from_number(7);
        let mut memory = Memory::default();
        assert_eq!(batches_until_known(&mut memory, account), 0);
        for rest in [1, 2, 4, 8, 16, 32, 64, 64] {
            memory.doubt(account);
            assert_eq!(batches_until_known(&mut memory, account), rest);
        }
        // Each batch that is written halves it.
        for _ in 0..7 {
            memory.confirm(&[account]);
        }
        memory.doubt(account);
        assert_eq!(batches_until_known(&mut memory, account), 1);
    }

    /// Batches in a row on an account, so long apart.
    fn paced(pause: Duration, batches: u32) -> Pace {
        let mut pace = Pace::default();
        let begin = Instant::now();
        (0..batches).for_each(|number| pace.step(begin + pause * number));
        pace
    }

    #[test]
    fn what_is_used_often_and_by_nobody_else_is_ripe() {
        let account = AccountId::from_number(7);
        let ripe = |pace: Pace, doubted: bool| {
            let mut memory = Memory::default();
            memory.put(era(1), []);
            if doubted {
                memory.doubt(account);
                memory.put(era(1), [known(account)]);
            }
            let (account, known) = known(account);
            memory.put(era(1), [(account, Known { pace, ..known })]);
            memory.take_ripe(vec![account], 6).len() == 1
        };
        let often = SOON / 2;
        assert!(ripe(paced(often, 6), false));
        assert!(!ripe(paced(often, 5), false), "not enough");
        assert!(!ripe(paced(SOON, 100), false), "too seldom");
        assert!(!ripe(paced(often, 100), true), "others want it as well");
        let mut pace = paced(often, 100);
        pace.step(Instant::now() + Duration::from_secs(3_600));
        assert!(!ripe(pace, false), "it rested meanwhile");
    }

    #[test]
    fn all_are_taken_or_none_and_none_of_another_order() {
        let [one, two] = [1, 2].map(AccountId::from_number);
        let mut memory = Memory::default();
        memory.put(era(1), [known(one)]);
        assert!(memory.take(&[one, two]).is_none());
        assert!(memory.take(&[one]).is_some());
        assert!(memory.take(&[one]).is_none(), "it is taken");
        memory.put(era(1), [known(one)]);
        memory.put(era(2), [known(two)]);
        assert_eq!(memory.era(), era(2));
        assert!(memory.take(&[one]).is_none());
        assert!(memory.take(&[two]).is_some());
    }
}
