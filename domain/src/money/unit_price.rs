//! What one unit costs: a token, an image, a second.

use super::{
    LEAST_DECIMALS, NumberProblem, Picos,
    decimal::{self, InvalidNumber, text_and_serde},
};

/// Decimals of a price per million units: one USD per million is exactly 10⁶ pico-USD per unit.
const PER_MILLION_SCALE: u32 = 6;
/// Decimals of a pico-USD.
const PER_UNIT_SCALE: u32 = 12;

/// A price or cost of one unit in pico-USD, never negative. Its text, also in JSON, is USD per *million* units, the
/// way providers print token prices: `2.50`. What is sold by the piece is read and shown by the piece:
/// [`Price::parse_per_unit`] and [`Price::per_unit`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(i64);

impl Price {
    /// Free, which is a price: a missing price is an absent `Price`, never this.
    pub const ZERO: Self = Self(0);

    /// So many trillionths of a dollar for one unit; none below zero.
    #[must_use]
    pub const fn from_pico(pico: i64) -> Option<Self> {
        if pico >= 0 { Some(Self(pico)) } else { None }
    }

    /// Trillionths of a dollar for one unit.
    #[must_use]
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// Free of charge.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// What so many units cost. It cannot overflow: 64 bits times 63 bits fit 127.
    #[must_use]
    pub fn times(self, quantity: u64) -> Picos {
        Picos::product(self.0, quantity)
    }

    /// Reads USD for one unit: `0.04` for an image.
    ///
    /// # Errors
    /// The text is no decimal number, is negative, too large, or has more than 12 decimals.
    pub fn parse_per_unit(text: &str) -> Result<Self, InvalidNumber> {
        decimal::parse(text, PER_UNIT_SCALE)
            .and_then(from_digits)
            .map_err(|problem| decimal::invalid(text, problem))
    }

    /// USD for one unit: `0.04`.
    #[must_use]
    pub fn per_unit(self) -> String {
        self.times(1).to_string()
    }
}

fn from_digits(digits: i128) -> Result<Price, NumberProblem> {
    i64::try_from(digits)
        .ok()
        .and_then(Price::from_pico)
        .ok_or(if digits < 0 {
            NumberProblem::TooSmall
        } else {
            NumberProblem::TooLarge
        })
}

text_and_serde!(
    Price,
    PER_MILLION_SCALE,
    LEAST_DECIMALS,
    |value: &Price| value.0,
    from_digits
);
