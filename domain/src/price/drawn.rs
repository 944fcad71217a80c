//! Pictures that a call made, and which of its two measures is paid: the piece, or the token.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{ImageKind, Quantities, Tariff, UnknownDimension};
use crate::usage::Usage;

/// Pictures of one kind: a call asks for one size and one quality. Zero where none came, and no more than were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Drawn {
    /// As they were asked for.
    pub kind: ImageKind,
    /// How many.
    pub count: u64,
}

/// As it is stored: `2 1024x1024/hd`.
impl fmt::Display for Drawn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.count, self.kind)
    }
}

impl FromStr for Drawn {
    type Err = UnknownDimension;

    fn from_str(text: &str) -> Result<Self, UnknownDimension> {
        let parts = text.split_once(' ');
        let read = parts.and_then(|(count, kind)| Some((count.parse().ok()?, kind.parse().ok()?)));
        let (count, kind) = read.ok_or_else(|| UnknownDimension::of(text))?;
        Ok(Self { kind, count })
    }
}

impl TryFrom<String> for Drawn {
    type Error = UnknownDimension;

    fn try_from(text: String) -> Result<Self, UnknownDimension> {
        text.parse()
    }
}

impl From<Drawn> for String {
    fn from(drawn: Drawn) -> Self {
        drawn.to_string()
    }
}

impl Tariff {
    /// Pictures are sold by the piece here.
    #[must_use]
    pub fn sells_pictures(&self) -> bool {
        self.base().sells_pictures() || self.tiers().iter().any(|tier| tier.rates.sells_pictures())
    }

    /// What a call is priced for: of one that draws, the pieces where pictures are sold by the piece, and nothing beside them,
    /// as a provider that bills so bills no tokens; else the tokens.
    #[must_use]
    pub fn quantities(&self, usage: Usage, drawn: Option<&Drawn>) -> Quantities {
        match drawn.filter(|_| self.sells_pictures()) {
            Some(drawn) => Quantities {
                images: [(drawn.kind.clone(), drawn.count)].into(),
                ..Quantities::default()
            },
            None => Quantities::of(usage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        money::Price,
        price::{Dimension, Rates},
    };

    fn rates(prices: &[(&str, &str)]) -> Tariff {
        let rates: Rates = prices
            .iter()
            .map(|(name, price)| {
                let dimension: Dimension = name.parse().unwrap();
                let price: Price = dimension.read_price(price).unwrap();
                (dimension, price)
            })
            .collect();
        Tariff::flat(rates)
    }

    #[test]
    fn it_is_stored_as_a_text() {
        let drawn: Drawn = "2 1024x1024/hd".parse().unwrap();
        assert_eq!(
            (drawn.count, drawn.kind.size(), drawn.kind.quality()),
            (2, "1024x1024", "hd")
        );
        assert_eq!(drawn.to_string(), "2 1024x1024/hd");
        for odd in ["", "1024x1024/hd", "-1 1024x1024/hd", "2 a", "2  a/b", "x a/b"] {
            assert!(odd.parse::<Drawn>().is_err(), "{odd}");
        }
    }

    #[test]
    fn pictures_are_paid_by_the_piece_or_by_the_token_and_never_by_both() {
        let usage = Usage {
            input_uncached: 10,
            output_image: 1_000,
            ..Usage::default()
        };
        let drawn: Drawn = "2 1024x1024/high".parse().unwrap();
        let pieces = rates(&[("image/1024x1024/high", "0.04"), ("input", "5"), ("output", "40")]);
        let tokens = rates(&[("input", "5"), ("output", "40")]);
        let total = |tariff: &Tariff, drawn: Option<&Drawn>| {
            let receipt = tariff.price(&tariff.quantities(usage, drawn)).unwrap();
            receipt.total.to_string()
        };
        assert_eq!(total(&pieces, Some(&drawn)), "0.08");
        assert_eq!(total(&tokens, Some(&drawn)), "0.04005");
        // A chat of the same model.
        assert_eq!(total(&pieces, None), "0.04005");
        let other: Drawn = "1 512x512/high".parse().unwrap();
        assert!(
            pieces.price(&pieces.quantities(usage, Some(&other))).is_err(),
            "another kind"
        );
        let none = Drawn { count: 0, ..drawn };
        assert_eq!(total(&pieces, Some(&none)), "0.00");
    }
}
