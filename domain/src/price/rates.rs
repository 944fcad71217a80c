//! A list of prices, each there or not. Not there is not zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Dimension;
use crate::money::Price;

/// Prices by dimension. In JSON an object of USD per million units: `{"input":"2.50","output":"10.00"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rates(BTreeMap<Dimension, Price>);

impl Rates {
    /// The price that stands here for this very dimension.
    #[must_use]
    pub fn get(&self, dimension: &Dimension) -> Option<Price> {
        self.0.get(dimension).copied()
    }

    /// Sets a price, in place of an earlier one.
    pub fn set(&mut self, dimension: Dimension, price: Price) {
        self.0.insert(dimension, price);
    }

    /// These rates and one more.
    #[must_use]
    pub fn with(mut self, dimension: Dimension, price: Price) -> Self {
        self.set(dimension, price);
        self
    }

    /// Every price that stands here, in the order of the dimensions.
    pub fn iter(&self) -> impl Iterator<Item = (&Dimension, Price)> {
        self.0.iter().map(|(dimension, price)| (dimension, *price))
    }

    /// No price at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Dimension, Price)> for Rates {
    fn from_iter<I: IntoIterator<Item = (Dimension, Price)>>(prices: I) -> Self {
        Self(prices.into_iter().collect())
    }
}
