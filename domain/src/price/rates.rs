//! A list of prices, each there or not. Not there is not zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Dimension;
use crate::money::Price;

/// Dimensions that are not pictures.
const PLAIN: usize = 13;
/// Those of them that stand before pictures.
const TOKENS: usize = 10;

/// Prices by dimension. In JSON an object of USD per million units: `{"input":"2.50","output":"10.00"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Dimension, Price>", into = "BTreeMap<Dimension, Price>")]
pub struct Rates {
    /// By [`place`]: each call looks for some twenty prices.
    plain: [Option<Price>; PLAIN],
    /// Of pictures by the piece.
    pictures: BTreeMap<Dimension, Price>,
}

impl Rates {
    /// The price that stands here for this very dimension.
    #[must_use]
    pub fn get(&self, dimension: &Dimension) -> Option<Price> {
        match place(dimension) {
            Some(place) => self.plain.get(place).copied().flatten(),
            None => self.pictures.get(dimension).copied(),
        }
    }

    /// Sets a price, in place of an earlier one.
    pub fn set(&mut self, dimension: Dimension, price: Price) {
        match place(&dimension).and_then(|place| self.plain.get_mut(place)) {
            Some(plain) => *plain = Some(price),
            None => {
                self.pictures.insert(dimension, price);
            }
        }
    }

    /// These rates and one more.
    #[must_use]
    pub fn with(mut self, dimension: Dimension, price: Price) -> Self {
        self.set(dimension, price);
        self
    }

    /// Every price that stands here, in the order of the dimensions.
    pub fn iter(&self) -> impl Iterator<Item = (&Dimension, Price)> {
        let priced = |dimension| self.get(dimension).map(|price| (dimension, price));
        let pictures = self.pictures.iter().map(|(dimension, price)| (dimension, *price));
        let tokens = Dimension::all_plain().take(TOKENS).filter_map(priced);
        tokens
            .chain(pictures)
            .chain(Dimension::all_plain().skip(TOKENS).filter_map(priced))
    }

    /// Pictures are sold by the piece here.
    pub(super) fn sells_pictures(&self) -> bool {
        !self.pictures.is_empty()
    }

    /// No price at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain.iter().all(Option::is_none) && self.pictures.is_empty()
    }
}

/// Where a dimension's price stands among the plain ones; none for pictures.
const fn place(dimension: &Dimension) -> Option<usize> {
    Some(match dimension {
        Dimension::Input => 0,
        Dimension::Output => 1,
        Dimension::CacheRead => 2,
        Dimension::CacheWrite5m => 3,
        Dimension::CacheWrite1h => 4,
        Dimension::Reasoning => 5,
        Dimension::InputAudio => 6,
        Dimension::OutputAudio => 7,
        Dimension::InputImage => 8,
        Dimension::OutputImage => 9,
        Dimension::Second => 10,
        Dimension::Character => 11,
        Dimension::Request => 12,
        Dimension::Image(_) => return None,
    })
}

impl FromIterator<(Dimension, Price)> for Rates {
    fn from_iter<I: IntoIterator<Item = (Dimension, Price)>>(prices: I) -> Self {
        let mut rates = Self::default();
        for (dimension, price) in prices {
            rates.set(dimension, price);
        }
        rates
    }
}

impl From<BTreeMap<Dimension, Price>> for Rates {
    fn from(prices: BTreeMap<Dimension, Price>) -> Self {
        prices.into_iter().collect()
    }
}

/// In the order of the dimensions: what is stored is sealed as it is written.
impl From<Rates> for BTreeMap<Dimension, Price> {
    fn from(rates: Rates) -> Self {
        rates
            .iter()
            .map(|(dimension, price)| (dimension.clone(), price))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dimension_has_a_price_of_its_own() {
        let picture: Dimension = "image/1024x1024/hd".parse().unwrap();
        let all: Vec<Dimension> = Dimension::plain().chain([picture]).collect();
        assert_eq!(all.len(), PLAIN + 1);
        let prices = || all.iter().cloned().zip((1..).map(Price::from_pico));
        let rates: Rates = prices().map(|(dimension, price)| (dimension, price.unwrap())).collect();
        for (dimension, price) in prices() {
            assert_eq!(rates.get(&dimension), price, "{dimension:?}");
        }
        let sorted: BTreeMap<&Dimension, Price> = rates.iter().collect();
        let in_order = sorted.iter().map(|(dimension, price)| (*dimension, *price));
        assert!(rates.iter().eq(in_order), "in the order of the dimensions");
        assert_eq!(sorted.len(), all.len());
        assert_eq!(
            serde_json::to_string(&rates).unwrap(),
            serde_json::to_string(&sorted).unwrap()
        );
        assert!(!rates.is_empty() && Rates::default().is_empty());
    }
}
