//! How pictures are paid: by the piece where the price list sells them so, else by the tokens that they may have. None of it can be
//! shortened, so as much must be there as all that is asked for costs.

use domain::{
    call::Fault,
    catalog::{PictureTokens, picture_kind},
    money::Amount,
    price::{Bounds, Dimension, Drawn, PriceError, Tariff},
    usage::Usage,
};

use super::cover::Cover;
use crate::{
    Candidate,
    call::{CallError, bounds, estimate::input_tokens},
    ledger::Wish,
    wire::Scanned,
};

/// The pictures that a call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::call) struct Pictures {
    /// Of which kind, and how many.
    pub asked: Drawn,
    /// Of one of them.
    pub tokens: PictureTokens,
}

impl Pictures {
    /// What a request asks this model for; none where it asks for something else.
    pub fn of(scanned: &Scanned, candidate: &Candidate) -> Option<Self> {
        let kind = picture_kind(&candidate.slug, scanned.picture.as_ref()?);
        Some(Self {
            tokens: PictureTokens::of(&candidate.slug, &kind),
            asked: Drawn {
                kind,
                count: scanned.choices,
            },
        })
    }

    /// The tokens that all of them may have.
    pub const fn most_tokens(&self) -> u64 {
        self.tokens.most.saturating_mul(self.asked.count)
    }

    /// Of so many that came, those that are charged: no more than were asked for.
    pub fn charged(&self, came: u64) -> Drawn {
        Drawn {
            kind: self.asked.kind.clone(),
            count: came.min(self.asked.count),
        }
    }

    /// The tokens that those of so many usually have.
    pub fn usual_tokens(&self, came: u64) -> u64 {
        self.tokens.usual.saturating_mul(came.min(self.asked.count))
    }

    /// What is held for them.
    pub(super) fn cover(&self, sell: Option<&Tariff>, scanned: &Scanned) -> Result<Cover, PriceError> {
        let files = &scanned.files;
        let input = scanned
            .bytes
            .saturating_add(bounds::AROUND)
            .saturating_add(bounds::of_files(files));
        let output = self.most_tokens();
        let by_piece = sell.is_some_and(Tariff::sells_pictures);
        let bounds = match by_piece {
            true => Bounds {
                images: [(self.asked.kind.clone(), self.asked.count)].into(),
                ..Bounds::text(0, 0)
            },
            // Nobody counts the tokens of these, so only a price by the piece is one.
            false if sell.is_some() && self.tokens == PictureTokens::NONE => {
                return Err(PriceError::Unpriced(Dimension::Image(self.asked.kind.clone())));
            }
            false => Bounds {
                input_image: if files.count > 0 { input } else { 0 },
                output_image: output,
                ..Bounds::text(input, output)
            },
        };
        let held = sell.map_or(Ok(Amount::ZERO), |sell| sell.bound(&bounds))?;
        let unpriced_tokens = match (by_piece, self.tokens == PictureTokens::NONE) {
            (true, false) => input.saturating_add(output),
            _ => 0,
        };
        Ok(Cover {
            wish: Wish {
                most: held,
                least: held,
            },
            priced: sell.is_some(),
            least_tokens: bounds
                .input_tokens
                .saturating_add(bounds.output_tokens)
                .saturating_add(unpriced_tokens),
            tokens: 0,
            bounds,
            limit: None,
            chat: false,
            fold: 1,
            beside: 0,
            unpriced_tokens,
            step: 0,
            covered: 0,
            open: false,
            told: None,
        })
    }

    /// What the provider will probably bill.
    pub(super) fn estimate(&self, cost: &Tariff, scanned: &Scanned) -> Option<Amount> {
        let usage = Usage {
            input_uncached: input_tokens(scanned),
            output_image: self.usual_tokens(self.asked.count),
            ..Usage::default()
        };
        let quantities = cost.quantities(usage, Some(&self.asked));
        cost.total(&quantities).ok()
    }
}

/// A picture of this kind has no price here.
pub(super) fn unpriced(model: &str, what: &Dimension) -> CallError {
    let sentence = format!(
        "Pictures of this size and quality have no price for the model `{model}` at this hub (`{what}`), so they cannot be drawn. Ask whoever runs the hub to set one, or ask for another size and quality."
    );
    CallError {
        param: Some("model".to_owned()),
        ..CallError::new(Fault::Operator, 404, "model_unpriced", sentence)
    }
}

#[cfg(test)]
mod tests;
