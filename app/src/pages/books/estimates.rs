//! How much of each provider's calls was charged by an estimate of the hub's own: a provider that tells no usage, or none that is believed, is
//! found here before its bill is.

use domain::money::Amount;
use gateway::Estimates;
use leptos::prelude::*;

use crate::{
    components::*,
    text::{Language, percent_of_ppm, use_language},
};

/// The panel; nothing where no provider was asked.
pub fn panel(of: &[Estimates]) -> Option<impl IntoView + use<>> {
    if of.is_empty() {
        return None;
    }
    let language = use_language();
    let columns = vec![
        Column::new(language.pick("Provider", "提供商")),
        Column::new(language.pick("Calls", "调用")).number(),
        Column::new(language.pick("Estimated", "估算")).number(),
        Column::new(language.pick("Charged", "收费")).number(),
        Column::new(language.pick("By estimate", "按估算收费")).number(),
        Column::new(language.pick("Share", "占比")).number(),
    ];
    let rows: Vec<_> = of.iter().map(|provider| row(provider, language)).collect();
    let title = language.pick("Charged by estimate", "按估算收费");
    let note = language.pick(
        "of the last 30 days: where a provider told no usage, or none that was believed",
        "最近 30 天：提供商未报告用量，或报告未被采信",
    );
    Some(view! { <Panel title=title note=note id="estimates"><Table columns=columns>{rows}</Table></Panel> })
}

fn row(of: &Estimates, language: Language) -> impl IntoView + use<> {
    let name = match &of.provider {
        Some(title) => {
            let href = format!("/providers/{}", of.id);
            view! { <a class="row-link cell-main" href=href>{title.clone()}</a> }.into_any()
        }
        None => {
            view! { <span class="muted">{language.pick("a provider that is gone", "已删除的提供商")}</span> }.into_any()
        }
    };
    view! {
        <tr>
            <td class="cell-lead">{name}</td>
            <td class="num" data-label=language.pick("Calls", "调用")>{format::count(of.calls)}</td>
            <td class="num" data-label=language.pick("Estimated", "估算")>{format::count(of.estimated)}</td>
            <td class="num" data-label=language.pick("Charged", "收费")><MoneyText of=of.charge/></td>
            <td class="num" data-label=language.pick("By estimate", "按估算收费")><MoneyText of=of.estimated_charge/></td>
            <td class="num cell-end">{percent_of_ppm(share(of.estimated_charge, of.charge))}</td>
        </tr>
    }
}

/// Of the whole, in parts per million, cut. Nothing of nothing is none.
fn share(part: Amount, whole: Amount) -> i64 {
    let ppm = i128::from(part.nano()) * 1_000_000 / i128::from(whole.nano().max(1));
    i64::try_from(ppm).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_whole() {
        let of = |part: i64, whole: i64| {
            let amount = |nano| Amount::from_nano(nano).unwrap_or_default();
            share(amount(part), amount(whole))
        };
        assert_eq!(
            [of(0, 0), of(1, 3), of(3, 3), of(Amount::MAX.nano(), Amount::MAX.nano())],
            [0, 333_333, 1_000_000, 1_000_000]
        );
    }
}
