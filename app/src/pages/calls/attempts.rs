//! The attempts of a call, each one request to a provider.

use domain::call::{Attempt, CallDetail, CallState};
use leptos::prelude::*;

use super::words;
use crate::{
    components::*,
    islands::playground::words::blame,
    text::{told_of_reach, use_language},
};

/// The attempts as a table; where there is none, why.
pub fn table(detail: &CallDetail) -> impl IntoView + use<> {
    let (attempts, language) = (&detail.attempts, use_language());
    if attempts.is_empty() {
        let text = if detail.call.state == CallState::Open {
            language.pick("Listed when the call is over.", "调用结束后列出。")
        } else if detail.call.state == CallState::Interrupted {
            language.pick(
                "Attempts are written when a call ends. Those of this one went with the process that ran it.",
                "尝试记录在调用结束时写入，此调用的记录已随进程丢失。",
            )
        } else {
            language.pick(
                "No provider was asked: the call ended before.",
                "没有请求任何提供商：调用在此之前就结束了。",
            )
        };
        return view! { <p class="panel-body help">{text}</p> }.into_any();
    }
    let columns = vec![
        Column::new("#").class("tight"),
        Column::new(language.pick("Result", "结果")),
        Column::new(language.pick("Provider, credential", "提供商，凭据")),
        Column::new(language.pick("First byte", "首字节")).number(),
        Column::new(language.pick("Total", "总耗时")).number(),
    ];
    let rows: Vec<_> = attempts.iter().map(row).collect();
    view! { <Table columns=columns dense=true label=language.pick("Attempts", "尝试")>{rows}</Table> }.into_any()
}

fn row(attempt: &Attempt) -> impl IntoView + use<> {
    let language = use_language();
    let status = attempt.status.map(|status| status.to_string()).unwrap_or_default();
    let result = match &attempt.failure {
        None => view! { <Status tone=Tone::Good text=if status.is_empty() { language.pick("done", "完成").to_owned() } else { status }/> }.into_any(),
        Some(failure) => {
            let text = format!("{status} {}", blame(failure.fault, language));
            view! { <Status tone=words::tone(failure.fault) text=text.trim().to_owned()/> }.into_any()
        }
    };
    let said = attempt
        .failure
        .as_ref()
        .map(|failure| view! { <small class="break">{told_of_reach(&failure.message, language).into_owned()}</small> });
    let credential = attempt
        .credential
        .clone()
        .map(|label| view! { <span class="muted">{label}</span> });
    let request = attempt.upstream_request_id.clone().map(|id| {
        view! { <small><CopyLine text=id label=language.pick("their request id", "对方请求编号")/></small> }
    });
    view! {
        <tr>
            <td class="cell-lead tight">{attempt.number}</td>
            <td class="cell-end">{result}</td>
            <td class="two-line card-line">
                <span>{attempt.provider.clone()}" "{credential}</span>
                <small class="mono break">{attempt.model.clone()}</small>
                {said}
                {request}
            </td>
            <td class="num" data-label=language.pick("First byte", "首字节")><Span of=attempt.first_byte/></td>
            <td class="num" data-label=language.pick("Total", "总耗时")><Span of=Some(attempt.duration)/></td>
        </tr>
    }
}
