//! What the hub sells, as everybody may see it: no cost, no margin.

use serde::{Deserialize, Serialize};

use super::{Dimension, Tariff};
use crate::{money::Price, time::Timestamp};

/// A model that can be called, with its sell prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its public name.
    pub model: String,
    /// Its provider's name, the first part of the public name.
    pub provider: String,
    /// What people call the provider.
    pub provider_title: String,
    /// The word of the provider's logo: the preset it was made from, else its kind.
    pub logo: String,
    /// How many tokens it takes in one call, where that is known.
    pub context_tokens: Option<u64>,
    /// It is sold for embeddings alone: calls are paid, and an answer has no price.
    pub embeddings_only: bool,
    /// What it is sold for now.
    pub sell: Tariff,
    /// What it is sold for later, and from when.
    pub next: Option<(Timestamp, Tariff)>,
}

/// Which offers are listed, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferFilter {
    /// Part of the public name, in any case.
    pub search: Option<String>,
    /// The provider's name.
    pub provider: Option<String>,
    /// In which order.
    pub order: OfferOrder,
    /// The other way round.
    pub descending: bool,
}

/// What offers are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OfferOrder {
    /// The public name.
    #[default]
    Name,
    /// The price of a prompt token. What has none comes last.
    Input,
    /// The price of an answer token. What has none comes last.
    Output,
}

impl OfferFilter {
    /// Whether the list shows this offer.
    #[must_use]
    pub fn shows(&self, offer: &Offer) -> bool {
        let search = self.search.as_deref().unwrap_or_default().to_lowercase();
        let provider = self.provider.as_deref();
        offer.model.to_lowercase().contains(&search) && provider.is_none_or(|name| name == offer.provider)
    }

    /// Puts offers into the order that was asked for; equal prices by name.
    pub fn sort(&self, offers: &mut [Offer]) {
        let price = |offer: &Offer| -> Option<Price> {
            let dimension = match self.order {
                OfferOrder::Name => return None,
                OfferOrder::Input => Dimension::Input,
                OfferOrder::Output => Dimension::Output,
            };
            offer.sell.quote(&dimension, 0).map(|quote| quote.price)
        };
        offers.sort_by(|one, other| {
            let turned = |order: std::cmp::Ordering| if self.descending { order.reverse() } else { order };
            let by_name = one.model.cmp(&other.model);
            match (price(one), price(other)) {
                (Some(one), Some(other)) => turned(one.cmp(&other)).then(by_name),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) if self.order == OfferOrder::Name => turned(by_name),
                (None, None) => by_name,
            }
        });
    }
}
