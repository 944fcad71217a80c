//! The sums of the chart of accounts over everything that was read.

use domain::{
    ledger::LedgerAccount,
    money::{Amount, Money},
};
use serde::{Deserialize, Serialize};

use crate::store::ledger::read::EntryRow;

/// The sums of one account of the chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerTotal {
    /// The account.
    pub account: LedgerAccount,
    /// Everything above zero.
    pub debit: Amount,
    /// Everything below zero, without its sign.
    pub credit: Amount,
    /// Both together.
    pub balance: Money,
}

/// Sums in the making: debit and credit of each account, in nano-USD.
#[derive(Default)]
pub(super) struct Totals([(i128, i128); LedgerAccount::ALL.len()]);

impl Totals {
    /// Adds entries; those of an account that there is not are found by `replay`.
    pub fn add(&mut self, entries: &[EntryRow]) {
        for entry in entries {
            let place = LedgerAccount::ALL
                .iter()
                .position(|account| account.as_str() == entry.ledger_account);
            let Some((debit, credit)) = place.and_then(|place| self.0.get_mut(place)) else {
                continue;
            };
            let side = if entry.amount > 0 { debit } else { credit };
            *side += i128::from(entry.amount);
        }
    }

    /// All of it adds up to zero.
    pub fn balance(&self) -> Result<(), String> {
        let sum: i128 = self.0.iter().map(|(debit, credit)| debit + credit).sum();
        if sum == 0 {
            Ok(())
        } else {
            Err(format!(
                "The entries of all accounts add up to {sum} nano-USD and not to zero."
            ))
        }
    }

    /// Every account that was posted to. Sums beyond what can be booked are cut to that.
    pub fn list(&self) -> Vec<LedgerTotal> {
        let cut = |nano: i128| i64::try_from(nano.clamp(0, i128::from(Amount::MAX.nano()))).unwrap_or_default();
        let amount = |nano: i128| Amount::from_nano(cut(nano)).unwrap_or_default();
        let posted = LedgerAccount::ALL.into_iter().zip(self.0);
        posted
            .filter(|(_, sums)| *sums != (0, 0))
            .map(|(account, (debit, credit))| {
                let (debit, credit) = (amount(debit), amount(-credit));
                LedgerTotal {
                    account,
                    debit,
                    credit,
                    balance: Money::from_nano(debit.nano() - credit.nano()),
                }
            })
            .collect()
    }
}
