//! The newest calls, in short. The whole list with filters is `/calls`.

use domain::{access::Capability, call::Call};
use leptos::prelude::*;

use crate::{
    components::{Column, Icon, LinkButton, Panel, Span, State, StateKind, Table, Time, TimeStyle},
    context,
    pages::calls::{CallStatus, ModelName, SimulatedMark, tokens},
    text::use_language,
};

/// A short table, or the way to a first call.
#[component]
pub(super) fn RecentPanel(
    calls: Vec<Call>,
    /// There is a model to call; before that the first step is a provider.
    ready: bool,
    /// There is a key to call it with; then the playground is the shortest way.
    keyed: bool,
) -> impl IntoView {
    let language = use_language();
    let (key, playground) = match (ready, keyed) {
        (false, _) => ("", ""),
        (true, false) => ("btn-primary", ""),
        (true, true) => ("", "btn-primary"),
    };
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
                    {context::may(Capability::Call).then(|| view! {
                        <LinkButton href="/keys/new" class=key icon="key">{language.pick("Create API key", "创建 API 密钥")}</LinkButton>
                        <LinkButton href="/playground" class=playground icon="play-chat">{language.pick("Open the playground", "打开试用")}</LinkButton>
                    })}
                </State>
            </Panel>
        }
        .into_any();
    }
    let columns = vec![
        Column::new(language.pick("Time, UTC", "时间（UTC）")),
        Column::new(language.pick("Result", "结果")),
        Column::new(language.pick("Model", "模型")),
        Column::new(language.pick("Tokens in / out", "输入 / 输出 token"))
            .number()
            .leaves(3),
        Column::new(language.pick("Total", "总耗时")).number(),
    ];
    let rows: Vec<_> = calls.into_iter().map(row).collect();
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

fn row(call: Call) -> impl IntoView + use<> {
    let name = call.model_served.clone().unwrap_or_else(|| call.model_asked.clone());
    let simulated = call.is_simulated();
    let (id, started_at, duration, tokens) = (call.id, call.started_at, call.duration, tokens(&call));
    view! {
        <tr>
            <td class="cell-lead">
                <a class="row-link" href=format!("/calls/{id}")><Time at=started_at style=TimeStyle::Short /></a>
            </td>
            <td class="cell-end"><CallStatus call=call /></td>
            <td class="card-start"><ModelName name=name /><SimulatedMark shown=simulated /></td>
            <td class="num col-3">{tokens}</td>
            <td class="num card-end"><Span of=duration /></td>
        </tr>
    }
}
