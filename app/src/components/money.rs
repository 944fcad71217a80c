//! Amounts of money: every digit is printed, some strong and some quiet. The one formatter of all pages; how digits are
//! divided is decided in `domain::money::Parts`.

use domain::money::{Amount, Money, Parts, Picos};
use leptos::prelude::*;

use crate::text::use_language;

/// What is printed: the parts for people, the exact text for machines.
#[derive(Clone, Debug)]
pub struct Sum {
    parts: Parts,
    exact: String,
}

macro_rules! sums {
    ($($kind:ty),+) => {$(
        impl From<$kind> for Sum {
            fn from(value: $kind) -> Self {
                Self { parts: value.parts(), exact: value.to_string() }
            }
        }
    )+};
}
sums!(Money, Amount, Picos);

impl Sum {
    /// Coming in: with a plus in front.
    #[must_use]
    pub fn with_plus(self) -> Self {
        let parts = self.parts.with_plus();
        Self { parts, ..self }
    }
}

/// The text alone, for sentences.
#[must_use]
pub fn words(sum: impl Into<Sum>) -> String {
    sum.into().parts.to_string()
}

/// An amount. Debits carry a minus.
#[component]
pub fn MoneyText(
    /// How much.
    #[prop(into)]
    of: Sum,
    /// What the eye is to find first.
    #[prop(optional)]
    strong: bool,
) -> impl IntoView {
    let class = if strong { "money money-strong" } else { "money" };
    printed(of, class)
}

/// A change of a balance: with its sign, and what comes in stands out.
#[component]
pub fn MoneyChange(
    /// How much, below zero what goes out.
    of: Money,
) -> impl IntoView {
    if of.is_negative() || of.is_zero() {
        printed(of.into(), "money")
    } else {
        printed(Sum::from(of).with_plus(), "money money-in")
    }
}

/// An amount, or an en dash where there is none.
#[component]
pub fn MoneyOrNone(
    /// How much.
    of: Option<Amount>,
) -> impl IntoView {
    match of {
        Some(amount) => printed(amount.into(), "money").into_any(),
        None => view! { <span class="muted" aria-label=use_language().pick("none", "无")>"–"</span> }.into_any(),
    }
}

fn printed(sum: Sum, class: &'static str) -> impl IntoView {
    let Sum { parts, exact } = sum;
    let quiet = |text: String| (!text.is_empty()).then(|| view! { <span class="dim">{text}</span> });
    view! { <data class=class value=exact>{parts.sign}{quiet(parts.lead)}{parts.strong}{quiet(parts.tail)}</data> }
}
