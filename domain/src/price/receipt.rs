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
    /// Something was used that has no price, or the sum is beyond what a call may come to ([`Amount::MOST_OF_A_CALL`]).
    pub fn price(&self, quantities: &Quantities) -> Result<Receipt, PriceError> {
        let mut lines = Vec::new();
        let exact = self.sum(quantities, |line| lines.push(line))?;
        let total = of_a_call(exact)?;
        Ok(Receipt { lines, exact, total })
    }

    /// What [`Tariff::price`] comes to, without its lines.
    ///
    /// # Errors
    /// The same.
    pub fn total(&self, quantities: &Quantities) -> Result<Amount, PriceError> {
        of_a_call(self.sum(quantities, drop)?)
    }

    /// Prices quantities by the prices above one of the thresholds, or by the base, whatever their input comes to: what many calls used that
    /// all lie there.
    pub(super) fn price_above(&self, above: Option<u64>, quantities: &Quantities) -> Result<Receipt, PriceError> {
        let level = match above {
            Some(above) => self.level_of(u128::from(above) + 1),
            None => Level::BASE,
        };
        let (mut lines, mut exact) = (Vec::new(), Picos::default());
        for (dimension, count) in quantities.input().into_iter().chain(quantities.rest()) {
            exact = self.add(exact, (level, dimension, count), &mut |line| lines.push(line))?;
        }
        let total = exact.round_up().ok_or(PriceError::TooLarge)?;
        Ok(Receipt { lines, exact, total })
    }

    /// The sum of all lines.
    fn sum(&self, quantities: &Quantities, mut line: impl FnMut(Line)) -> Result<Picos, PriceError> {
        let level = match self.rule() {
            TierRule::Whole => self.level_of(quantities.input_total()),
            TierRule::Marginal => Level::BASE,
        };
        let mut exact = Picos::default();
        let mut start: u128 = 0;
        for (dimension, count) in quantities.input() {
            let end = start + u128::from(count);
            match self.rule() {
                TierRule::Whole => exact = self.add(exact, (level, dimension, count), &mut line)?,
                TierRule::Marginal => {
                    for (level, places) in self.levels() {
                        let within = end.min(places.end).saturating_sub(start.max(places.start));
                        // Never more than `count`, so it fits.
                        let within = u64::try_from(within).unwrap_or(count);
                        exact = self.add(exact, (level, dimension.clone(), within), &mut line)?;
                    }
                }
            }
            start = end;
        }
        for (dimension, count) in quantities.rest() {
            exact = self.add(exact, (level, dimension, count), &mut line)?;
        }
        Ok(exact)
    }

    /// The sum with one more line.
    fn add(
        &self,
        exact: Picos,
        (level, dimension, quantity): (Level, Dimension, u64),
        line: &mut impl FnMut(Line),
    ) -> Result<Picos, PriceError> {
        if quantity == 0 {
            return Ok(exact);
        }
        let Some(quote) = self.find(level, &dimension) else {
            // Every call is a request, and hardly any price list has a fee for that: a fee that is not there is not owed.
            return match dimension {
                Dimension::Request => Ok(exact),
                unpriced => Err(PriceError::Unpriced(unpriced)),
            };
        };
        let subtotal = quote.price.times(quantity);
        line(Line {
            dimension,
            priced_as: quote.priced_as,
            above: self.threshold(level),
            quantity,
            price: quote.price,
            subtotal,
        });
        exact.checked_add(subtotal).ok_or(PriceError::TooLarge)
    }
}

/// What one call comes to.
pub(super) fn of_a_call(exact: Picos) -> Result<Amount, PriceError> {
    let total = exact.round_up().filter(|total| *total <= Amount::MOST_OF_A_CALL);
    total.ok_or(PriceError::TooLarge)
}
