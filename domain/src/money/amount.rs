//! A sum that cannot be negative: what lots hold, what holds reserve, what calls are charged.

use super::{LEAST_DECIMALS, Money, NumberProblem, Parts, SCALE, decimal::text_and_serde};

/// Nano-USD from zero to 2⁶² (4.6 billion dollars).
///
/// The limit leaves room: two amounts added, or two taken from one, still fit a signed 64-bit integer, so what can be
/// spent (credit less holds less debt) needs no overflow case. No stored value is larger; the verifier checks that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount that is ever booked.
    pub const MAX: Self = Self(1 << 62);
    /// The most that one call is charged, costs or holds: a million dollars.
    ///
    /// No call is worth that, so what comes to more is a mistake in a price or in a count. Sums of calls are signed 64-bit integers: of an hour in
    /// storage, of days, models and accounts in queries. Nine thousand calls at this limit fit into one, so no sum of real ones overflows. Without
    /// it three would, and SQLite goes on with a floating-point number then.
    pub const MOST_OF_A_CALL: Self = Self(1_000_000_000_000_000);

    /// So many billionths of a dollar, if that is an amount.
    #[must_use]
    pub const fn from_nano(nano: i64) -> Option<Self> {
        if nano >= 0 && nano <= Self::MAX.0 {
            Some(Self(nano))
        } else {
            None
        }
    }

    /// The nearest amount.
    pub(super) fn clamped(nano: i64) -> Self {
        Self(nano.clamp(0, Self::MAX.0))
    }

    /// Billionths of a dollar, as storage holds them.
    #[must_use]
    pub const fn nano(self) -> i64 {
        self.0
    }

    /// As a signed sum.
    #[must_use]
    pub const fn money(self) -> Money {
        Money::from_nano(self.0)
    }

    /// As a signed sum below zero: the credit side of an entry.
    #[must_use]
    pub const fn negated(self) -> Money {
        Money::from_nano(-self.0)
    }

    /// The sum, if it is an amount.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        // Twice the largest amount overflows by one, so the addition itself is checked too.
        match self.0.checked_add(other.0) {
            Some(sum) => Self::from_nano(sum),
            None => None,
        }
    }

    /// The difference, if it is an amount.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_nano(self.0 - other.0)
    }

    /// What is left after taking `other`; nothing when `other` is larger. For parts that are known to be within the
    /// whole, and for questions like "how much of this lies beyond that".
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }

    /// Exactly nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The digits as pages show them, strong and quiet.
    #[must_use]
    pub fn parts(self) -> Parts {
        self.money().parts()
    }
}

impl TryFrom<Money> for Amount {
    type Error = NumberProblem;

    fn try_from(money: Money) -> Result<Self, NumberProblem> {
        Self::from_nano(money.nano()).ok_or(if money.is_negative() {
            NumberProblem::TooSmall
        } else {
            NumberProblem::TooLarge
        })
    }
}

text_and_serde!(
    Amount,
    SCALE,
    LEAST_DECIMALS,
    |value: &Amount| value.0,
    |digits: i128| {
        i64::try_from(digits)
            .map_err(|_| {
                if digits < 0 {
                    NumberProblem::TooSmall
                } else {
                    NumberProblem::TooLarge
                }
            })
            .and_then(|nano| Amount::try_from(Money::from_nano(nano)))
    }
);
