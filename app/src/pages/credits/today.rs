//! How long the credit lasts, and why it changed today.

use domain::{
    credit::{Left, Share, Statement},
    money::Money,
};
use gateway::Day;
use leptos::prelude::*;

use super::view::Shown;
use crate::{
    components::{
        money::{MoneyChange, MoneyText, words},
        *,
    },
    text::{Language, use_language},
};

/// Shares that are named; the rest is one line.
const NAMED: usize = 5;

/// The panel.
pub fn panel(shown: &Shown) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let day = shown.day.as_ref()?;
    let empty = shown.balance.spendable <= Money::ZERO;
    let (table, pace) = (table(&day.today, &day.shares), pace(day, empty));
    Some(view! {
        <Panel title=language.pick("Today", "今天") note=language.pick("since 00:00 UTC", "自 00:00（UTC）起") id="today" body=true>
            <div class="stack">
                {table}
                {pace}
            </div>
        </Panel>
    })
}

/// How long it lasts, and how fast it goes. Where nothing is there (`empty`) there is nothing to last.
fn pace(day: &Day, empty: bool) -> impl IntoView + use<> {
    let language = use_language();
    let (pace, lately) = (day.pace, day.lately);
    let lasts = pace.left.map(|left| {
        // Two paces give a range; where nothing was spent of late, the longer one alone says something.
        let other = lately
            .left
            .filter(|_| lately.days < pace.days && !lately.per_day.is_zero());
        let other = other.unwrap_or(left);
        let lasts = lasts(left.days.min(other.days), left.days.max(other.days), language);
        view! { <p class="big">{lasts}" "<small>{how_it_ends(left, other, language)}</small></p> }
    });
    let unknown = lasts.is_none() && !empty;
    let basis = if pace.per_day.is_zero() {
        none_spent(unknown, language).to_owned()
    } else {
        basis(day, language)
    };
    view! { <div>{lasts}<p class="soft">{basis}</p></div> }
}

/// What comes after so many days, by two paces.
const fn how_it_ends(one: Left, other: Left, language: Language) -> &'static str {
    match (one.expires, other.expires) {
        (true, true) => language.pick("left: then credit expires", "可用，随后额度到期"),
        (false, false) => language.pick("left at this pace", "按当前速度可用"),
        _ => language.pick(
            "left at this pace; credit expires by then",
            "按当前速度可用，届时额度到期",
        ),
    }
}

/// `unknown`: there is credit, and nothing ends it.
const fn none_spent(unknown: bool, language: Language) -> &'static str {
    if unknown {
        language.pick(
            "Nothing was spent lately, so there is no telling how long it lasts.",
            "近期没有消费，暂时无法估计可用天数。",
        )
    } else {
        language.pick("Nothing was spent lately.", "近期没有消费。")
    }
}

fn basis(day: &Day, language: Language) -> String {
    let (pace, lately) = (day.pace, day.lately);
    let per_day = words(pace.per_day);
    match language {
        Language::En if lately.days < pace.days => format!(
            "{per_day} credits a day, mean of the last {} days; {} of the last {}.",
            pace.days,
            words(lately.per_day),
            lately.days
        ),
        Language::Zh if lately.days < pace.days => format!(
            "最近 {} 天日均 {per_day} 额度，最近 {} 天日均 {}。",
            pace.days,
            lately.days,
            words(lately.per_day)
        ),
        Language::En if pace.days == 1 => format!("{per_day} credits in the last day."),
        Language::En => format!("{per_day} credits a day, mean of the last {} days.", pace.days),
        Language::Zh => format!("最近 {} 天日均 {per_day} 额度。", pace.days),
    }
}

/// So many days, from the fewest to the most.
fn lasts(fewest: i64, most: i64, language: Language) -> String {
    let beyond = |days: i64| days > 999;
    match (language, fewest == most) {
        (Language::En, _) if most == 0 => "less than a day".to_owned(),
        (Language::En, _) if beyond(fewest) => "more than 999 days".to_owned(),
        (Language::En, _) if fewest != most && beyond(most) => format!("{fewest} days or more"),
        (Language::En, true) if most == 1 => "about 1 day".to_owned(),
        (Language::En, true) => format!("about {most} days"),
        (Language::En, false) if fewest == 0 => format!("up to {most} days"),
        (Language::En, false) => format!("{fewest} to {most} days"),
        (Language::Zh, _) if most == 0 => "不足 1 天".to_owned(),
        (Language::Zh, _) if beyond(fewest) => "超过 999 天".to_owned(),
        (Language::Zh, _) if fewest != most && beyond(most) => format!("{fewest} 天以上"),
        (Language::Zh, true) => format!("约 {most} 天"),
        (Language::Zh, false) if fewest == 0 => format!("至多 {most} 天"),
        (Language::Zh, false) => format!("{fewest} 至 {most} 天"),
    }
}

fn table(today: &Statement, shares: &[Share]) -> impl IntoView + use<> {
    let language = use_language();
    let lines = [
        (language.pick("Granted", "授予"), today.granted),
        (language.pick("Given back", "退回"), today.given_back),
        (language.pick("Adjusted", "调整"), today.adjusted),
        (language.pick("Expired", "到期"), today.expired),
        (language.pick("Voided", "作废"), today.voided),
        (language.pick("Payments taken back", "付款被撤回"), today.charged_back),
        (language.pick("Repaid debt", "偿还欠款"), today.repaid),
        (language.pick("Other", "其他"), today.other),
    ];
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|(_, change)| !change.is_zero())
        .map(|(name, change)| view! { <tr><th scope="row">{name}</th><td><MoneyChange of=change/></td></tr> })
        .collect();
    let spent = today.spent;
    view! {
        <table class="sum sum-wide">
            <caption class="visually-hidden">{language.pick("Why the balance changed today", "今天余额变动的原因")}</caption>
            <tbody>
                <tr><th scope="row">{language.pick("At 00:00 UTC", "00:00（UTC）余额")}</th><td><MoneyText of=today.opening/></td></tr>
                {lines}
                <tr><th scope="row">{language.pick("Calls", "调用")}</th><td><MoneyChange of=spent/></td></tr>
                {(!spent.is_zero()).then(|| named(spent, shares))}
            </tbody>
            <tfoot>
                <tr class="total"><th scope="row">{language.pick("Now", "现在")}</th><td><MoneyText of=today.closing strong=true/></td></tr>
            </tfoot>
        </table>
    }
}

/// Which models took it through which keys.
fn named(spent: Money, shares: &[Share]) -> impl IntoView + use<> {
    let language = use_language();
    let mut left = spent;
    let mut lines = Vec::new();
    for share in shares.iter().take(NAMED) {
        left = left.checked_add(share.charge.money()).unwrap_or(left);
        let key = match (&share.key_name, share.key) {
            (Some(name), _) => name.clone(),
            (None, Some(_)) => language.pick("deleted key", "已删除的密钥").to_owned(),
            (None, None) => language.pick("playground", "试用").to_owned(),
        };
        lines.push(view! {
            <tr class="sub part">
                <th scope="row"><span class="break">{share.model.clone()}</span>" "<span class="muted">{key}</span></th>
                <td><MoneyText of=share.charge.negated()/></td>
            </tr>
        });
    }
    // What was allocated, or is the hub's loss, is a charge and no change of the balance. Without it the lines would not add up.
    let rest = (!lines.is_empty() && !left.is_zero()).then(|| {
        let name = if left.is_negative() {
            language.pick("others", "其余")
        } else {
            language.pick("not paid from credit", "未从额度支付")
        };
        view! { <tr class="sub part"><th scope="row">{name}</th><td><MoneyText of=left/></td></tr> }
    });
    view! { {lines}{rest} }
}

#[cfg(test)]
mod tests {
    use domain::credit::Left;

    use super::{how_it_ends, lasts, none_spent};
    use crate::text::Language::{En, Zh};

    #[test]
    fn credit_that_expires_is_not_told_as_used_up() {
        let [used, expires] = [false, true].map(|expires| Left { days: 9, expires });
        let ends = |one, other| how_it_ends(one, other, En);
        assert_eq!(ends(expires, expires), "left: then credit expires");
        assert_eq!(ends(used, expires), "left at this pace; credit expires by then");
        assert_eq!(ends(used, used), "left at this pace");
        assert_eq!(none_spent(false, En), "Nothing was spent lately.");
    }

    #[test]
    fn days_are_told_as_a_range_or_as_one_number() {
        let told = [(0, 0), (1, 1), (12, 12), (10, 15), (0, 3), (900, 2000), (1000, 2000)];
        let english = told.map(|(fewest, most)| lasts(fewest, most, En));
        assert_eq!(
            english,
            [
                "less than a day",
                "about 1 day",
                "about 12 days",
                "10 to 15 days",
                "up to 3 days",
                "900 days or more",
                "more than 999 days"
            ]
        );
        assert_eq!(lasts(10, 15, Zh), "10 至 15 天");
    }
}
