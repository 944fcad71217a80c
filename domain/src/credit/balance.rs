//! What an account has.

use serde::{Deserialize, Serialize};

use crate::{
    id::AccountId,
    ledger::{Account, Lot, Status},
    money::{Amount, Money},
    time::Timestamp,
};

/// What an account has. What has ended is no part of it, whether or not that is booked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The account.
    pub account: AccountId,
    /// Whether it admits calls.
    pub status: Status,
    /// What a new call can be admitted for; below zero when more is held or owed than is alive.
    pub spendable: Money,
    /// What remains in all lots that have not ended, also in those that have not begun.
    pub balance: Amount,
    /// What running calls hold.
    pub held: Amount,
    /// What it owes.
    pub debt: Amount,
    /// Lots with something left that have not ended, in the order in which they are used.
    pub lots: Vec<Lot>,
    /// Lots with something left that have ended, until that is booked. Only a call that was admitted before the end may still
    /// be paid out of one.
    pub ended_lots: Vec<Lot>,
    /// Why the account is out of service. Its figures are shown as they are stored then, and may be wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

impl Balance {
    /// What an account has at a moment.
    #[must_use]
    pub fn of(account: &Account, now: Timestamp) -> Self {
        let (totals, spendable) = (account.totals(), account.spendable(now));
        // A clock that steps back does not bring back what has ended.
        let now = now.max(account.booked_at());
        let (lots, ended): (Vec<Lot>, Vec<Lot>) = account.lots().iter().cloned().partition(|lot| lot.outlives(now));
        Self {
            account: account.id(),
            status: totals.status,
            spendable,
            balance: totals.balance.less(sum(&ended)),
            held: totals.held,
            debt: totals.debt,
            lots,
            ended_lots: ended,
            damage: None,
        }
    }

    /// What is left in lots that have ended.
    #[must_use]
    pub fn ended_sum(&self) -> Amount {
        sum(&self.ended_lots)
    }
}

/// What is left in some lots of one account, which is never more than an amount.
fn sum(lots: &[Lot]) -> Amount {
    lots.iter().fold(Amount::ZERO, |sum, lot| {
        sum.checked_add(lot.remaining).unwrap_or(Amount::MAX)
    })
}
