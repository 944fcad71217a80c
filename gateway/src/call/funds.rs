//! How one call is paid: decided when it is accepted, kept until it is settled. A price or a mode that changes meanwhile
//! concerns later calls.
//!
//! The hold covers every charge within the bounds, whatever the provider reports there. The prompt: no tokenizer makes more
//! tokens of a text than it has bytes; an image counts as much as any does; what can only be guessed is refused. The answer:
//! the provider is always told a limit, the client's or one that is held for, and thinking is part of it. Beyond the bounds
//! is what a provider does against that: it writes more than the limit, thinks longer where it counts that apart, adds to the
//! prompt what it has looked up. Such a charge is paid from what can be spent, else it is a loss, and the operator is told. What
//! it only says is not believed (`estimate`).

use std::sync::Arc;

use domain::{
    call::{CallState, Dialect, Endpoint, Fault, Funding},
    catalog::Quirks,
    id::PriceId,
    limit::{Ask, Wanted},
    money::Amount,
    price::{Bounds, Dimension, PriceError, PriceVersion, Quantities, Tariff},
    setting::Mode,
    time::Timestamp,
    usage::{Usage, UsageSource},
};

mod pictures;

use super::{
    CallError,
    estimate::{Consumed, input_tokens, most_believed},
    limited,
    measurable::measurable,
};
use crate::{
    Candidate, Snapshot,
    ledger::{End, Wish},
    store::calls::CallRow,
    wire::Scanned,
};

/// What the wire adds around a prompt.
const TOKENS_AROUND: u64 = 64;
/// What it adds where tools are named. Anthropic's documents have the largest number, 804 for one of its models.
const TOKENS_AROUND_TOOLS: u64 = 1_000;
/// More than any image counts for. The largest number in public documents is that of OpenAI's gpt-4o-mini with high detail:
/// 2,833, and 5,667 for each of at most eight tiles, 48,169. Others are far below it (Qwen-VL 16,384, Gemini 258 a tile,
/// Claude some 5,000). Sounds and documents count it beside their bytes.
const TOKENS_PER_FILE: u64 = 50_000;
/// Fewer tokens of an answer are not worth asking for.
const LEAST_OUTPUT: u64 = 16;
/// An answer without a limit may be so many times as long as the step by which holds grow.
const STEPS: u64 = 8;
/// What was counted of a conversation may come to a tenth more when it is read again: an answer gets its frame then.
const TELLING_AGAIN: u64 = 10;
/// More than any answer has. Larger limits say nothing.
const MOST_OUTPUT: u64 = 10_000_000;

/// How one call is paid.
#[derive(Debug, Default)]
pub(super) struct Funds {
    funding: Funding,
    price: Option<Arc<PriceVersion>>,
    cover: Option<Cover>,
    /// What the provider will probably bill, where it holds credit: all that is known of a call that is lost.
    estimate: Option<Amount>,
}

/// What the limits that apply to a call count, beside calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Tokens.
    pub tokens: bool,
    /// What it costs.
    pub spend: bool,
}

/// What a call holds credit for, or reserves of limits.
#[derive(Debug)]
struct Cover {
    /// With the answer that is wanted.
    bounds: Bounds,
    wish: Wish,
    /// It is paid for, by credit or within a limit of spend.
    priced: bool,
    /// The least that it uses of a limit of tokens.
    least_tokens: u64,
    /// What it has of limits of tokens.
    tokens: u64,
    /// The tokens that the client allows each answer.
    limit: Option<u64>,
    /// There is an answer whose length can be limited.
    chat: bool,
    /// For one token of the limit so many are held: of each answer one, and one more where thinking is counted apart.
    fold: u64,
    /// Tokens of answer that no limit counts.
    beside: u64,
    /// Tokens that limits count and no price: of pictures that are sold by the piece.
    unpriced_tokens: u64,
    /// By how many tokens of answer the hold grows.
    step: u64,
    /// The tokens of answer that the hold covers.
    covered: u64,
}

impl Funds {
    /// For a call that begins now. Where limits count tokens or spend, it must be measurable as where credit is needed.
    ///
    /// # Errors
    /// The model has no price, where one is needed; the call cannot be measured, where it must be.
    pub fn decide(
        snapshot: &Snapshot,
        dialect: Dialect,
        candidate: &Candidate,
        scanned: &Scanned,
        now: Timestamp,
        needs: Needs,
    ) -> Result<Self, CallError> {
        let price = snapshot.price_at(candidate.model, now);
        let funding = match (snapshot.mode(), &price) {
            (Mode::Enterprise, None) if needs.spend => return Err(limited::unpriced(&candidate.public_name)),
            (Mode::Enterprise, None) => Funding::None,
            (Mode::Enterprise, Some(_)) => Funding::Allocated,
            (Mode::ServiceProvider, None) => return Err(unpriced(candidate)),
            (Mode::ServiceProvider, Some(_)) => Funding::Credit,
        };
        let mut funds = Self {
            funding,
            price,
            cover: None,
            estimate: None,
        };
        if funding == Funding::Credit || needs != Needs::default() {
            measurable(dialect, scanned, candidate.context_tokens)?;
            let (step, quirks) = (snapshot.hold_output_tokens(), &candidate.provider.quirks);
            let paid = funds
                .price
                .as_ref()
                .filter(|_| funding == Funding::Credit || needs.spend);
            let sell = paid.map(|price| price.sheet.sell());
            let cover = match Pictures::of(scanned, candidate) {
                Some(pictures) => pictures.cover(sell, scanned),
                None => Cover::of(sell, scanned, quirks, candidate.context_tokens, step),
            };
            let cover = cover.map_err(|error| {
                if error == PriceError::TooLarge {
                    return too_dear(candidate);
                }
                tracing::error!(model = &*candidate.public_name, %error, "a price does not cover what calls use");
                match error {
                    PriceError::Unpriced(what @ Dimension::Image(_)) => {
                        pictures::unpriced(&candidate.public_name, &what)
                    }
                    _ => unpriced(candidate),
                }
            })?;
            funds.cover = Some(cover);
        }
        if funding == Funding::Credit {
            funds.estimate = funds
                .price
                .as_ref()
                .and_then(|price| match Pictures::of(scanned, candidate) {
                    Some(pictures) => pictures.estimate(price.sheet.cost(), scanned),
                    None => estimate(price, scanned, snapshot.hold_output_tokens()),
                });
        }
        Ok(funds)
    }

    /// What a call costs at the least, as far as can be told before its files are fetched. None where it needs no credit, or
    /// is refused anyway.
    pub fn foreseen(snapshot: &Snapshot, candidate: &Candidate, scanned: &Scanned, now: Timestamp) -> Option<Amount> {
        if snapshot.mode() != Mode::ServiceProvider {
            return None;
        }
        let (price, quirks) = (snapshot.price_at(candidate.model, now)?, &candidate.provider.quirks);
        let (sell, step) = (price.sheet.sell(), snapshot.hold_output_tokens());
        let cover = match Pictures::of(scanned, candidate) {
            Some(pictures) => pictures.cover(Some(sell), scanned),
            None => Cover::of(Some(sell), scanned, quirks, candidate.context_tokens, step),
        };
        let cover = cover.ok()?;
        Some(cover.wish.least)
    }

    /// What it is to be admitted for; nothing when it needs no credit.
    pub fn wish(&self) -> Option<Wish> {
        let cover = self.cover.as_ref().filter(|_| self.funding == Funding::Credit);
        cover.map(|cover| cover.wish)
    }

    /// What it claims of limits when it begins.
    pub fn ask(&self) -> Ask {
        let begins = Ask {
            begins: true,
            ..Ask::default()
        };
        self.cover.as_ref().map_or(begins, |cover| Ask {
            tokens: Wanted {
                most: count(
                    cover
                        .bounds
                        .input_tokens
                        .saturating_add(cover.bounds.output_tokens)
                        .saturating_add(cover.unpriced_tokens),
                ),
                least: count(cover.least_tokens),
            },
            spend: cover.wish.wanted(),
            ..begins
        })
    }

    /// Its cost will be allocated.
    pub fn is_allocated(&self) -> bool {
        self.funding == Funding::Allocated
    }

    /// What the provider will probably bill, for the row.
    pub fn estimate(&self) -> Option<Amount> {
        self.estimate
    }

    /// The price version, for the row.
    pub fn price_id(&self) -> Option<PriceId> {
        self.price.as_ref().map(|price| price.id)
    }

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

    /// The tokens that each answer may have. The provider is to be told so.
    pub fn cap(&self) -> Option<u64> {
        let cover = self.cover.as_ref().filter(|cover| cover.chat)?;
        Some((cover.covered.saturating_sub(cover.beside) / cover.fold).max(1))
    }

    /// The tokens that all answers may have by what the provider was told. None: it was told nothing.
    pub fn told(&self, scanned: &Scanned) -> Option<u64> {
        match &self.cover {
            Some(cover) if cover.chat => Some(cover.covered),
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
            let rest = cover.covered.saturating_sub(usage.output_total() - usage.output_text);
            usage.output_text = usage.output_text.min(rest);
            if consumed.source == UsageSource::Estimated {
                usage.input_uncached = usage.input_uncached.min(cover.bounds.input_tokens);
            }
        }
        consumed
    }

    /// The tokens of answer that are paid for, where the client has set no limit to them.
    pub fn covered(&self) -> Option<u64> {
        self.cover
            .as_ref()
            .filter(|cover| cover.chat && cover.limit.is_none())
            .map(|cover| cover.covered)
    }

    /// What the hold has to grow by for the next step of an answer without a limit, and what it claims of limits. From now on the
    /// step is wanted.
    pub fn step(&mut self, held: Amount) -> Option<(Wish, Ask)> {
        let cover = self.cover.as_mut()?;
        let sell = self
            .price
            .as_ref()
            .filter(|_| cover.priced)
            .map(|price| price.sheet.sell());
        let (far, near) = (cover.step, LEAST_OUTPUT.min(cover.step));
        let money = |tokens: u64| match sell {
            Some(sell) => sell
                .bound(&cover.with_output(cover.covered.saturating_add(tokens)))
                .ok(),
            None => Some(Amount::ZERO),
        };
        let one = Amount::from_nano(i64::from(cover.priced)).unwrap_or_default();
        let wish = Wish {
            most: money(far)?.less(held),
            least: money(near)?.less(held).max(one),
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

    /// How the call ends, by what its row says. Writes cost and charge into the row.
    ///
    /// What was delivered is charged, and so is the question of whoever leaves when it is on its way (`sent`): the provider has
    /// read it, and the next one may be cheaper for it. What the provider was asked for in vain is not charged: an attempt that
    /// failed, an answer without a word and without an end.
    pub fn end(&self, row: &mut CallRow, sent: bool) -> Option<End> {
        let price = self.price.as_ref()?;
        let drawn = row.drawn.as_ref();
        let priced = |tariff: &Tariff| {
            tariff
                .price(&tariff.quantities(row.usage, drawn))
                .map(|receipt| receipt.total)
        };
        if !row.usage.is_empty() || drawn.is_some_and(|drawn| drawn.count > 0) {
            row.money.cost = priced(price.sheet.cost()).ok();
        }
        let held = row.money.hold.is_some();
        match self.funding {
            Funding::None => None,
            _ if row.money.settled_by.is_some() => None,
            Funding::Credit if !held => None,
            Funding::Credit if !is_owed(row, sent) => Some(End::Release),
            Funding::Allocated if !is_owed(row, sent) => None,
            funding => {
                let charge = match priced(price.sheet.sell()) {
                    Ok(total) => total,
                    Err(error) => {
                        tracing::error!(call = %row.id, %error, "what a call used cannot be priced; it is not charged");
                        return held.then_some(End::Release);
                    }
                };
                if funding == Funding::Allocated {
                    row.money.charge = Some(charge);
                    row.money.funding = Funding::Allocated;
                    Some(End::Allocate(charge))
                } else {
                    Some(End::Settle(charge))
                }
            }
        }
    }
}

/// What the provider will probably bill: the prompt as it is counted where nothing is reported, and an answer of the length by which
/// holds grow, or as short as it is limited to.
fn estimate(price: &PriceVersion, scanned: &Scanned, step: u64) -> Option<Amount> {
    let answer = match scanned.chat {
        true => scanned.output_limit.unwrap_or(step).min(step),
        false => 0,
    };
    let usage = Usage {
        input_uncached: input_tokens(scanned),
        output_text: answer.saturating_mul(scanned.choices),
        ..Usage::default()
    };
    let receipt = price.sheet.cost().price(&Quantities::of(usage));
    receipt.map(|receipt| receipt.total).ok()
}

/// There is an answer, or a part of one that went to the client; or the client has left after it was asked for. Of an answer that
/// comes as a whole no part goes to the client.
fn is_owed(row: &CallRow, sent: bool) -> bool {
    let said = row.usage.output_total() > 0;
    match row.state {
        CallState::Succeeded => said || row.finish_reason.is_some() || row.endpoint != Endpoint::Chat,
        CallState::Open => false,
        // Where the right to ask was taken away meanwhile, the attempt has failed, and what came before that is owed.
        CallState::Cancelled => sent || said && row.streamed,
        CallState::Failed | CallState::Interrupted => said && row.streamed,
    }
}

impl Cover {
    /// The bounds for another length of the answer.
    fn with_output(&self, tokens: u64) -> Bounds {
        let part = |part: u64| if part > 0 { tokens } else { 0 };
        Bounds {
            output_tokens: tokens,
            output_audio: part(self.bounds.output_audio),
            output_image: part(self.bounds.output_image),
            ..self.bounds.clone()
        }
    }

    /// Without a price nothing is paid, and only tokens are counted.
    fn of(
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
        let around = TOKENS_AROUND + if scanned.tools { TOKENS_AROUND_TOOLS } else { 0 };
        let counted = (scanned.bytes + around).saturating_add(files.count.saturating_mul(TOKENS_PER_FILE));
        // Reports of more than a model takes are not believed.
        let believed = context_tokens
            .filter(|_| scanned.chat)
            .map(|window| most_believed(window, choices));
        let counted = match (scanned.continues, scanned.before) {
            (false, _) => counted,
            (true, Some(before)) => counted.saturating_add(before).saturating_add(before / TELLING_AGAIN),
            (true, None) => u64::MAX,
        };
        let input = counted.min(believed.unwrap_or(u64::MAX));
        let when = |there: bool, tokens: u64| if there { tokens } else { 0 };
        let of = |output: u64| Bounds {
            input_audio: when(files.sound, input),
            input_image: when(files.count > 0, input),
            output_audio: when(scanned.audio, output),
            output_image: output,
            ..Bounds::text(input, output)
        };
        let bounds = of(wanted);
        let most = match sell.map_or(Ok(Amount::ZERO), |sell| sell.bound(&bounds)) {
            Ok(most) => most,
            // An absurd limit; what is held is at most what there is.
            Err(PriceError::TooLarge) => Amount::MAX,
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
        })
    }
}

impl Wish {
    /// The same of a limit.
    const fn wanted(self) -> Wanted {
        Wanted {
            most: self.most.nano(),
            least: self.least.nano(),
        }
    }
}

/// More than 63 bits can hold is more than any limit.
fn count(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

/// It may cost more than any account can hold.
fn too_dear(candidate: &Candidate) -> CallError {
    let sentence = format!(
        "At the price of `{}` this call may cost more than can be booked. Ask for a shorter answer or for fewer of them, or use another model.",
        candidate.public_name
    );
    CallError::new(Fault::Caller, 400, "unsupported_limit", sentence)
}

pub(super) use pictures::Pictures;

fn unpriced(candidate: &Candidate) -> CallError {
    let sentence = format!(
        "The model `{}` has no price at this hub, so it cannot be called. Ask whoever runs the hub to set one, or use another model.",
        candidate.public_name
    );
    CallError {
        param: Some("model".to_owned()),
        ..CallError::new(Fault::Operator, 404, "model_unpriced", sentence)
    }
}

#[cfg(test)]
mod tests;
