//! What can have a price, under words that stay the same in storage, JSON and on the command line.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::money::{InvalidNumber, Picos, Price};

/// One thing that is counted and priced. Tokens unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Dimension {
    /// Uncached prompt text.
    Input,
    /// Answer text.
    Output,
    /// Prompt tokens read from the provider's cache.
    CacheRead,
    /// Prompt tokens written to a cache of five minutes.
    CacheWrite5m,
    /// Prompt tokens written to a cache of an hour.
    CacheWrite1h,
    /// Thinking.
    Reasoning,
    /// Prompt audio.
    InputAudio,
    /// Answer audio.
    OutputAudio,
    /// Prompt images that are counted as tokens.
    InputImage,
    /// Answer images that are counted as tokens.
    OutputImage,
    /// A generated image, sold by the piece.
    Image(ImageKind),
    /// A second of audio or video.
    Second,
    /// A character of text.
    Character,
    /// The call itself.
    Request,
}

/// Every dimension but the images, with its word.
static WORDS: [(Dimension, &str); 13] = [
    (Dimension::Input, "input"),
    (Dimension::Output, "output"),
    (Dimension::CacheRead, "cache_read"),
    (Dimension::CacheWrite5m, "cache_write_5m"),
    (Dimension::CacheWrite1h, "cache_write_1h"),
    (Dimension::Reasoning, "reasoning"),
    (Dimension::InputAudio, "input_audio"),
    (Dimension::OutputAudio, "output_audio"),
    (Dimension::InputImage, "input_image"),
    (Dimension::OutputImage, "output_image"),
    (Dimension::Second, "second"),
    (Dimension::Character, "character"),
    (Dimension::Request, "request"),
];

impl Dimension {
    /// Every dimension but the images, in the order in which pages list them.
    pub fn plain() -> impl Iterator<Item = Self> {
        Self::all_plain().cloned()
    }

    /// The same, lent.
    pub(super) fn all_plain() -> impl Iterator<Item = &'static Self> {
        WORDS.iter().map(|(dimension, _)| dimension)
    }

    /// Whose price counts when this one has none of its own. A price that is there and zero does not fall back.
    ///
    /// Providers charge cached, spoken and pictured tokens like plain ones unless their price list says otherwise.
    /// What has no plainer sibling has no fallback: it is unpriced.
    #[must_use]
    pub const fn fallback(&self) -> Option<Self> {
        match self {
            Self::CacheWrite1h => Some(Self::CacheWrite5m),
            Self::CacheRead | Self::CacheWrite5m | Self::InputAudio | Self::InputImage => Some(Self::Input),
            Self::Reasoning | Self::OutputAudio | Self::OutputImage => Some(Self::Output),
            Self::Input | Self::Output | Self::Image(_) | Self::Second | Self::Character | Self::Request => None,
        }
    }
}

impl Dimension {
    /// Sold by the piece, so that its price is read and shown for one: a call, a second, an image. Everything else is priced
    /// by the million.
    #[must_use]
    pub const fn by_piece(&self) -> bool {
        matches!(self, Self::Second | Self::Request | Self::Image(_))
    }

    /// Tokens of the prompt, of whatever kind.
    #[must_use]
    pub const fn is_input(&self) -> bool {
        matches!(
            self,
            Self::Input
                | Self::CacheRead
                | Self::CacheWrite5m
                | Self::CacheWrite1h
                | Self::InputAudio
                | Self::InputImage
        )
    }

    /// Reads a price in USD for one piece, or for a million.
    ///
    /// # Errors
    /// The text is no price.
    pub fn read_price(&self, text: &str) -> Result<Price, InvalidNumber> {
        if self.by_piece() {
            Price::parse_per_unit(text)
        } else {
            text.parse()
        }
    }

    /// The price as [`Dimension::read_price`] reads it.
    #[must_use]
    pub fn price_text(&self, price: Price) -> String {
        if self.by_piece() {
            price.per_unit()
        } else {
            price.to_string()
        }
    }

    /// The price in this unit as an exact sum, for pages that divide its digits.
    #[must_use]
    pub fn shown(&self, price: Price) -> Picos {
        price.times(if self.by_piece() { 1 } else { 1_000_000 })
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(kind) => write!(formatter, "image/{kind}"),
            plain => {
                let word = WORDS.iter().find(|(dimension, _)| dimension == plain);
                formatter.write_str(word.map_or("", |(_, word)| word))
            }
        }
    }
}

/// The text names nothing that has a price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a price dimension; take one like input, output, cache_read, second or image/1024x1024/hd")]
pub struct UnknownDimension(String);

impl FromStr for Dimension {
    type Err = UnknownDimension;

    fn from_str(text: &str) -> Result<Self, UnknownDimension> {
        if let Some(kind) = text.strip_prefix("image/") {
            return kind.parse().map(Self::Image);
        }
        WORDS
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(dimension, _)| dimension.clone())
            .ok_or_else(|| unknown(text))
    }
}

fn unknown(text: &str) -> UnknownDimension {
    UnknownDimension::of(text)
}

impl UnknownDimension {
    pub(super) fn of(text: &str) -> Self {
        Self(text.chars().take(40).collect())
    }
}

/// An image's size and quality in the provider's words, as in `1024x1024/hd`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageKind {
    size: String,
    quality: String,
}

/// Longest word of a size or a quality.
const LONGEST: usize = 20;

impl ImageKind {
    /// For a size and a quality as a client writes them: letters are made small, and what no price can be named for is
    /// replaced. What says nothing is `auto`.
    #[must_use]
    pub fn asked(size: Option<&str>, quality: Option<&str>) -> Self {
        let word = |text: Option<&str>| {
            let told = text.unwrap_or_default().trim();
            let letter = |letter: char| match letter.to_ascii_lowercase() {
                known if is_letter(known) => known,
                _ => '-',
            };
            match told {
                "" => "auto".to_owned(),
                told => told.chars().take(LONGEST).map(letter).collect(),
            }
        };
        Self {
            size: word(size),
            quality: word(quality),
        }
    }

    /// The size.
    #[must_use]
    pub fn size(&self) -> &str {
        &self.size
    }

    /// The quality.
    #[must_use]
    pub fn quality(&self) -> &str {
        &self.quality
    }
}

impl fmt::Display for ImageKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.size, self.quality)
    }
}

/// It may stand in a size or a quality.
fn is_letter(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '_' | '-')
}

impl FromStr for ImageKind {
    type Err = UnknownDimension;

    fn from_str(text: &str) -> Result<Self, UnknownDimension> {
        let word = |part: &str| (1..=LONGEST).contains(&part.len()) && part.chars().all(is_letter);
        match text.split_once('/') {
            Some((size, quality)) if word(size) && word(quality) => Ok(Self {
                size: size.to_owned(),
                quality: quality.to_owned(),
            }),
            _ => Err(unknown(text)),
        }
    }
}

macro_rules! as_string {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = UnknownDimension;

            fn try_from(text: String) -> Result<Self, UnknownDimension> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}
as_string!(Dimension);
as_string!(ImageKind);
