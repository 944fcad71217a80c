//! The state of one account: lots in burn order, open holds, and the sums that make every decision cheap.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Command, Effects, HoldChange, Lot, Violation, violations};
use crate::{
    id::{AccountId, CallId, LotId},
    money::{Amount, Money},
    time::Timestamp,
};

/// The number of a command on its account, from 1 on without gaps. Account and number together name its transaction.
/// Holds take none: see [`super::CommandKind::is_journaled`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub i64);

/// Whether new calls are admitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As far as the credit goes.
    #[default]
    Active,
    /// Not at all; running calls end and settle.
    Blocked,
}

impl Status {
    /// The word in storage and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }

    /// The status that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Blocked]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// Credit that a running call may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// How much.
    pub amount: Amount,
    /// When the call was admitted. Lots that ended later may pay for it.
    pub authorised_at: Timestamp,
}

/// The account's own row: what stands beside its lots and holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The sum of what remains in all lots, also those that have not begun or wait for their expiry to be booked.
    pub balance: Amount,
    /// The sum of open holds.
    pub held: Amount,
    /// What the account owes, from refunds and disputes only.
    pub debt: Amount,
    /// Whether new calls are admitted.
    pub status: Status,
}

/// One account. It changes through [`super::apply`] alone; its fields can only be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    id: AccountId,
    seq: Seq,
    booked_at: Timestamp,
    totals: Totals,
    /// Only lots with something left, in burn order.
    lots: Vec<Lot>,
    holds: BTreeMap<CallId, Hold>,
}

impl Account {
    /// A new account, before its first command.
    #[must_use]
    pub fn open(id: AccountId, now: Timestamp) -> Self {
        Self {
            id,
            seq: Seq::default(),
            booked_at: now,
            totals: Totals::default(),
            lots: Vec::new(),
            holds: BTreeMap::new(),
        }
    }

    /// The account that storage holds. Lots with nothing left need not be among `lots`; their order does not matter.
    ///
    /// # Errors
    /// The stored rows contradict each other. Nothing may be booked on such an account.
    pub fn load(
        id: AccountId,
        seq: Seq,
        booked_at: Timestamp,
        totals: Totals,
        lots: impl IntoIterator<Item = Lot>,
        holds: impl IntoIterator<Item = (CallId, Hold)>,
    ) -> Result<Self, Violation> {
        let mut lots: Vec<Lot> = lots.into_iter().filter(|lot| !lot.remaining.is_zero()).collect();
        lots.sort_by_cached_key(Lot::burn_key);
        let account = Self::assemble(id, seq, booked_at, totals, lots, holds.into_iter().collect());
        violations(&account).into_iter().next().map_or(Ok(account), Err)
    }

    /// The parts as they come, unchecked.
    pub(super) const fn assemble(
        id: AccountId,
        seq: Seq,
        booked_at: Timestamp,
        totals: Totals,
        lots: Vec<Lot>,
        holds: BTreeMap<CallId, Hold>,
    ) -> Self {
        Self {
            id,
            seq,
            booked_at,
            totals,
            lots,
            holds,
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// The number of the last command; zero before the first.
    #[must_use]
    pub const fn seq(&self) -> Seq {
        self.seq
    }

    /// When the last command was booked. No later one is booked earlier, whatever the clock does.
    #[must_use]
    pub const fn booked_at(&self) -> Timestamp {
        self.booked_at
    }

    /// Balance, holds, debt and status.
    #[must_use]
    pub const fn totals(&self) -> Totals {
        self.totals
    }

    /// Lots with something left, in the order in which they are used.
    #[must_use]
    pub fn lots(&self) -> &[Lot] {
        &self.lots
    }

    /// The lot with this id, if something is left in it.
    #[must_use]
    pub fn lot(&self, id: LotId) -> Option<&Lot> {
        self.lots.iter().find(|lot| lot.id == id)
    }

    /// The holds of running calls.
    pub fn holds(&self) -> impl Iterator<Item = (CallId, Hold)> {
        self.holds.iter().map(|(call, hold)| (*call, *hold))
    }

    /// The hold of a call, while it runs.
    #[must_use]
    pub fn hold(&self, call: CallId) -> Option<Hold> {
        self.holds.get(&call).copied()
    }

    /// Credit in lots that are alive. One look at each lot, no allocation.
    #[must_use]
    pub fn alive(&self, now: Timestamp) -> Amount {
        let now = now.max(self.booked_at);
        let dead = self.lots.iter().filter(|lot| !lot.is_alive(now));
        dead.fold(self.totals.balance, |alive, lot| alive.less(lot.remaining))
    }

    /// What a new call can be admitted for: credit alive, less open holds, less debt. Below zero when more is owed or
    /// held than is alive; whoever shows it as a balance shows [`Money::or_zero`].
    #[must_use]
    pub fn spendable(&self, now: Timestamp) -> Money {
        // Three amounts of at most 2⁶²: the result is within 64 bits.
        Money::from_nano(self.alive(now).nano() - self.totals.held.nano() - self.totals.debt.nano())
    }

    /// The next expiry to be booked: of a lot that has ended and that no open hold may still use. Whoever applies
    /// commands applies these first, one by one until there is none.
    #[must_use]
    pub fn due_expiry(&self, now: Timestamp) -> Option<Command> {
        let now = now.max(self.booked_at);
        let due = self.lots.iter().find(|lot| self.is_due(lot, now))?;
        Some(Command::Expire { lot: due.id })
    }

    /// Ended, and every open hold was authorised after its end.
    pub(super) fn is_due(&self, lot: &Lot, now: Timestamp) -> bool {
        !lot.outlives(now) && !self.holds.values().any(|hold| lot.outlives(hold.authorised_at))
    }

    /// Takes over what was decided. It decides nothing itself, so folding stored effects gives the same state.
    pub(super) fn absorb(&mut self, effects: &Effects) {
        self.seq = effects.seq;
        self.booked_at = effects.booked_at;
        self.totals = effects.after;
        for lot in &effects.lots {
            self.put(lot);
        }
        match effects.hold {
            Some(HoldChange::Opened { call, hold } | HoldChange::Extended { call, hold }) => {
                self.holds.insert(call, hold);
            }
            Some(HoldChange::Closed { call }) => {
                self.holds.remove(&call);
            }
            None => {}
        }
    }

    fn put(&mut self, lot: &Lot) {
        if let Some(index) = self.lots.iter().position(|known| known.id == lot.id) {
            let known = &mut self.lots[index];
            // The usual case, a lot that was spent from: its place in the order stays.
            if known.expires_at == lot.expires_at && !lot.remaining.is_zero() {
                known.remaining = lot.remaining;
                return;
            }
            self.lots.remove(index);
        }
        if !lot.remaining.is_zero() {
            let key = lot.burn_key();
            let index = self.lots.partition_point(|known| known.burn_key() < key);
            self.lots.insert(index, lot.clone());
        }
    }
}
