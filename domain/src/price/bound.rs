//! The most that a call can cost before it has run, and how much answer an amount can pay for.
//!
//! Both go through the prices and levels that settle the call, so a hold of the bound always covers the charge of
//! anything within the bounds.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Dimension, ImageKind, PriceError, Tariff, TierRule, receipt::of_a_call, tariff::Level};
use crate::money::{Amount, Picos, Price};

/// Upper limits of what a call can use. The audio and image limits are parts of the totals, not additions to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Every prompt token, cached or not.
    pub input_tokens: u64,
    /// Prompt tokens that may be audio.
    pub input_audio: u64,
    /// Prompt tokens that may be images.
    pub input_image: u64,
    /// Every answer token, thinking included.
    pub output_tokens: u64,
    /// Answer tokens that may be audio.
    pub output_audio: u64,
    /// Answer tokens that may be images.
    pub output_image: u64,
    /// Generated images by the piece.
    pub images: BTreeMap<ImageKind, u64>,
    /// Seconds of audio or video.
    pub seconds: u64,
    /// Characters of text.
    pub characters: u64,
    /// Calls.
    pub requests: u64,
}

impl Bounds {
    /// One call with text in and text out.
    #[must_use]
    pub const fn text(input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            input_tokens,
            input_audio: 0,
            input_image: 0,
            output_tokens,
            output_audio: 0,
            output_image: 0,
            images: BTreeMap::new(),
            seconds: 0,
            characters: 0,
            requests: 1,
        }
    }
}

impl Tariff {
    /// The price of anything within the bounds is at most this.
    ///
    /// # Errors
    /// Something within the bounds has no price, or the bound is beyond what a call may come to ([`Amount::MOST_OF_A_CALL`]).
    pub fn bound(&self, bounds: &Bounds) -> Result<Amount, PriceError> {
        let mut most = Picos::ZERO;
        for ceiling in self.ceilings(bounds, bounds.output_tokens)? {
            let output = ceiling.output.fill(bounds.output_tokens);
            let sum = output.and_then(|output| output.checked_add(ceiling.fixed));
            most = most.max(sum.ok_or(PriceError::TooLarge)?);
        }
        of_a_call(most)
    }

    /// The largest `output_tokens` whose bound `money` covers, all other bounds as given; none when it does not even
    /// cover an empty answer. No more money than a call may come to.
    ///
    /// # Errors
    /// As [`Tariff::bound`].
    pub fn affordable_output(&self, bounds: &Bounds, money: Amount) -> Result<Option<u64>, PriceError> {
        let mut least = u64::MAX;
        for ceiling in self.ceilings(bounds, u64::MAX)? {
            let Some(left) = Picos::of(money.min(Amount::MOST_OF_A_CALL)).checked_sub(ceiling.fixed) else {
                return Ok(None);
            };
            least = least.min(ceiling.output.most_within(left));
        }
        Ok(Some(least))
    }

    /// One ceiling per level that an input within the bounds can reach. Under the whole rule each is looked at with the
    /// longest prompt of its level, because a higher tier may be the cheaper one.
    fn ceilings(&self, bounds: &Bounds, output: u64) -> Result<Vec<Ceiling>, PriceError> {
        let total = u128::from(bounds.input_tokens);
        let mut ceilings = Vec::with_capacity(1 + self.tiers().len());
        let mut marginal = Picos::ZERO;
        for (level, places) in self
            .levels()
            .filter(|(_, places)| places.start < total || places.start == 0)
        {
            let last = total.min(places.end);
            let first = match self.rule() {
                TierRule::Whole => 0,
                TierRule::Marginal => places.start,
            };
            // Between zero and `input_tokens`, so it fits.
            let tokens = u64::try_from(last.saturating_sub(first)).unwrap_or(bounds.input_tokens);
            let input = self
                .input_prices(level, bounds, tokens)?
                .fill(tokens)
                .ok_or(PriceError::TooLarge)?;
            match self.rule() {
                TierRule::Whole => ceilings.push(self.ceiling(level, bounds, input, output)?),
                TierRule::Marginal => marginal = marginal.checked_add(input).ok_or(PriceError::TooLarge)?,
            }
        }
        if self.rule() == TierRule::Marginal {
            ceilings.push(self.ceiling(Level::BASE, bounds, marginal, output)?);
        }
        Ok(ceilings)
    }

    fn ceiling(&self, level: Level, bounds: &Bounds, input: Picos, output: u64) -> Result<Ceiling, PriceError> {
        let pieces = [
            (Dimension::Second, bounds.seconds),
            (Dimension::Character, bounds.characters),
            (Dimension::Request, bounds.requests),
        ];
        let images = bounds
            .images
            .iter()
            .map(|(kind, count)| (Dimension::Image(kind.clone()), *count));
        let mut fixed = input;
        for (dimension, count) in pieces.into_iter().chain(images) {
            let cost = self.dearest(level, &[dimension], count)?.times(count);
            fixed = fixed.checked_add(cost).ok_or(PriceError::TooLarge)?;
        }
        let text = self.dearest(level, &[Dimension::Output, Dimension::Reasoning], output)?;
        let audio = self.dearest(level, &[Dimension::OutputAudio], bounds.output_audio)?;
        let image = self.dearest(level, &[Dimension::OutputImage], bounds.output_image)?;
        Ok(Ceiling {
            fixed,
            output: Prices::new([
                (text, u64::MAX),
                (audio, bounds.output_audio),
                (image, bounds.output_image),
            ]),
        })
    }

    fn input_prices(&self, level: Level, bounds: &Bounds, tokens: u64) -> Result<Prices, PriceError> {
        let text = [
            Dimension::Input,
            Dimension::CacheRead,
            Dimension::CacheWrite5m,
            Dimension::CacheWrite1h,
        ];
        let audio = self.dearest(level, &[Dimension::InputAudio], bounds.input_audio.min(tokens))?;
        let image = self.dearest(level, &[Dimension::InputImage], bounds.input_image.min(tokens))?;
        Ok(Prices::new([
            (self.dearest(level, &text, tokens)?, u64::MAX),
            (audio, bounds.input_audio),
            (image, bounds.input_image),
        ]))
    }

    /// The highest price among dimensions; zero if nothing of them can be used, and for a request without a fee.
    fn dearest(&self, level: Level, dimensions: &[Dimension], count: u64) -> Result<Price, PriceError> {
        let mut most = Price::ZERO;
        for dimension in dimensions.iter().filter(|_| count > 0) {
            match self.find(level, dimension) {
                Some(quote) => most = most.max(quote.price),
                None if *dimension == Dimension::Request => {}
                None => return Err(PriceError::Unpriced(dimension.clone())),
            }
        }
        Ok(most)
    }
}

/// What a call costs at most on one level: a fixed part, and the answer.
struct Ceiling {
    fixed: Picos,
    output: Prices,
}

/// Prices of tokens that can be of several kinds, dearest first, each with how many there can be.
struct Prices([(Price, u64); 3]);

impl Prices {
    fn new(mut prices: [(Price, u64); 3]) -> Self {
        prices.sort_by_key(|(price, _)| Reverse(*price));
        Self(prices)
    }

    /// The most that so many tokens can cost.
    fn fill(&self, mut tokens: u64) -> Option<Picos> {
        let mut sum = Picos::ZERO;
        for (price, limit) in self.0 {
            let count = tokens.min(limit);
            sum = sum.checked_add(price.times(count))?;
            tokens -= count;
        }
        Some(sum)
    }

    /// The most tokens that [`Self::fill`] prices within the money.
    fn most_within(&self, mut money: Picos) -> u64 {
        let mut tokens: u64 = 0;
        for (price, limit) in self.0 {
            let payable = money.pico().checked_div(i128::from(price.pico()));
            let count = payable
                .and_then(|count| u64::try_from(count).ok())
                .unwrap_or(u64::MAX)
                .min(limit);
            tokens = tokens.saturating_add(count);
            money = money.checked_sub(price.times(count)).unwrap_or(Picos::ZERO);
            if count < limit {
                break;
            }
        }
        tokens
    }
}
