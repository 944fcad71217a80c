//! Publishing: margin, overrides, and the warning before selling below cost.

use std::collections::BTreeMap;

use super::*;
use crate::{
    catalog::{Abilities, ProviderKind},
    money::MarginPpm,
};

fn margin(text: &str) -> MarginPpm {
    text.parse().unwrap()
}

#[test]
fn the_margin_is_applied_to_every_price_that_nobody_chose() {
    let tier = Tier {
        above: 200_000,
        rates: rates([(Dimension::Input, "5")]),
    };
    let cost = Tariff::tiered(
        rates([(Dimension::Input, "2.50"), (Dimension::Output, "10")]),
        TierRule::Whole,
        vec![tier],
    )
    .unwrap();
    let chosen = Overrides {
        base: rates([(Dimension::Output, "15"), (Dimension::Request, "100")]),
        tiers: BTreeMap::from([(200_000, rates([(Dimension::Output, "22.50")]))]),
    };
    let sheet = PriceSheet::publish(cost, margin("20"), &chosen).unwrap();
    let of = |dimension, input| {
        sheet
            .sell()
            .quote(&dimension, input)
            .map(|quote| quote.price.to_string())
    };
    assert_eq!(of(Dimension::Input, 1).as_deref(), Some("3.00"));
    assert_eq!(of(Dimension::Output, 1).as_deref(), Some("15.00"));
    assert_eq!(of(Dimension::Request, 1).as_deref(), Some("100.00"));
    assert_eq!(of(Dimension::Input, 200_001).as_deref(), Some("6.00"));
    assert_eq!(of(Dimension::Output, 200_001).as_deref(), Some("22.50"));
    assert_eq!(sheet.below_cost(), []);
    let json = serde_json::to_string(&sheet).unwrap();
    assert_eq!(serde_json::from_str::<PriceSheet>(&json).unwrap(), sheet);
}

#[test]
fn a_sheet_whose_tiers_differ_is_refused() {
    let cost = Tariff::flat(rates([(Dimension::Input, "1")]));
    let chosen = Overrides {
        tiers: BTreeMap::from([(7, Rates::default())]),
        ..Overrides::default()
    };
    let published = PriceSheet::publish(cost, MarginPpm::ZERO, &chosen);
    assert_eq!(published, Err(PriceError::NoSuchTier { above: 7 }));
    let stored = r#"{"cost_per_million":{"base":{}},"margin":"0","sell_per_million":{"base":{},"rule":"marginal"}}"#;
    assert!(serde_json::from_str::<PriceSheet>(stored).is_err());
}

#[test]
fn below_cost_is_found_through_fallbacks_and_tiers() {
    let cost = Tariff::tiered(
        rates([(Dimension::Input, "2"), (Dimension::Request, "10")]),
        TierRule::Whole,
        vec![Tier {
            above: 100,
            rates: rates([(Dimension::Input, "4")]),
        }],
    )
    .unwrap();
    let chosen = Overrides {
        base: rates([(Dimension::CacheRead, "3"), (Dimension::Request, "0")]),
        ..Overrides::default()
    };
    let sheet = PriceSheet::publish(cost, MarginPpm::ZERO, &chosen).unwrap();
    let found: Vec<_> = sheet
        .below_cost()
        .into_iter()
        .map(|below| (below.dimension, below.above))
        .collect();
    let expected = [
        (Dimension::Request, None),
        (Dimension::CacheRead, Some(100)),
        (Dimension::Request, Some(100)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_sheet_without_warning_never_charges_less_than_it_costs() {
    let warned = Cell::new(0);
    let strategy = (any_tariff(), -300_000..300_000_i64, any_rates(), any_quantities());
    trials(1_000, &strategy, |(cost, ppm, base, quantities)| {
        let chosen = Overrides {
            base,
            ..Overrides::default()
        };
        let sheet = PriceSheet::publish(cost, MarginPpm::from_ppm(ppm).unwrap(), &chosen).unwrap();
        let (Ok(cost), Ok(sell)) = (sheet.cost().price(&quantities), sheet.sell().price(&quantities)) else {
            return Ok(false);
        };
        if sell.exact < cost.exact {
            warned.set(warned.get() + 1);
            prop_assert!(!sheet.below_cost().is_empty());
        }
        Ok(true)
    });
    assert!(warned.get() > 50, "only {} cases were sold below cost", warned.get());
}

/// What every call of a model uses must have a price: who forgot one is told before each call is refused.
#[test]
fn a_price_without_what_every_call_uses_is_told_as_incomplete() {
    use Dimension::{Input, Output, OutputImage, Reasoning};
    use ProviderKind::{Openai, OpenaiCompatible, Simulated};
    let picture: Dimension = "image/1024x1024/standard".parse().unwrap();
    let lacking = |prices: &[Dimension], kind, slug: &str| {
        let rates = prices
            .iter()
            .map(|dimension| (dimension.clone(), Price::ZERO))
            .collect();
        let sheet = PriceSheet::publish(Tariff::flat(rates), MarginPpm::ZERO, &Overrides::default()).unwrap();
        sheet.lacking(&Abilities::of(kind, slug), slug)
    };
    let chat = |prices: &[Dimension]| lacking(prices, Openai, "gpt-4o");
    assert_eq!(chat(&[Input]), [Output]);
    assert_eq!(chat(&[Reasoning]), [Input, Output]);
    // Zero is a price.
    assert_eq!(chat(&[Input, Output]), []);
    let embeddings = |prices: &[Dimension]| lacking(prices, Openai, "text-embedding-3-small");
    assert_eq!(embeddings(&[Input]), []);
    assert_eq!(embeddings(&[Output]), [Input]);
    // It may be for either.
    assert_eq!(lacking(&[Input], OpenaiCompatible, "of-nobody-7"), []);
    // The hub's own models are known.
    assert_eq!(lacking(&[Input], Simulated, "echo"), [Output]);
    assert_eq!(lacking(&[Input], Simulated, "embed"), []);
    let draws = |prices: &[Dimension]| lacking(prices, Openai, "gpt-image-1");
    assert_eq!(draws(std::slice::from_ref(&picture)), []);
    assert_eq!(draws(&[Input]), [OutputImage]);
    // Pictures fall back to the answer's price.
    assert_eq!(draws(&[Input, Output]), []);
    let by_piece = lacking(&[Input, Output], Openai, "dall-e-3");
    assert!(matches!(by_piece.as_slice(), [Dimension::Image(_)]), "{by_piece:?}");
    assert_eq!(lacking(std::slice::from_ref(&picture), Openai, "dall-e-3"), []);
    assert_eq!(lacking(&[], Openai, "whisper-1"), []);
}

/// Of a model that may be for either, a price for the prompt alone is one for embeddings.
#[test]
fn a_price_that_is_enough_for_embeddings_alone_is_told() {
    use ProviderKind::{Openai, OpenaiCompatible};
    let refuses = |prices: &[(Dimension, &str)], kind, slug: &str| {
        let cost = Tariff::flat(
            prices
                .iter()
                .cloned()
                .map(|(d, text)| (d, text.parse().unwrap()))
                .collect(),
        );
        let sheet = PriceSheet::publish(cost, MarginPpm::ZERO, &Overrides::default()).unwrap();
        sheet.refuses_chats(&Abilities::of(kind, slug))
    };
    let (input, output) = ((Dimension::Input, "1"), (Dimension::Output, "0"));
    assert!(refuses(std::slice::from_ref(&input), OpenaiCompatible, "of-nobody-7"));
    assert!(!refuses(
        &[input.clone(), output.clone()],
        OpenaiCompatible,
        "of-nobody-7"
    ));
    // Without a price for the prompt nothing is sold at all, which is told as that.
    assert!(!refuses(&[output], OpenaiCompatible, "of-nobody-7"));
    assert!(!refuses(std::slice::from_ref(&input), Openai, "text-embedding-3-small"));
    assert!(!refuses(&[input], Openai, "gpt-4o"));
}

#[test]
fn what_is_sold_without_a_cost_is_told() {
    use Dimension::{CacheRead, Input, Output, OutputImage, Reasoning, Request};
    let picture: Dimension = "image/1024x1024/hd".parse().unwrap();
    let uncosted = |costs: &[&Dimension], sells: &[&Dimension]| {
        let list = |all: &[&Dimension]| all.iter().map(|d| ((*d).clone(), Price::ZERO)).collect::<Rates>();
        let chosen = Overrides {
            base: list(sells),
            ..Overrides::default()
        };
        let sheet = PriceSheet::publish(Tariff::flat(list(costs)), MarginPpm::ZERO, &chosen).unwrap();
        sheet.uncosted()
    };
    assert_eq!(uncosted(&[&Input], &[&Output]), [Output]);
    assert_eq!(uncosted(&[], &[&Input, &Output]), [Input, Output]);
    // What has a plainer sibling costs what that does, and who bills no fee for the call bills none.
    assert_eq!(uncosted(&[&Input, &Output], &[&CacheRead, &Reasoning, &Request]), []);
    // Pictures are billed by the piece or by their tokens.
    let told = uncosted(&[&Input], &[&picture]);
    assert_eq!(told, std::slice::from_ref(&picture));
    assert_eq!(uncosted(&[&Input, &Output], &[&picture]), []);
    assert_eq!(uncosted(&[&picture], &[&OutputImage]), []);
    // A cost that stands in a tier alone is none below it.
    let tier = |rates: Rates| vec![Tier { above: 100, rates }];
    let cost = Tariff::tiered(rates([(Input, "1")]), TierRule::Whole, tier(rates([(Output, "2")]))).unwrap();
    let chosen = Overrides {
        base: rates([(Output, "3")]),
        ..Overrides::default()
    };
    let sheet = PriceSheet::publish(cost, MarginPpm::ZERO, &chosen).unwrap();
    assert_eq!(sheet.uncosted(), [Output]);
}

#[test]
fn selling_at_cost_or_above_needs_no_yes() {
    trials(500, &(any_tariff(), 0..2_000_000_i64), |(cost, ppm)| {
        let sheet = PriceSheet::publish(cost, MarginPpm::from_ppm(ppm).unwrap(), &Overrides::default()).unwrap();
        prop_assert_eq!(sheet.below_cost(), []);
        Ok(true)
    });
}

#[test]
fn a_refusal_tells_prices_as_they_are_typed() {
    let told = |dimension: Dimension, cost: &str, sell: &str| {
        let read = |text: &str| dimension.read_price(text).unwrap();
        let (cost, sell) = (read(cost), read(sell));
        let below = BelowCost {
            dimension,
            above: None,
            cost,
            sell,
        };
        below.to_string()
    };
    assert_eq!(
        told(Dimension::Request, "0.002", "0.001"),
        "request at 0.001 costs 0.002 each"
    );
    assert_eq!(
        told(Dimension::Input, "2.50", "1.00"),
        "input at 1.00 costs 2.50 per million"
    );
}
