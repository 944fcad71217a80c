//! The panel of what a project used lately, by model. The project's page (`detail`) shows it.

use std::collections::BTreeMap;

use domain::{credit::DayUsage, money::Amount};
use leptos::prelude::*;

use crate::{
    components::{Column, MoneyText, Nothing, Panel, Table, format},
    text::{Language, use_language},
};

/// What was used lately, by model.
pub fn panel(days: &[DayUsage], of_days: i64) -> impl IntoView + use<> {
    let language = use_language();
    let note = match language {
        Language::En => format!("last {of_days} days"),
        Language::Zh => format!("最近 {of_days} 天"),
    };
    let mut models: BTreeMap<&str, (i64, i64, Amount)> = BTreeMap::new();
    for day in days {
        let (calls, errors, charge) = models.entry(&day.model).or_default();
        *calls += day.calls;
        *errors += day.errors;
        *charge = charge.checked_add(day.charge).unwrap_or(Amount::MAX);
    }
    let count = |number: i64| format::count(number.unsigned_abs());
    let content = if models.is_empty() {
        view! {
            <Nothing
                title=language.pick("Nothing was used", "没有用量")
                text=language.pick("Calls of its keys are summed here.", "此处汇总其密钥的调用。")
            />
        }
        .into_any()
    } else {
        let columns = vec![
            Column::new(language.pick("Model", "模型")),
            Column::new(language.pick("Calls", "调用")).number(),
            Column::new(language.pick("Errors", "错误")).number().leaves(2),
            Column::new(language.pick("Charge", "费用")).number(),
        ];
        let rows: Vec<_> = models
            .into_iter()
            .map(|(model, (calls, errors, charge))| {
                let name = match model {
                    "" => language.pick("no model", "无模型").to_owned(),
                    name => name.to_owned(),
                };
                view! {
                    <tr>
                        <td class="cell-lead"><span class="cell-main break">{name}</span></td>
                        <td class="num" data-label=language.pick("Calls", "调用")>{count(calls)}</td>
                        <td class="col-2 num" data-label=language.pick("Errors", "错误")>{count(errors)}</td>
                        <td class="num cell-end"><MoneyText of=charge /></td>
                    </tr>
                }
            })
            .collect();
        view! { <Table columns=columns>{rows}</Table> }.into_any()
    };
    view! { <Panel title=language.pick("Usage", "用量") id="usage" note=note>{content}</Panel> }
}
