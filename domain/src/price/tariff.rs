//! A price list with context tiers, and the one function that finds a price in it.

use std::{collections::BTreeSet, ops::Range};

use serde::{Deserialize, Serialize};

use super::{Dimension, Rates};
use crate::money::Price;

/// What a long prompt changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TierRule {
    /// The whole call is priced by the highest tier whose threshold its input exceeds.
    #[default]
    Whole,
    /// Only the input tokens behind a threshold are priced by its tier; everything else by the base.
    Marginal,
}

impl TierRule {
    /// Its word, as everywhere.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Marginal => "marginal",
        }
    }

    /// Whether the price that a tier has for this is ever charged. Of a call that is sold by the picture nothing else is counted, so it
    /// never exceeds a threshold ([`Tariff::quantities`]).
    #[must_use]
    pub const fn charges(self, dimension: &Dimension) -> bool {
        match self {
            Self::Whole => !matches!(dimension, Dimension::Image(_)),
            Self::Marginal => dimension.is_input(),
        }
    }
}

/// Prices for calls with more input tokens than a threshold. What is absent here is as in the base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// The threshold: an input of exactly this size is still below.
    pub above: u64,
    /// The prices that differ.
    pub rates: Rates,
}

/// Base prices, tiers by rising threshold, and one rule for all tiers, so that rules cannot mix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Tariff {
    base: Rates,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<Tier>,
    rule: TierRule,
}

/// The price that counts for a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Under which dimension it stands in the list.
    pub priced_as: Dimension,
    /// The price.
    pub price: Price,
}

/// Thresholds do not rise from tier to tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the thresholds of tiers must rise; the one above {above} input tokens does not")]
pub struct InvalidTariff {
    /// The first threshold out of order.
    pub above: u64,
}

/// Which part of a tariff: the base, or a tier by its place. Only [`Tariff`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level(usize);

impl Level {
    pub(super) const BASE: Self = Self(0);
}

impl Tariff {
    /// Prices without tiers.
    #[must_use]
    pub const fn flat(base: Rates) -> Self {
        Self {
            base,
            tiers: Vec::new(),
            rule: TierRule::Whole,
        }
    }

    /// Prices with tiers.
    ///
    /// # Errors
    /// The thresholds do not rise.
    pub fn tiered(base: Rates, rule: TierRule, tiers: Vec<Tier>) -> Result<Self, InvalidTariff> {
        match tiers.windows(2).find(|pair| pair[0].above >= pair[1].above) {
            Some(pair) => Err(InvalidTariff { above: pair[1].above }),
            None => Ok(Self { base, tiers, rule }),
        }
    }

    /// The prices below every threshold.
    #[must_use]
    pub const fn base(&self) -> &Rates {
        &self.base
    }

    /// The tiers, by rising threshold.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// What tiers do.
    #[must_use]
    pub const fn rule(&self) -> TierRule {
        self.rule
    }

    /// Prices that stand in tiers and are never charged under their rule, each once. No version is published with such; those of before
    /// may have them.
    #[must_use]
    pub fn never_charged(&self) -> BTreeSet<Dimension> {
        let all = self.tiers.iter().flat_map(|tier| tier.rates.iter());
        let never = all.filter(|(dimension, _)| !self.rule.charges(dimension));
        never.map(|(dimension, _)| dimension.clone()).collect()
    }

    /// The same without what is never charged, as it is shown.
    #[must_use]
    pub fn charged(&self) -> Self {
        let tiers = self.tiers.iter().map(|tier| {
            let each = tier.rates.iter().filter(|(dimension, _)| self.rule.charges(dimension));
            Tier {
                above: tier.above,
                rates: each.map(|(dimension, price)| (dimension.clone(), price)).collect(),
            }
        });
        Self {
            base: self.base.clone(),
            tiers: tiers.collect(),
            rule: self.rule,
        }
    }

    /// Whether a call can be charged the price of a dimension on a level.
    pub(super) fn charges(&self, level: Level, dimension: &Dimension) -> bool {
        level == Level::BASE || self.rule.charges(dimension)
    }

    /// The price that counts for a dimension in a call of so many input tokens (under the marginal rule: for a token
    /// at that place). None: unpriced.
    #[must_use]
    pub fn quote(&self, dimension: &Dimension, input_tokens: u64) -> Option<Quote> {
        self.find(self.level_of(u128::from(input_tokens)), dimension)
    }

    /// The dimension's own price, in the tier or else in the base; without one, its fallback's; and so on.
    pub(super) fn find(&self, level: Level, dimension: &Dimension) -> Option<Quote> {
        let tier = level.0.checked_sub(1).and_then(|index| self.tiers.get(index));
        let mut wanted = dimension.clone();
        loop {
            let own = tier.and_then(|tier| tier.rates.get(&wanted));
            if let Some(price) = own.or_else(|| self.base.get(&wanted)) {
                return Some(Quote {
                    priced_as: wanted,
                    price,
                });
            }
            wanted = wanted.fallback()?;
        }
    }

    /// The level of a whole call.
    pub(super) fn level_of(&self, input_tokens: u128) -> Level {
        Level(self.tiers.partition_point(|tier| u128::from(tier.above) < input_tokens))
    }

    /// The threshold of a level; none for the base.
    pub(super) fn threshold(&self, level: Level) -> Option<u64> {
        level
            .0
            .checked_sub(1)
            .and_then(|index| self.tiers.get(index))
            .map(|tier| tier.above)
    }

    /// Every level with the places of the input tokens that belong to it, counted from zero.
    pub(super) fn levels(&self) -> impl Iterator<Item = (Level, Range<u128>)> {
        (0..=self.tiers.len()).map(|index| {
            let start = self.threshold(Level(index)).map_or(0, u128::from);
            let end = self.tiers.get(index).map_or(u128::MAX, |tier| u128::from(tier.above));
            (Level(index), start..end)
        })
    }
}

/// A tariff as it is read, before its tiers are checked.
#[derive(Deserialize)]
struct Unchecked {
    base: Rates,
    #[serde(default)]
    tiers: Vec<Tier>,
    #[serde(default)]
    rule: TierRule,
}

impl TryFrom<Unchecked> for Tariff {
    type Error = InvalidTariff;

    fn try_from(read: Unchecked) -> Result<Self, InvalidTariff> {
        Self::tiered(read.base, read.rule, read.tiers)
    }
}
