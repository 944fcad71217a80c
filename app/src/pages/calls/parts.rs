//! The parts of a call's detail, the same beside the list and on a page of its own.

use domain::{
    call::{Call, CallDetail, CallState, Dialect, Failure},
    catalog::Wire,
    id::ProjectId,
};
use leptos::prelude::*;

use super::{
    attempts,
    timeline::timeline,
    usage,
    words::{self, CallStatus, ModelName, SimulatedMark},
};
use crate::{
    components::*,
    islands::playground::words::{self as words_of_failures, advice, verdict},
    text::{Language, use_language},
};

/// How it ended, what was called, by whom; an error with whose fault it is and what to do.
pub fn summary(detail: &CallDetail, remedy: Option<String>) -> impl IntoView + use<> {
    let call = &detail.call;
    let model = call.model_served.clone().unwrap_or_else(|| call.model_asked.clone());
    view! {
        <div class="peek-part">
            <div class="row"><CallStatus call=call.clone()/><span class="strong"><ModelName name=model/></span><SimulatedMark shown=call.is_simulated()/></div>
            {explanation(call, remedy)}
            <Facts of=facts(detail)/>
        </div>
    }
}

fn explanation(call: &Call, remedy: Option<String>) -> Option<AnyView> {
    let language = use_language();
    let sentence = |tone: Tone, text: &'static str| Some(view! { <Banner tone=tone>{text}</Banner> }.into_any());
    match (call.state, &call.failure) {
        (_, Some(failure)) => Some(failed(failure, remedy).into_any()),
        (CallState::Open, None) => sentence(
            Tone::Plain,
            language.pick(
                "The answer is on its way. Reload to see how it ends.",
                "回答正在进行，刷新以查看结果。",
            ),
        ),
        (CallState::Cancelled, None) => sentence(
            Tone::Plain,
            language.pick(
                "The client left before the end, and the provider was stopped. What was sent until then counts.",
                "客户端提前离开，已停止提供商。此前发送的内容计入用量。",
            ),
        ),
        (CallState::Interrupted, None) => sentence(
            Tone::Bad,
            language.pick(
                "The hub's process ended during this call. Its numbers are what was known until then.",
                "Hub 进程在此调用期间结束，数据为当时已知的部分。",
            ),
        ),
        (CallState::Succeeded | CallState::Failed, None) => None,
    }
}

/// `remedy`: where this viewer can mend it.
fn failed(failure: &Failure, remedy: Option<String>) -> impl IntoView + use<> {
    let language = use_language();
    let Failure { fault, code, message } = failure.clone();
    let message = words_of_failures::detail(&code, &message, language);
    let message = (!message.is_empty()).then(|| view! { <span class="break">{message}</span>" " });
    let remedy = remedy.map(|href| {
        let word = words_of_failures::remedy(&href, language);
        view! { <a class="link" href=href>{word}</a>" " }
    });
    view! {
        <Banner tone=words::tone(fault)>
            <strong>{verdict(fault, &code, language)}</strong>
            " "
            {message}
            {advice(fault, &code, language)}
            " "
            {remedy}
            <code>{code}</code>
        </Banner>
    }
}

fn facts(detail: &CallDetail) -> Vec<(String, AnyView)> {
    let (call, language) = (&detail.call, use_language());
    let who = if call.user_email.is_empty() {
        language.pick("deleted user", "已删除的用户").to_owned()
    } else {
        call.user_email.clone()
    };
    let through = match (&call.key_name, call.key_id) {
        (Some(name), Some(id)) => {
            view! { <a class="link" href=format!("/calls?range=all&key={id}")>{language.pick("key ", "密钥 ")}{name.clone()}</a> }.into_any()
        }
        _ => words::door(call.door, language).into_any(),
    };
    let comma = language.pick(", ", "，");
    let streamed = if call.streamed {
        language.pick(", streamed", "，流式")
    } else {
        ""
    };
    let mut facts = vec![
        fact(language.pick("When", "时间"), time::exact(call.started_at)),
        fact(
            language.pick("Who", "用户"),
            view! { <span class="break">{who}</span>{comma}{through} },
        ),
        fact(
            language.pick("Asked for", "请求"),
            view! { {format!("{}{streamed}{comma}", words::endpoint(call.endpoint, language))}<span class="mono break">{call.model_asked.clone()}</span> },
        ),
    ];
    if let (Some(id), Some(name)) = (call.project_id, &call.project_name) {
        let name = match id == ProjectId::personal_of(call.user_id) {
            true => language.pick("Personal", "个人").to_owned(),
            false => name.clone(),
        };
        let href = format!("/projects/{id}");
        facts.push(fact(
            language.pick("Project", "项目"),
            view! { <a class="link break" href=href>{name}</a> },
        ));
    }
    if let Some(provider) = &call.provider {
        facts.push(fact(language.pick("Provider", "提供商"), provider.clone()));
    }
    if let Some(dialect) = detail.dialect {
        facts.push(fact(language.pick("Spoken", "协议"), spoken(dialect, call)));
    }
    if !detail.dropped.is_empty() {
        facts.push(fact(language.pick("Left out", "未转发"), left_out(&detail.dropped)));
    }
    if let Some(reason) = &call.finish_reason {
        facts.push(fact(
            language.pick("Ended by", "结束原因"),
            view! { <code>{reason.clone()}</code> },
        ));
    }
    if let Some(agent) = &detail.agent {
        facts.push(fact(
            language.pick("Client", "客户端"),
            view! { <span class="break">{agent.clone()}</span> },
        ));
    }
    facts
}

/// In which words the client asked, and in which the provider was asked. Where both are the same, bytes pass unchanged.
fn spoken(dialect: Dialect, call: &Call) -> impl IntoView + use<> {
    let language = use_language();
    let slug = call.model_served.as_deref().and_then(|name| name.split_once('/'));
    let slug = slug.map(|(_, slug)| slug).unwrap_or_default();
    let wire = call.provider_kind.map(|kind| Wire::of(kind, slug, dialect));
    let (name, to) = (words::dialect(dialect, language), wire.filter(|wire| !wire.is(dialect)));
    match (to, wire) {
        (Some(wire), _) => {
            let (wire, word) = (words::wire(wire), language.pick("converted to", "转换为"));
            view! { {name}<span class="muted">{format!(", {word} ")}</span>{wire} }.into_any()
        }
        (None, Some(_)) => {
            let word = language.pick("passed on unchanged", "原样转发");
            view! { {name}<span class="muted">{format!(", {word}")}</span> }.into_any()
        }
        (None, None) => name.into_any(),
    }
}

/// What the provider could not be told, as the answer's header named it to the client.
fn left_out(names: &[String]) -> impl IntoView + use<> {
    let names: Vec<_> = names
        .iter()
        .map(|name| view! { <Badge tone=Tone::Warning text=name.clone()/>" " })
        .collect();
    let why = use_language().pick("the provider has no word for it", "提供商不支持");
    view! { <span class="row">{names}<span class="muted">{why}</span></span> }
}

/// Where the time went.
pub fn times(detail: &CallDetail) -> impl IntoView + use<> {
    let language = use_language();
    let attempts = detail.attempts.len();
    let note = match (language, attempts) {
        (_, 0) => None,
        (Language::En, 1) => Some("one attempt".to_owned()),
        (Language::En, _) => Some(format!("{attempts} attempts")),
        (Language::Zh, _) => Some(format!("{attempts} 次尝试")),
    };
    let drawn = match timeline(detail) {
        Some(drawn) => drawn.into_any(),
        None => {
            let why = if detail.call.state == CallState::Interrupted {
                language.pick(
                    "Its times went with the process that ran it.",
                    "用时数据随运行它的进程一同丢失。",
                )
            } else {
                language.pick("Times are known when the call is over.", "调用结束后才有用时数据。")
            };
            view! { <p class="help">{why}</p> }.into_any()
        }
    };
    view! { <div class="peek-part"><h3>{language.pick("Timeline", "时间线")}" "<small>{note}</small></h3>{drawn}</div> }
}

/// Every attempt upstream.
pub fn attempts(detail: &CallDetail) -> impl IntoView + use<> {
    let language = use_language();
    view! { <div class="peek-part"><h3>{language.pick("Attempts", "尝试")}</h3>{attempts::table(detail)}</div> }
}

/// What was consumed.
pub fn consumption(detail: &CallDetail) -> impl IntoView + use<> {
    let (call, language) = (&detail.call, use_language());
    let buckets = (!call.usage.is_empty()).then(|| usage::table(&call.usage));
    view! {
        <div class="peek-part stack stack-s">
            <h3>{language.pick("Usage", "用量")}</h3>
            <div class="row">{usage::source(call)}</div>
            {usage::doubt(detail)}
            {usage::drawn(call)}
            {buckets}
            {usage::tools(detail)}
            {usage::raw(detail)}
        </div>
    }
}
