//! A context tier as it is written on the command line: `above=200000,input=3.00,output=15.00`.

use std::collections::BTreeMap;

use domain::price::{Dimension, Rates};

use super::rates::read;
use crate::command::CommandError;

/// Reads the threshold and the prices above it, each in the unit of its dimension. What is wrong names the flag.
fn parse(flag: &str, text: &str) -> Result<(u64, Rates), CommandError> {
    let wrong = || {
        CommandError::Argument(format!(
            "--{flag}: `{text}` is no tier. Write it like above=200000,input=3.00,output=15.00, prices in USD per million."
        ))
    };
    let (mut above, mut found) = (None, Rates::default());
    for part in text.split(',') {
        let (word, value) = part.trim().split_once('=').ok_or_else(wrong)?;
        if word == "above" {
            if above.replace(value.parse().map_err(|_| wrong())?).is_some() {
                return Err(wrong());
            }
            continue;
        }
        let dimension: Dimension = word
            .parse()
            .map_err(|problem| CommandError::Argument(format!("--{flag}: {problem}.")))?;
        let price = read(&dimension, flag, value)?;
        if found.get(&dimension).is_some() {
            return Err(wrong());
        }
        found.set(dimension, price);
    }
    Ok((above.ok_or_else(wrong)?, found))
}

/// Reads several, each with another threshold.
pub fn distinct(flag: &str, texts: &[String]) -> Result<BTreeMap<u64, Rates>, CommandError> {
    let mut tiers = BTreeMap::new();
    for text in texts {
        let (above, rates) = parse(flag, text)?;
        if tiers.insert(above, rates).is_some() {
            return Err(CommandError::Argument(format!(
                "--{flag}: there are two tiers above {above}. Give each threshold once."
            )));
        }
    }
    Ok(tiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_stands_once() {
        let of = |texts: &[&str]| distinct("tier", &texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["above=1,input=3", "above=2,input=3"]).unwrap_or_default().len(), 2);
        let twice = of(&["above=1,input=3", "above=1,input=4"]).expect_err("two of one threshold");
        assert_eq!(
            twice.to_string(),
            "--tier: there are two tiers above 1. Give each threshold once."
        );
    }

    #[test]
    fn a_tier_is_a_threshold_and_prices() {
        let (above, rates) = parse("tier", "above=200000, input=3,cache_read=0.30").unwrap_or_default();
        let input = rates.get(&Dimension::Input).map(|price| price.to_string());
        assert_eq!((above, input.as_deref()), (200_000, Some("3.00")));
        for wrong in [
            "",
            "input=3",
            "above=x,input=3",
            "above=1,colour=3",
            "above=1,input=-3",
            "above=1,input=3,input=4",
            "above=1,above=2,input=3",
            "above",
        ] {
            let told = parse("sell-tier", wrong).expect_err(wrong).to_string();
            assert!(told.starts_with("--sell-tier: "), "{wrong}: {told}");
        }
    }
}
