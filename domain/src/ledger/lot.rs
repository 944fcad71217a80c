//! Lots: credit that came in at once, and the order in which lots are used.

use serde::{Deserialize, Serialize};

use super::LedgerAccount;
use crate::{id::LotId, money::Amount, time::Timestamp};

/// Where the credit of a lot comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LotKind {
    /// Given to win somebody.
    Promo,
    /// Given once to a new user by rule.
    Starter,
    /// Given by an admin.
    Admin,
    /// Given back: a correction or an adjustment.
    Correction,
    /// Paid for.
    Paid,
}

impl LotKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Promo, Self::Starter, Self::Admin, Self::Correction, Self::Paid];

    /// The word in storage, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promo => "promo",
            Self::Starter => "starter",
            Self::Admin => "admin",
            Self::Correction => "correction",
            Self::Paid => "paid",
        }
    }

    /// The kind that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The priority when nobody chose one: what was given is used before what was paid for.
    #[must_use]
    pub const fn default_priority(self) -> i32 {
        match self {
            Self::Promo | Self::Starter => 20,
            Self::Correction => 30,
            Self::Admin => 40,
            Self::Paid => 50,
        }
    }

    /// The account that gives the credit, and gets it back when the lot is voided.
    pub(super) const fn source(self) -> LedgerAccount {
        match self {
            Self::Promo | Self::Starter | Self::Admin => LedgerAccount::PromoExpense,
            Self::Correction => LedgerAccount::Adjustment,
            Self::Paid => LedgerAccount::ManualPayment,
        }
    }

    /// The account that takes what expires: a gift that was not used costs nothing; what was paid for, or is given back
    /// for something that was, lapses to us.
    pub(super) const fn lapse(self) -> LedgerAccount {
        match self {
            Self::Promo | Self::Starter | Self::Admin => LedgerAccount::PromoExpense,
            Self::Correction | Self::Paid => LedgerAccount::Breakage,
        }
    }
}

/// Credit with one priority and one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Its id, never used again.
    pub id: LotId,
    /// Where it comes from.
    pub kind: LotKind,
    /// Lots with a lower number are used first.
    pub priority: i32,
    /// What it held at first.
    pub amount: Amount,
    /// What it still holds.
    pub remaining: Amount,
    /// From this instant on it can be spent.
    pub effective_at: Timestamp,
    /// From this instant on it cannot. None: never expires.
    pub expires_at: Option<Timestamp>,
    /// When it was booked.
    pub created_at: Timestamp,
    /// What made it, unique among all lots: a grant's own name, a payment, the correction of a call.
    pub source: String,
}

impl Lot {
    /// Its period has begun.
    #[must_use]
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.effective_at <= now
    }

    /// Its period has not ended. The instant of `expires_at` itself is behind the end.
    #[must_use]
    pub fn outlives(&self, moment: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| moment < end)
    }

    /// It can be spent now.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.has_begun(now) && self.outlives(now)
    }

    /// A call authorised at that moment may be paid out of it now: what was authorised before the end counts.
    #[must_use]
    pub fn pays(&self, authorised_at: Timestamp, now: Timestamp) -> bool {
        self.has_begun(now) && self.outlives(authorised_at)
    }

    /// Lots are used by rising key: priority, then what ends first, then gifts before paid credit, then age. The id
    /// makes the order total.
    #[must_use]
    pub fn burn_key(&self) -> impl Ord + use<> {
        (
            self.priority,
            self.expires_at.is_none(),
            self.expires_at,
            self.kind == LotKind::Paid,
            self.effective_at,
            self.created_at,
            self.id,
        )
    }
}
