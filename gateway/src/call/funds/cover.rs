//! What a call holds credit for, or reserves of limits: the bounds of what it may use, and what that costs at the most. Called by
//! `funds`.

use domain::{
    catalog::Quirks,
    limit::Wanted,
    money::Amount,
    price::{Bounds, PriceError, Tariff},
};

use super::Reach;
use crate::{call::bounds, ledger::Wish, wire::Scanned};

/// Fewer tokens of an answer are not worth asking for.
pub(super) const LEAST_OUTPUT: u64 = 16;
/// An answer without a limit may be so many times as long as the step by which holds grow.
const STEPS: u64 = 8;
/// Where there is so many times as much as that, the provider of a stream is told no limit: it would end the answer there,
/// and the hold could not grow with it.
const FAR: u64 = 4;
/// What was counted of a conversation may come to a tenth more when it is read again: an answer gets its frame then.
const TELLING_AGAIN: u64 = 10;
/// More than any answer has. Larger limits say nothing.
const MOST_OUTPUT: u64 = 10_000_000;

/// What a call holds credit for, or reserves of limits.
#[derive(Debug)]
pub(super) struct Cover {
    /// With the answer that is wanted.
    pub bounds: Bounds,
    pub wish: Wish,
    /// It is paid for, by credit or within a limit of spend.
    pub priced: bool,
    /// The least that it uses of a limit of tokens.
    pub least_tokens: u64,
    /// What it has of limits of tokens.
    pub tokens: u64,
    /// The tokens that the client allows each answer.
    pub limit: Option<u64>,
    /// There is an answer whose length can be limited.
    pub chat: bool,
    /// For one token of the limit so many are held: of each answer one, and one more where thinking is counted apart.
    pub fold: u64,
    /// Tokens of answer that no limit counts.
    pub beside: u64,
    /// Tokens that limits count and no price: of pictures that are sold by the piece.
    pub unpriced_tokens: u64,
    /// By how many tokens of answer the hold grows.
    pub step: u64,
    /// The tokens of answer that the hold covers.
    pub covered: u64,
    /// The client of a stream leaves its length open.
    pub open: bool,
    /// The tokens of answer that the provider is told; none: it is told nothing.
    pub told: Option<u64>,
}

impl Cover {
    /// The bounds for another length of the answer.
    pub fn with_output(&self, tokens: u64) -> Bounds {
        let part = |part: u64| if part > 0 { tokens } else { 0 };
        Bounds {
            output_tokens: tokens,
            output_audio: part(self.bounds.output_audio),
            output_image: part(self.bounds.output_image),
            ..self.bounds.clone()
        }
    }

    /// An answer that is left open may become so much longer than what is held that nobody need tell the provider where it ends.
    pub fn goes_far(&self, sell: Option<&Tariff>, reach: Reach) -> bool {
        if !self.open {
            return false;
        }
        let far = self.with_output(self.bounds.output_tokens.saturating_mul(FAR));
        let tokens = far.input_tokens.saturating_add(far.output_tokens);
        let is_paid = || sell.is_none_or(|sell| sell.bound(&far).is_ok_and(|most| most <= reach.money));
        tokens <= reach.tokens && is_paid()
    }

    /// Without a price nothing is paid, and only tokens are counted.
    pub fn of(
        sell: Option<&Tariff>,
        scanned: &Scanned,
        quirks: &Quirks,
        context_tokens: Option<u64>,
        step: u64,
    ) -> Result<Self, PriceError> {
        let (files, choices) = (&scanned.files, scanned.choices);
        let fold = choices * if quirks.reasoning_outside_completion { 2 } else { 1 };
        let beside = scanned.predicted;
        let held = |tokens: u64| match scanned.chat {
            true => tokens.saturating_mul(fold).saturating_add(beside).min(MOST_OUTPUT),
            false => 0,
        };
        let limit = scanned.output_limit;
        let wanted = held(limit.unwrap_or(step.saturating_mul(STEPS)));
        let counted = bounds::of_input(scanned);
        // Reports of more than a model takes are not believed.
        let believed = bounds::believed_in_all(scanned, context_tokens);
        let counted = match (scanned.continues, scanned.before) {
            (false, _) => counted,
            (true, Some(before)) => counted.saturating_add(before).saturating_add(before / TELLING_AGAIN),
            (true, None) => u64::MAX,
        };
        let input = counted.min(believed.unwrap_or(u64::MAX));
        let when = |there: bool, tokens: u64| if there { tokens } else { 0 };
        let of = |output: u64| Bounds {
            input_audio: when(files.may_sound() || scanned.continues, input),
            input_image: when(files.count > 0 || scanned.continues, input),
            output_audio: when(scanned.audio, output),
            output_image: output,
            ..Bounds::text(input, output)
        };
        let bounds = of(wanted);
        let most = match sell.map_or(Ok(Amount::ZERO), |sell| sell.bound(&bounds)) {
            Ok(most) => most,
            // An absurd limit: the answer is shortened to what a call may come to.
            Err(PriceError::TooLarge) => Amount::MOST_OF_A_CALL,
            Err(error) => return Err(error),
        };
        let least_bounds = of(wanted.min(held(LEAST_OUTPUT.max(scanned.least_output))));
        let least = sell.map_or(Ok(Amount::ZERO), |sell| sell.bound(&least_bounds))?;
        Ok(Self {
            wish: Wish { most, least },
            priced: sell.is_some(),
            least_tokens: least_bounds.input_tokens.saturating_add(least_bounds.output_tokens),
            tokens: 0,
            bounds,
            limit,
            chat: scanned.chat,
            fold,
            beside,
            unpriced_tokens: 0,
            step,
            covered: 0,
            open: scanned.stream && scanned.chat && limit.is_none(),
            told: None,
        })
    }
}

impl Wish {
    /// The same of a limit.
    pub(super) const fn wanted(self) -> Wanted {
        Wanted {
            most: self.most.nano(),
            least: self.least.nano(),
        }
    }
}
