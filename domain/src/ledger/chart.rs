//! The chart of accounts, and which command may post what. Balanced entries that make no sense are refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CommandKind, Entry, Violation};
use crate::money::Money;

/// An account of the books. The first two exist once per customer account; the others are the house's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// What we owe in service, by lot.
    Credit,
    /// What the account owes us.
    Receivable,
    /// Gifts.
    PromoExpense,
    /// Money that an admin says was paid. Payment providers get accounts of their own.
    ManualPayment,
    /// Adjustments by hand.
    Adjustment,
    /// Charges of calls, paid or lost.
    RevenueUsage,
    /// Charges of calls in enterprise mode.
    RevenueInternal,
    /// The other side of those.
    CostAllocation,
    /// Paid credit that expired.
    Breakage,
    /// Debt that is given up.
    BadDebt,
    /// Charges beyond hold and credit.
    UsageLoss,
    /// Debt from disputes that are lost.
    DisputeLoss,
}

impl LedgerAccount {
    /// Every account.
    pub const ALL: [Self; 12] = [
        Self::Credit,
        Self::Receivable,
        Self::PromoExpense,
        Self::ManualPayment,
        Self::Adjustment,
        Self::RevenueUsage,
        Self::RevenueInternal,
        Self::CostAllocation,
        Self::Breakage,
        Self::BadDebt,
        Self::UsageLoss,
        Self::DisputeLoss,
    ];

    /// The word in storage and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Receivable => "receivable",
            Self::PromoExpense => "promo_expense",
            Self::ManualPayment => "manual_payment",
            Self::Adjustment => "adjustment",
            Self::RevenueUsage => "revenue_usage",
            Self::RevenueInternal => "revenue_internal",
            Self::CostAllocation => "cost_allocation",
            Self::Breakage => "breakage",
            Self::BadDebt => "bad_debt",
            Self::UsageLoss => "usage_loss",
            Self::DisputeLoss => "dispute_loss",
        }
    }

    /// The account that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.as_str() == text)
    }
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The sign of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Above zero.
    Debit,
    /// Below zero.
    Credit,
}

/// What a command may post. Commands that bring or free credit may also repay debt with it.
#[must_use]
pub const fn postings(kind: CommandKind) -> &'static [(LedgerAccount, Side)] {
    use LedgerAccount as A;
    use Side::{Credit, Debit};
    match kind {
        CommandKind::Hold | CommandKind::Extend | CommandKind::Block | CommandKind::Unblock => &[],
        CommandKind::Grant => &[
            (A::PromoExpense, Debit),
            (A::ManualPayment, Debit),
            (A::Adjustment, Debit),
            (A::Credit, Credit),
            (A::Credit, Debit),
            (A::Receivable, Credit),
        ],
        CommandKind::Settle => &[
            (A::Credit, Debit),
            (A::UsageLoss, Debit),
            (A::RevenueUsage, Credit),
            (A::Receivable, Credit),
        ],
        CommandKind::Late => &[(A::Credit, Debit), (A::UsageLoss, Debit), (A::RevenueUsage, Credit)],
        CommandKind::Release | CommandKind::ExtendLot => &[(A::Credit, Debit), (A::Receivable, Credit)],
        CommandKind::Expire => &[(A::Credit, Debit), (A::PromoExpense, Credit), (A::Breakage, Credit)],
        CommandKind::Void => &[
            (A::Credit, Debit),
            (A::PromoExpense, Credit),
            (A::ManualPayment, Credit),
            (A::Adjustment, Credit),
        ],
        CommandKind::Adjust => &[
            (A::Adjustment, Debit),
            (A::Credit, Credit),
            (A::Credit, Debit),
            (A::Adjustment, Credit),
            (A::Receivable, Credit),
        ],
        CommandKind::Correct => &[
            (A::RevenueUsage, Debit),
            (A::Credit, Credit),
            (A::Credit, Debit),
            (A::Receivable, Credit),
        ],
        CommandKind::Allocate => &[(A::CostAllocation, Debit), (A::RevenueInternal, Credit)],
        CommandKind::WriteOff => &[(A::BadDebt, Debit), (A::DisputeLoss, Debit), (A::Receivable, Credit)],
        CommandKind::Debit => &[(A::Credit, Debit), (A::Receivable, Debit), (A::ManualPayment, Credit)],
    }
}

/// Whether entries are a transaction that this kind of command may post. Every decision passes through it, and so does
/// every stored transaction when the books are verified.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(kind: CommandKind, entries: &[Entry]) -> Result<(), Violation> {
    let mut sum: i128 = 0;
    for entry in entries {
        let side = if entry.amount.is_negative() {
            Side::Credit
        } else {
            Side::Debit
        };
        if entry.amount == Money::ZERO {
            return Err(Violation::EmptyEntry { account: entry.account });
        }
        if !postings(kind).contains(&(entry.account, side)) {
            return Err(Violation::IllegalEntry {
                kind,
                account: entry.account,
            });
        }
        if entry.lot.is_some() != (entry.account == LedgerAccount::Credit) {
            return Err(Violation::LotOfEntry { account: entry.account });
        }
        sum += i128::from(entry.amount.nano());
    }
    if sum == 0 { Ok(()) } else { Err(Violation::Unbalanced) }
}
