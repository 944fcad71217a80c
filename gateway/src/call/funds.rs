//! How one call is paid: decided when it is accepted, kept until it is settled. A price or a mode that changes meanwhile
//! concerns later calls.
//!
//! The hold covers every charge within the bounds, whatever the provider reports there. The prompt: no tokenizer makes more
//! tokens of a text than it has bytes; an image counts as much as any does; what can only be guessed is refused. The answer:
//! the provider is told a limit, the client's or one that is held for, and thinking is part of it; but for a stream without one
//! where there is credit for far more, whose hold grows with it. Beyond the bounds is what a provider does against that: it
//! writes more than the limit, thinks longer where it counts that apart or in silence where it was told none, adds to the prompt
//! what it has looked up. Such a charge is paid from what can be spent, else it is a loss, and the operator is told. What
//! it only says is not believed (`estimate`).

use std::sync::Arc;

use domain::{
    call::{Dialect, Fault, Funding},
    catalog::Wire,
    id::PriceId,
    limit::{Ask, Wanted},
    money::Amount,
    price::{Dimension, PriceError, PriceVersion, Quantities, Tariff},
    setting::Mode,
    time::Timestamp,
    usage::Usage,
};

mod cover;
mod end;
mod pictures;
mod reach;

use self::cover::Cover;
pub(super) use self::{pictures::Pictures, reach::Reach};
use super::{
    CallError,
    estimate::input_tokens,
    limited,
    measurable::{self, measurable},
};
use crate::{Candidate, Snapshot, ledger::Wish, wire::Scanned};

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
            (Mode::ServiceProvider, None) => return Err(unpriced(candidate, None)),
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
            // Where it is written anew, what nobody knows is told to nobody.
            if Wire::of(candidate.provider.kind, &candidate.slug, dialect).is(dialect) {
                measurable::all_priced(scanned)?;
            }
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
            let mut cover = cover.map_err(|error| {
                if error == PriceError::TooLarge {
                    return too_dear(candidate);
                }
                tracing::error!(model = &*candidate.public_name, %error, "a price does not cover what calls use");
                match error {
                    PriceError::Unpriced(what @ Dimension::Image(_)) => {
                        pictures::unpriced(&candidate.public_name, &what)
                    }
                    PriceError::Unpriced(what) => unpriced(candidate, Some(&what)),
                    _ => unpriced(candidate, None),
                }
            })?;
            // Messages must have a limit: a client that left it out would be refused for what the hub did not tell.
            cover.open &= dialect != Dialect::AnthropicMessages;
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

    /// By what it is charged or allocated; nothing where it has no price.
    pub fn sell(&self) -> Option<&Tariff> {
        let price = self.price.as_ref().filter(|_| self.funding != Funding::None);
        price.map(|price| price.sheet.sell())
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
    price.sheet.cost().total(&Quantities::of(usage)).ok()
}

/// More than 63 bits can hold is more than any limit.
fn count(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

/// It may cost more than any call may come to.
fn too_dear(candidate: &Candidate) -> CallError {
    let sentence = format!(
        "At the price of `{}` this call may cost more than the {} credits that a call may come to. Ask for a shorter answer or for fewer of them, or use another model.",
        candidate.public_name,
        Amount::MOST_OF_A_CALL,
    );
    CallError::new(Fault::Caller, 400, "unsupported_limit", sentence)
}

/// There is no price at all, or none for what such a call uses.
fn unpriced(candidate: &Candidate, lacking: Option<&Dimension>) -> CallError {
    let name = &candidate.public_name;
    let sentence = match lacking {
        None => format!(
            "The model `{name}` has no price at this hub, so it cannot be called. Ask whoever runs the hub to set one, or use another model."
        ),
        Some(what) => format!(
            "The price of the model `{name}` at this hub has none for `{what}`, which this call uses, so it is refused. Ask whoever runs the hub to set one, or use another model."
        ),
    };
    CallError {
        param: Some("model".to_owned()),
        ..CallError::new(Fault::Operator, 404, "model_unpriced", sentence)
    }
}

#[cfg(test)]
mod tests;
