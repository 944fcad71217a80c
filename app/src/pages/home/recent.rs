//! The newest calls, in short. The whole list with filters is `/calls`.

use domain::call::{Call, CallState, Fault};
use leptos::prelude::*;

use crate::{
    components::{
        Column, Icon, LinkButton, Panel, Span, State, StateKind, Status, Table, Time, TimeStyle, Tone, format,
    },
    text::{Language, use_language},
};

/// A short table, or the way to a first call.
#[component]
pub(super) fn RecentPanel(
    calls: Vec<Call>,
    /// There is a model to call; before that the first step is a provider.
    ready: bool,
) -> impl IntoView {
    let language = use_language();
    let first = if ready { "btn-primary" } else { "" };
    let title = language.pick("Recent calls", "最近的调用");
    if calls.is_empty() {
        return view! {
            <Panel title=title id="recent">
                <State
                    kind=StateKind::NothingYet
                    level=3
                    title=language.pick("No calls yet", "还没有调用")
                    text=language.pick(
                        "Make a key and point your client at the hub. Each call then stands here with its tokens and times.",
                        "创建密钥，让客户端指向 Hub。之后每次调用都会连同用量和耗时出现在这里。",
                    )
                >
                    <LinkButton href="/keys/new" class=first icon="key">{language.pick("Create API key", "创建 API 密钥")}</LinkButton>
                    <LinkButton href="/playground">{language.pick("Open the playground", "打开试用")}</LinkButton>
                </State>
            </Panel>
        }
        .into_any();
    }
    let columns = vec![
        Column::new(language.pick("Time, UTC", "时间 (UTC)")),
        Column::new(language.pick("Result", "结果")),
        Column::new(language.pick("Model", "模型")),
        Column::new(language.pick("Tokens in / out", "输入 / 输出 Token"))
            .number()
            .leaves(3),
        Column::new(language.pick("Total", "总耗时")).number(),
    ];
    let rows: Vec<_> = calls.into_iter().map(|call| row(&call, language)).collect();
    let actions = view! {
        <LinkButton href="/calls" class="btn-quiet btn-s">{language.pick("All calls", "全部调用")}<Icon name="right" /></LinkButton>
    };
    view! {
        <Panel title=title id="recent" actions=actions.into_any()>
            <Table columns=columns dense=true>{rows}</Table>
        </Panel>
    }
    .into_any()
}

fn row(call: &Call, language: Language) -> impl IntoView + use<> {
    let (tone, word) = outcome(call, language);
    let name = call.model_served.clone().unwrap_or_else(|| call.model_asked.clone());
    let model = match name.split_once('/') {
        Some((provider, model)) => {
            view! { <span><span class="muted">{format!("{provider}/")}</span>{model.to_owned()}</span> }.into_any()
        }
        None => view! { <span>{name}</span> }.into_any(),
    };
    let tokens = if call.usage.is_empty() {
        "– / –".to_owned()
    } else {
        format!(
            "{} / {}",
            format::count(call.usage.input_total()),
            format::count(call.usage.output_total())
        )
    };
    let total = call.duration.map_or_else(
        || view! { <span class="muted">"–"</span> }.into_any(),
        |duration| view! { <Span of=duration /> }.into_any(),
    );
    view! {
        <tr>
            <td class="cell-lead">
                <a class="row-link" href=format!("/calls/{}", call.id)><Time at=call.started_at style=TimeStyle::Short /></a>
            </td>
            <td class="cell-end"><Status tone=tone text=word /></td>
            <td data-label=language.pick("Model", "模型")>{model}</td>
            <td class="num col-3">{tokens}</td>
            <td class="num" data-label=language.pick("Total", "总耗时")>{total}</td>
        </tr>
    }
}

/// How a call ended, and whose fault it was when it failed.
fn outcome(call: &Call, language: Language) -> (Tone, String) {
    let status = call.status.map(|status| status.to_string()).unwrap_or_default();
    match call.state {
        CallState::Open => (Tone::Busy, language.pick("running", "进行中").to_owned()),
        CallState::Succeeded => (
            Tone::Good,
            if status.is_empty() {
                language.pick("done", "完成").to_owned()
            } else {
                status
            },
        ),
        CallState::Cancelled => (Tone::Off, language.pick("stopped by client", "客户端中止").to_owned()),
        CallState::Interrupted => (Tone::Warning, language.pick("interrupted", "已中断").to_owned()),
        CallState::Failed => {
            let fault = match call.failure.as_ref().map(|failure| failure.fault) {
                Some(Fault::Caller) => language.pick("request", "请求"),
                Some(Fault::Key) => language.pick("key", "密钥"),
                Some(Fault::Limit) => language.pick("limit", "限额"),
                Some(Fault::Operator) => language.pick("configuration", "配置"),
                Some(Fault::Provider) => language.pick("provider", "提供商"),
                Some(Fault::Hub) => language.pick("hub", "Hub"),
                None => language.pick("failed", "失败"),
            };
            (Tone::Bad, format!("{status} {fault}").trim().to_owned())
        }
    }
}
