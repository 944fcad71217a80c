//! The pricing function and its result, line by line.

use serde::{Deserialize, Serialize};

use super::{Dimension, PriceError, Quantities, Tariff, TierRule, tariff::Level};
use crate::money::{Amount, Picos, Price};

/// How a charge came about. The lines add up to `exact`, which is rounded up once to `total`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was counted; nothing that was not used.
    pub lines: Vec<Line>,
    /// The sum of the lines, before rounding.
    pub exact: Picos,
    /// What is charged.
    pub total: Amount,
}

/// One product of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What was used.
    pub dimension: Dimension,
    /// Under which dimension's price it was counted: its own, or the one it falls back to.
    pub priced_as: Dimension,
    /// The threshold of the context tier that set the price; absent for the base.
    pub above: Option<u64>,
    /// How much was used.
    pub quantity: u64,
    /// What one costs.
    pub price: Price,
    /// Quantity times price.
    pub subtotal: Picos,
}

impl Tariff {
    /// Prices quantities. The same function for cost and for charge.
    ///
    /// # Errors
    /// Something was used that has no price, or the sum is beyond every bookable amount.
    pub fn price(&self, quantities: &Quantities) -> Result<Receipt, PriceError> {
        let mut receipt = Receipt::default();
        let level = match self.rule() {
            TierRule::Whole => self.level_of(quantities.input_total()),
            TierRule::Marginal => Level::BASE,
        };
        let mut start: u128 = 0;
        for (dimension, count) in quantities.input() {
            let end = start + u128::from(count);
            match self.rule() {
                TierRule::Whole => receipt.add(self, level, dimension, count)?,
                TierRule::Marginal => {
                    for (level, places) in self.levels() {
                        let within = end.min(places.end).saturating_sub(start.max(places.start));
                        // Never more than `count`, so it fits.
                        receipt.add(self, level, dimension.clone(), u64::try_from(within).unwrap_or(count))?;
                    }
                }
            }
            start = end;
        }
        for (dimension, count) in quantities.rest() {
            receipt.add(self, level, dimension, count)?;
        }
        receipt.total = receipt.exact.round_up().ok_or(PriceError::TooLarge)?;
        Ok(receipt)
    }
}

impl Tariff {
    /// Prices quantities by the prices above one of the thresholds, or by the base, whatever their input comes to: what many calls used that
    /// all lie there.
    pub(super) fn price_above(&self, above: Option<u64>, quantities: &Quantities) -> Result<Receipt, PriceError> {
        let mut receipt = Receipt::default();
        let level = match above {
            Some(above) => self.level_of(u128::from(above) + 1),
            None => Level::BASE,
        };
        for (dimension, count) in quantities.input().into_iter().chain(quantities.rest()) {
            receipt.add(self, level, dimension, count)?;
        }
        receipt.total = receipt.exact.round_up().ok_or(PriceError::TooLarge)?;
        Ok(receipt)
    }
}

impl Receipt {
    fn add(&mut self, tariff: &Tariff, level: Level, dimension: Dimension, quantity: u64) -> Result<(), PriceError> {
        if quantity == 0 {
            return Ok(());
        }
        let Some(quote) = tariff.find(level, &dimension) else {
            // Every call is a request, and hardly any price list has a fee for that: a fee that is not there is not owed.
            return match dimension {
                Dimension::Request => Ok(()),
                unpriced => Err(PriceError::Unpriced(unpriced)),
            };
        };
        let subtotal = quote.price.times(quantity);
        self.exact = self.exact.checked_add(subtotal).ok_or(PriceError::TooLarge)?;
        self.lines.push(Line {
            dimension,
            priced_as: quote.priced_as,
            above: tariff.threshold(level),
            quantity,
            price: quote.price,
            subtotal,
        });
        Ok(())
    }
}
