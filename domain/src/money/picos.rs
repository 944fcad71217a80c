//! Quantity times price, before rounding: the lines of a receipt.

use super::{Amount, LEAST_DECIMALS, NumberProblem, Parts, decimal::text_and_serde};

/// Decimals of a pico-USD.
const SCALE: u32 = 12;
/// Pico-USD in a nano-USD.
const NANO: i128 = 1_000;

/// Trillionths of a dollar, zero or more, wide enough for every quantity times every price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Picos(i128);

impl Picos {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    pub(super) fn product(pico: i64, quantity: u64) -> Self {
        Self(i128::from(pico) * i128::from(quantity))
    }

    /// As many as an amount is worth.
    #[must_use]
    pub fn of(amount: Amount) -> Self {
        Self(i128::from(amount.nano()) * NANO)
    }

    /// Trillionths of a dollar.
    #[must_use]
    pub const fn pico(self) -> i128 {
        self.0
    }

    /// The sum, if it can be held.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What is left after taking `other`; none when `other` is larger.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        (self.0 >= other.0).then(|| Self(self.0 - other.0))
    }

    /// The one rounding of a call: up to the next nano-USD. Nothing stays nothing, something is at least one.
    #[must_use]
    pub fn round_up(self) -> Option<Amount> {
        let whole = self.0 / NANO + i128::from(self.0 % NANO != 0);
        i64::try_from(whole).ok().and_then(Amount::from_nano)
    }

    /// The digits as pages show them, strong and quiet.
    #[must_use]
    pub fn parts(self) -> Parts {
        Parts::of(self.0, SCALE)
    }
}

text_and_serde!(Picos, SCALE, LEAST_DECIMALS, |value: &Picos| value.0, |digits: i128| {
    if digits < 0 {
        Err(NumberProblem::TooSmall)
    } else {
        Ok(Picos(digits))
    }
});
