//! What somebody has to know first: nothing left, blocked, owed, soon to expire.

use domain::{
    ledger::{Lot, Status},
    money::{Amount, Money},
    setting::Mode,
    time::Micros,
};
use leptos::prelude::*;

use super::{
    expiry::{self, SOON},
    view::Shown,
};
use crate::{
    components::{money::words, *},
    text::{Language, use_language},
};

/// The sentences, the worst first.
pub fn banners(shown: &Shown) -> Vec<AnyView> {
    let language = use_language();
    let balance = &shown.balance;
    let mine = shown.whose.mine;
    let mut all = Vec::new();
    if let Some(damage) = balance.damage.clone() {
        let strong = language.pick(
            "This account is out of service: its books are damaged.",
            "此账户已停用：账目已损坏。",
        );
        let text = language.pick(
            "New calls are refused and nothing is booked. The figures below are as they are stored, and may be wrong. Run verify-ledger, mend what it names, then credits lift-quarantine.",
            "新的调用会被拒绝，也不会记账。下列数字为存储的原值，可能有误。请运行 verify-ledger，修复其指出的问题，再运行 credits lift-quarantine。",
        );
        let said = language.pick("What was found: ", "发现的问题：");
        all.push(
            view! { <Banner tone=Tone::Bad><strong>{strong}</strong>" "{text}" "{said}<span class="mono break">{damage}</span></Banner> }
                .into_any(),
        );
    }
    if balance.status == Status::Blocked {
        let text = if mine {
            language.pick(
                "Your account is blocked: new calls are refused. Ask an admin.",
                "你的账户已被冻结，新的调用会被拒绝。请联系管理员。",
            )
        } else {
            language.pick(
                "This account is blocked: new calls are refused until it is unblocked below.",
                "此账户已被冻结：在下方解冻之前，新的调用会被拒绝。",
            )
        };
        all.push(view! { <Banner tone=Tone::Bad>{text}</Banner> }.into_any());
    }
    if !balance.debt.is_zero() {
        let debt = words(balance.debt);
        let text = match language {
            Language::En => {
                format!("{debt} credits are owed, because a payment was taken back. New credit repays them first.")
            }
            Language::Zh => format!("因付款被撤回，欠款 {debt} 额度。新的额度会优先抵扣欠款。"),
        };
        all.push(view! { <Banner tone=Tone::Warning>{text}</Banner> }.into_any());
    }
    if shown.mode == Mode::Enterprise {
        let text = language.pick(
            "Enterprise mode: calls are metered and nobody needs credit. What is here is used once the mode is service provider.",
            "企业模式：调用只计量，无需额度。切换到服务商模式后才会使用这里的额度。",
        );
        all.push(view! { <Banner>{text}</Banner> }.into_any());
    } else if balance.spendable <= Money::ZERO && balance.status == Status::Active && balance.damage.is_none() {
        let text = out_of_credit(shown, language);
        all.push(view! { <Banner tone=Tone::Bad>{text}</Banner> }.into_any());
    }
    all.extend(expiring(shown).map(|text| view! { <Banner tone=Tone::Warning>{text}</Banner> }.into_any()));
    all
}

/// Nothing can be spent: why, and what to do.
fn out_of_credit(shown: &Shown, language: Language) -> AnyView {
    let waits = !shown.balance.held.is_zero() && !shown.balance.balance.is_zero();
    let strong = language.pick("No credit can be spent.", "没有可用额度。");
    let text = match (waits, shown.whose.mine) {
        (true, _) => language.pick(
            "All of it is held by running calls. What they do not need comes back when they end.",
            "全部额度被进行中的调用预占，未用部分会在调用结束后返还。",
        ),
        (false, true) => language.pick(
            "Calls to models that cost something are answered with 402. Ask an admin for credit; free models still work.",
            "调用收费模型会返回 402。请联系管理员授予额度；免费模型仍可使用。",
        ),
        (false, false) => language.pick(
            "Their calls to models that cost something are answered with 402. Grant credit to let them go on.",
            "该用户调用收费模型会返回 402。授予额度后即可继续。",
        ),
    };
    view! { <strong>{strong}</strong>" "{text} }.into_any()
}

/// What ends within a week, and whether it will be used before.
fn expiring(shown: &Shown) -> Option<AnyView> {
    let language = use_language();
    let (sum, end, used) = soon(&shown.balance.lots, shown)?;
    let date = expiry::date(end, language);
    let sum = words(sum);
    let strong = match language {
        Language::En => format!("{sum} credits expire by {date}."),
        Language::Zh => format!("{sum} 额度将于 {date} 前到期。"),
    };
    let pace = shown.day.as_ref()?.pace;
    let text = if pace.left.is_none() {
        language.pick("Use them before.", "请在此之前使用。")
    } else if used {
        language.pick("At the usual pace they are used before.", "按当前速度会在到期前用完。")
    } else {
        language.pick(
            "At the usual pace some of it will be lost.",
            "按当前速度会有一部分作废。",
        )
    };
    let which = language.pick("See which", "查看明细");
    Some(view! { <strong>{strong}</strong>" "{text}" "<a class="link" href="#lots">{which}</a> }.into_any())
}

/// What lots that end soon still hold, when the last of them ends, and whether the pace uses them up before each end.
fn soon(lots: &[Lot], shown: &Shown) -> Option<(Amount, domain::time::Timestamp, bool)> {
    let now = shown.now;
    let (mut sum, mut before, mut last, mut used) = (Amount::ZERO, Amount::ZERO, None, true);
    for lot in lots {
        before = before.checked_add(lot.remaining)?;
        let Some(end) = lot.expires_at.filter(|end| now < *end && end.since(now).0 <= SOON.0) else {
            continue;
        };
        sum = sum.checked_add(lot.remaining)?;
        last = last.max(Some(end));
        let pace = i128::from(shown.day.as_ref()?.pace.per_day.nano()) * i128::from(end.since(now).0);
        used &= pace >= i128::from(before.nano()) * i128::from(Micros::from_days(1).0);
    }
    last.map(|last| (sum, last, used))
}
