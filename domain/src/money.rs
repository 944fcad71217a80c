//! Money as integers: what is owed and owned, in nano-USD, without a float and without an operator that could wrap.
//!
//! Three types keep three questions apart. [`Money`] may be negative: entries of the books, what can be spent.
//! [`Amount`] may not: lots, holds, charges. [`Price`] is what one unit costs, finer than any balance.
//! One credit is one US dollar. Everything that shows, stores, prices or books money uses these.

mod amount;
mod decimal;
mod margin;
mod parts;
mod picos;
mod unit_price;

pub use amount::Amount;
pub use decimal::{InvalidNumber, NumberProblem};
pub use margin::MarginPpm;
pub use parts::Parts;
pub use picos::Picos;
pub use unit_price::Price;

use decimal::text_and_serde;

/// Decimals of a nano-USD.
const SCALE: u32 = 9;
/// Decimals that are always written, so that an amount looks like one.
const LEAST_DECIMALS: u32 = 2;
/// Nano-USD in a cent.
const CENT: i64 = 10_000_000;

/// A signed sum in nano-USD: an entry of the books, or what can be spent, which debt may take below zero.
///
/// Its text is exact and the same everywhere: `41.998448`, `-0.05`, `0.00`; never rounded, never an exponent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many billionths of a dollar.
    #[must_use]
    pub const fn from_nano(nano: i64) -> Self {
        Self(nano)
    }

    /// Billionths of a dollar, as storage holds them.
    #[must_use]
    pub const fn nano(self) -> i64 {
        self.0
    }

    /// The sum, if it can be held.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, if it can be held.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The same the other way round.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// The part above zero; nothing when there is none. A debt is no amount that could be spent.
    #[must_use]
    pub fn or_zero(self) -> Amount {
        Amount::clamped(self.0)
    }

    /// Rounded down to whole cents, also below zero: for readers who want two decimals and must never see more
    /// than there is.
    #[must_use]
    pub const fn floor_to_cents(self) -> Self {
        // `rem_euclid` is never negative; only the lowest sums of all have no cent below them and stay as they are.
        match self.0.checked_sub(self.0.rem_euclid(CENT)) {
            Some(cents) => Self(cents),
            None => self,
        }
    }

    /// Below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Exactly nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The digits as pages show them, strong and quiet.
    #[must_use]
    pub fn parts(self) -> Parts {
        Parts::of(i128::from(self.0), SCALE)
    }
}

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        Self(amount.nano())
    }
}

text_and_serde!(Money, SCALE, LEAST_DECIMALS, |value: &Money| value.0, |digits: i128| {
    i64::try_from(digits).map(Money).map_err(|_| NumberProblem::TooLarge)
});

#[cfg(test)]
mod tests;
