//! Effects in the making. The account stays as it is; what changes is kept beside it.

use crate::{
    id::{CallId, LotId},
    ledger::{
        Account, CommandKind, Effects, Entry, Hold, HoldChange, LedgerAccount, Lot, Outcome, Refusal, Seq, Shortage,
        Spent, Status, Totals, check,
    },
    money::{Amount, Money},
    time::Timestamp,
};

/// A decision that is being made. Each step posts its entry and moves the sums with it, so they cannot part.
pub(super) struct Draft<'a> {
    pub account: &'a Account,
    /// Never before the last command: a clock that steps back does not move the books.
    pub now: Timestamp,
    pub totals: Totals,
    entries: Vec<Entry>,
    /// New and changed lots as they will be; the others are as in the account.
    lots: Vec<Lot>,
    hold: Option<HoldChange>,
}

impl<'a> Draft<'a> {
    pub fn new(account: &'a Account, now: Timestamp) -> Self {
        Self {
            account,
            now: now.max(account.booked_at()),
            totals: account.totals(),
            entries: Vec::new(),
            lots: Vec::new(),
            hold: None,
        }
    }

    /// The lot as it stands in this draft.
    pub fn lot(&self, id: LotId) -> Option<&Lot> {
        self.lots
            .iter()
            .find(|lot| lot.id == id)
            .or_else(|| self.account.lot(id))
    }

    /// Every lot as it stands in this draft, in no order.
    pub fn lots(&self) -> impl Iterator<Item = &Lot> {
        let unchanged = self
            .account
            .lots()
            .iter()
            .filter(|lot| self.lots.iter().all(|changed| changed.id != lot.id));
        unchanged.chain(&self.lots)
    }

    pub fn hold(&self, call: CallId) -> Result<Hold, Refusal> {
        self.account.hold(call).ok_or(Refusal::NoHold { call })
    }

    /// Refuses more than can be spent. `own`: what whoever asks holds already, which no waiting gives back to them.
    pub fn afford(&self, needed: Amount, own: Amount) -> Result<(), Refusal> {
        let (spendable, Totals { held, debt, .. }) = (self.account.spendable(self.now), self.totals);
        Shortage::unless_affordable(needed, spendable, held.less(own), debt).map_err(Refusal::Shortage)
    }

    /// Calls are admitted at all.
    pub fn admits(&self) -> Result<(), Refusal> {
        match self.totals.status {
            Status::Active => Ok(()),
            Status::Blocked => Err(Refusal::Blocked),
        }
    }

    pub fn open_hold(&mut self, call: CallId, amount: Amount) -> Result<(), Refusal> {
        let hold = Hold {
            amount,
            authorised_at: self.now,
        };
        self.totals.held = self.totals.held.checked_add(amount).ok_or(Refusal::TooLarge)?;
        self.hold = Some(HoldChange::Opened { call, hold });
        Ok(())
    }

    /// More for a running call. Its moment stays: the lots that could pay for it still can.
    pub fn extend_hold(&mut self, call: CallId, hold: Hold, by: Amount) -> Result<(), Refusal> {
        let amount = hold.amount.checked_add(by).ok_or(Refusal::TooLarge)?;
        self.totals.held = self.totals.held.checked_add(by).ok_or(Refusal::TooLarge)?;
        let hold = Hold { amount, ..hold };
        self.hold = Some(HoldChange::Extended { call, hold });
        Ok(())
    }

    pub fn close_hold(&mut self, call: CallId, hold: Hold) {
        self.totals.held = self.totals.held.less(hold.amount);
        self.hold = Some(HoldChange::Closed { call });
    }

    /// An entry outside of lots; none for nothing.
    pub fn post(&mut self, account: LedgerAccount, amount: Money) {
        if !amount.is_zero() {
            self.entries.push(Entry {
                account,
                lot: None,
                amount,
            });
        }
    }

    fn post_credit(&mut self, lot: LotId, amount: Money) {
        self.entries.push(Entry {
            account: LedgerAccount::Credit,
            lot: Some(lot),
            amount,
        });
    }

    /// A new lot, with all that it holds.
    pub fn add_lot(&mut self, lot: Lot) -> Result<(), Refusal> {
        if self.lot(lot.id).is_some() {
            return Err(Refusal::LotExists { lot: lot.id });
        }
        self.totals.balance = self
            .totals
            .balance
            .checked_add(lot.remaining)
            .ok_or(Refusal::TooLarge)?;
        self.post_credit(lot.id, lot.remaining.negated());
        self.lots.push(lot);
        Ok(())
    }

    /// Puts credit back into a lot, which may have been empty.
    pub fn refill(&mut self, lot: &Lot, amount: Amount) -> Result<(), Refusal> {
        let remaining = lot.remaining.checked_add(amount).filter(|sum| *sum <= lot.amount);
        let remaining = remaining.ok_or(Refusal::WrongParts { lot: lot.id })?;
        self.totals.balance = self.totals.balance.checked_add(amount).ok_or(Refusal::TooLarge)?;
        self.post_credit(lot.id, amount.negated());
        self.change(Lot {
            remaining,
            ..lot.clone()
        });
        Ok(())
    }

    /// Takes credit out of a lot, no more than it holds, and says how much that was.
    pub fn take(&mut self, lot: &Lot, amount: Amount) -> Amount {
        let taken = amount.min(lot.remaining);
        if !taken.is_zero() {
            self.totals.balance = self.totals.balance.less(taken);
            self.post_credit(lot.id, taken.money());
            self.change(Lot {
                remaining: lot.remaining.less(taken),
                ..lot.clone()
            });
        }
        taken
    }

    /// Takes so much out of lots, one after the other.
    pub fn burn<'l>(&mut self, lots: impl IntoIterator<Item = &'l Lot>, amount: Amount) -> Vec<Spent> {
        let mut left = amount;
        let mut spent = Vec::new();
        for lot in lots {
            if left.is_zero() {
                break;
            }
            let taken = self.take(lot, left);
            left = left.less(taken);
            if !taken.is_zero() {
                spent.push(Spent {
                    lot: lot.id,
                    amount: taken,
                });
            }
        }
        spent
    }

    /// A lot as it will be.
    pub fn change(&mut self, lot: Lot) {
        match self.lots.iter_mut().find(|changed| changed.id == lot.id) {
            Some(changed) => *changed = lot,
            None => self.lots.push(lot),
        }
    }

    /// The effects, if the chart of accounts allows them.
    pub fn finish(self, kind: CommandKind, outcome: Outcome) -> Result<Effects, Refusal> {
        check(kind, &self.entries).map_err(Refusal::Broken)?;
        let seq = self.account.seq().0;
        let seq = if kind.is_journaled() {
            seq.checked_add(1)
        } else {
            Some(seq)
        };
        Ok(Effects {
            account: self.account.id(),
            seq: Seq(seq.ok_or(Refusal::TooLarge)?),
            booked_at: self.now,
            kind,
            entries: self.entries,
            lots: self.lots,
            hold: self.hold,
            outcome,
            after: self.totals,
            booked_before: false,
        })
    }
}
