//! The balance, and how it is spread over lots.

use domain::{credit::LotView, ledger::Status, money::Amount};
use leptos::prelude::*;

use super::view::Shown;
use crate::{
    components::{
        money::{MoneyText, words},
        *,
    },
    text::{Language, use_language},
};

/// Lots that have a colour of their own; the rest is one piece.
const PIECES: usize = 3;

/// With more signs than this a balance is printed smaller.
const LONG: usize = 15;

/// The panel.
pub fn panel(shown: &Shown) -> impl IntoView + use<> {
    let language = use_language();
    let balance = &shown.balance;
    let mut facts = vec![
        fact(
            language.pick("Held by running calls", "进行中的调用预占"),
            view! { <MoneyText of=balance.held/> },
        ),
        fact(
            language.pick("Can be spent now", "当前可用"),
            view! { <MoneyText of=balance.spendable.or_zero() strong=true/> },
        ),
    ];
    if !balance.debt.is_zero() {
        facts.push(fact(
            language.pick("Owed", "欠款"),
            view! { <span class="delta-bad"><MoneyText of=balance.debt/></span> },
        ));
    }
    let ended = balance.ended_sum();
    if !ended.is_zero() {
        facts.push(fact(
            language.pick("Expired, being booked", "已到期，入账中"),
            view! { <MoneyText of=ended/> },
        ));
    }
    if balance.status == Status::Blocked {
        facts.push(fact(
            language.pick("State", "状态"),
            view! { <crate::components::Status tone=Tone::Bad text=language.pick("Blocked", "已冻结")/> },
        ));
    }
    let (bar, sum) = (bar(shown), balance.balance);
    let class = match words(sum).len() > LONG {
        true => "balance balance-long",
        false => "balance",
    };
    view! {
        <Panel
            title=language.pick("Balance", "余额")
            id="balance"
            actions=view! { <span class="muted">{language.pick("1 credit = 1 USD", "1 额度 = 1 美元")}</span> }.into_any()
            body=true
        >
            <div class="stack">
                <p class=class><MoneyText of=sum/><small>{language.pick("credits", "额度")}</small></p>
                {bar}
                <Facts of=facts/>
            </div>
        </Panel>
    }
}

/// What is left of each lot that has not ended, side by side.
fn bar(shown: &Shown) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let counts = |view: &&LotView| shown.balance.lots.iter().any(|lot| lot.id == view.lot.id);
    let left: Vec<_> = shown.lots.iter().filter(counts).collect();
    let whole = shown.balance.balance.nano();
    if left.is_empty() || whole == 0 {
        return None;
    }
    let label = match language {
        Language::En => format!("{} left, in {} lots", words(shown.balance.balance), left.len()),
        Language::Zh => format!("剩余 {}，共 {} 笔", words(shown.balance.balance), left.len()),
    };
    let mut pieces: Vec<(String, Amount)> = Vec::new();
    for (index, view) in left.iter().enumerate() {
        if index < PIECES - 1 || left.len() == PIECES {
            let name = view.origin.as_ref().map(|origin| origin.reason.clone());
            let name = name.unwrap_or_else(|| super::words::lot_kind(view.lot.kind, language).to_owned());
            pieces.push((format!("{} {name}", index + 1), view.lot.remaining));
        } else if let Some((_, rest)) = pieces.get_mut(PIECES - 1) {
            *rest = rest.checked_add(view.lot.remaining).unwrap_or(*rest);
        } else {
            let name = match language {
                Language::En => format!("{}–{} others", index + 1, left.len()),
                Language::Zh => format!("{}–{} 其余", index + 1, left.len()),
            };
            pieces.push((name, view.lot.remaining));
        }
    }
    let mut begin = 0;
    let mut rects = Vec::new();
    let mut legend = Vec::new();
    for (index, (name, amount)) in pieces.into_iter().enumerate() {
        let class = ["lot-1", "lot-2", "lot-3"].get(index).copied().unwrap_or("lot-3");
        let (x, width) = (percent(begin, whole), percent(amount.nano(), whole));
        begin += amount.nano();
        rects.push(view! { <rect class=class x=x width=width height="10"></rect> });
        legend.push(view! { <li class=class><span class="burn-name">{name}</span>" "<MoneyText of=amount/></li> });
    }
    Some(view! {
        <div class="stack stack-s">
            <svg class="burn" role="img" aria-label=label>{rects}</svg>
            <ul class="burn-legend">{legend}</ul>
        </div>
    })
}

/// A share with two decimals, as an attribute of SVG.
fn percent(part: i64, whole: i64) -> String {
    let hundredths = i128::from(part) * 10_000 / i128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}
