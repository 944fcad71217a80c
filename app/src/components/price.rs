//! Prices of one dimension in its unit. Their digits are `money`'s.

use domain::{
    money::Price,
    price::{Dimension, Quote, Rates},
};
use leptos::prelude::*;

use super::money::MoneyText;
use crate::text::use_language;

/// The price of a dimension in its unit: a million, or one.
#[component]
pub fn PriceText(
    /// What is priced.
    dimension: Dimension,
    /// How much.
    price: Price,
    /// Quieter, for costs beside prices.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let shown = dimension.shown(price);
    view! { <span class=quiet.then_some("muted")><MoneyText of=shown /></span> }
}

/// The price that stands in a list for this very dimension, or an en dash.
pub fn price_or_none(rates: &Rates, dimension: &Dimension) -> AnyView {
    match rates.get(dimension) {
        Some(price) => view! { <PriceText dimension=dimension.clone() price=price /> }.into_any(),
        None => none(),
    }
}

/// The price that counts for a dimension, or an en dash. One that it takes from a plainer dimension says so by being quiet.
pub fn quoted(quote: Option<&Quote>, dimension: &Dimension) -> AnyView {
    match quote {
        Some(quote) => {
            let quiet = quote.priced_as != *dimension;
            view! { <PriceText dimension=dimension.clone() price=quote.price quiet=quiet /> }.into_any()
        }
        None => none(),
    }
}

fn none() -> AnyView {
    view! { <span class="muted" aria-label=use_language().pick("none", "无")>"–"</span> }.into_any()
}
