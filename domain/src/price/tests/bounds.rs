//! Bounds hold, and what is affordable is exactly what the bound says.

use super::*;
use crate::money::Amount;

/// Bounds that the quantities just fit, widened by some slack.
fn around(quantities: &Quantities, slack: u64) -> Bounds {
    let usage = &quantities.usage;
    Bounds {
        input_tokens: usage.input_total() + slack,
        input_audio: usage.input_audio + slack % 2,
        input_image: usage.input_image,
        output_tokens: usage.output_total() + slack,
        output_audio: usage.output_audio,
        output_image: usage.output_image + slack % 3,
        images: quantities.images.clone(),
        seconds: quantities.seconds,
        characters: quantities.characters + slack % 2,
        requests: quantities.requests,
    }
}

/// A tariff that has a price for whatever `any_quantities` uses, most of the time.
fn full_tariff() -> impl Strategy<Value = Tariff> {
    (any_tariff(), 1..5_000_i64, 0..20_u8).prop_map(|(tariff, pico, luck)| {
        let mut base = tariff.base().clone();
        let image = Dimension::Image(image("512x512/low"));
        for dimension in [
            Dimension::Input,
            Dimension::Output,
            Dimension::Second,
            Dimension::Character,
            image,
        ] {
            if luck > 0 && base.get(&dimension).is_none() {
                base.set(dimension, Price::from_pico(pico).unwrap());
            }
        }
        Tariff::tiered(base, tariff.rule(), tariff.tiers().to_vec()).unwrap()
    })
}

#[test]
fn a_cheaper_tier_does_not_lower_the_bound() {
    let discount = Tier {
        above: 10,
        rates: rates([(Dimension::Input, "1")]),
    };
    let tariff = Tariff::tiered(rates([(Dimension::Input, "5")]), TierRule::Whole, vec![discount]).unwrap();
    let ten = tariff.bound(&Bounds::text(10, 0)).unwrap();
    assert_eq!(
        tariff.bound(&Bounds::text(11, 0)),
        Ok(ten),
        "ten tokens of the base cost more than eleven of the tier"
    );
}

#[test]
fn audio_raises_the_bound_only_where_there_can_be_audio() {
    let tariff = Tariff::flat(rates([(Dimension::Input, "2"), (Dimension::InputAudio, "40")]));
    let text = Bounds::text(1_000_000, 0);
    assert_eq!(tariff.bound(&text).unwrap().to_string(), "2.00");
    let spoken = Bounds {
        input_audio: 250_000,
        ..text
    };
    assert_eq!(tariff.bound(&spoken).unwrap().to_string(), "11.50");
}

#[test]
fn an_unpriced_bound_is_refused_before_anything_is_sent() {
    let embeddings = Tariff::flat(rates([(Dimension::Input, "0.02")]));
    assert!(embeddings.bound(&Bounds::text(1_000, 0)).is_ok());
    assert_eq!(
        embeddings.bound(&Bounds::text(1_000, 1)),
        Err(PriceError::Unpriced(Dimension::Output))
    );
    assert_eq!(
        embeddings.affordable_output(&Bounds::text(1_000, 0), Amount::MAX),
        Err(PriceError::Unpriced(Dimension::Output))
    );
}

#[test]
fn what_is_affordable_at_the_edges() {
    let tariff = Tariff::flat(rates([(Dimension::Input, "1"), (Dimension::Output, "10")]));
    let bounds = Bounds::text(100, 0);
    let afford = |text: &str| tariff.affordable_output(&bounds, text.parse().unwrap()).unwrap();
    assert_eq!(afford("0.000099999"), None, "not even the prompt");
    assert_eq!(afford("0.0001"), Some(0));
    assert_eq!(afford("0.000109999"), Some(0));
    assert_eq!(afford("0.00011"), Some(1));
    // More than a call may come to is no use to it.
    let most = tariff.affordable_output(&bounds, Amount::MAX).unwrap().unwrap();
    assert!(tariff.bound(&Bounds::text(100, most)).is_ok());
    assert_eq!(tariff.bound(&Bounds::text(100, most + 1)), Err(PriceError::TooLarge));
    let free = Tariff::flat(rates([(Dimension::Input, "0"), (Dimension::Output, "0")]));
    assert_eq!(free.affordable_output(&bounds, Amount::ZERO), Ok(Some(u64::MAX)));
}

#[test]
fn nothing_within_the_bounds_costs_more() {
    trials(
        2_500,
        &(full_tariff(), any_quantities(), 0..12_u64),
        |(tariff, quantities, slack)| {
            let Ok(bound) = tariff.bound(&around(&quantities, slack)) else {
                return Ok(false);
            };
            let receipt = tariff.price(&quantities);
            prop_assert!(
                receipt.as_ref().is_ok_and(|receipt| receipt.total <= bound),
                "{receipt:?} above {bound}"
            );
            Ok(true)
        },
    );
}

#[test]
fn a_wider_bound_is_never_lower() {
    trials(
        2_000,
        &(full_tariff(), any_quantities(), 0..12_u64, 1..9_u64),
        |(tariff, quantities, slack, more)| {
            let narrow = around(&quantities, slack);
            let wide = Bounds {
                output_tokens: narrow.output_tokens + more,
                input_tokens: narrow.input_tokens + more,
                ..narrow.clone()
            };
            let (Ok(narrow), Ok(wide)) = (tariff.bound(&narrow), tariff.bound(&wide)) else {
                return Ok(false);
            };
            prop_assert!(narrow <= wide);
            Ok(true)
        },
    );
}

#[test]
fn the_affordable_answer_is_the_longest_whose_bound_fits() {
    trials(
        2_500,
        &(full_tariff(), any_quantities(), 0..200_i64),
        |(tariff, quantities, nano)| {
            let money = Amount::from_nano(nano).unwrap();
            let bounds = around(&quantities, 3);
            let bound = |output_tokens| {
                let bounds = Bounds {
                    output_tokens,
                    ..bounds.clone()
                };
                tariff.bound(&bounds).unwrap()
            };
            match tariff.affordable_output(&bounds, money) {
                Ok(Some(u64::MAX)) => prop_assert!(bound(1_000_000) <= money),
                Ok(Some(most)) => {
                    prop_assert!(bound(most) <= money);
                    prop_assert!(bound(most + 1) > money);
                    return Ok(true);
                }
                Ok(None) => prop_assert!(bound(0) > money),
                Err(problem) => prop_assert!(matches!(problem, PriceError::Unpriced(_))),
            }
            Ok(false)
        },
    );
}
