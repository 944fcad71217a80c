//! What a price version holds: cost, margin and the sell prices that were published from them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Dimension, PriceError, Rates, Tariff, Tier, tariff::Level};
use crate::{
    catalog::{Abilities, PictureTokens, Task, picture_kinds},
    money::{MarginPpm, Price},
};

/// Cost, margin and sell prices of one version. Both lists have the same tiers under the same rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct PriceSheet {
    /// What the provider bills, USD per million units.
    #[serde(rename = "cost_per_million")]
    cost: Tariff,
    /// What was put on top.
    margin: MarginPpm,
    /// What accounts pay, USD per million units.
    #[serde(rename = "sell_per_million")]
    sell: Tariff,
}

/// Sell prices that somebody chose in place of cost plus margin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// In the base.
    pub base: Rates,
    /// In the tiers, by threshold.
    pub tiers: BTreeMap<u64, Rates>,
}

/// A sell price below what the provider bills. Publishing it needs an explicit yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BelowCost {
    /// What is sold.
    pub dimension: Dimension,
    /// In which tier; absent in the base.
    pub above: Option<u64>,
    /// What one costs us.
    pub cost: Price,
    /// What one is sold for.
    pub sell: Price,
    /// So many tokens a picture of this kind usually has, where it is sold by the piece and billed by its tokens, or the other way round.
    #[serde(default)]
    pub tokens: Option<u64>,
}

impl PriceSheet {
    /// Applies the margin, once and for all: sell = cost × (1 + margin), rounded up to the pico-USD, unless overridden.
    ///
    /// # Errors
    /// A sell price is beyond 64 bits, or an override names a tier that the cost does not have.
    pub fn publish(cost: Tariff, margin: MarginPpm, overrides: &Overrides) -> Result<Self, PriceError> {
        let unknown = overrides
            .tiers
            .keys()
            .find(|above| cost.tiers().iter().all(|tier| tier.above != **above));
        if let Some(above) = unknown {
            return Err(PriceError::NoSuchTier { above: *above });
        }
        let none = Rates::default();
        let base = raised(cost.base(), margin, &overrides.base)?;
        let tiers = cost.tiers().iter().map(|tier| {
            let chosen = overrides.tiers.get(&tier.above).unwrap_or(&none);
            Ok(Tier {
                above: tier.above,
                rates: raised(&tier.rates, margin, chosen)?,
            })
        });
        let tiers = tiers.collect::<Result<_, PriceError>>()?;
        // The thresholds are the cost's, which rise.
        let sell = Tariff::tiered(base, cost.rule(), tiers).map_err(|_| PriceError::TooLarge)?;
        Ok(Self { cost, margin, sell })
    }

    /// What the provider bills.
    #[must_use]
    pub const fn cost(&self) -> &Tariff {
        &self.cost
    }

    /// What accounts pay.
    #[must_use]
    pub const fn sell(&self) -> &Tariff {
        &self.sell
    }

    /// What was put on top of the cost.
    #[must_use]
    pub const fn margin(&self) -> MarginPpm {
        self.margin
    }

    /// The lowest and the highest margin in the base: the one that was applied, where it was, else what lies between cost
    /// and price. None when nothing has a cost above zero.
    #[must_use]
    pub fn margins(&self) -> Option<(MarginPpm, MarginPpm)> {
        let each = self.cost.base().iter().filter_map(|(dimension, cost)| {
            let sell = self.sell.base().get(dimension)?;
            // As it was applied, not as the rounding of the price makes it.
            let applied = !cost.is_zero() && self.margin.on(cost) == Some(sell);
            if applied {
                Some(self.margin)
            } else {
                MarginPpm::between(cost, sell)
            }
        });
        let each: Vec<MarginPpm> = each.collect();
        Some((*each.iter().min()?, *each.iter().max()?))
    }

    /// Everything that is sold below cost, fallbacks included: a cheap cache price over a cost list that has none is
    /// found. Empty means that no call is charged less than it costs, whatever it uses of what has a cost, with one exception. Where a
    /// picture is sold by the piece and billed by its tokens, or the other way round, the usual picture of that size and quality is
    /// compared, without its prompt: one of more tokens may cost more than it brings.
    #[must_use]
    pub fn below_cost(&self, slug: &str) -> Vec<BelowCost> {
        let dimensions = &named(&self.cost) | &named(&self.sell);
        let mut found = self.pictures_below_cost(slug, &dimensions);
        for (level, _) in self.cost.levels() {
            for dimension in dimensions
                .iter()
                .filter(|dimension| self.cost.charges(level, dimension))
            {
                let (cost, sell) = (
                    price_of(&self.cost, level, dimension),
                    price_of(&self.sell, level, dimension),
                );
                if let (Some(cost), Some(sell)) = (cost, sell)
                    && sell < cost
                {
                    found.push(BelowCost {
                        dimension: dimension.clone(),
                        above: self.cost.threshold(level),
                        cost,
                        sell,
                        tokens: None,
                    });
                }
            }
        }
        found
    }

    /// The usual pictures that are sold below cost, where one list prices them by the piece and the other by their tokens. A tier prices
    /// none of them: it is about prompts.
    fn pictures_below_cost(&self, slug: &str, dimensions: &BTreeSet<Dimension>) -> Vec<BelowCost> {
        if self.cost.sells_pictures() == self.sell.sells_pictures() {
            return Vec::new();
        }
        let below = |dimension: &Dimension| {
            let Dimension::Image(kind) = dimension else {
                return None;
            };
            let tokens = PictureTokens::of(slug, kind).usual;
            let price = |tariff: &Tariff| match tariff.sells_pictures() {
                true => price_of(tariff, Level::BASE, dimension),
                false => price_of(tariff, Level::BASE, &Dimension::OutputImage).map(|token| several(token, tokens)),
            };
            let (cost, sell) = (price(&self.cost)?, price(&self.sell)?);
            (sell < cost).then(|| BelowCost {
                dimension: dimension.clone(),
                above: None,
                cost,
                sell,
                tokens: Some(tokens),
            })
        };
        dimensions.iter().filter_map(below).collect()
    }

    /// What stands in a tier and is never charged under its rule; nothing in a version that is published today.
    #[must_use]
    pub fn never_charged(&self) -> Vec<Dimension> {
        let never = &self.cost.never_charged() | &self.sell.never_charged();
        never.into_iter().collect()
    }

    /// The same without what is never charged, as it is shown.
    #[must_use]
    pub fn charged(&self) -> Self {
        Self {
            cost: self.cost.charged(),
            margin: self.margin,
            sell: self.sell.charged(),
        }
    }

    /// What every call of this model uses, and what has no sell price: where credit is needed each call is refused. A model of which nobody
    /// knows what it is for may make embeddings, so only its prompt is asked for (see [`PriceSheet::refuses_chats`]), or draw: where it is sold
    /// by the picture it lacks nothing.
    #[must_use]
    pub fn lacking(&self, abilities: &Abilities, slug: &str) -> Vec<Dimension> {
        let used = match abilities.task {
            Task::Chat if abilities.known => vec![Dimension::Input, Dimension::Output],
            Task::Chat | Task::Images if self.sell.sells_pictures() => Vec::new(),
            Task::Chat | Task::Embeddings => vec![Dimension::Input],
            Task::Images => match picture_kinds(slug).into_iter().next() {
                // Nobody counts its tokens.
                Some(kind) if PictureTokens::of(slug, &kind) == PictureTokens::NONE => vec![Dimension::Image(kind)],
                _ => vec![Dimension::Input, Dimension::OutputImage],
            },
            Task::Other => Vec::new(),
        };
        let is_lacking = |dimension: &Dimension| self.sell.find(Level::BASE, dimension).is_none();
        used.into_iter().filter(is_lacking).collect()
    }

    /// It is enough for embeddings and for nothing else, and nobody knows what this model is for: its prompt has a price, an answer and a
    /// picture have none, so where credit is needed each chat is refused.
    #[must_use]
    pub fn refuses_chats(&self, abilities: &Abilities) -> bool {
        let sells = |dimension| self.sell.find(Level::BASE, dimension).is_some();
        let unsure = abilities.task == Task::Chat && !abilities.known && !self.sell.sells_pictures();
        unsure && sells(&Dimension::Input) && !sells(&Dimension::Output)
    }

    /// What is sold and has no cost, fallbacks included: of a call that uses it nobody can tell what it cost, nor what was earned.
    #[must_use]
    pub fn uncosted(&self) -> Vec<Dimension> {
        let by_piece = self.cost.sells_pictures();
        let mut found = BTreeSet::new();
        for (level, _) in self.cost.levels() {
            for dimension in named(&self.sell) {
                if !self.sell.charges(level, &dimension) {
                    continue;
                }
                // A provider that bills pictures by their tokens bills none by the piece, and the other way round.
                let billed = match &dimension {
                    Dimension::Image(_) if !by_piece => &Dimension::OutputImage,
                    Dimension::InputImage | Dimension::OutputImage if by_piece => continue,
                    dimension => dimension,
                };
                let sold = price_of(&self.sell, level, &dimension).is_some();
                if sold && price_of(&self.cost, level, billed).is_none() {
                    found.insert(dimension);
                }
            }
        }
        found.into_iter().collect()
    }
}

/// Every dimension that has a price of its own somewhere in a list.
fn named(tariff: &Tariff) -> BTreeSet<Dimension> {
    let tiers = tariff.tiers().iter().flat_map(|tier| tier.rates.iter());
    let all = tariff.base().iter().chain(tiers);
    all.map(|(dimension, _)| dimension.clone()).collect()
}

/// The price that a call would be charged: a request fee that is not there is zero, all else must be there.
fn price_of(tariff: &Tariff, level: Level, dimension: &Dimension) -> Option<Price> {
    let found = tariff.find(level, dimension).map(|quote| quote.price);
    found.or_else(|| (*dimension == Dimension::Request).then_some(Price::ZERO))
}

/// What so many cost: more than a price can be counts as the highest one.
fn several(price: Price, count: u64) -> Price {
    let pico = i64::try_from(price.times(count).pico()).unwrap_or(i64::MAX);
    Price::from_pico(pico).unwrap_or(price)
}

fn raised(cost: &Rates, margin: MarginPpm, chosen: &Rates) -> Result<Rates, PriceError> {
    let mut sell = chosen.clone();
    for (dimension, price) in cost.iter().filter(|(dimension, _)| chosen.get(dimension).is_none()) {
        let raised = margin.on(price).ok_or_else(|| PriceError::Margin(dimension.clone()))?;
        sell.set(dimension.clone(), raised);
    }
    Ok(sell)
}

/// A sheet as it is read, before its two lists are compared.
#[derive(Deserialize)]
struct Unchecked {
    #[serde(rename = "cost_per_million")]
    cost: Tariff,
    margin: MarginPpm,
    #[serde(rename = "sell_per_million")]
    sell: Tariff,
}

/// Cost and sell prices have different tiers.
#[derive(Debug, thiserror::Error)]
#[error("cost and sell prices must have the same tiers under the same rule")]
struct DifferentTiers;

impl TryFrom<Unchecked> for PriceSheet {
    type Error = DifferentTiers;

    fn try_from(read: Unchecked) -> Result<Self, DifferentTiers> {
        let Unchecked { cost, margin, sell } = read;
        let thresholds = |tariff: &Tariff| tariff.tiers().iter().map(|tier| tier.above).collect::<Vec<_>>();
        if cost.rule() == sell.rule() && thresholds(&cost) == thresholds(&sell) {
            Ok(Self { cost, margin, sell })
        } else {
            Err(DifferentTiers)
        }
    }
}
