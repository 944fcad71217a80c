//! What one has to spend, at the foot of the navigation of every page, where calls are paid from credit.

use domain::{money::Money, setting::Mode};
use leptos::prelude::*;

use crate::{components::money::MoneyText, context, text::use_language};

/// What the person has to spend.
#[derive(Clone, Copy)]
struct Purse(Money);

/// Reads it for the pages that are about to be drawn. Nothing in enterprise mode, where nobody needs credit; nor for an
/// admin who has none: they run the hub, and need not use it. A page does without it when it cannot be read.
pub(super) async fn fill() {
    let (Ok(viewer), Ok(gateway)) = (context::viewer(), context::gateway()) else {
        return;
    };
    if gateway.snapshot().mode() == Mode::Enterprise {
        return;
    }
    let Ok(balance) = gateway.credits().balance(&viewer, viewer.id).await else {
        return;
    };
    if viewer.admin().is_err() || !balance.balance.is_zero() || !balance.debt.is_zero() {
        provide_context(Purse(balance.spendable));
    }
}

/// The way to one's credit, with what is left of it.
#[component]
pub(super) fn PurseLink() -> impl IntoView {
    let language = use_language();
    use_context::<Purse>().map(|Purse(spendable)| {
        let class = if spendable > Money::ZERO {
            "purse"
        } else {
            "purse purse-empty"
        };
        view! {
            <a class=class href="/credits">
                <span class="purse-label">{language.pick("To spend", "可用额度")}</span>
                <MoneyText of=spendable.or_zero() strong=true/>
            </a>
        }
    })
}
