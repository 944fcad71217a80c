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
    assert_eq!(sheet.below_cost("m"), []);
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
        .below_cost("m")
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

/// What is sold by the piece and billed by its tokens is compared all the same, and the other way round.
#[test]
fn a_picture_by_the_piece_is_compared_with_the_tokens_that_it_usually_has() {
    let read = |prices: &[(&str, &str)]| {
        let one = |(name, text): &(&str, &str)| {
            let dimension: Dimension = name.parse().unwrap();
            let price = dimension.read_price(text).unwrap();
            (dimension, price)
        };
        prices.iter().map(one).collect::<Rates>()
    };
    let below = |slug: &str, costs: &[(&str, &str)], sells: &[(&str, &str)]| {
        let chosen = Overrides {
            base: read(sells),
            ..Overrides::default()
        };
        let sheet = PriceSheet::publish(Tariff::flat(read(costs)), MarginPpm::ZERO, &chosen).unwrap();
        let told = sheet.below_cost(slug);
        told.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let tokens = [("input", "5"), ("output_image", "40")];
    let sells = [("image/1024x1024/high", "0.01"), ("image/1024x1024/low", "0.02")];
    // 4,160 tokens at 40 a million; 272 are cheaper than two cents.
    let high = "image/1024x1024/high at 0.01 costs 0.1664 each (a picture of 4160 tokens, as is usual)";
    assert_eq!(below("gpt-image-1", &tokens, &sells), [high]);
    assert_eq!(
        below("gpt-image-1", &tokens, &[("image/1024x1024/high", "0.1664")]),
        [""; 0]
    );
    // The tokens of a picture cost what those of an answer do, where nothing else is said.
    let unknown = below("my-sdxl", &[("output", "40")], &[("image/512x512/auto", "0.01")]);
    assert_eq!(
        unknown,
        ["image/512x512/auto at 0.01 costs 0.0516 each (a picture of 1290 tokens, as is usual)"]
    );
    // Nobody counts the tokens of these, and what has no cost is told as that.
    assert_eq!(below("dall-e-3", &tokens, &sells), [""; 0]);
    assert_eq!(below("gpt-image-1", &[("input", "5")], &sells), [""; 0]);
    // More than a price can be is more than any price.
    let dear = [("output_image", "9000000000000")];
    assert_eq!(below("gpt-image-1", &dear, &sells).len(), 2);
    let stored = r#"{"cost_per_million":{"base":{"image/1024x1024/high":"200000"}},"margin":"0","sell_per_million":{"base":{"output_image":"40"}}}"#;
    let sheet: PriceSheet = serde_json::from_str(stored).unwrap();
    let told = sheet.below_cost("gpt-image-1")[0].to_string();
    assert_eq!(
        told,
        "image/1024x1024/high at 0.1664 costs 0.20 each (a picture of 4160 tokens, as is usual)"
    );
}

/// Under the marginal rule all but the input is priced by the base: such prices of versions of before are neither shown nor judged.
#[test]
fn what_a_tier_never_charges_is_named_and_left_out() {
    use Dimension::{CacheRead, Input, InputImage, Output, Request};
    let sheet = |rule| {
        let tier = Tier {
            above: 100,
            rates: rates([(Input, "3"), (CacheRead, "1"), (Output, "30")]),
        };
        let cost = Tariff::tiered(rates([(Input, "1"), (Output, "10")]), rule, vec![tier]).unwrap();
        let sold = rates([(Output, "20"), (InputImage, "4"), (Request, "1")]);
        let chosen = Overrides {
            tiers: BTreeMap::from([(100, sold)]),
            ..Overrides::default()
        };
        PriceSheet::publish(cost, MarginPpm::ZERO, &chosen).unwrap()
    };
    let (whole, marginal) = (sheet(TierRule::Whole), sheet(TierRule::Marginal));
    assert_eq!((whole.never_charged(), whole.charged()), (vec![], whole.clone()));
    assert_eq!(marginal.never_charged(), [Output, Request]);
    let charged = marginal.charged();
    assert_eq!(charged.never_charged(), []);
    let kept = charged.sell().tiers()[0].rates.iter();
    assert_eq!(
        kept.map(|(dimension, _)| dimension.clone()).collect::<Vec<_>>(),
        [Input, CacheRead, InputImage]
    );
    let below = |sheet: &PriceSheet| {
        sheet
            .below_cost("m")
            .into_iter()
            .map(|below| below.dimension)
            .collect::<Vec<_>>()
    };
    assert_eq!((below(&whole), below(&marginal)), (vec![Output], vec![]));
    // A price that no call is charged has no cost that somebody would miss.
    let sold = BTreeMap::from([(100, rates([(Output, "20")]))]);
    let uncosted = |rule| {
        let tier = Tier {
            above: 100,
            rates: Rates::default(),
        };
        let cost = Tariff::tiered(rates([(Input, "1")]), rule, vec![tier]).unwrap();
        let chosen = Overrides {
            tiers: sold.clone(),
            ..Overrides::default()
        };
        PriceSheet::publish(cost, MarginPpm::ZERO, &chosen).unwrap().uncosted()
    };
    assert_eq!(
        (uncosted(TierRule::Whole), uncosted(TierRule::Marginal)),
        (vec![Output], vec![])
    );
}

#[test]
fn a_margin_that_no_price_can_hold_names_what_it_is_put_on() {
    let cost = Rates::default().with(Dimension::Output, Price::from_pico(i64::MAX).unwrap());
    let told = PriceSheet::publish(Tariff::flat(cost), margin("1"), &Overrides::default());
    assert_eq!(told, Err(PriceError::Margin(Dimension::Output)));
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
            prop_assert!(!sheet.below_cost("m").is_empty());
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
    // It may be for either, and where it is sold by the picture it is for pictures.
    assert_eq!(lacking(&[Input], OpenaiCompatible, "of-nobody-7"), []);
    assert_eq!(lacking(&[Output], OpenaiCompatible, "my-sdxl"), [Input]);
    assert_eq!(lacking(std::slice::from_ref(&picture), OpenaiCompatible, "my-sdxl"), []);
    // That one is known to answer, whatever else it is sold for.
    assert_eq!(
        lacking(std::slice::from_ref(&picture), Openai, "gpt-4o"),
        [Input, Output]
    );
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
    // Of what is sold by the picture that would be false.
    let picture = "image/512x512/auto".parse().unwrap();
    assert!(!refuses(&[input.clone(), (picture, "1")], OpenaiCompatible, "my-sdxl"));
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
        prop_assert_eq!(sheet.below_cost("m"), []);
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
            tokens: None,
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
