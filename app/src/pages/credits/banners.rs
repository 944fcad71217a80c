//! What somebody has to know first: nothing left, blocked, owed, soon to expire.

use domain::{
    credit::{Balance, Outlook},
    ledger::{Lot, Status},
    money::{Amount, Money},
    setting::Mode,
    time::Timestamp,
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
    let pace = shown.day.as_ref()?.pace;
    let soon = Soon::of(&shown.balance, pace.per_day, shown.now)?;
    let date = expiry::date(soon.last, language);
    let sum = words(soon.sum);
    let strong = match language {
        Language::En => format!("{sum} credits expire by {date}."),
        Language::Zh => format!("{sum} 额度将于 {date} 前到期。"),
    };
    let text = if pace.per_day.is_zero() {
        language.pick("Use them before.", "请在此之前使用。")
    } else {
        soon.sentence(language)
    };
    let which = language.pick("See which", "查看明细");
    Some(view! { <strong>{strong}</strong>" "{text}" "<a class="link" href="#lots">{which}</a> }.into_any())
}

/// What ends soon.
struct Soon {
    sum: Amount,
    /// When the last of it ends.
    last: Timestamp,
    /// What of it is not used before, at the usual pace.
    lost: Amount,
}

impl Soon {
    /// None: nothing ends soon.
    fn of(balance: &Balance, per_day: Amount, now: Timestamp) -> Option<Self> {
        let ends = |lot: &&Lot| lot.expires_at.is_some_and(|end| now < end && end.since(now) <= SOON);
        let soon: Vec<&Lot> = balance.lots.iter().filter(ends).collect();
        let outlook = Outlook::of(balance, per_day, now);
        let lost = outlook.lost.into_iter();
        let lost = lost.filter(|(lost, _)| soon.iter().any(|lot| lot.id == *lost));
        Some(Self {
            sum: sum(soon.iter().map(|lot| lot.remaining))?,
            last: soon.iter().filter_map(|lot| lot.expires_at).max()?,
            lost: sum(lost.map(|(_, amount)| amount))?,
        })
    }

    fn sentence(&self, language: Language) -> &'static str {
        if self.lost.is_zero() {
            language.pick("At the usual pace they are used before.", "按当前速度会在到期前用完。")
        } else if self.lost > self.sum.less(self.lost) {
            language.pick("At the usual pace most of it will be lost.", "按当前速度大部分会作废。")
        } else {
            language.pick(
                "At the usual pace some of it will be lost.",
                "按当前速度会有一部分作废。",
            )
        }
    }
}

fn sum(mut amounts: impl Iterator<Item = Amount>) -> Option<Amount> {
    amounts.try_fold(Amount::ZERO, Amount::checked_add)
}
