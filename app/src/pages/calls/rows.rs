//! The table of calls.

use domain::{call::Call, id::CallId, time::Timestamp, usage::UsageSource};
use leptos::prelude::*;

use super::{
    filters::KEPT,
    words::{self, CallStatus, ModelName, SimulatedMark},
};
use crate::{components::*, form::Query, text::use_language};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The address of the same list with this call beside it, or with none.
pub fn with_open(query: &Query, open: Option<CallId>) -> String {
    let open = open.map(|id| id.to_string());
    let mut kept = KEPT.to_vec();
    kept.extend(["before", "after"]);
    query.link("/calls", &kept, &[("open", open.as_deref())])
}

/// The table. Admins also see who called.
pub fn table(
    calls: &[Call],
    query: &Query,
    open: Option<CallId>,
    everybody: bool,
    now: Timestamp,
) -> impl IntoView + use<> {
    let language = use_language();
    let who = if everybody {
        language.pick("Who, key", "用户，密钥")
    } else {
        language.pick("Key", "密钥")
    };
    // Where nothing is charged there is no column of nothing.
    let charged = calls
        .iter()
        .any(|call| call.charge.is_some() || call.unbilled.is_some());
    let mut columns = vec![
        Column::new(language.pick("Time, UTC", "时间（UTC）")),
        Column::new(language.pick("Result", "结果")),
        Column::new(language.pick("Model", "模型")),
        Column::new(who).leaves(2),
        Column::new(language.pick("Tokens in / out", "输入 / 输出 token"))
            .number()
            .leaves(3),
        Column::new(language.pick("First byte", "首字节")).number().leaves(3),
        Column::new(language.pick("Total", "总耗时")).number(),
    ];
    if charged {
        columns.push(Column::new(language.pick("Charge", "费用")).number());
    }
    let rows: Vec<_> = calls
        .iter()
        .map(|call| row(call, query, open == Some(call.id), everybody, charged, now))
        .collect();
    view! { <Table columns=columns dense=true label=language.pick("Calls", "调用")>{rows}</Table> }
}

fn row(
    call: &Call,
    query: &Query,
    current: bool,
    everybody: bool,
    charged: bool,
    now: Timestamp,
) -> impl IntoView + use<> {
    let language = use_language();
    let same_day = call.started_at.0.div_euclid(DAY) == now.0.div_euclid(DAY);
    let style = if same_day { TimeStyle::Clock } else { TimeStyle::Short };
    let key = match &call.key_name {
        Some(name) => name.clone(),
        None => words::door(call.door, language).to_owned(),
    };
    let who = if everybody {
        let person = if call.user_email.is_empty() {
            language.pick("deleted user", "已删除的用户").to_owned()
        } else {
            call.user_email.clone()
        };
        let whole = format!("{person}, {key}");
        view! { <span class="clip" title=whole>{person}</span>" "<small class="clip">{key}</small> }.into_any()
    } else {
        view! { <span>{key}</span> }.into_any()
    };
    let who_class = match everybody {
        true => "col-2 ellipsis two-line card-line",
        false => "col-2 ellipsis card-line",
    };
    let model = call.model_served.clone().unwrap_or_else(|| call.model_asked.clone());
    let charge = charged.then(|| {
        view! { <td class="num" data-label=language.pick("Charge", "费用")>{charge_of(call)}</td> }
    });
    view! {
        <tr aria-current=current.then_some("true")>
            <td class="cell-lead"><a class="row-link" href=with_open(query, Some(call.id))><Time at=call.started_at style=style/></a></td>
            <td class="cell-end"><CallStatus call=call.clone()/></td>
            <td class="card-start"><ModelName name=model/><SimulatedMark shown=call.is_simulated()/></td>
            <td class=who_class>{who}</td>
            <td class="num col-3">{tokens(call)}</td>
            <td class="num col-3"><Span of=call.first_byte/></td>
            <td class="num card-end"><Span of=call.duration/></td>
            {charge}
        </tr>
    }
}

/// What was charged; `~` marks what a call that was lost, and not charged, is estimated to have cost.
fn charge_of(call: &Call) -> AnyView {
    let estimate = call.unbilled.and_then(|unbilled| unbilled.estimated_cost);
    match estimate.filter(|_| call.charge.is_none()) {
        Some(cost) => {
            let title = use_language().pick("not charged; estimated cost", "未收费；估算成本");
            view! { <span class="soft" title=title>"~"<MoneyText of=cost/></span> }.into_any()
        }
        None => view! { <MoneyOrNone of=call.charge/> }.into_any(),
    }
}

/// Tokens in and out; `~` marks an estimate, a dash what nobody counted.
pub fn tokens(call: &Call) -> String {
    let (input, output) = match call.usage_source {
        UsageSource::None => return "– / –".to_owned(),
        UsageSource::Estimated => ("~", "~"),
        UsageSource::Mixed => ("", "~"),
        UsageSource::Provider => ("", ""),
    };
    format!(
        "{input}{} / {output}{}",
        format::count(call.usage.input_total()),
        format::count(call.usage.output_total())
    )
}
