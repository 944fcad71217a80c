//! From typed texts to a price: the sell price and margin of every cell, what is wrong, and the sheet when nothing is. Pure;
//! runs in the browser while somebody types, and on the server when the form arrives.

use std::collections::BTreeMap;

use domain::{
    money::{InvalidNumber, MarginPpm, NumberProblem, Price},
    price::{BelowCost, Dimension, Overrides, PriceSheet, Rates, Tariff, Tier},
};

use super::fields::{self, Level, MARGIN, PriceFields};

/// What the fields mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The version, when every field can be read and something has a price.
    pub sheet: Option<PriceSheet>,
    /// What is wrong with a field, by its name.
    pub problems: BTreeMap<String, Wrong>,
    cells: BTreeMap<(Level, Dimension), Cell>,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no such number.
    Number(NumberProblem),
    /// It is no whole number of tokens.
    Threshold,
    /// Two tiers have one threshold.
    Twice,
    /// Prices of a tier without its threshold.
    Missing,
    /// A price of a tier that would never be charged under its rule.
    NeverCharged,
}

/// One price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What is charged: what was chosen, or cost and margin.
    pub sell: Option<Price>,
    /// What cost and margin give, whatever was chosen.
    pub follows: Option<Price>,
    /// The margin that lies in it; none without a cost above zero.
    pub margin: Option<MarginPpm>,
    /// Less than it costs.
    pub below: bool,
}

impl Reading {
    /// Reads every field.
    #[must_use]
    pub fn of(fields: &PriceFields) -> Self {
        let mut reading = Self::default();
        let margin = match fields.get(MARGIN) {
            "" => Some(MarginPpm::ZERO),
            text => reading.number(MARGIN, text.parse()),
        };
        let (base, chosen) = reading.level(fields, None, margin);
        let mut overrides = Overrides {
            base: chosen,
            ..Overrides::default()
        };
        let mut tiers: Vec<Tier> = Vec::new();
        for tier in 0..fields.tiers() {
            let (rates, chosen) = reading.level(fields, Some(tier), margin);
            let name = fields::above(tier);
            let above = match fields.get(&name) {
                "" if rates.is_empty() && chosen.is_empty() => continue,
                "" => {
                    reading.problems.insert(name, Wrong::Missing);
                    continue;
                }
                text => match text.parse::<u64>() {
                    Ok(above) => above,
                    Err(_) => {
                        reading.problems.insert(name, Wrong::Threshold);
                        continue;
                    }
                },
            };
            if tiers.iter().any(|other| other.above == above) {
                reading.problems.insert(name, Wrong::Twice);
                continue;
            }
            overrides.tiers.insert(above, chosen);
            tiers.push(Tier { above, rates });
        }
        tiers.sort_by_key(|tier| tier.above);
        if reading.problems.is_empty()
            && let Ok(cost) = Tariff::tiered(base, fields.rule(), tiers)
        {
            match PriceSheet::publish(cost, margin.unwrap_or_default(), &overrides) {
                Ok(sheet) if !sheet.sell().base().is_empty() => reading.sheet = Some(sheet),
                Ok(_) => {}
                Err(_) => drop(
                    reading
                        .problems
                        .insert(MARGIN.to_owned(), Wrong::Number(NumberProblem::TooLarge)),
                ),
            }
        }
        reading
    }

    /// What a field's price comes to.
    #[must_use]
    pub fn cell(&self, level: Level, dimension: &Dimension) -> Cell {
        self.cells.get(&(level, dimension.clone())).copied().unwrap_or_default()
    }

    /// What is sold below cost, fallbacks included: what a picture costs depends on the model that draws it.
    #[must_use]
    pub fn below_cost(&self, slug: &str) -> Vec<BelowCost> {
        let below = self.sheet.as_ref().map(|sheet| sheet.below_cost(slug));
        below.unwrap_or_default()
    }

    /// What is sold and has no cost.
    #[must_use]
    pub fn uncosted(&self) -> Vec<Dimension> {
        self.sheet.as_ref().map(PriceSheet::uncosted).unwrap_or_default()
    }

    /// The costs and the chosen sell prices of one level. Of a margin that cannot be read (none) no price follows.
    fn level(&mut self, fields: &PriceFields, level: Level, margin: Option<MarginPpm>) -> (Rates, Rates) {
        let (mut costs, mut chosen) = (Rates::default(), Rates::default());
        for dimension in fields.dimensions() {
            let charged = level.is_none() || fields.rule().charges(&dimension);
            let mut read = |name: String| match fields.get(&name) {
                "" => None,
                _ if !charged => {
                    self.problems.insert(name, Wrong::NeverCharged);
                    None
                }
                text => self.number(&name, dimension.read_price(text)),
            };
            let (cost, sell) = (
                read(fields::cost(level, &dimension)),
                read(fields::sell(level, &dimension)),
            );
            let follows = cost.zip(margin).and_then(|(cost, margin)| margin.on(cost));
            let cell = Cell {
                sell: sell.or(follows),
                follows,
                margin: cost
                    .zip(sell.or(follows))
                    .and_then(|(cost, sell)| match Some(sell) == follows {
                        // As it was typed, not as the rounding of the price makes it.
                        true if !cost.is_zero() => margin,
                        _ => MarginPpm::between(cost, sell),
                    }),
                below: cost.zip(sell.or(follows)).is_some_and(|(cost, sell)| sell < cost),
            };
            if let Some(cost) = cost {
                costs.set(dimension.clone(), cost);
            }
            if let Some(sell) = sell {
                chosen.set(dimension.clone(), sell);
            }
            if cell != Cell::default() {
                self.cells.insert((level, dimension), cell);
            }
        }
        (costs, chosen)
    }

    fn number<T>(&mut self, name: &str, read: Result<T, InvalidNumber>) -> Option<T> {
        read.map_err(|invalid| self.problems.insert(name.to_owned(), Wrong::Number(invalid.problem)))
            .ok()
    }
}
