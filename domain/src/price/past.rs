//! What was used in the past, priced anew: what calls would have cost and been charged under other prices. Calls are told apart as far as
//! a price may tell them apart, and no further, so that a million of them are a few sums; prices can then change as they are typed.

use serde::{Deserialize, Serialize};

use super::{Dimension, Drawn, PriceError, PriceSheet, Quantities, Receipt, Tariff, TierRule};
use crate::{
    money::{Amount, Picos},
    time::Timestamp,
    usage::Usage,
};

/// By what a price tells calls apart: thresholds of their input, and what these do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// What tiers do; the same for all prices without tiers.
    pub rule: TierRule,
    /// Rising.
    pub thresholds: Vec<u64>,
}

impl Shape {
    /// Of a sheet: both of its lists have the same.
    #[must_use]
    pub fn of(sheet: &PriceSheet) -> Self {
        let thresholds: Vec<u64> = sheet.cost().tiers().iter().map(|tier| tier.above).collect();
        let rule = if thresholds.is_empty() {
            TierRule::Whole
        } else {
            sheet.cost().rule()
        };
        Self { rule, thresholds }
    }

    /// What one call used, by the threshold above which it is priced; none below all of them. Under the marginal rule the input is cut
    /// at each threshold, in the order in which it counts.
    #[must_use]
    pub fn parts(&self, usage: Usage) -> Vec<(Option<u64>, Usage)> {
        let total = Quantities::of(usage).input_total();
        match self.rule {
            TierRule::Whole => {
                let above = self.thresholds.iter().rfind(|above| u128::from(**above) < total);
                vec![(above.copied(), usage)]
            }
            TierRule::Marginal => {
                let edges = std::iter::once(None).chain(self.thresholds.iter().copied().map(Some));
                let ends = self
                    .thresholds
                    .iter()
                    .map(|above| u128::from(*above))
                    .chain([u128::MAX]);
                let part = |(above, end): (Option<u64>, u128)| {
                    let place = u128::from(above.unwrap_or_default())..end;
                    (above, cut(usage, &place, above.is_none()))
                };
                let parts = edges.zip(ends).map(part);
                parts
                    .filter(|(above, part)| above.is_none() || *part != Usage::default())
                    .collect()
            }
        }
    }
}

/// The input within these places, and the answer where it belongs.
fn cut(usage: Usage, place: &std::ops::Range<u128>, with_answer: bool) -> Usage {
    let mut part = if with_answer { usage } else { Usage::default() };
    let mut start: u128 = 0;
    for (dimension, count) in Quantities::of(usage).input() {
        let end = start + u128::from(count);
        let within = end.min(place.end).saturating_sub(start.max(place.start));
        // Never more than `count`, so it fits.
        let within = u64::try_from(within).unwrap_or(count);
        match dimension {
            Dimension::CacheRead => part.cache_read = within,
            Dimension::CacheWrite1h => part.cache_write_1h = within,
            Dimension::CacheWrite5m => part.cache_write_5m = within,
            Dimension::InputAudio => part.input_audio = within,
            Dimension::InputImage => part.input_image = within,
            _ => part.input_uncached = within,
        }
        start = end;
    }
    part
}

/// Calls that a price does not tell apart, or parts of such, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// The threshold above which they are priced; none for the base.
    pub above: Option<u64>,
    /// How many calls begin here.
    pub calls: u64,
    /// What they used.
    pub usage: Usage,
    /// The pictures that they made: all of them.
    pub drawn: Option<Drawn>,
    /// Their provider bills them: they used something.
    pub billed: bool,
    /// They are charged for, or would have been if there had been a price.
    pub owed: bool,
}

/// What the calls of a model used since a moment, and what was booked for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Since when.
    pub since: Timestamp,
    /// By what they are told apart.
    pub shape: Shape,
    /// What they cost, as far as there was a price.
    pub cost: Amount,
    /// What was charged.
    pub charge: Amount,
    /// What they used.
    pub groups: Vec<Alike>,
}

/// What would have been, beside what was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What the calls would have cost, or what has no cost in this version although it was used.
    pub cost: Result<Amount, PriceError>,
    /// What they would have been charged, or what has no price in this version although it was used.
    pub charge: Result<Amount, PriceError>,
    /// Calls whose charge has a part below a billionth of a dollar, at the most: each of them is rounded up by itself, and they are
    /// priced together here.
    pub rounded: u64,
}

impl Past {
    /// Adds calls, or parts of calls, to those that are like them.
    pub fn add(&mut self, more: Alike) {
        let kind = |group: &Alike| {
            let drawn = group.drawn.as_ref().map(|drawn| drawn.kind.clone());
            (group.above, drawn, group.billed, group.owed)
        };
        let Some(known) = self.groups.iter_mut().find(|group| kind(group) == kind(&more)) else {
            self.groups.push(more);
            return;
        };
        known.calls = known.calls.saturating_add(more.calls);
        known.usage = known.usage.plus(more.usage);
        if let (Some(known), Some(more)) = (&mut known.drawn, more.drawn) {
            known.count = known.count.saturating_add(more.count);
        }
    }

    /// How many calls a price is about: they were charged, or would have been, or their provider bills them. Not those that were refused.
    #[must_use]
    pub fn calls(&self) -> u64 {
        let about = self.groups.iter().filter(|group| group.owed || group.billed);
        about.fold(0, |sum, group| sum.saturating_add(group.calls))
    }

    /// What the same calls would have come to under these prices; none where these tell calls apart by something else.
    #[must_use]
    pub fn under(&self, sheet: &PriceSheet) -> Option<Effect> {
        if Shape::of(sheet) != self.shape {
            return None;
        }
        let mut rounded = 0;
        let charge = self.priced(sheet.sell(), |group| group.owed, &mut rounded);
        Some(Effect {
            cost: self.priced(sheet.cost(), |group| group.billed, &mut 0),
            charge,
            rounded,
        })
    }

    fn priced(&self, tariff: &Tariff, counts: fn(&Alike) -> bool, rounded: &mut u64) -> Result<Amount, PriceError> {
        let mut exact = Picos::default();
        let counted = || self.groups.iter().filter(|group| counts(group));
        // What is cut at thresholds is rounded as a whole: a part above one has no calls of its own, and breaks those whose part it is.
        let whole = self.shape.rule == TierRule::Whole;
        let kind = |group: &Alike| {
            let drawn = group.drawn.as_ref().map(|drawn| drawn.kind.clone());
            (group.above.filter(|_| whole), drawn, group.billed, group.owed)
        };
        let mut broken = Vec::new();
        for group in counted() {
            let quantities = Quantities {
                requests: group.calls,
                ..tariff.quantities(group.usage, group.drawn.as_ref())
            };
            // What is paid by the piece has no input that could be above anything.
            let by_piece = group.drawn.is_some() && tariff.sells_pictures();
            let receipt: Receipt = tariff.price_above(group.above.filter(|_| !by_piece), &quantities)?;
            if receipt.lines.iter().any(|line| line.price.pico() % PICOS_IN_NANO != 0) {
                broken.push(kind(group));
            }
            exact = exact.checked_add(receipt.exact).ok_or(PriceError::TooLarge)?;
        }
        for group in counted().filter(|group| broken.contains(&kind(group))) {
            *rounded = rounded.saturating_add(group.calls);
        }
        exact.round_up().ok_or(PriceError::TooLarge)
    }
}

/// What is charged is a whole number of billionths of a dollar; a price is in thousandths of those.
const PICOS_IN_NANO: i64 = 1_000;
