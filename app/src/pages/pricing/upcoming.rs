//! What a scheduled price changes of what the list shows. Costs are none of this page's business, and a version may change nothing else:
//! then there is nothing to tell.

use domain::{
    money::Price,
    price::{Dimension, Rates, Tariff, TierRule},
};

/// One line of what will be otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These prices; none for what has no price any more.
    Base(Vec<(Dimension, Option<Price>)>),
    /// Prices of long prompts, all of them. Empty: as those of short ones.
    Above(u64, TierRule, Box<Rates>),
}

/// What changes from one tariff to the next.
#[must_use]
pub fn changes(before: &Tariff, after: &Tariff) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut named: Vec<&Dimension> = [before, after]
        .into_iter()
        .flat_map(|tariff| tariff.base().iter().map(|(dimension, _)| dimension))
        .collect();
    named.sort();
    named.dedup();
    let price = |tariff: &Tariff, dimension: &Dimension| tariff.quote(dimension, 0).map(|quote| quote.price);
    let base: Vec<(Dimension, Option<Price>)> = named
        .into_iter()
        .filter(|dimension| price(before, dimension) != price(after, dimension))
        .map(|dimension| (dimension.clone(), price(after, dimension)))
        .collect();
    if !base.is_empty() {
        changes.push(Change::Base(base));
    }
    let tiers = || before.tiers().iter().chain(after.tiers());
    let mut thresholds: Vec<u64> = tiers().map(|tier| tier.above).collect();
    thresholds.sort_unstable();
    thresholds.dedup();
    let other_rule = before.rule() != after.rule() && after.tiers().iter().any(|tier| !tier.rates.is_empty());
    let differs = |above: &u64| own(before, *above) != own(after, *above);
    if other_rule || thresholds.iter().any(differs) {
        // All of them: one that moved is read beside the one that it becomes.
        let each = thresholds.into_iter();
        changes.extend(each.map(|above| Change::Above(above, after.rule(), Box::new(own(after, above)))));
    }
    changes
}

/// The prices of its own that a tariff has for input beyond a threshold, which may be one of another tariff.
fn own(tariff: &Tariff, above: u64) -> Rates {
    let tier = tariff.tiers().iter().rfind(|tier| tier.above <= above);
    tier.map(|tier| tier.rates.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::price::Tier;

    use super::*;

    fn rates(prices: &[(Dimension, &str)]) -> Rates {
        let one = |(dimension, text): &(Dimension, &str)| (dimension.clone(), text.parse().expect("a price"));
        prices.iter().map(one).collect()
    }

    fn tariff(base: &[(Dimension, &str)], rule: TierRule, tiers: &[(u64, &[(Dimension, &str)])]) -> Tariff {
        let tier = |(above, prices): &(u64, &[(Dimension, &str)])| Tier {
            above: *above,
            rates: rates(prices),
        };
        Tariff::tiered(rates(base), rule, tiers.iter().map(tier).collect()).expect("rising")
    }

    #[test]
    fn what_changes_is_told_and_what_stays_is_not() {
        use Dimension::{CacheRead, Input, Output};
        use TierRule::{Marginal, Whole};
        let price = |text: &str| text.parse::<Price>().ok();
        let base: &[(Dimension, &str)] = &[(Input, "1"), (Output, "2")];
        let plain = tariff(base, Whole, &[]);
        let tiered = tariff(base, Whole, &[(100, &[(Input, "3")])]);
        assert_eq!(changes(&plain, &plain), []);
        assert_eq!(changes(&tiered, &tiered), []);
        // A price that it took from a plainer one before is none that changes.
        let named = tariff(&[(Input, "1"), (Output, "2"), (CacheRead, "1")], Whole, &[]);
        assert_eq!(changes(&plain, &named), []);
        // Without tiers the rule says nothing.
        assert_eq!(changes(&plain, &tariff(base, Marginal, &[])), []);
        let dearer = tariff(&[(Input, "1.50")], Whole, &[]);
        let told = Change::Base(vec![(Input, price("1.50")), (Output, None)]);
        assert_eq!(changes(&plain, &dearer), [told]);
        // Tiers alone: one that comes, one that goes, another threshold, another rule.
        let above = |above, rule, prices: &[(Dimension, &str)]| Change::Above(above, rule, Box::new(rates(prices)));
        assert_eq!(changes(&plain, &tiered), [above(100, Whole, &[(Input, "3")])]);
        assert_eq!(changes(&tiered, &plain), [above(100, Whole, &[])]);
        let moved = tariff(base, Whole, &[(200, &[(Input, "3")])]);
        let told = [above(100, Whole, &[]), above(200, Whole, &[(Input, "3")])];
        assert_eq!(changes(&tiered, &moved), told);
        let marginal = tariff(base, Marginal, &[(100, &[(Input, "3")])]);
        assert_eq!(changes(&tiered, &marginal), [above(100, Marginal, &[(Input, "3")])]);
    }
}
