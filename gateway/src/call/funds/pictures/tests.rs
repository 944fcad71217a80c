//! The hold is a bound for pictures, too.

use domain::{
    call::Funding,
    price::{ImageKind, Rates},
    usage::UsageSource,
};
use proptest::prelude::*;

use super::{super::Funds, *};
use crate::{call::estimate::Consumed, wire::openai::images::scan};

fn tariff(prices: &[(&str, &str)]) -> Tariff {
    let rates: Rates = prices
        .iter()
        .map(|(name, price)| {
            let dimension: Dimension = name.parse().unwrap();
            let price = dimension.read_price(price).unwrap();
            (dimension, price)
        })
        .collect();
    Tariff::flat(rates)
}

fn pictures(slug: &str, scanned: &Scanned) -> Pictures {
    let kind = picture_kind(slug, scanned.picture.as_ref().unwrap());
    Pictures {
        tokens: PictureTokens::of(slug, &kind),
        asked: Drawn {
            kind,
            count: scanned.choices,
        },
    }
}

fn held(slug: &str, body: &str, sell: Option<&Tariff>) -> Result<(String, u64), PriceError> {
    let scanned = scan(body.as_bytes()).unwrap();
    let cover = pictures(slug, &scanned).cover(sell, &scanned)?;
    assert_eq!(cover.wish.most, cover.wish.least);
    Ok((cover.wish.most.to_string(), cover.least_tokens))
}

#[test]
fn each_piece_is_held_for() {
    let sell = tariff(&[("image/1024x1024/standard", "0.04"), ("image/1024x1792/hd", "0.12")]);
    let of = |body: &str| held("dall-e-3", body, Some(&sell));
    assert_eq!(of(r#"{"model":"m","prompt":"x"}"#), Ok(("0.04".into(), 0)));
    let two = of(r#"{"model":"m","prompt":"x","n":2,"size":"1024x1792","quality":"hd"}"#);
    assert_eq!(two, Ok(("0.24".into(), 0)));
    let other: ImageKind = "512x512/standard".parse().unwrap();
    assert_eq!(
        of(r#"{"model":"m","prompt":"x","size":"512x512"}"#),
        Err(PriceError::Unpriced(Dimension::Image(other)))
    );
    // Nobody counts its tokens, so a price of tokens is none.
    let tokens = tariff(&[("input", "5"), ("output", "40")]);
    assert!(matches!(
        held("dall-e-3", r#"{"model":"m","prompt":"x"}"#, Some(&tokens)),
        Err(PriceError::Unpriced(Dimension::Image(_)))
    ));
    // Limits of tokens count what no price does.
    let by_piece = tariff(&[("image/auto/low", "0.02")]);
    let (money, tokens) = held(
        "gpt-image-1",
        r#"{"model":"m","prompt":"x","quality":"low"}"#,
        Some(&by_piece),
    )
    .unwrap();
    assert!(money == "0.02" && tokens > 1_024, "{money} {tokens}");
}

/// An estimate of more than was held for comes to what was held for.
#[test]
fn an_estimate_stays_within_what_was_held() {
    let scanned = scan(br#"{"model":"m","prompt":"x","n":2}"#).unwrap();
    let pictures = pictures("m", &scanned);
    for (prices, most) in [
        (&[("input", "5"), ("output", "40")][..], Some(2 * 16_384)),
        // By the piece no token costs anything, and limits alone count them.
        (&[("image/auto/auto", "0.04")][..], None),
    ] {
        let sell = tariff(prices);
        let cover = pictures.cover(Some(&sell), &scanned).unwrap();
        let (held, claimed) = (cover.wish.most, cover.least_tokens);
        let mut funds = Funds {
            funding: Funding::Credit,
            price: None,
            cover: Some(cover),
            estimate: None,
        };
        funds.admitted(held, None);
        let usage = Usage {
            input_uncached: u64::MAX,
            output_image: u64::MAX,
            ..Usage::default()
        };
        let consumed = Consumed {
            usage,
            source: UsageSource::Estimated,
            raw: None,
        };
        let usage = funds.within(consumed).usage;
        assert!(usage.input_total() + usage.output_total() <= claimed, "{usage:?}");
        let charge = sell.total(&sell.quantities(usage, Some(&pictures.asked))).unwrap();
        assert!(charge <= held, "{charge} of {held}");
        assert!(most.is_none_or(|most| usage.output_image == most), "{usage:?}");
    }
}

proptest! {
    /// Whatever a provider counts within what it draws at the most, the charge is within what is held.
    #[test]
    fn what_is_charged_was_held(
        count in 1..10_u64,
        quality in prop::sample::select(vec!["low", "medium", "high", "auto"]),
        share in 0..=100_u64,
        from in 0..3_usize,
        prices in prop::array::uniform3(0..100_u32),
        apart in any::<bool>(),
    ) {
        let image = vec!["data:image/png;base64,AAAA"; from];
        let body = serde_json::json!({"model": "m", "prompt": "a cat", "n": count, "quality": quality, "image": image});
        let scanned = scan(body.to_string().as_bytes()).unwrap();
        let pictures = pictures("gpt-image-1", &scanned);
        let texts = prices.map(|price| price.to_string());
        let mut rates = vec![("input", texts[0].as_str()), ("output", &texts[1])];
        if apart {
            rates.extend([("input_image", texts[2].as_str()), ("output_image", &texts[1])]);
        }
        let sell = tariff(&rates);
        let held = pictures.cover(Some(&sell), &scanned).unwrap().wish.most;
        let input = scanned.bytes * share / 100;
        let seen = if from > 0 { 40_000 * from as u64 } else { 0 };
        let usage = Usage {
            input_uncached: input,
            input_image: seen,
            output_image: pictures.most_tokens() * share / 100,
            ..Usage::default()
        };
        let charge = sell.price(&sell.quantities(usage, Some(&pictures.asked))).unwrap().total;
        prop_assert!(charge <= held, "{charge} of {held}");
    }
}
