//! What the price in the form would have made of the last 30 days, beside what they came to. The hub is asked once for what was used, and
//! again when other thresholds tell calls apart; all else is worked out here while somebody types. Without scripts it is shown with what
//! the form comes to, after it was sent once.

use domain::{
    money::{Amount, Money},
    price::{Effect, Past, PriceError, Shape},
};
use leptos::prelude::*;

use super::Sheet;
use crate::text::{Language, count};

/// What is known of the past.
#[derive(Clone, Copy)]
pub(super) struct Known {
    past: RwSignal<Option<Past>>,
    failed: RwSignal<bool>,
    /// Which question the answer must be to.
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser asks"))]
    question: StoredValue<u32>,
}

impl Known {
    pub(super) fn new(past: Option<Past>) -> Self {
        Self {
            past: RwSignal::new(past),
            failed: RwSignal::new(false),
            question: StoredValue::new(0),
        }
    }
}

/// The panel within the form; nothing while the form is as it began, or cannot be read.
#[component]
pub(super) fn EffectOfPast(sheet: Sheet, model: String, known: Known, shown: Memo<bool>) -> impl IntoView {
    let language = sheet.language;
    let wanted = Memo::new(move |_| {
        let drafted = sheet.reading.with(|reading| reading.sheet.clone());
        drafted.filter(|_| shown.get())
    });
    let shape = Memo::new(move |_| wanted.with(|sheet| sheet.as_ref().map(Shape::of)));
    #[cfg(feature = "hydrate")]
    asking::listen(known, model, shape);
    #[cfg(not(feature = "hydrate"))]
    let _ = (model, shape);
    view! {
        <div class="rates-effect" role="status">
            {move || {
                let sheet = wanted.get()?;
                let told = known.past.with(|past| {
                    let past = past.as_ref()?;
                    Some((past.calls(), [past.cost, past.charge], past.under(&sheet)?))
                });
                Some(match told {
                    Some((0, ..)) => none(language),
                    Some((calls, booked, effect)) => table(calls, booked, &effect, language),
                    None if known.failed.get() => failed(language),
                    None => view! { <p class="muted script-only">{language.pick("Adding up the last 30 days…", "正在统计最近 30 天…")}</p> }.into_any(),
                })
            }}
        </div>
    }
}

fn none(language: Language) -> AnyView {
    let sentence = language.pick(
        "This model had no calls to be charged in the last 30 days, so this price would have changed nothing.",
        "最近 30 天该模型没有需要计费的调用，此价格不会带来任何变化。",
    );
    view! { <p class="muted">{sentence}</p> }.into_any()
}

fn failed(language: Language) -> AnyView {
    let sentence = language.pick(
        "What this price would have made of the last 30 days could not be worked out. Change a price to try again.",
        "无法计算此价格对最近 30 天的影响，修改任一价格即可重试。",
    );
    view! { <p class="muted">{sentence}</p> }.into_any()
}

fn table(calls: u64, [cost, charge]: [Amount; 2], effect: &Effect, language: Language) -> AnyView {
    let title = match language {
        Language::En if calls == 1 => "The last 30 days under this price: 1 call".to_owned(),
        Language::En => format!("The last 30 days under this price: {} calls", count(calls)),
        Language::Zh => format!("最近 30 天按此价格计算：{} 次调用", count(calls)),
    };
    let (was, would) = (
        language.pick("As it was", "实际"),
        language.pick("Under this price", "按此价格"),
    );
    let gain = |charge: Amount, cost: Amount| charge.money().checked_sub(cost.money());
    let gained = match (&effect.charge, &effect.cost) {
        (Ok(charge), Ok(cost)) => gain(*charge, *cost),
        _ => None,
    };
    let rows = [
        (language.pick("Cost", "成本"), Some(cost.money()), told(&effect.cost)),
        (
            language.pick("Charged", "收费"),
            Some(charge.money()),
            told(&effect.charge),
        ),
        (language.pick("Gain", "毛利"), gain(charge, cost), gained),
    ];
    let rows = rows
        .map(|(name, before, after)| {
            let text = |money: Option<Money>| money.map_or_else(|| "–".to_owned(), |money| money.parts().to_string());
            let share = before.zip(after).and_then(|(before, after)| share(before, after));
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td data-label=was>{text(before)}</td>
                    <td data-label=would>{text(after)}" "<small class="nowrap muted">{share}</small></td>
                </tr>
            }
        })
        .collect_view();
    let notes = notes(effect, language)
        .into_iter()
        .map(|note| view! { <p class="help">{note}</p> })
        .collect_view();
    view! {
        <table class="diff">
            <caption class="strong">{title}</caption>
            <thead><tr><th scope="col">"USD"</th><th scope="col">{was}</th><th scope="col">{would}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {notes}
    }
    .into_any()
}

fn told(sum: &Result<Amount, PriceError>) -> Option<Money> {
    sum.as_ref().ok().map(|amount| amount.money())
}

/// What is to be known of the figures.
fn notes(effect: &Effect, language: Language) -> Vec<String> {
    let mut notes = Vec::new();
    for (sum, en, zh) in [(&effect.cost, "cost", "成本"), (&effect.charge, "price", "售价")] {
        notes.extend(match (sum, language) {
            (Ok(_), _) => None,
            (Err(PriceError::Unpriced(what)), Language::En) => {
                let what = language.dimension(what);
                Some(format!("“{what}” was used, and has no {en} in this version."))
            }
            (Err(PriceError::Unpriced(what)), Language::Zh) => {
                let what = language.dimension(what);
                Some(format!("使用过“{what}”，但此版本中没有其{zh}。"))
            }
            (Err(_), Language::En) => Some(format!("Under this {en} it is more than can be booked.")),
            (Err(_), Language::Zh) => Some(format!("按此{zh}计算的金额超出可记账的范围。")),
        });
    }
    if effect.rounded > 0 && effect.charge.is_ok() {
        let most = Amount::from_nano(i64::try_from(effect.rounded).unwrap_or(i64::MAX)).unwrap_or(Amount::MAX);
        let most = most.money().parts();
        notes.push(match language {
            Language::En => format!("Each call is rounded up to a billionth by itself: charged is up to {most} more."),
            Language::Zh => format!("每次调用单独向上取整到十亿分之一：实际收费最多再高 {most}。"),
        });
    }
    notes
}

/// By how much that is more or less, in percent with one decimal, cut. None of nothing.
fn share(before: Money, after: Money) -> Option<String> {
    let (before, after) = (i128::from(before.nano()), i128::from(after.nano()));
    if before <= 0 || before == after {
        return None;
    }
    let tenths = (after - before) * 1000 / before;
    let sign = if after > before { '+' } else { '−' };
    let tenths = tenths.unsigned_abs();
    Some(format!("{sign}{}.{} %", tenths / 10, tenths % 10))
}

#[cfg(feature = "hydrate")]
mod asking {
    use std::time::Duration;

    use domain::price::Shape;
    use leptos::{prelude::*, task::spawn_local};

    use super::{super::past::price_past, Known};

    /// So long nothing is typed before the hub is asked.
    const PAUSE: Duration = Duration::from_millis(300);

    /// Asks whenever calls have to be told apart by something else than what is known.
    pub(super) fn listen(known: Known, model: String, shape: Memo<Option<Shape>>) {
        Effect::new(move |_| {
            let Some(shape) = shape.get() else { return };
            let question = known.question.get_value().wrapping_add(1);
            known.question.set_value(question);
            known.failed.set(false);
            if known
                .past
                .with_untracked(|past| past.as_ref().is_some_and(|past| past.shape == shape))
            {
                return;
            }
            let Ok(shape) = serde_json::to_string(&shape) else {
                return;
            };
            let model = model.clone();
            let current = move || known.question.try_get_value() == Some(question);
            set_timeout(
                move || {
                    if !current() {
                        return;
                    }
                    spawn_local(async move {
                        let answer = price_past(model, shape).await;
                        if !current() {
                            return;
                        }
                        match answer {
                            Ok(past) => known.past.set(Some(past)),
                            Err(_) => known.failed.set(true),
                        }
                    });
                },
                PAUSE,
            );
        });
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn shares_are_cut_and_say_nothing_of_nothing() {
        let told = |before, after| share(Money::from_nano(before), Money::from_nano(after));
        assert_eq!(told(1_000, 1_041).as_deref(), Some("+4.1 %"));
        assert_eq!(told(3, 2).as_deref(), Some("−33.3 %"));
        assert_eq!(told(100, 0).as_deref(), Some("−100.0 %"));
        for (before, after) in [(0, 5), (-5, 5), (7, 7)] {
            assert_eq!(told(before, after), None);
        }
        assert_eq!(told(1, i64::MAX).as_deref(), Some("+922337203685477580600.0 %"));
    }
}
