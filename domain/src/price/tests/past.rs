//! Many calls priced together against each of them priced alone.

use super::*;
use crate::{money::Amount, time::Timestamp};

/// These calls as the database adds them up: each cut as prices of this shape tell them apart. Every third one is not charged, every fourth
/// drew pictures.
fn added_up(shape: &Shape, calls: &[Usage]) -> Past {
    let mut past = Past {
        since: Timestamp(0),
        shape: shape.clone(),
        cost: Amount::ZERO,
        charge: Amount::ZERO,
        groups: Vec::new(),
    };
    for (number, usage) in calls.iter().enumerate() {
        for (place, (above, usage)) in shape.parts(*usage).into_iter().enumerate() {
            past.add(Alike {
                above,
                calls: u64::from(place == 0),
                usage,
                drawn: drawn(number).map(|drawn| Drawn {
                    count: if place == 0 { drawn.count } else { 0 },
                    ..drawn
                }),
                billed: true,
                owed: is_owed(number),
            });
        }
    }
    past
}

#[test]
fn calls_that_were_refused_are_no_calls_of_a_price() {
    let group = |calls, billed, owed| Alike {
        calls,
        billed,
        owed,
        ..Alike::default()
    };
    let past = Past {
        groups: vec![
            group(8, true, true),
            group(2, true, false),
            group(1, false, true),
            group(4, false, false),
        ],
        ..added_up(&Shape::default(), &[])
    };
    assert_eq!(past.calls(), 11);
}

fn is_owed(number: usize) -> bool {
    !number.is_multiple_of(3)
}

fn drawn(number: usize) -> Option<Drawn> {
    let two = Drawn {
        kind: image("1024x1024/hd"),
        count: 2,
    };
    number.is_multiple_of(4).then_some(two)
}

fn sheet_of(tariff: Tariff) -> PriceSheet {
    let margin = "20".parse().unwrap();
    PriceSheet::publish(tariff, margin, &Overrides::default()).unwrap()
}

/// Their sum before rounding, each priced alone by what it is charged by.
fn one_by_one(tariff: &Tariff, calls: &[Usage], counts: fn(usize) -> bool) -> Result<(i128, i64), PriceError> {
    let mut sums = (0, 0);
    for (number, usage) in calls.iter().enumerate().filter(|(number, _)| counts(*number)) {
        let receipt = tariff.price(&tariff.quantities(*usage, drawn(number).as_ref()))?;
        sums.0 += receipt.exact.pico();
        sums.1 += receipt.total.nano();
    }
    Ok(sums)
}

#[test]
fn calls_that_are_priced_together_come_to_what_each_comes_to() {
    let calls = prop::collection::vec(any_quantities().prop_map(|quantities| quantities.usage), 1..12);
    // Most of them have a price for whatever was used.
    let tariff = (any_tariff(), 0..10_u8).prop_map(|(tariff, luck)| {
        let mut base = tariff.base().clone();
        let picture = tariff.sells_pictures().then(|| Dimension::Image(image("1024x1024/hd")));
        for dimension in [Dimension::Input, Dimension::Output].into_iter().chain(picture) {
            if luck > 0 && base.get(&dimension).is_none() {
                base.set(dimension, price("0.0017"));
            }
        }
        Tariff::tiered(base, tariff.rule(), tariff.tiers().to_vec()).unwrap()
    });
    trials(1_500, &(tariff, calls), |(tariff, calls)| {
        let sheet = sheet_of(tariff);
        let effect = added_up(&Shape::of(&sheet), &calls).under(&sheet).unwrap();
        let cost = one_by_one(sheet.cost(), &calls, |_| true);
        let charge = one_by_one(sheet.sell(), &calls, is_owed);
        for (told, alone) in [(&effect.cost, &cost), (&effect.charge, &charge)] {
            match (told, alone) {
                (Ok(told), Ok((picos, _))) => prop_assert_eq!(i128::from(told.nano()), (picos + 999) / 1_000),
                // Which of several is named first does not matter.
                (Err(PriceError::Unpriced(_)), Err(PriceError::Unpriced(_))) => {}
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        }
        if let (Ok(told), Ok((_, charged))) = (&effect.charge, &charge) {
            let more = charged - told.nano();
            prop_assert!(
                (0..=i64::try_from(effect.rounded).unwrap()).contains(&more),
                "{} too much",
                more
            );
        }
        Ok(effect.cost.is_ok_and(|cost| !cost.is_zero()))
    });
}

#[test]
fn other_thresholds_tell_calls_apart_otherwise() {
    let base = rates([(Dimension::Input, "1")]);
    let tier = |above| Tier {
        above,
        rates: rates([(Dimension::Input, "2")]),
    };
    let calls = [Usage {
        input_uncached: 1_000_000,
        ..Usage::default()
    }; 2];
    let flat = sheet_of(Tariff::flat(base.clone()));
    let past = added_up(&Shape::of(&flat), &calls);
    assert_eq!(past.under(&flat).unwrap().cost, Ok("2".parse().unwrap()));
    for rule in [TierRule::Whole, TierRule::Marginal] {
        let tiered = sheet_of(Tariff::tiered(base.clone(), rule, vec![tier(400_000)]).unwrap());
        assert_eq!(past.under(&tiered), None);
        let cost = added_up(&Shape::of(&tiered), &calls).under(&tiered).unwrap().cost;
        let wanted = if rule == TierRule::Whole { "4" } else { "3.2" };
        assert_eq!(cost, Ok(wanted.parse().unwrap()));
    }
}

/// Calls of which only a part above a threshold has a price below a billionth are rounded up all the same.
#[test]
fn what_is_broken_above_a_threshold_is_rounded_with_its_call() {
    let tier = Tier {
        above: 1,
        rates: rates([(Dimension::Input, "0.0017")]),
    };
    let sheet = sheet_of(Tariff::tiered(rates([(Dimension::Input, "0")]), TierRule::Marginal, vec![tier]).unwrap());
    let calls = [Usage {
        input_uncached: 2,
        ..Usage::default()
    }; 5];
    let effect = added_up(&Shape::of(&sheet), &calls).under(&sheet).unwrap();
    let owed = u64::try_from((0..calls.len()).filter(|number| is_owed(*number)).count()).unwrap();
    assert_eq!(effect.rounded, owed);
}
