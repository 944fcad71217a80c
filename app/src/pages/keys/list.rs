//! The list of API keys.

use domain::{
    access::{Capability, Viewer},
    key::ApiKey,
};
use leptos::prelude::*;

use super::{calls_of, connect, is_active, revoke};
use crate::{
    components::*,
    context,
    form::Query,
    text::{Language, use_language},
};

/// `/keys`, and `/keys?all=1` for whoever reads everything. Auditors have none of their own, and see everybody's.
#[component]
pub fn KeysPage() -> impl IntoView {
    page(async move {
        let (viewer, gateway, language) = (context::viewer()?, context::gateway()?, use_language());
        let own = viewer.may(Capability::Call);
        let all = !own || Query::current().get("all").is_some();
        let keys = if all {
            gateway.keys().list_all(&context::reader()?).await?
        } else {
            gateway.keys().list(&viewer).await?
        };
        let title = language.pick("API keys", "API 密钥");
        let sub = language.pick(
            "One key for every model. Clients of OpenAI, Anthropic and AIGNE work as they are: change their base URL and their key.",
            "一个密钥即可使用所有模型。OpenAI、Anthropic 和 AIGNE 的客户端都可直接使用：只需更换基础 URL 和密钥。",
        );
        let actions = own.then(|| view! { <LinkButton href="/keys/new" class="btn-primary" icon="plus">{language.pick("New key", "新建密钥")}</LinkButton> });
        Ok(view! {
            <Page title=title place=Place::Keys>
                <PageHead title=title sub=sub actions=actions.into_any()/>
                {(own && viewer.may(Capability::ReadAll)).then(|| whose(all))}
                {if keys.is_empty() { nothing_yet(all).into_any() } else { table(&keys, &viewer, all).into_any() }}
                {own.then(|| connect::section(&gateway, None))}
            </Page>
        })
    })
}

/// Mine or everybody's.
fn whose(all: bool) -> impl IntoView {
    let language = use_language();
    let chip = |href: &'static str, word: &'static str, current: bool| {
        view! { <a class="chip" href=href aria-current=current.then_some("page")>{word}</a> }
    };
    view! {
        <nav class="chips" aria-label=language.pick("Whose keys", "谁的密钥")>
            {chip("/keys", language.pick("Mine", "我的"), !all)}
            {chip("/keys?all=1", language.pick("Everybody's", "所有人的"), all)}
        </nav>
    }
}

fn nothing_yet(all: bool) -> impl IntoView {
    let language = use_language();
    let (title, text) = if all {
        (
            language.pick("Nobody has a key yet", "还没有任何密钥"),
            language.pick("Keys that people make show up here.", "用户创建的密钥会显示在这里。"),
        )
    } else {
        (
            language.pick("You have no key yet", "你还没有密钥"),
            language.pick(
                "Make one, and your first call is a copied line away.",
                "创建一个密钥，复制一行命令就能完成第一次调用。",
            ),
        )
    };
    view! {
        <section class="panel" aria-label=language.pick("API keys", "API 密钥")>
            <State kind=StateKind::NothingYet title=title text=text>
                {context::may(Capability::Call).then(|| view! {
                    <LinkButton href="/keys/new" class="btn-primary" icon="plus">{language.pick("Create a key", "创建密钥")}</LinkButton>
                })}
            </State>
        </section>
    }
}

fn table(keys: &[ApiKey], viewer: &Viewer, all: bool) -> impl IntoView {
    let language = use_language();
    let mut columns = vec![
        Column::new(language.pick("Key", "密钥")),
        Column::new(language.pick("State", "状态")),
    ];
    if all {
        columns.push(Column::new(language.pick("Owner", "所有者")));
    }
    columns.extend([
        Column::new(language.pick("Last used", "最近使用")).leaves(2),
        Column::new(language.pick("Created, UTC", "创建时间（UTC）")).leaves(3),
    ]);
    if viewer.may(Capability::Call) {
        columns.push(Column::actions(language.pick("Actions", "操作")).class("tight"));
    }
    let rows: Vec<_> = keys.iter().map(|key| row(key, viewer, all)).collect();
    let active = keys.iter().filter(|key| is_active(key)).count();
    let note = match language {
        Language::En => format!(
            "{} of {} active. “Last used” is up to a minute old.",
            active,
            keys.len()
        ),
        Language::Zh => format!("共 {} 个，{} 个有效。“最近使用”最多有一分钟延迟。", keys.len(), active),
    };
    view! {
        <section class="panel" aria-label=language.pick("API keys", "API 密钥")>
            <Table columns=columns>{rows}</Table>
            <footer class="panel-foot"><span>{note}</span></footer>
        </section>
    }
}

fn row(key: &ApiKey, viewer: &Viewer, all: bool) -> impl IntoView + use<> {
    let language = use_language();
    let active = is_active(key);
    let state = match key.revoked_at {
        None => view! { <Status tone=Tone::Good text=language.pick("Active", "有效")/> }.into_any(),
        Some(_) => view! { <Status tone=Tone::Off text=language.pick("Revoked", "已吊销")/> }.into_any(),
    };
    let owner = all.then(|| {
        let owner = if key.user_id == viewer.id {
            language.pick("you", "你").to_owned()
        } else {
            key.user_email.to_string()
        };
        view! { <td class="ellipsis" data-label=language.pick("Owner", "所有者")>{owner}</td> }
    });
    let used = match key.last_used_at {
        Some(at) => view! { <Time at=at style=TimeStyle::Ago/> }.into_any(),
        None => view! { <span class="muted">{language.pick("never", "从未")}</span> }.into_any(),
    };
    let (id, name) = (key.id, key.name.to_string());
    let calls = match language {
        Language::En => format!("Calls of key “{name}”"),
        Language::Zh => format!("密钥“{name}”的调用"),
    };
    view! {
        <tr class=(!active).then_some("is-off")>
            <td class="cell-lead two-line">
                <a class="row-link cell-main" href=calls_of(id) aria-label=calls>{name}</a>
                <small class="mono">{key.hint.clone()}</small>
            </td>
            <td class="cell-end">{state}</td>
            {owner}
            <td class="col-2" data-label=language.pick("Last used", "最近使用")>{used}</td>
            <td class="col-3"><Time at=key.created_at style=TimeStyle::Short/></td>
            {viewer.may(Capability::Call).then(|| view! {
                <td class="tight cell-actions">{active.then(|| revoke::button(key))}</td>
            })}
        </tr>
    }
}
