//! How one call is paid: decided when it is accepted, kept until it is settled. A price or a mode that changes meanwhile
//! concerns later calls.
//!
//! The hold covers every charge within the bounds: no tokenizer makes more tokens of a text than it has bytes, and the
//! answer is limited by the request, or else by what is held (`stream` extends it, or ends the stream).

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    call::{CallState, Endpoint, Fault, Funding},
    id::PriceId,
    money::Amount,
    price::{Bounds, Dimension, PriceError, PriceVersion, Quantities, Tariff},
    setting::Mode,
    time::Timestamp,
};

use super::CallError;
use crate::{
    Candidate, Snapshot,
    ledger::{End, Wish},
    store::calls::CallRow,
    wire::openai::request::Scanned,
};

/// What the wire adds around a prompt.
const TOKENS_AROUND: u64 = 64;
/// The most that an embedded file counts for.
const TOKENS_PER_FILE: u64 = 2_000;
/// Fewer tokens of an answer are not worth asking for.
const LEAST_OUTPUT: u64 = 16;
/// More than any answer has. Larger limits say nothing.
const MOST_OUTPUT: u64 = 10_000_000;

/// How one call is paid.
#[derive(Debug, Default)]
pub(super) struct Funds {
    funding: Funding,
    price: Option<Arc<PriceVersion>>,
    cover: Option<Cover>,
}

/// What a call holds credit for.
#[derive(Debug)]
struct Cover {
    /// With the answer that is wanted.
    bounds: Bounds,
    wish: Wish,
    /// The client sets a limit, for so many answers.
    limited: bool,
    choices: u64,
    /// By how many tokens of answer the hold grows.
    step: u64,
    /// The tokens of answer that the hold covers.
    covered: u64,
}

impl Funds {
    /// For a call that begins now.
    ///
    /// # Errors
    /// The model has no price, where one is needed.
    pub fn decide(
        snapshot: &Snapshot,
        candidate: &Candidate,
        scanned: &Scanned,
        body: &Bytes,
        endpoint: Endpoint,
        now: Timestamp,
    ) -> Result<Self, CallError> {
        let price = snapshot.price_at(candidate.model, now);
        match (snapshot.mode(), price) {
            (Mode::Enterprise, None) => Ok(Self::default()),
            (Mode::Enterprise, price) => Ok(Self {
                funding: Funding::Allocated,
                price,
                cover: None,
            }),
            (Mode::ServiceProvider, None) => Err(unpriced(candidate)),
            (Mode::ServiceProvider, Some(price)) => {
                let step = snapshot.hold_output_tokens();
                let cover = Cover::of(price.sheet.sell(), scanned, body, endpoint, step).map_err(|error| {
                    tracing::error!(model = &*candidate.public_name, %error, "a price does not cover what calls use");
                    unpriced(candidate)
                })?;
                Ok(Self {
                    funding: Funding::Credit,
                    price: Some(price),
                    cover: Some(cover),
                })
            }
        }
    }

    /// What it is to be admitted for; nothing when it needs no credit.
    pub fn wish(&self) -> Option<Wish> {
        self.cover.as_ref().map(|cover| cover.wish)
    }

    /// Its cost will be allocated.
    pub fn is_allocated(&self) -> bool {
        self.funding == Funding::Allocated
    }

    /// The price version, for the row.
    pub fn price_id(&self) -> Option<PriceId> {
        self.price.as_ref().map(|price| price.id)
    }

    /// It was admitted for so much, from the beginning or by now.
    pub fn admitted(&mut self, held: Amount) {
        if let (Some(cover), Some(price)) = (&mut self.cover, &self.price) {
            let reach = price.sheet.sell().affordable_output(&cover.bounds, held).ok().flatten();
            cover.covered = reach.unwrap_or_default().min(cover.bounds.output_tokens);
        }
    }

    /// The tokens that each answer may have, when the credit does not reach as far as the client allows.
    pub fn cap(&self) -> Option<u64> {
        let cover = self.cover.as_ref().filter(|cover| cover.limited)?;
        (cover.covered < cover.bounds.output_tokens).then(|| (cover.covered / cover.choices).max(1))
    }

    /// The tokens of answer that are paid for, where the client has set no limit to them.
    pub fn covered(&self) -> Option<u64> {
        self.cover
            .as_ref()
            .filter(|cover| !cover.limited)
            .map(|cover| cover.covered)
    }

    /// What the hold has to grow by for the next step of an answer without a limit. From now on the step is wanted.
    pub fn step(&mut self, held: Amount) -> Option<Wish> {
        let (cover, price) = (self.cover.as_mut()?, self.price.as_ref()?);
        let sell = price.sheet.sell();
        let more = |tokens: u64| {
            sell.bound(&cover.with_output(cover.covered.saturating_add(tokens)))
                .ok()
        };
        let (most, least) = (more(cover.step)?, more(LEAST_OUTPUT.min(cover.step))?);
        cover.bounds = cover.with_output(cover.covered.saturating_add(cover.step));
        let one = Amount::from_nano(1).unwrap_or_default();
        Some(Wish {
            most: most.less(held),
            least: least.less(held).max(one),
        })
    }

    /// How the call ends, by what its row says. Writes cost and charge into the row.
    ///
    /// What was delivered is charged, and what the provider was asked for in vain is not: an attempt that failed, an answer
    /// without a word and without an end.
    pub fn end(&self, row: &mut CallRow) -> Option<End> {
        let price = self.price.as_ref()?;
        let quantities = Quantities::of(row.usage);
        if !row.usage.is_empty() {
            row.money.cost = price.sheet.cost().price(&quantities).map(|receipt| receipt.total).ok();
        }
        let held = row.money.hold.is_some();
        match self.funding {
            Funding::None => None,
            _ if row.money.settled_by.is_some() => None,
            Funding::Credit if !held => None,
            Funding::Credit if !is_owed(row) => Some(End::Release),
            Funding::Allocated if !is_owed(row) => None,
            funding => {
                let charge = match price.sheet.sell().price(&quantities) {
                    Ok(receipt) => receipt.total,
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

/// There is an answer, or a part of one.
fn is_owed(row: &CallRow) -> bool {
    let said = row.usage.output_total() > 0;
    match row.state {
        CallState::Succeeded => said || row.finish_reason.is_some() || row.endpoint != Endpoint::Chat,
        CallState::Open => false,
        CallState::Failed | CallState::Cancelled | CallState::Interrupted => said,
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

    fn of(
        sell: &Tariff,
        scanned: &Scanned,
        body: &Bytes,
        endpoint: Endpoint,
        default_output: u64,
    ) -> Result<Self, PriceError> {
        let limited = scanned.output_limit.is_some();
        let wanted = match endpoint {
            Endpoint::Embeddings => 0,
            Endpoint::Chat => scanned
                .output_limit
                .unwrap_or(default_output.saturating_mul(scanned.choices))
                .min(MOST_OUTPUT),
        };
        let input = scanned.bytes + TOKENS_AROUND + scanned.prompt_files.saturating_mul(TOKENS_PER_FILE);
        let names = |word: &[u8]| memchr::memmem::find(body, word).is_some();
        let dear = |dimension: Dimension| {
            sell.quote(&dimension, 0)
                .is_some_and(|quote| quote.priced_as == dimension)
        };
        let of = |output: u64| Bounds {
            input_audio: if dear(Dimension::InputAudio) && names(b"input_audio") {
                input
            } else {
                0
            },
            input_image: if dear(Dimension::InputImage) && names(b"image_url") {
                input
            } else {
                0
            },
            output_audio: if scanned.audio { output } else { 0 },
            output_image: if dear(Dimension::OutputImage) { output } else { 0 },
            ..Bounds::text(input, output)
        };
        let bounds = of(wanted);
        let most = match sell.bound(&bounds) {
            Ok(most) => most,
            // An absurd limit; what is held is at most what there is.
            Err(PriceError::TooLarge) => Amount::MAX,
            Err(error) => return Err(error),
        };
        // An answer that comes as a whole cannot be ended when the credit ends, unless the provider knows a limit.
        let least = if limited || scanned.stream {
            sell.bound(&of(wanted.min(LEAST_OUTPUT.saturating_mul(scanned.choices))))?
        } else {
            most
        };
        Ok(Self {
            bounds,
            wish: Wish { most, least },
            limited,
            choices: scanned.choices,
            step: default_output,
            covered: 0,
        })
    }
}

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
