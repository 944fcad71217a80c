//! Prices of one dimension in its unit. Their digits are `money`'s.

use domain::{
    money::Price,
    price::{Dimension, Quote, Rates},
};
use leptos::prelude::*;

use super::money::MoneyText;
use crate::text::{Language, use_language};

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

/// Whether it is the dimension's own price.
pub fn own(quote: &Quote, dimension: &Dimension) -> bool {
    quote.priced_as == *dimension
}

/// The price that counts for a dimension, or an en dash. One that it takes from a plainer dimension is quiet, and says so in words.
pub fn quoted(quote: Option<&Quote>, dimension: &Dimension) -> AnyView {
    match quote {
        Some(quote) => {
            let price =
                view! { <PriceText dimension=dimension.clone() price=quote.price quiet=!own(quote, dimension) /> };
            if own(quote, dimension) {
                return price.into_any();
            }
            let language = use_language();
            let like = language.dimension(&quote.priced_as);
            let like = match language {
                Language::En => format!("as {}", like.to_lowercase()),
                Language::Zh => format!("同“{like}”"),
            };
            let title = like.clone();
            view! { <span title=title>{price}<span class="visually-hidden">" "{like}</span></span> }.into_any()
        }
        None => none(),
    }
}

fn none() -> AnyView {
    view! { <span class="muted" aria-label=use_language().pick("none", "无")>"–"</span> }.into_any()
}
