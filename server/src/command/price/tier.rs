//! A context tier as it is written on the command line: `above=200000,input=3.00,output=15.00`.

use std::collections::BTreeMap;

use domain::price::{Dimension, Rates};

use crate::command::CommandError;

/// Reads the threshold and the prices above it, each in the unit of its dimension.
pub fn parse(text: &str) -> Result<(u64, Rates), CommandError> {
    let wrong = || {
        CommandError::Argument(format!(
            "`{text}` is no tier. Write it like above=200000,input=3.00,output=15.00, prices in USD per million."
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
            .map_err(|problem| CommandError::Argument(format!("{problem}.")))?;
        let price = dimension.read_price(value)?;
        if found.get(&dimension).is_some() {
            return Err(wrong());
        }
        found.set(dimension, price);
    }
    Ok((above.ok_or_else(wrong)?, found))
}

/// Reads several, each with another threshold.
pub fn distinct(texts: &[String]) -> Result<BTreeMap<u64, Rates>, CommandError> {
    let mut tiers = BTreeMap::new();
    for text in texts {
        let (above, rates) = parse(text)?;
        if tiers.insert(above, rates).is_some() {
            return Err(CommandError::Argument(format!("There are two tiers above {above}.")));
        }
    }
    Ok(tiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_stands_once() {
        let of = |texts: &[&str]| distinct(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["above=1,input=3", "above=2,input=3"]).unwrap_or_default().len(), 2);
        assert!(of(&["above=1,input=3", "above=1,input=4"]).is_err());
    }

    #[test]
    fn a_tier_is_a_threshold_and_prices() {
        let (above, rates) = parse("above=200000, input=3,cache_read=0.30").unwrap_or_default();
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
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
