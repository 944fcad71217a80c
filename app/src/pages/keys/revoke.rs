//! What is asked before a key is revoked: which key, what happens, when it was last used. In the list a dialog asks it, and
//! a page of its own does where a browser has no dialogs.

use domain::{key::ApiKey, refusal::Thing};
use leptos::prelude::*;

use super::{actions::RevokeKey, calls_of, is_alive, list_of};
use crate::{
    components::*,
    context, form,
    text::{Language, use_language},
};

/// `/keys/{id}/revoke`.
#[component]
pub fn RevokeKeyPage() -> impl IntoView {
    page(async move {
        let (viewer, language) = (context::key_holder()?.viewer().clone(), use_language());
        let id = form::path_id("id", Thing::Key)?;
        let key = context::gateway()?
            .keys()
            .get(&viewer, id)
            .await?
            .ok_or(context::missing(Thing::Key))?;
        let back = list_of(&viewer, &key);
        let title = title(&key, language);
        let crumbs = vec![(back.clone(), language.pick("API keys", "API 密钥").to_owned())];
        let content = if is_alive(&key) {
            ask(&key, &back).into_any()
        } else {
            already(&back).into_any()
        };
        Ok(view! {
            <Page title=title.clone() place=Place::Keys narrow=true>
                <PageHead title=title crumbs=crumbs/>
                {content}
            </Page>
        })
    })
}

/// What the button, the dialog and the page say.
fn title(key: &ApiKey, language: Language) -> String {
    match language {
        Language::En => format!("Revoke key “{}”", key.name),
        Language::Zh => format!("吊销密钥“{}”", key.name),
    }
}

/// The button in the row of a key.
pub(super) fn button(key: &ApiKey) -> impl IntoView + use<> {
    let (id, language) = (key.id, use_language());
    let (title, consequences) = (title(key, language), what_happens(key));
    view! {
        <AskButton
            id=format!("revoke-{id}")
            page=format!("/keys/{id}/revoke")
            class="btn-s btn-quiet btn-quiet-danger above"
            label=title.clone()
            word=language.pick("Revoke", "吊销")
            title=title
            action={form::action::<RevokeKey>()}
            fields=vec![("id", id.to_string())]
            submit=language.pick("Revoke key", "吊销密钥")
        >
            {consequences}
        </AskButton>
    }
}

fn what_happens(key: &ApiKey) -> impl IntoView + use<> {
    let language = use_language();
    let used = match key.last_used_at {
        Some(at) => {
            view! { <Time at=at style=TimeStyle::Ago/>" "<span class="muted">"("<Time at=at/>")"</span> }.into_any()
        }
        None => language.pick("never", "从未").into_any(),
    };
    let facts = vec![
        fact(language.pick("Key", "密钥"), view! { <code>{key.hint.clone()}</code> }),
        fact(language.pick("Owner", "所有者"), key.user_email.to_string()),
        fact(
            language.pick("Created", "创建时间"),
            view! { <Time at=key.created_at/> },
        ),
        fact(language.pick("Last used", "上次使用"), used),
    ];
    view! {
        <Facts of=facts/>
        <ul class="consequences">
            <li>{language.pick("The next request with this key is refused with 401.", "使用此密钥的下一个请求会被拒绝（401）。")}</li>
            <li>{language.pick("Answers that are being sent right now run to their end.", "正在发送的回答会继续直到结束。")}</li>
            <li>
                {language.pick("Its calls stay in the log. ", "它的调用会保留在记录中。")}
                <a class="link" href=calls_of(key.id)>{language.pick("See them", "查看")}</a>
            </li>
        </ul>
    }
}

fn ask(key: &ApiKey, back: &str) -> impl IntoView + use<> {
    let (id, back, language) = (key.id, back.to_owned(), use_language());
    view! {
        <section class="panel panel-danger confirm" aria-labelledby="confirm-title">
            <header class="panel-head"><h2 id="confirm-title">{language.pick("This cannot be undone", "此操作无法撤销")}</h2></header>
            <div class="panel-body stack">
                {what_happens(key)}
                <Form action={form::action::<RevokeKey>()}>
                    <Hidden name="id" value=id.to_string()/>
                    <FormFoot submit=language.pick("Revoke key", "吊销密钥") cancel=back danger=true/>
                </Form>
            </div>
        </section>
    }
}

fn already(back: &str) -> impl IntoView + use<> {
    let (back, language) = (back.to_owned(), use_language());
    view! {
        <section class="panel" aria-label=language.pick("Revoked", "已吊销")>
            <State
                kind=StateKind::NoMatch
                title=language.pick("This key is revoked already", "此密钥已被吊销")
                text=language.pick("Requests with it are refused. There is nothing left to do.", "使用它的请求会被拒绝，无需再做任何操作。")
            >
                <LinkButton href=back>{language.pick("Back to the keys", "返回密钥列表")}</LinkButton>
            </State>
        </section>
    }
}
