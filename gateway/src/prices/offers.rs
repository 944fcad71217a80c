//! What the hub sells, for everybody: sell prices of models that calls may use, read from memory. No cost, no margin.

use domain::{
    page::{NameCursor, Page, PageSize},
    price::{Offer, OfferFilter},
    setting::Mode,
};

use super::Prices;

/// A page of offers, and the providers that the list can be narrowed to.
#[derive(Clone, Debug)]
pub struct OfferList {
    /// The offers in the order that was asked for.
    pub page: Page<Offer>,
    /// How many match.
    pub count: usize,
    /// Name and title of every provider that offers something.
    pub providers: Vec<(String, String)>,
}

impl Prices<'_> {
    /// What is sold now. Anybody may ask.
    #[must_use]
    pub fn offers(&self, filter: &OfferFilter, cursor: &NameCursor, size: PageSize) -> OfferList {
        let (snapshot, now) = (self.0.snapshot.load(), self.0.clock.now());
        let offer = |model: &crate::VisibleModel| {
            let price = snapshot.price_at(model.id, now)?;
            let (sheet, abilities) = (&price.sheet, &model.abilities);
            // What is refused whatever is asked is not on sale. Where nobody pays nothing is refused for its price.
            let paid = snapshot.mode() == Mode::ServiceProvider;
            if paid && !sheet.lacking(abilities, &model.slug).is_empty() {
                return None;
            }
            let next = snapshot.next_price(model.id, now);
            Some(Offer {
                model: model.public_name.to_string(),
                provider: model.provider.name.clone(),
                provider_title: model.provider.title.to_string(),
                logo: model.provider.logo.clone(),
                context_tokens: model.context_tokens,
                embeddings_only: paid && sheet.refuses_chats(abilities),
                sell: sheet.sell().charged(),
                next: next.map(|next| (next.effective_from, next.sheet.sell().charged())),
            })
        };
        let mut all: Vec<Offer> = snapshot.models().filter_map(offer).collect();
        let mut providers: Vec<(String, String)> = all
            .iter()
            .map(|offer| (offer.provider.clone(), offer.provider_title.clone()))
            .collect();
        providers.sort();
        providers.dedup();
        filter.sort(&mut all);
        OfferList {
            count: all.iter().filter(|offer| filter.shows(offer)).count(),
            providers,
            page: Page::by_name(
                all,
                cursor,
                size,
                |offer| filter.shows(offer),
                |offer| offer.model.clone(),
            ),
        }
    }
}
