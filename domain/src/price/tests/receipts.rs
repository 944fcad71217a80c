//! Receipts: by hand where people look, and against a model that prices one token at a time.

use super::*;
use crate::money::Amount;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn text(input: u64, output: u64) -> Quantities {
    Quantities::of(Usage {
        input_uncached: input,
        output_text: output,
        ..Usage::default()
    })
}

fn total(tariff: &Tariff, quantities: &Quantities) -> Amount {
    tariff.price(quantities).unwrap().total
}

#[test]
fn a_receipt_adds_up_to_the_last_digit() {
    let tariff = Tariff::flat(rates([
        (Dimension::Input, "3.75"),
        (Dimension::CacheRead, "0.375"),
        (Dimension::CacheWrite5m, "4.6875"),
        (Dimension::Output, "18.75"),
    ]));
    let receipt = tariff
        .price(&Quantities::of(Usage {
            input_uncached: 812,
            cache_read: 6_144,
            cache_write_5m: 512,
            output_text: 344,
            ..Usage::default()
        }))
        .unwrap();
    let lines: Vec<_> = receipt
        .lines
        .iter()
        .map(|line| (line.dimension.to_string(), line.subtotal.to_string()))
        .collect();
    let expected = [
        ("cache_read", "0.002304"),
        ("cache_write_5m", "0.0024"),
        ("input", "0.003045"),
        ("output", "0.00645"),
    ];
    assert_eq!(lines, expected.map(|(word, sum)| (word.to_owned(), sum.to_owned())));
    assert_eq!(receipt.total, amount("0.014199"));
    let json = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
}

/// Billing test 24.
#[test]
fn a_cache_price_of_zero_is_not_a_missing_one() {
    let cached = Quantities::of(Usage {
        cache_read: 1_000_000,
        ..Usage::default()
    });
    let missing = Tariff::flat(rates([(Dimension::Input, "2.50")]));
    let zero = Tariff::flat(rates([(Dimension::Input, "2.50"), (Dimension::CacheRead, "0")]));
    assert_eq!(total(&missing, &cached), amount("2.50"));
    assert_eq!(total(&zero, &cached), Amount::ZERO);
    assert_eq!(missing.price(&cached).unwrap().lines[0].priced_as, Dimension::Input);
    assert_eq!(zero.price(&cached).unwrap().lines[0].priced_as, Dimension::CacheRead);
}

#[test]
fn an_hour_of_cache_falls_back_twice() {
    let written = Quantities::of(Usage {
        cache_write_1h: 1_000_000,
        ..Usage::default()
    });
    let input = rates([(Dimension::Input, "2")]);
    assert_eq!(total(&Tariff::flat(input.clone()), &written), amount("2"));
    let short = input.with(Dimension::CacheWrite5m, price("2.50"));
    assert_eq!(total(&Tariff::flat(short.clone()), &written), amount("2.50"));
    assert_eq!(
        total(&Tariff::flat(short.with(Dimension::CacheWrite1h, price("4"))), &written),
        amount("4")
    );
}

#[test]
fn what_has_no_price_is_unpriced_and_never_free() {
    let tariff = Tariff::flat(rates([(Dimension::Input, "1")]));
    assert_eq!(tariff.price(&text(1, 1)), Err(PriceError::Unpriced(Dimension::Output)));
    assert_eq!(
        Tariff::default().price(&text(1, 0)),
        Err(PriceError::Unpriced(Dimension::Input))
    );
    for (quantities, dimension) in [
        (
            Quantities {
                seconds: 1,
                ..text(1, 0)
            },
            Dimension::Second,
        ),
        (
            Quantities {
                characters: 1,
                ..text(1, 0)
            },
            Dimension::Character,
        ),
        (
            Quantities {
                images: [(image("1024x1024/hd"), 1)].into(),
                ..text(1, 0)
            },
            Dimension::Image(image("1024x1024/hd")),
        ),
    ] {
        assert_eq!(tariff.price(&quantities), Err(PriceError::Unpriced(dimension)));
    }
    assert_eq!(
        total(&tariff, &text(1_000_000, 0)),
        amount("1"),
        "a request fee that is not there is not owed"
    );
    let fee = Tariff::flat(rates([(Dimension::Input, "1"), (Dimension::Request, "5000")]));
    assert_eq!(total(&fee, &text(0, 0)), amount("0.005"));
}

/// Billing test 23.
#[test]
fn a_zero_price_charges_nothing_and_still_lists_the_quantities() {
    let free = Tariff::flat(rates([(Dimension::Input, "0"), (Dimension::Output, "0")]));
    let receipt = free.price(&text(1_000, 10)).unwrap();
    assert_eq!((receipt.total, receipt.lines.len()), (Amount::ZERO, 2));
}

/// Billing test 27.
#[test]
fn a_tier_begins_behind_its_threshold() {
    let tier = Tier {
        above: 200_000,
        rates: rates([(Dimension::Input, "2"), (Dimension::Output, "30")]),
    };
    let base = rates([(Dimension::Input, "1"), (Dimension::Output, "10")]);
    let whole = Tariff::tiered(base.clone(), TierRule::Whole, vec![tier.clone()]).unwrap();
    let marginal = Tariff::tiered(base, TierRule::Marginal, vec![tier]).unwrap();
    for (input, of_whole, of_marginal) in [
        (199_999, "0.200999", "0.200999"),
        (200_000, "0.201", "0.201"),
        (200_001, "0.403002", "0.201002"),
    ] {
        assert_eq!(total(&whole, &text(input, 100)), amount(of_whole), "whole, {input}");
        assert_eq!(
            total(&marginal, &text(input, 100)),
            amount(of_marginal),
            "marginal, {input}"
        );
        assert!(whole.bound(&Bounds::text(input, 100)).unwrap() >= amount(of_whole));
        assert_eq!(
            whole.bound(&Bounds::text(input, 100)),
            Ok(amount(of_whole)),
            "the same tier function"
        );
        assert_eq!(
            marginal.bound(&Bounds::text(input, 100)),
            Ok(amount(of_marginal)),
            "the same tier function"
        );
    }
}

/// Billing test 28.
#[test]
fn rounding_costs_less_than_one_nano_per_call() {
    const CALLS: u64 = 1_000_000;
    let cheapest = Tariff::flat(rates([(Dimension::Input, "0.000001")]));
    assert_eq!(total(&cheapest, &text(1, 0)).nano(), 1);
    let tariff = Tariff::flat(rates([(Dimension::Input, "0.0203"), (Dimension::Output, "0.0507")]));
    let (mut charged, mut exact) = (0_i128, 0_i128);
    for call in 0..CALLS {
        let receipt = tariff.price(&text(1 + call % 97, call % 13)).unwrap();
        let nano = i128::from(receipt.total.nano());
        assert!(nano >= 1 && nano * 1_000 < receipt.exact.pico() + 1_000);
        charged += nano * 1_000;
        exact += receipt.exact.pico();
    }
    assert!(charged >= exact && charged - exact <= i128::from(CALLS) * 1_000);
}

/// Billing test 29.
#[test]
fn limits_are_refused_and_never_wrap() {
    let dear = Tariff::flat(
        [(Dimension::Input, Price::from_pico(i64::MAX).unwrap())]
            .into_iter()
            .collect(),
    );
    assert_eq!(dear.price(&text(u64::MAX, 0)), Err(PriceError::TooLarge));
    assert_eq!(dear.bound(&Bounds::text(u64::MAX, 0)), Err(PriceError::TooLarge));
    let mut all = text(u64::MAX, 0);
    all.usage.cache_read = u64::MAX;
    all.usage.cache_write_1h = u64::MAX;
    assert_eq!(
        dear.price(&all),
        Err(PriceError::TooLarge),
        "not even the sum of the lines wraps"
    );
    let pico = Tariff::flat(
        [(Dimension::Input, Price::from_pico(250).unwrap())]
            .into_iter()
            .collect(),
    );
    let most = 4 * 10_u64.pow(15);
    for (tokens, comes_to) in [
        (most, Ok(Amount::MOST_OF_A_CALL)),
        (most + 1, Err(PriceError::TooLarge)),
    ] {
        assert_eq!(pico.total(&text(tokens, 0)), comes_to, "quarters of a nano");
        assert_eq!(pico.price(&text(tokens, 0)).map(|receipt| receipt.total), comes_to);
        assert_eq!(pico.bound(&Bounds::text(tokens, 0)), comes_to);
    }
    let sum = i128::from(Amount::MOST_OF_A_CALL.nano()) * 9_000;
    assert!(sum <= i128::from(i64::MAX), "nine thousand of them are one sum");
}

/// One token at a time, each on the level of its place or of the whole prompt.
fn model(tariff: &Tariff, quantities: &Quantities) -> Option<i128> {
    let lookup = |place: u64, dimension: &Dimension| -> Option<i128> {
        let tier = tariff.tiers().iter().rev().find(|tier| tier.above < place);
        let merged = |wanted: &Dimension| {
            tier.and_then(|tier| tier.rates.get(wanted))
                .or(tariff.base().get(wanted))
        };
        let chain: Vec<Dimension> = std::iter::successors(Some(dimension.clone()), Dimension::fallback).collect();
        let found = chain.iter().find_map(merged).map(|price| i128::from(price.pico()));
        found.or_else(|| (*dimension == Dimension::Request).then_some(0))
    };
    let usage = &quantities.usage;
    let prompt: Vec<Dimension> = [
        (Dimension::CacheRead, usage.cache_read),
        (Dimension::CacheWrite1h, usage.cache_write_1h),
        (Dimension::CacheWrite5m, usage.cache_write_5m),
        (Dimension::Input, usage.input_uncached),
        (Dimension::InputAudio, usage.input_audio),
        (Dimension::InputImage, usage.input_image),
    ]
    .into_iter()
    .flat_map(|(dimension, count)| std::iter::repeat_n(dimension, usize::try_from(count).unwrap()))
    .collect();
    let length = prompt.len() as u64;
    let mut sum = 0;
    for (index, dimension) in prompt.iter().enumerate() {
        let place = match tariff.rule() {
            TierRule::Whole => length,
            TierRule::Marginal => index as u64 + 1,
        };
        sum += lookup(place, dimension)?;
    }
    let place = if tariff.rule() == TierRule::Whole { length } else { 0 };
    let mut rest = vec![
        (Dimension::Output, usage.output_text),
        (Dimension::Reasoning, usage.output_reasoning),
        (Dimension::OutputAudio, usage.output_audio),
        (Dimension::OutputImage, usage.output_image),
        (Dimension::Second, quantities.seconds),
        (Dimension::Character, quantities.characters),
        (Dimension::Request, quantities.requests),
    ];
    rest.extend(
        quantities
            .images
            .iter()
            .map(|(kind, count)| (Dimension::Image(kind.clone()), *count)),
    );
    for (dimension, count) in rest {
        for _ in 0..count {
            sum += lookup(place, &dimension)?;
        }
    }
    Some(sum)
}

#[test]
fn a_receipt_is_what_counting_token_by_token_gives() {
    trials(1_500, &(any_tariff(), any_quantities()), |(tariff, quantities)| {
        let (receipt, total) = (tariff.price(&quantities), tariff.total(&quantities));
        prop_assert_eq!(
            receipt.as_ref().map(|receipt| receipt.total).map_err(Clone::clone),
            total
        );
        match (receipt, model(&tariff, &quantities)) {
            (Ok(receipt), Some(picos)) => {
                prop_assert_eq!(receipt.exact.pico(), picos);
                prop_assert_eq!(
                    receipt.lines.iter().map(|line| line.subtotal.pico()).sum::<i128>(),
                    picos
                );
                prop_assert_eq!(i128::from(receipt.total.nano()), (picos + 999) / 1_000);
                prop_assert!(receipt.lines.iter().all(|line| line.quantity > 0));
                Ok(picos > 0)
            }
            (Err(PriceError::Unpriced(_)), None) => Ok(false),
            (ours, model) => Err(TestCaseError::fail(format!("{ours:?} is not {model:?}"))),
        }
    });
}
