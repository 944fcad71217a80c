//! What a version changed: every price of it beside the price before, and what its tiers do. What is never charged is no price.

use domain::{
    money::Price,
    price::{Dimension, PriceSheet, Rates, TierRule},
};
use leptos::prelude::*;

use crate::{
    components::{PriceText, format},
    text::{Language, use_language},
};

/// One price, now and before.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    dimension: Dimension,
    above: Option<u64>,
    cost: (Option<Price>, Option<Price>),
    sell: (Option<Price>, Option<Price>),
}

impl Line {
    fn is_change(&self) -> bool {
        self.cost.0 != self.cost.1 || self.sell.0 != self.sell.1
    }
}

/// Every price that stands in either of two sheets.
fn lines(before: Option<&PriceSheet>, after: &PriceSheet) -> Vec<Line> {
    let (before, after) = (before.map(PriceSheet::charged), after.charged());
    let (before, after) = (before.as_ref(), &after);
    let mut levels = vec![None];
    levels.extend(after.cost().tiers().iter().map(|tier| Some(tier.above)));
    let dropped = before.into_iter().flat_map(|sheet| sheet.cost().tiers());
    for tier in dropped {
        if !levels.contains(&Some(tier.above)) {
            levels.push(Some(tier.above));
        }
    }
    let none = Rates::default();
    let mut lines = Vec::new();
    for above in levels {
        let rates = |sheet: Option<&PriceSheet>| {
            let of = |tariff: &domain::price::Tariff| match above {
                None => tariff.base().clone(),
                Some(above) => tariff
                    .tiers()
                    .iter()
                    .find(|tier| tier.above == above)
                    .map_or_else(|| none.clone(), |tier| tier.rates.clone()),
            };
            sheet.map_or_else(
                || (none.clone(), none.clone()),
                |sheet| (of(sheet.cost()), of(sheet.sell())),
            )
        };
        let ((cost_before, sell_before), (cost_after, sell_after)) = (rates(before), rates(Some(after)));
        let mut dimensions: Vec<&Dimension> = [&cost_before, &sell_before, &cost_after, &sell_after]
            .into_iter()
            .flat_map(|rates| rates.iter().map(|(dimension, _)| dimension))
            .collect();
        dimensions.sort();
        dimensions.dedup();
        lines.extend(dimensions.into_iter().map(|dimension| Line {
            dimension: dimension.clone(),
            above,
            cost: (cost_before.get(dimension), cost_after.get(dimension)),
            sell: (sell_before.get(dimension), sell_after.get(dimension)),
        }));
    }
    lines
}

/// How many prices a version changed.
pub fn count(before: Option<&PriceSheet>, after: &PriceSheet) -> usize {
    lines(before, after).iter().filter(|line| line.is_change()).count()
}

/// What tiers do, where there are any.
fn rule(sheet: &PriceSheet) -> Option<TierRule> {
    (!sheet.cost().tiers().is_empty()).then(|| sheet.cost().rule())
}

/// Whether tiers do something else than before.
pub fn changes_rule(before: Option<&PriceSheet>, after: &PriceSheet) -> bool {
    before
        .and_then(rule)
        .zip(rule(after))
        .is_some_and(|(before, after)| before != after)
}

/// The table of what a version changed; what stayed is quiet.
#[component]
pub fn Changes(
    /// The version before; none for the first.
    before: Option<PriceSheet>,
    /// The version.
    after: PriceSheet,
) -> impl IntoView {
    let language = use_language();
    let (cost, price) = (language.pick("Cost", "成本"), language.pick("Price", "售价"));
    let rows: Vec<_> = lines(before.as_ref(), &after)
        .into_iter()
        .map(|line| {
            let name = language.dimension(&line.dimension);
            let name = match (line.above.map(format::count), language) {
                (None, _) => name,
                (Some(above), Language::En) => format!("{name} above {above}"),
                (Some(above), Language::Zh) => format!("{name}（超过 {above}）"),
            };
            let unit = language
                .other_unit(&line.dimension)
                .map(|unit| view! { " "<small class="muted">{unit}</small> });
            let first = before.is_none();
            view! {
                <tr>
                    <th scope="row">{name}{unit}</th>
                    <td data-label=cost>{step(&line.dimension, line.cost, first)}</td>
                    <td data-label=price>{step(&line.dimension, line.sell, first)}</td>
                </tr>
            }
        })
        .collect();
    let rule = rule(&after).map(|now| {
        let word = language.tier_rule(now);
        let told = match before.as_ref().and_then(rule) {
            Some(earlier) if earlier != now => view! { <del>{language.tier_rule(earlier)}</del>" "<ins>{word}</ins> }.into_any(),
            Some(_) => view! { <span class="diff-same">{word}</span> }.into_any(),
            None => word.into_any(),
        };
        view! { <tr><th scope="row">{language.pick("A tier prices", "阶梯价格适用于")}</th><td colspan="2">{told}</td></tr> }
    });
    view! {
        <table class="diff">
            <thead><tr>
                <th scope="col">{language.pick("USD per million", "美元 / 百万")}</th>
                <th scope="col">{cost}</th>
                <th scope="col">{price}</th>
            </tr></thead>
            <tbody>{rows}{rule}</tbody>
        </table>
    }
}

fn step(dimension: &Dimension, (before, after): (Option<Price>, Option<Price>), first: bool) -> AnyView {
    let text = |price: Option<Price>| match price {
        Some(price) => view! { <PriceText dimension=dimension.clone() price=price /> }.into_any(),
        None => "–".into_any(),
    };
    if first {
        return text(after);
    }
    if before == after {
        return view! { <span class="diff-same">{text(after)}</span> }.into_any();
    }
    view! { <del>{text(before)}</del>" "<ins>{text(after)}</ins> }.into_any()
}

#[cfg(test)]
mod tests {
    use domain::{
        money::MarginPpm,
        price::{Overrides, Tariff, Tier, TierRule},
    };

    use super::*;

    fn sheet(input: i64, tier: Option<i64>) -> PriceSheet {
        let rates = |pico| Rates::default().with(Dimension::Input, Price::from_pico(pico).unwrap_or_default());
        let tiers = tier.map(|pico| Tier {
            above: 100,
            rates: rates(pico),
        });
        let cost = Tariff::tiered(rates(input), TierRule::Whole, tiers.into_iter().collect()).unwrap_or_default();
        PriceSheet::publish(cost, MarginPpm::ZERO, &Overrides::default()).expect("a sheet")
    }

    /// Tiers of input and output, under a rule.
    fn ruled(rule: TierRule) -> PriceSheet {
        let rates = |pico| {
            let price = Price::from_pico(pico).unwrap_or_default();
            Rates::default()
                .with(Dimension::Input, price)
                .with(Dimension::Output, price)
        };
        let tier = Tier {
            above: 100,
            rates: rates(5),
        };
        let cost = Tariff::tiered(rates(1), rule, vec![tier]).unwrap_or_default();
        PriceSheet::publish(cost, MarginPpm::ZERO, &Overrides::default()).expect("a sheet")
    }

    #[test]
    fn another_rule_is_a_change_and_what_it_never_charges_is_none() {
        let (whole, marginal) = (ruled(TierRule::Whole), ruled(TierRule::Marginal));
        assert!(changes_rule(Some(&whole), &marginal));
        assert!(!changes_rule(Some(&whole), &whole) && !changes_rule(None, &marginal));
        assert!(
            !changes_rule(Some(&sheet(1, None)), &marginal),
            "without tiers it says nothing"
        );
        // The output of the tier, which had a price that counts.
        assert_eq!(count(Some(&whole), &marginal), 1);
        assert_eq!((lines(None, &whole).len(), lines(None, &marginal).len()), (4, 3));
    }

    #[test]
    fn what_came_went_and_changed_is_counted() {
        let (plain, dearer, tiered) = (sheet(1, None), sheet(2, None), sheet(1, Some(5)));
        assert_eq!(count(None, &tiered), 2);
        assert_eq!(count(Some(&plain), &plain), 0);
        assert_eq!(count(Some(&plain), &dearer), 1);
        assert_eq!(count(Some(&plain), &tiered), 1);
        assert_eq!(count(Some(&tiered), &dearer), 2);
        assert_eq!(lines(Some(&tiered), &dearer).len(), 2);
    }
}
