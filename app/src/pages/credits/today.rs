//! How long the credit lasts, and why it changed today.

use domain::{
    credit::{Left, Share, Statement},
    money::{Amount, Money},
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
    let (table, pace) = (table(&day.today, &day.shares, day.charged), pace(day, empty));
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
        Language::En if pace.days == 1 => format!("{per_day} credits a day, going by the last one."),
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

fn table(today: &Statement, shares: &[Share], charged: Amount) -> impl IntoView + use<> {
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
                {(!spent.is_zero()).then(|| named(spent, shares, charged))}
            </tbody>
            <tfoot>
                <tr class="total"><th scope="row">{language.pick("Now", "现在")}</th><td><MoneyText of=today.closing strong=true/></td></tr>
            </tfoot>
        </table>
    }
}

/// Which models took it through which keys. All lines together come to what calls took.
fn named(spent: Money, shares: &[Share], charged: Amount) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let lines = shares.get(..NAMED).unwrap_or(shares);
    let Rest { others, unpaid } = Rest::of(spent, lines, charged);
    let lines: Vec<_> = lines
        .iter()
        .map(|share| {
            let key = match (&share.key_name, share.key) {
                (Some(name), _) => name.clone(),
                (None, Some(_)) => language.pick("deleted key", "已删除的密钥").to_owned(),
                (None, None) => language.pick("playground", "试用").to_owned(),
            };
            view! {
                <tr class="sub part">
                    <th scope="row"><span class="break">{share.model.clone()}</span>" "<span class="muted break">{key}</span></th>
                    <td><MoneyText of=share.charge.negated()/></td>
                </tr>
            }
        })
        .collect();
    let further = [
        (language.pick("others", "其余"), others),
        (language.pick("not paid from credit", "未从额度支付"), unpaid),
    ];
    let further: Vec<_> = further
        .into_iter()
        .filter(|(_, change)| !change.is_zero())
        .map(|(name, change)| view! { <tr class="sub part"><th scope="row">{name}</th><td><MoneyChange of=change/></td></tr> })
        .collect();
    (!lines.is_empty()).then(|| view! { {lines}{further} })
}

/// What the lines with names leave of what calls took.
#[derive(Debug, PartialEq, Eq)]
struct Rest {
    /// Charges of models that are not named.
    others: Money,
    /// What was charged and is no change of the balance: it was allocated, or is the hub's loss. Above zero.
    unpaid: Money,
}

impl Rest {
    /// `charged`: what all models together were charged.
    fn of(spent: Money, named: &[Share], charged: Amount) -> Self {
        let named: i64 = named.iter().map(|share| share.charge.nano()).sum();
        let others = named - charged.nano();
        // Calls that are booked on one day are counted in the hour of their end, which may be of the day before: they have no share here.
        let unpaid = spent.nano() + charged.nano();
        Self {
            others: Money::from_nano(others + unpaid.min(0)),
            unpaid: Money::from_nano(unpaid.max(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        credit::{Left, Share},
        money::{Amount, Money},
    };

    use super::{Rest, how_it_ends, lasts, none_spent};
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

    #[test]
    fn what_is_not_named_and_what_credit_did_not_pay_are_two_lines_that_add_up() {
        let share = |charge| Share {
            model: "a/b".to_owned(),
            key: None,
            key_name: None,
            calls: 1,
            charge: Amount::from_nano(charge).unwrap(),
        };
        let named = [share(50), share(7)];
        // Spent, charged, then what comes out.
        for (spent, charged, others, unpaid) in [
            (-57, 57, 0, 0),
            (-60, 60, -3, 0),
            (-50, 60, -3, 10),
            (-59, 60, -3, 1),
            (-57, 67, -10, 10),
            (-61, 60, -4, 0),
        ] {
            let rest = Rest::of(Money::from_nano(spent), &named, Amount::from_nano(charged).unwrap());
            let wanted = Rest {
                others: Money::from_nano(others),
                unpaid: Money::from_nano(unpaid),
            };
            assert_eq!(rest, wanted, "{spent} of {charged}");
            assert_eq!(rest.others.nano() + rest.unpaid.nano() - 57, spent);
        }
    }
}
