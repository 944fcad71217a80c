//! Prices against arithmetic done another way: by hand, and token by token.

mod bounds;
mod past;
mod receipts;
mod sheets;

use std::cell::Cell;

use proptest::{
    collection::btree_map,
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};

use super::*;
use crate::{money::Price, usage::Usage};

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn rates<const N: usize>(prices: [(Dimension, &str); N]) -> Rates {
    prices
        .into_iter()
        .map(|(dimension, text)| (dimension, price(text)))
        .collect()
}

fn image(text: &str) -> ImageKind {
    text.parse().unwrap()
}

/// Runs many cases. A test answers whether the case said anything; most must, or it would prove nothing.
fn trials<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<bool, TestCaseError>) {
    let said = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    });
    let result = runner.run(strategy, |case| {
        said.set(said.get() + u32::from(test(case)?));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(
        said.get() >= cases / 2,
        "only {} of {cases} cases said something",
        said.get()
    );
}

/// Any plain dimension or one of two images.
fn any_dimension() -> impl Strategy<Value = Dimension> {
    let images = [image("1024x1024/hd"), image("512x512/low")].map(Dimension::Image);
    proptest::sample::select(Dimension::plain().chain(images).collect::<Vec<_>>())
}

fn any_rates() -> impl Strategy<Value = Rates> {
    btree_map(any_dimension(), 0..5_000_i64, 0..10).prop_map(|prices| {
        let prices = prices.into_iter();
        prices
            .map(|(dimension, pico)| (dimension, Price::from_pico(pico).unwrap()))
            .collect()
    })
}

/// A tariff with up to three low thresholds; mostly with prices for text.
fn any_tariff() -> impl Strategy<Value = Tariff> {
    let text = proptest::option::weighted(0.8, (1..5_000_i64, 1..5_000_i64));
    let tiers = btree_map(0..24_u64, any_rates(), 0..4);
    (any_rates(), text, any::<bool>(), tiers).prop_map(|(mut base, text, whole, tiers)| {
        if let Some((input, output)) = text {
            base.set(Dimension::Input, Price::from_pico(input).unwrap());
            base.set(Dimension::Output, Price::from_pico(output).unwrap());
        }
        let rule = if whole { TierRule::Whole } else { TierRule::Marginal };
        let tiers = tiers.into_iter().map(|(above, rates)| Tier { above, rates }).collect();
        Tariff::tiered(base, rule, tiers).unwrap()
    })
}

/// Small counts around the thresholds of [`any_tariff`]; rare things are rare.
fn any_quantities() -> impl Strategy<Value = Quantities> {
    let count = || prop_oneof![2 => Just(0_u64), 3 => 0..9_u64];
    let rare = || prop_oneof![6 => Just(0_u64), 1 => 1..4_u64];
    let input = (count(), count(), count(), count(), rare(), rare());
    let output = (count(), count(), rare(), rare());
    (input, output, (rare(), rare(), rare()), 0..2_u64).prop_map(|(input, output, pieces, requests)| Quantities {
        usage: Usage {
            input_uncached: input.0,
            cache_read: input.1,
            cache_write_5m: input.2,
            cache_write_1h: input.3,
            input_audio: input.4,
            input_image: input.5,
            output_text: output.0,
            output_reasoning: output.1,
            output_audio: output.2,
            output_image: output.3,
        },
        images: (pieces.0 > 0)
            .then(|| (image("512x512/low"), pieces.0))
            .into_iter()
            .collect(),
        seconds: pieces.1,
        characters: pieces.2,
        requests,
    })
}

#[test]
fn words_are_read_as_they_are_written() {
    for dimension in Dimension::plain().chain([Dimension::Image(image("1024x1024/hd"))]) {
        assert_eq!(dimension.to_string().parse(), Ok(dimension.clone()));
        let json = serde_json::to_string(&dimension).unwrap();
        assert_eq!(json, format!("\"{dimension}\""));
        assert_eq!(serde_json::from_str::<Dimension>(&json).unwrap(), dimension);
    }
    for wrong in [
        "",
        "Input",
        "image",
        "image/",
        "image/a",
        "image/a/",
        "image/a/b/c",
        "image/A/b",
        "image/a b/c",
    ] {
        assert!(wrong.parse::<Dimension>().is_err(), "{wrong:?}");
    }
}

#[test]
fn fallbacks_end_and_stay_on_their_side() {
    for mut dimension in Dimension::plain() {
        for _ in 0..3 {
            match dimension.fallback() {
                Some(next) => dimension = next,
                None => break,
            }
        }
        assert_eq!(dimension.fallback(), None);
    }
}

#[test]
fn tariffs_survive_json() {
    trials(200, &any_tariff(), |tariff| {
        let json = serde_json::to_string(&tariff).unwrap();
        prop_assert_eq!(serde_json::from_str::<Tariff>(&json).unwrap(), tariff);
        Ok(true)
    });
}

#[test]
fn tiers_out_of_order_are_refused_also_from_storage() {
    let tier = |above| Tier {
        above,
        rates: Rates::default(),
    };
    let built = Tariff::tiered(Rates::default(), TierRule::Whole, vec![tier(5), tier(5)]);
    assert_eq!(built, Err(InvalidTariff { above: 5 }));
    let stored = r#"{"base":{},"tiers":[{"above":5,"rates":{}},{"above":4,"rates":{}}],"rule":"whole"}"#;
    assert!(serde_json::from_str::<Tariff>(stored).is_err());
}
