//! What is typed, read back: whatever a version holds, its form publishes the same version again.

use std::collections::BTreeMap;

use domain::{
    money::{MarginPpm, NumberProblem, Price},
    price::{Dimension, ImageKind, MOST_TIERS, Overrides, PriceSheet, Rates, Tariff, Tier, TierRule},
};
use proptest::prelude::*;

use super::{
    fields::{self, MARGIN, PriceFields},
    reading::{Cell, Reading, Wrong},
};

fn typed(pairs: &[(&str, &str)]) -> PriceFields {
    let pairs = pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    PriceFields::from_form(pairs.collect())
}

fn dimensions() -> impl Strategy<Value = Dimension> {
    let image: ImageKind = "1024x1024/hd".parse().expect("a kind");
    let all: Vec<Dimension> = Dimension::plain().chain([Dimension::Image(image)]).collect();
    prop::sample::select(all)
}

fn rates(least: usize) -> impl Strategy<Value = Rates> {
    let price = (0_i64..10_000_000_000).prop_map(|pico| Price::from_pico(pico).unwrap_or_default());
    prop::collection::btree_map(dimensions(), price, least..6).prop_map(|rates| rates.into_iter().collect())
}

prop_compose! {
    fn sheets()(
        base in rates(1),
        tiers in prop::collection::btree_map(1_u64..1_000_000, (rates(0), rates(0)), 0..=MOST_TIERS),
        margin in -500_000_i64..3_000_000,
        chosen in rates(0),
        marginal in any::<bool>(),
    ) -> PriceSheet {
        let rule = if marginal { TierRule::Marginal } else { TierRule::Whole };
        let levels = tiers.iter().map(|(above, (rates, _))| Tier { above: *above, rates: rates.clone() });
        let cost = Tariff::tiered(base, rule, levels.collect()).expect("rising");
        let overrides = Overrides {
            base: chosen,
            tiers: tiers.into_iter().map(|(above, (_, chosen))| (above, chosen)).collect(),
        };
        PriceSheet::publish(cost, MarginPpm::from_ppm(margin).unwrap_or_default(), &overrides).expect("a sheet").charged()
    }
}

/// A model that draws is asked for the prices of its pictures; those that stay empty have none.
#[test]
fn a_model_that_draws_has_fields_for_its_pictures() {
    let offered = PriceFields::empty().offering(domain::catalog::picture_kinds("dall-e-3"));
    let pictures = |fields: &PriceFields| {
        let all = fields.dimensions().into_iter();
        all.filter(|dimension| matches!(dimension, Dimension::Image(_))).count()
    };
    assert_eq!((pictures(&PriceFields::empty()), pictures(&offered)), (0, 6));
    let mut typed = offered;
    typed.set("cost-image/1024x1792/hd", "0.12");
    // What stands there stays when the form is offered anew.
    let typed = typed.offering(domain::catalog::picture_kinds("dall-e-3"));
    let sheet = Reading::of(&typed).sheet.expect("a sheet");
    let price = |kind: &str| {
        sheet
            .sell()
            .base()
            .get(&Dimension::Image(kind.parse().expect("a kind")))
    };
    assert_eq!(price("1024x1792/hd").map(Price::per_unit).as_deref(), Some("0.12"));
    assert_eq!(price("1024x1024/standard"), None);
}

/// A kind that no list names has fields once it is typed, whatever letters it is typed in.
#[test]
fn a_kind_of_picture_that_is_typed_has_fields() {
    let mut fields = typed(&[("kind", " 512x512/HD "), ("cost-image/1024x1024/auto", "0.04")]);
    let added: Dimension = "image/512x512/hd".parse().expect("a kind");
    assert_eq!(fields.add_kind(), Some(added.clone()));
    assert!(fields.dimensions().contains(&added) && fields.get("kind").is_empty());
    // Once more changes nothing that stands there.
    fields.set("kind", "1024x1024/auto");
    assert!(fields.add_kind().is_some());
    assert_eq!(fields.get("cost-image/1024x1024/auto"), "0.04");
    for wrong in ["512x512", "a/b/c", "/", ""] {
        let mut fields = typed(&[("kind", wrong)]);
        assert_eq!((fields.add_kind(), fields.get("kind")), (None, wrong));
    }
}

/// What no call would be charged is marked, and the form of an older version begins without it.
#[test]
fn a_tier_that_prices_only_input_takes_only_prices_of_input() {
    let sent = [
        ("cost-input", "1"),
        ("cost-output", "2"),
        ("t0-above", "100"),
        ("t0-cost-cache_read", "1"),
        ("t0-sell-output", "3"),
    ];
    let whole = Reading::of(&typed(&sent)).sheet.expect("a sheet");
    let marginal = typed(&[&sent[..], &[("rule", "marginal")]].concat());
    let reading = Reading::of(&marginal);
    assert_eq!(
        reading.problems,
        BTreeMap::from([("t0-sell-output".to_owned(), Wrong::NeverCharged)])
    );
    assert_eq!(reading.sheet, None);
    let tiers = |sheet: &PriceSheet| sheet.sell().tiers().to_vec();
    let older = Tariff::tiered(whole.sell().base().clone(), TierRule::Marginal, tiers(&whole)).expect("rising");
    let older = PriceSheet::publish(older, MarginPpm::ZERO, &Overrides::default()).expect("a sheet");
    let fields = PriceFields::of(&older);
    assert_eq!(
        (fields.get("t0-cost-cache_read"), fields.get("t0-cost-output")),
        ("1.00", "")
    );
    assert_eq!(Reading::of(&fields).sheet, Some(older.charged()));
}

proptest! {
    #[test]
    fn the_form_of_a_version_publishes_it_again(sheet in sheets()) {
        let fields = PriceFields::of(&sheet);
        let sent: BTreeMap<String, String> =
            fields.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let reading = Reading::of(&PriceFields::from_form(sent));
        prop_assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        prop_assert_eq!(reading.sheet.as_ref(), Some(&sheet));
        for (dimension, sell) in sheet.sell().base().iter() {
            prop_assert_eq!(reading.cell(None, dimension).sell, Some(sell));
        }
    }

    #[test]
    fn nothing_that_is_typed_panics(name in "(margin|rule|t[0-9]-above|(t[0-9]-)?(cost|sell)-(input|image/.{0,9}))", text in ".{0,50}") {
        let fields = typed(&[("cost-input", "1"), (&name, &text)]);
        let reading = Reading::of(&fields);
        prop_assert!(reading.sheet.is_none() || reading.problems.is_empty());
    }
}

#[test]
fn cost_and_margin_give_the_price_and_a_chosen_price_gives_its_margin() {
    let reading = Reading::of(&typed(&[
        ("margin", "20"),
        ("cost-input", " 2.5 "),
        ("cost-output", "10"),
        ("sell-output", "9"),
        ("cost-request", "0.01"),
    ]));
    let cell = |dimension: Dimension| reading.cell(None, &dimension);
    let price = |text: &str| text.parse::<Price>().ok();
    assert_eq!(cell(Dimension::Input).sell, price("3"));
    let output = cell(Dimension::Output);
    let expected = Cell {
        sell: price("9"),
        follows: price("12"),
        margin: MarginPpm::from_ppm(-100_000),
        below: true,
    };
    assert_eq!(output, expected);
    // A call is priced by the piece.
    assert_eq!(cell(Dimension::Request).sell, price("12000"));
    assert_eq!(reading.below_cost("m").len(), 1);
}

#[test]
fn each_wrong_field_says_what_is_wrong() {
    let reading = Reading::of(&typed(&[
        (MARGIN, "x"),
        ("cost-input", "1,5"),
        ("cost-output", "0.0000001"),
        ("t0-cost-input", "1"),
        ("t1-above", "5"),
        ("t2-above", "5"),
        ("t3-above", "-1"),
    ]));
    let wrong = |name: &str| reading.problems.get(name).copied();
    assert_eq!(wrong(MARGIN), Some(Wrong::Number(NumberProblem::Shape)));
    assert_eq!(wrong("cost-input"), Some(Wrong::Number(NumberProblem::Shape)));
    assert!(matches!(
        wrong("cost-output"),
        Some(Wrong::Number(NumberProblem::TooFine { .. }))
    ));
    assert_eq!(wrong(&fields::above(0)), Some(Wrong::Missing));
    assert_eq!(wrong(&fields::above(1)), None);
    assert_eq!(wrong(&fields::above(2)), Some(Wrong::Twice));
    assert_eq!(wrong(&fields::above(3)), Some(Wrong::Threshold));
    assert_eq!(reading.sheet, None);
}

#[test]
fn of_a_margin_that_cannot_be_read_no_price_follows() {
    let reading = |margin: &'static str| {
        Reading::of(&typed(&[
            (MARGIN, margin),
            ("cost-input", "2.50"),
            ("cost-output", "10"),
            ("sell-output", "9"),
        ]))
    };
    let (wrong, none) = (reading("12x"), reading(""));
    assert_eq!(wrong.cell(None, &Dimension::Input), Cell::default());
    assert_eq!(none.cell(None, &Dimension::Input).margin, Some(MarginPpm::ZERO));
    // What was chosen by hand needs no margin, and has one.
    let output = wrong.cell(None, &Dimension::Output);
    assert_eq!((output.follows, output.margin), (None, MarginPpm::from_ppm(-100_000)));
}

#[test]
fn an_empty_form_has_no_price_and_no_problem() {
    let reading = Reading::of(&PriceFields::default());
    assert!(reading.sheet.is_none() && reading.problems.is_empty());
}
