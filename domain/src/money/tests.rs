//! Text of money is exact both ways, and what is wrong is named.

use proptest::prelude::*;

use super::*;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn problem<T: std::str::FromStr<Err = InvalidNumber>>(text: &str) -> NumberProblem {
    text.parse::<T>().err().unwrap().problem
}

#[test]
fn money_is_written_exactly_and_short() {
    for (nano, text) in [
        (0, "0.00"),
        (1, "0.000000001"),
        (-1, "-0.000000001"),
        (500_000_000, "0.50"),
        (41_998_448_000, "41.998448"),
        (1_000_000_000, "1.00"),
        (-2_500_000_000, "-2.50"),
        (i64::MAX, "9223372036.854775807"),
        (i64::MIN, "-9223372036.854775808"),
    ] {
        assert_eq!(Money::from_nano(nano).to_string(), text);
        assert_eq!(money(text), Money::from_nano(nano));
    }
    assert_eq!(money("1"), money("1.000000000000"));
    assert_eq!(money("-0"), Money::ZERO);
}

#[test]
fn what_is_no_amount_is_named() {
    for text in [
        "", "-", ".", ".5", "5.", "+1", "1e3", " 1", "1 ", "1,000", "--1", "1.2.3", "NaN", "inf", "0x1", "١",
    ] {
        assert_eq!(problem::<Money>(text), NumberProblem::Shape, "{text:?}");
    }
    assert_eq!(problem::<Money>("0.0000000001"), NumberProblem::TooFine { allowed: 9 });
    assert_eq!(problem::<Money>("9223372036.854775808"), NumberProblem::TooLarge);
    assert_eq!(problem::<Money>(&"9".repeat(60)), NumberProblem::TooLarge);
    assert_eq!(problem::<Amount>("-0.01"), NumberProblem::TooSmall);
    assert_eq!(problem::<Amount>("4611686018.427387905"), NumberProblem::TooLarge);
    assert_eq!("4611686018.427387904".parse(), Ok(Amount::MAX));
    assert_eq!(problem::<Price>("0.0000001"), NumberProblem::TooFine { allowed: 6 });
    assert_eq!(problem::<Price>("-1"), NumberProblem::TooSmall);
    assert_eq!(problem::<MarginPpm>("-100.0001"), NumberProblem::TooSmall);
    assert_eq!(problem::<MarginPpm>("100000.0001"), NumberProblem::TooLarge);
    assert_eq!(problem::<MarginPpm>("1.00001"), NumberProblem::TooFine { allowed: 4 });
    let long = "x".repeat(100).parse::<Money>().err().unwrap();
    assert_eq!(long.text.len(), 40);
    assert_eq!(
        money("1").checked_add(Money::from_nano(i64::MAX)),
        None,
        "a sum beyond 64 bits is no money"
    );
}

#[test]
fn json_carries_strings_and_refuses_numbers() {
    assert_eq!(serde_json::to_string(&money("0.15")).unwrap(), r#""0.15""#);
    assert_eq!(serde_json::from_str::<Money>(r#""0.15""#).unwrap(), money("0.15"));
    assert!(serde_json::from_str::<Money>("0.15").is_err());
    assert!(serde_json::from_str::<Amount>(r#""-1""#).is_err());
}

#[test]
fn prices_are_exact_per_million_and_per_unit() {
    let price: Price = "2.50".parse().unwrap();
    assert_eq!(price.pico(), 2_500_000);
    assert_eq!(price.to_string(), "2.50");
    assert_eq!("1".parse::<Price>().unwrap().pico(), 1_000_000);
    let image = Price::parse_per_unit("0.04").unwrap();
    assert_eq!(image.per_unit(), "0.04");
    assert_eq!(image.to_string(), "40000.00");
    assert_eq!(
        Price::parse_per_unit("0.0000000000001").unwrap_err().problem,
        NumberProblem::TooFine { allowed: 12 }
    );
}

#[test]
fn margins_round_up_and_read_as_percent() {
    let margin: MarginPpm = "12.5".parse().unwrap();
    assert_eq!((margin.ppm(), margin.to_string().as_str()), (125_000, "12.5"));
    assert_eq!("20".parse::<MarginPpm>().unwrap().to_string(), "20");
    assert_eq!("-5".parse::<MarginPpm>().unwrap().to_string(), "-5");
    let price = |pico| Price::from_pico(pico).unwrap();
    assert_eq!(margin.on(price(8)), Some(price(9)));
    assert_eq!(margin.on(price(1)), Some(price(2)), "1.125 pico-USD round up");
    assert_eq!(MarginPpm::MIN.on(price(i64::MAX)), Some(Price::ZERO));
    assert_eq!(MarginPpm::MAX.on(price(i64::MAX)), None, "no wrap");
    assert_eq!(MarginPpm::between(price(8), price(9)), Some(margin));
    assert_eq!(MarginPpm::between(Price::ZERO, price(9)), None);
}

#[test]
fn one_rounding_goes_up() {
    let picos = |pico: i64| Price::from_pico(pico).unwrap().times(1);
    for (pico, nano) in [(0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2)] {
        assert_eq!(picos(pico).round_up().unwrap().nano(), nano);
    }
    let most = Price::from_pico(i64::MAX).unwrap().times(u64::MAX);
    assert_eq!(most.pico(), i128::from(i64::MAX) * i128::from(u64::MAX));
    assert_eq!(most.round_up(), None, "too much is refused, not wrapped");
    assert_eq!(most.checked_add(most), None);
}

#[test]
fn digits_are_strong_where_one_reads() {
    for (text, sign, lead, strong, tail) in [
        ("41.998448", "", "", "41.99", "8448"),
        ("0.000776", "", "0.000", "776", ""),
        ("0.50", "", "0.", "50", ""),
        ("0.05", "", "0.0", "5", ""),
        ("5", "", "", "5.00", ""),
        ("1437.712927", "", "", "1,437.71", "2927"),
        ("1234567.8", "", "", "1,234,567.80", ""),
        ("-0.014199", "\u{2212}", "0.0", "14199", ""),
        ("0", "", "", "0", ""),
    ] {
        let parts = money(text).parts();
        assert_eq!(
            (
                parts.sign,
                parts.lead.as_str(),
                parts.strong.as_str(),
                parts.tail.as_str()
            ),
            (sign, lead, strong, tail),
            "{text}"
        );
    }
    assert_eq!(money("5").parts().with_plus().to_string(), "+5.00");
    assert_eq!(money("0.5").parts().with_plus().to_string(), "+0.50");
    assert_eq!(money("-5").parts().with_plus().to_string(), "\u{2212}5.00");
    assert_eq!(money("0").parts().with_plus().to_string(), "0");
    assert_eq!(
        Price::from_pico(375_000).unwrap().times(6_145).parts().to_string(),
        "0.002304375"
    );
}

#[test]
fn cents_are_rounded_down() {
    for (text, cents) in [
        ("0.009999999", "0.00"),
        ("41.998448", "41.99"),
        ("-0.001", "-0.01"),
        ("1.25", "1.25"),
    ] {
        assert_eq!(money(text).floor_to_cents().to_string(), cents);
    }
    assert_eq!(Money::from_nano(i64::MIN).floor_to_cents(), Money::from_nano(i64::MIN));
}

/// All sizes: whole numbers of dollars, fractions of a cent, single nano-USD.
fn any_nano() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -2_000_000_000..=2_000_000_000_i64, -2_000..=2_000_i64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn text_gives_the_same_money_back(nano in any_nano(), ppm in -1_000_000_i64..=1_000_000_000) {
        let money = Money::from_nano(nano);
        prop_assert_eq!(money.to_string().parse(), Ok(money));
        prop_assert_eq!(serde_json::from_str::<Money>(&serde_json::to_string(&money).unwrap()).unwrap(), money);
        let price = Price::from_pico(nano & i64::MAX).unwrap();
        prop_assert_eq!(price.to_string().parse(), Ok(price));
        prop_assert_eq!(Price::parse_per_unit(&price.per_unit()), Ok(price));
        let margin = MarginPpm::from_ppm(ppm).unwrap();
        prop_assert_eq!(margin.to_string().parse(), Ok(margin));
    }

    #[test]
    fn any_text_is_read_without_panic(text in "[-+.,0-9eE ]{0,45}|.{0,20}") {
        let _ = (text.parse::<Money>(), text.parse::<Amount>(), text.parse::<Price>(), text.parse::<MarginPpm>());
        let _ = text.parse::<Picos>();
    }

    #[test]
    fn pieces_hold_every_digit_and_never_show_something_as_zero(nano in any_nano()) {
        let parts = Money::from_nano(nano).parts();
        let text = parts.to_string().replace(',', "").replace('\u{2212}', "-");
        prop_assert_eq!(text.parse(), Ok(Money::from_nano(nano)));
        prop_assert_eq!(nano == 0, !parts.strong.bytes().any(|byte| (b'1'..=b'9').contains(&byte)));
    }

    #[test]
    fn a_margin_is_never_lost_to_rounding(cost in 0..=i64::MAX / 2_000, ppm in -1_000_000_i64..=1_000_000_000) {
        let (cost, margin) = (Price::from_pico(cost).unwrap(), MarginPpm::from_ppm(ppm).unwrap());
        let sell = margin.on(cost).unwrap();
        let exact = i128::from(cost.pico()) * i128::from(1_000_000 + ppm);
        prop_assert!(i128::from(sell.pico()) * 1_000_000 >= exact);
        prop_assert!(i128::from(sell.pico()) * 1_000_000 < exact + 1_000_000);
        if let Some(shown) = MarginPpm::between(cost, sell) {
            prop_assert!(shown >= margin);
        }
    }

    #[test]
    fn amounts_never_leave_their_range(a in 0..=1_i64 << 62, b in 0..=1_i64 << 62) {
        let (x, y) = (Amount::from_nano(a).unwrap(), Amount::from_nano(b).unwrap());
        prop_assert_eq!(x.checked_add(y).map(Amount::nano), a.checked_add(b).filter(|sum| *sum <= 1 << 62));
        prop_assert_eq!(x.checked_sub(y).map(Amount::nano), (a >= b).then(|| a - b));
        prop_assert_eq!(x.less(y).nano(), (a - b).max(0));
        prop_assert_eq!(x.negated().or_zero(), Amount::ZERO);
    }
}
