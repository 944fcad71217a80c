//! The page that shows a new key, once. The key lies in the sealed flash of the session and is gone with this answer.

use domain::{key::ApiKey, refusal::Thing};
use leptos::prelude::*;

use super::{ONCE, calls_of, connect};
use crate::{
    components::*,
    context, flash, form,
    text::{Language, use_language},
};

/// `/keys/{id}/created`.
#[component]
pub fn KeyCreatedPage() -> impl IntoView {
    page(async move {
        let holder = context::key_holder()?;
        let (viewer, gateway, language) = (holder.viewer(), context::gateway()?, use_language());
        let id = form::path_id("id", Thing::Key)?;
        let key = gateway
            .keys()
            .get(viewer, id)
            .await?
            .ok_or(context::missing(Thing::Key))?;
        let secret = flash::once(ONCE);
        let title = match (language, secret.is_some()) {
            (Language::En, true) => format!("Key “{}” is ready", key.name),
            (Language::En, false) => format!("Key “{}”", key.name),
            (Language::Zh, true) => format!("密钥“{}”已创建", key.name),
            (Language::Zh, false) => format!("密钥“{}”", key.name),
        };
        let crumbs = vec![("/keys".to_owned(), language.pick("API keys", "API 密钥").to_owned())];
        let shown = match &secret {
            Some(secret) => once(secret).into_any(),
            None => gone(&key).into_any(),
        };
        Ok(view! {
            <Page title=title.clone() place=Place::Keys narrow=true>
                <PageHead title=title crumbs=crumbs/>
                {shown}
                {connect::section(&gateway, secret.as_deref())}
                <div class="btn-row">
                    <LinkButton href="/keys">
                        {if secret.is_some() { language.pick("I have copied it", "我已复制") } else { language.pick("Back to the keys", "返回密钥列表") }}
                    </LinkButton>
                    <LinkButton href=calls_of(key.id) icon="calls">{language.pick("Calls of this key", "此密钥的调用")}</LinkButton>
                </div>
            </Page>
        })
    })
}

fn once(secret: &str) -> impl IntoView + use<> {
    let language = use_language();
    view! {
        <SecretBox
            title=language.pick("Copy it now", "请立即复制")
            label=language.pick("The new key", "新密钥")
            secret=secret
            note=language.pick(
                "The hub keeps only a fingerprint of it, so nobody can show it again. If you lose it, revoke it and make another.",
                "Hub 只保存它的指纹，之后谁也无法再次查看。如果丢失，请吊销后重新创建。",
            )
        />
    }
}

/// After a reload.
fn gone(key: &ApiKey) -> impl IntoView + use<> {
    let language = use_language();
    let hint = key.hint.clone();
    view! {
        <Banner tone=Tone::Warning>
            {language.pick("This key was shown once and cannot be shown again: the hub keeps only its fingerprint, ", "此密钥只显示一次，无法再次查看：Hub 只保存其指纹 ")}
            <code>{hint}</code>
            {language.pick(". If you did not copy it, ", "。如果没有复制，请")}
            <a class="link" href="/keys/new">{language.pick("make another one", "新建一个")}</a>
            {language.pick(" and revoke this one.", "并吊销这一个。")}
        </Banner>
    }
}
