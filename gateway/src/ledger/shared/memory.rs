//! Accounts as a queue of the shared ledger left them. What is decided by these is written only if each account still stands there
//! (`store::journey`): so whoever is the only one to use an account, which is the rule, need not read it again for each batch. Where
//! others use it as well, it is left alone for a while.

use std::collections::HashMap;

use domain::{id::AccountId, ledger::Seq};

use crate::{ledger::Desk, store::ledger::Era};

/// Accounts at the most; when there are more, all are forgotten.
const MOST: usize = 4_096;
/// For how many batches an account is read again once others have moved it, at the most. The number doubles each time.
const LONGEST: u32 = 64;

/// An account, and where it stood.
pub(super) struct Known {
    pub desk: Desk,
    /// `account.moved`.
    pub moved: i64,
}

/// Where an account stands: the number of its last transaction, and `account.moved`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub seq: Seq,
    pub moved: i64,
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
        (account, Known { desk, moved: 0 })
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
