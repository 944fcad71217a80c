//! Flags for each dimension of a price: `--input-per-million 2.50` is cost, `--sell-input-per-million 3.00` a sell price in
//! place of cost plus margin. A test sees to it that every dimension has its two flags.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use domain::{
    money::Price,
    price::{Dimension, ImageKind, Rates},
};

use crate::command::CommandError;

/// Cost and chosen sell prices, as they were typed.
#[derive(Debug, Default)]
pub struct Flags {
    /// What the provider bills.
    cost: Vec<Typed>,
    /// What was chosen in place of cost plus margin.
    sell: Vec<Typed>,
    images: Vec<String>,
    sell_images: Vec<String>,
}

/// A price with the flag that it stood behind.
type Typed = (Dimension, &'static str, String);

const IMAGE: &str = "image";
const SELL_IMAGE: &str = "sell-image";

/// Each dimension with its flag for cost and its flag for the sell price.
const FLAGS: [(Dimension, &str, &str); 13] = [
    (Dimension::Input, "input-per-million", "sell-input-per-million"),
    (Dimension::Output, "output-per-million", "sell-output-per-million"),
    (
        Dimension::CacheRead,
        "cache-read-per-million",
        "sell-cache-read-per-million",
    ),
    (
        Dimension::CacheWrite5m,
        "cache-write-5m-per-million",
        "sell-cache-write-5m-per-million",
    ),
    (
        Dimension::CacheWrite1h,
        "cache-write-1h-per-million",
        "sell-cache-write-1h-per-million",
    ),
    (
        Dimension::Reasoning,
        "reasoning-per-million",
        "sell-reasoning-per-million",
    ),
    (
        Dimension::InputAudio,
        "input-audio-per-million",
        "sell-input-audio-per-million",
    ),
    (
        Dimension::OutputAudio,
        "output-audio-per-million",
        "sell-output-audio-per-million",
    ),
    (
        Dimension::InputImage,
        "input-image-per-million",
        "sell-input-image-per-million",
    ),
    (
        Dimension::OutputImage,
        "output-image-per-million",
        "sell-output-image-per-million",
    ),
    (Dimension::Second, "per-second", "sell-per-second"),
    (
        Dimension::Character,
        "character-per-million",
        "sell-character-per-million",
    ),
    (Dimension::Request, "per-request", "sell-per-request"),
];
const COST: &str = "Cost in USD";
const SELL: &str = "Sell price in USD, in place of cost plus margin";

impl Flags {
    /// What the provider bills.
    pub fn cost(&self) -> Result<Rates, CommandError> {
        rates(&self.cost, IMAGE, &self.images)
    }

    /// What was chosen in place of cost plus margin.
    pub fn sell(&self) -> Result<Rates, CommandError> {
        rates(&self.sell, SELL_IMAGE, &self.sell_images)
    }
}

/// Reads a price; what is wrong names the flag, of which there are many.
pub fn read(dimension: &Dimension, flag: &str, text: &str) -> Result<Price, CommandError> {
    let read = dimension.read_price(text);
    read.map_err(|problem| CommandError::Argument(format!("--{flag}: {problem}.")))
}

fn rates(prices: &[Typed], image: &str, images: &[String]) -> Result<Rates, CommandError> {
    let mut rates = Rates::default();
    for (dimension, flag, text) in prices {
        rates.set(dimension.clone(), read(dimension, flag, text)?);
    }
    for text in images {
        let parts = text.split_once('=').and_then(|(kind, price)| {
            let kind: ImageKind = kind.parse().ok()?;
            Some((Dimension::Image(kind), price))
        });
        let (kind, text) = parts.ok_or_else(|| {
            CommandError::Argument(format!(
                "--{image}: `{text}` is no price of an image. Write it like 1024x1024/hd=0.08."
            ))
        })?;
        if rates.get(&kind).is_some() {
            return Err(CommandError::Argument(format!(
                "--{image}: the price of `{kind}` is there twice."
            )));
        }
        rates.set(kind.clone(), read(&kind, image, text)?);
    }
    Ok(rates)
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        // A price below zero is refused in our words, not taken for another flag.
        let price = |flag, heading| {
            Arg::new(flag)
                .long(flag)
                .value_name("USD")
                .allow_negative_numbers(true)
                .help_heading(heading)
        };
        let command = FLAGS.into_iter().fold(command, |command, (_, cost, sell)| {
            command.arg(price(cost, COST)).arg(price(sell, SELL))
        });
        let image = |id: &'static str, heading| {
            Arg::new(id)
                .long(id)
                .value_name("SIZE/QUALITY=USD")
                .action(ArgAction::Append)
                .help("A generated image; may be repeated")
                .help_heading(heading)
        };
        command.arg(image(IMAGE, COST)).arg(image(SELL_IMAGE, SELL))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = |flag: fn(&(Dimension, &'static str, &'static str)) -> &'static str| {
            let one = |row: &(Dimension, &'static str, &'static str)| {
                let text: &String = matches.get_one(flag(row))?;
                Some((row.0.clone(), flag(row), text.clone()))
            };
            FLAGS.iter().filter_map(one).collect()
        };
        let images = |id: &str| matches.get_many(id).into_iter().flatten().cloned().collect();
        Ok(Self {
            cost: typed(|row| row.1),
            sell: typed(|row| row.2),
            images: images(IMAGE),
            sell_images: images(SELL_IMAGE),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_names_its_flag() {
        let typed = |words: &[&str]| {
            let command = Flags::augment_args(Command::new("set").no_binary_name(true));
            let flags = Flags::from_arg_matches(&command.try_get_matches_from(words).expect("flags")).expect("flags");
            let read = flags.cost().and_then(|_| flags.sell());
            read.err().map(|problem| problem.to_string()).unwrap_or_default()
        };
        for (words, told) in [
            (
                &["--input-per-million=-1"][..],
                "--input-per-million: `-1` is too small.",
            ),
            (
                &["--input-per-million", "-5", "--sell-per-second", "1"],
                "--input-per-million: `-5` is too small.",
            ),
            (&["--sell-per-request=-1"], "--sell-per-request: `-1` is too small."),
            (&["--image=1x1/hd=-1"], "--image: `-1` is too small."),
            (
                &["--sell-image=1x1/hd=1", "--sell-image=1x1/hd=2"],
                "--sell-image: the price of `image/1x1/hd` is there twice.",
            ),
        ] {
            assert_eq!(typed(words), told);
        }
    }

    #[test]
    fn every_dimension_has_its_flags() {
        let flags: Vec<Dimension> = FLAGS.into_iter().map(|(dimension, ..)| dimension).collect();
        assert_eq!(flags, Dimension::plain().collect::<Vec<_>>());
        for (dimension, cost, sell) in FLAGS {
            let word = dimension.to_string().replace('_', "-");
            let flag = if dimension.by_piece() {
                format!("per-{word}")
            } else {
                format!("{word}-per-million")
            };
            assert_eq!((cost, sell), (flag.as_str(), format!("sell-{flag}").as_str()));
        }
    }
}
