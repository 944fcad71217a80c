//! How far what a call holds reaches while it runs: the limit that the provider is told, what of an estimate may be charged, the next
//! step of an answer that grows.

use domain::{
    limit::{Ask, Wanted},
    money::Amount,
    price::PriceError,
    usage::UsageSource,
};

use super::{Funds, count, cover::LEAST_OUTPUT};
use crate::{call::estimate::Consumed, ledger::Wish, wire::Scanned};

/// What a call may come to by what there was when it was admitted: what it got, and what was left beside that.
#[derive(Clone, Copy, Debug)]
pub(in crate::call) struct Reach {
    /// Credit, and what limits of spend leave.
    pub money: Amount,
    /// What limits of tokens leave, for prompt and answer.
    pub tokens: u64,
}

impl Funds {
    /// It was admitted for so much, from the beginning or by now: held or within limits of spend, and so many tokens within limits
    /// of those.
    pub fn admitted(&mut self, money: Amount, tokens: Option<u64>) {
        let Some(cover) = &mut self.cover else { return };
        cover.covered = cover.bounds.output_tokens;
        if let Some(price) = self.price.as_ref().filter(|_| cover.priced) {
            let reach = price
                .sheet
                .sell()
                .affordable_output(&cover.bounds, money)
                .ok()
                .flatten();
            cover.covered = cover.covered.min(reach.unwrap_or_default());
        }
        if let Some(tokens) = tokens {
            cover.tokens = tokens;
            cover.covered = cover.covered.min(tokens.saturating_sub(cover.bounds.input_tokens));
        }
    }

    /// It begins with what it was admitted for, and may come to so much: decides what its provider is told.
    pub fn begins(&mut self, reach: Reach) {
        let Some(cover) = &mut self.cover else { return };
        let sell = self.price.as_ref().map(|price| price.sheet.sell());
        let goes_far = cover.goes_far(sell.filter(|_| cover.priced), reach);
        cover.told = (!goes_far).then_some(cover.covered);
    }

    /// The tokens that each answer may have, as the provider is to be told. None: nothing of that.
    pub fn cap(&self) -> Option<u64> {
        let cover = self.cover.as_ref().filter(|cover| cover.chat)?;
        Some((cover.told?.saturating_sub(cover.beside) / cover.fold).max(1))
    }

    /// The tokens that all answers may have by what the provider was told. None: it was told nothing.
    pub fn told(&self, scanned: &Scanned) -> Option<u64> {
        match &self.cover {
            Some(cover) if cover.chat => cover.told,
            _ => {
                let limit = scanned.output_limit?.saturating_mul(scanned.choices);
                Some(limit.saturating_add(scanned.predicted))
            }
        }
    }

    /// As [`Funds::cap`], where the client did not say so itself.
    pub fn own_cap(&self) -> Option<u64> {
        let limit = self.cover.as_ref().and_then(|cover| cover.limit).unwrap_or(u64::MAX);
        self.cap().filter(|cap| *cap < limit)
    }

    /// What was consumed, as far as it may be charged: an estimate stays within the bounds.
    pub fn within(&self, mut consumed: Consumed) -> Consumed {
        if let Some(cover) = self.cover.as_ref().filter(|_| consumed.source != UsageSource::Provider) {
            let usage = &mut consumed.usage;
            if consumed.source == UsageSource::Estimated {
                usage.input_uncached = usage.input_uncached.min(cover.bounds.input_tokens);
                // Of pictures that are sold by the piece limits alone count tokens.
                let drawn = cover.covered.saturating_add(cover.unpriced_tokens);
                usage.output_image = usage.output_image.min(drawn);
            }
            let rest = cover.covered.saturating_sub(usage.output_total() - usage.output_text);
            usage.output_text = usage.output_text.min(rest);
        }
        consumed
    }

    /// The tokens of answer that are paid for, where they are counted.
    pub fn covered(&self) -> Option<u64> {
        let cover = self.cover.as_ref().filter(|cover| cover.chat)?;
        Some(cover.covered)
    }

    /// The client has said how long its answer may be, where that is counted.
    pub fn is_limited(&self) -> bool {
        self.cover.as_ref().is_some_and(|cover| cover.limit.is_some())
    }

    /// What it uses is counted, by credit or by limits.
    pub fn is_counted(&self) -> bool {
        self.cover.is_some()
    }

    /// What the hold has to grow by for the next step of the answer, and what it claims of limits. From now on the step is wanted.
    pub fn step(&mut self, held: Amount) -> Option<(Wish, Ask)> {
        let cover = self.cover.as_mut()?;
        let sell = self
            .price
            .as_ref()
            .filter(|_| cover.priced)
            .map(|price| price.sheet.sell());
        let (far, near) = (cover.step, LEAST_OUTPUT.min(cover.step));
        let money = |tokens: u64| match sell {
            Some(sell) => sell.bound(&cover.with_output(cover.covered.saturating_add(tokens))),
            None => Ok(Amount::ZERO),
        };
        let most = match money(far) {
            // As far as a call may go.
            Err(PriceError::TooLarge) => Some(Amount::MOST_OF_A_CALL),
            most => most.ok(),
        };
        let one = Amount::from_nano(i64::from(cover.priced)).unwrap_or_default();
        let wish = Wish {
            most: most?.less(held),
            least: money(near).ok()?.less(held).max(one),
        };
        let base = cover.bounds.input_tokens.saturating_add(cover.covered);
        let tokens = |more: u64| count(base.saturating_add(more).saturating_sub(cover.tokens));
        let ask = Ask {
            begins: false,
            tokens: Wanted {
                most: tokens(far),
                least: tokens(near),
            },
            spend: wish.wanted(),
        };
        cover.bounds = cover.with_output(cover.covered.saturating_add(cover.step));
        Some((wish, ask))
    }
}
