//! What is put on top of a cost, in parts per million.

use super::{NumberProblem, Price, decimal::text_and_serde};

/// Parts per million of one.
const ONE: i64 = 1_000_000;
/// Decimals of a percent: `0.0001 %` is one part per million.
const PERCENT_SCALE: u32 = 4;

/// A margin over cost. Its text is in percent: `20`, `12.5`; below zero it gives a discount.
///
/// It is applied once, when a price version is published, never to a call. So published price times quantity is the
/// charge, and everybody can check it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarginPpm(i64);

impl MarginPpm {
    /// Sold at cost.
    pub const ZERO: Self = Self(0);
    /// Given away.
    pub const MIN: Self = Self(-ONE);
    /// A thousand times the cost: beyond it lies a typing error.
    pub const MAX: Self = Self(1_000 * ONE);

    /// So many parts per million, if that is a margin.
    #[must_use]
    pub const fn from_ppm(ppm: i64) -> Option<Self> {
        if ppm >= Self::MIN.0 && ppm <= Self::MAX.0 {
            Some(Self(ppm))
        } else {
            None
        }
    }

    /// Parts per million, as storage holds them.
    #[must_use]
    pub const fn ppm(self) -> i64 {
        self.0
    }

    /// Cost and margin together, rounded up to the next pico-USD, so that no margin is lost to rounding.
    #[must_use]
    pub fn on(self, cost: Price) -> Option<Price> {
        let product = i128::from(cost.pico()) * i128::from(ONE + self.0);
        let rounded_up = (product + i128::from(ONE) - 1) / i128::from(ONE);
        i64::try_from(rounded_up).ok().and_then(Price::from_pico)
    }

    /// The margin that lies between a cost and a price, rounded down; none over a cost of zero.
    #[must_use]
    pub fn between(cost: Price, sell: Price) -> Option<Self> {
        let gain = i128::from(sell.pico()) - i128::from(cost.pico());
        let ppm = (gain * i128::from(ONE)).checked_div_euclid(i128::from(cost.pico()))?;
        i64::try_from(ppm).ok().and_then(Self::from_ppm)
    }
}

text_and_serde!(
    MarginPpm,
    PERCENT_SCALE,
    0,
    |value: &MarginPpm| value.0,
    |digits: i128| {
        i64::try_from(digits)
            .ok()
            .and_then(MarginPpm::from_ppm)
            .ok_or(if digits < 0 {
                NumberProblem::TooSmall
            } else {
                NumberProblem::TooLarge
            })
    }
);
