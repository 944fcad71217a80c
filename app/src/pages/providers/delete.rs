//! What is lost before it is lost: `/providers/:id/delete`, where the name is typed, and what is asked before one credential
//! goes, in a dialog or on a page of its own.

use domain::{
    id::CredentialId,
    provider::{Credential, Provider},
    refusal::Thing,
};
use leptos::prelude::*;

use super::{
    actions::{DeleteProvider, page_of},
    credential_actions::{DeleteCredential, credential_of},
    edit::of_path,
    offer::Offer,
};
use crate::{
    components::{AskButton, DeletePage, Form, FormFoot, Hidden, Logo, Page, PageHead, Place, page},
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// Deletes a provider, when its name is typed.
#[component]
pub fn DeleteProviderPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let provider = of_path().await?;
        let id = provider.id;
        let language = use_language();
        let (name, title) = (provider.draft.name.to_string(), provider.draft.title.to_string());
        let (models, credentials) = (provider.models, provider.credentials.len());
        let mut consequences = match language {
            Language::En => vec![
                format!("Its models ({models}) are gone; calls that ask for “{name}/…” are refused at once."),
                format!("Its credentials ({credentials}) are destroyed and cannot be read back."),
                "Calls that were made stay in the log with their tokens and times.".to_owned(),
                "Disabling it instead can be undone.".to_owned(),
            ],
            Language::Zh => vec![
                format!("它的 {models} 个模型将被移除，请求“{name}/…”的调用会立即被拒绝。"),
                format!("它的 {credentials} 个凭据将被销毁，无法恢复。"),
                "已发生的调用及其用量和耗时仍保留在日志中。".to_owned(),
                "也可以改为停用，停用可以撤销。".to_owned(),
            ],
        };
        if credentials == 0 {
            consequences.remove(1);
        }
        let logo = view! { <Logo of=Offer::of(&provider.draft).id() large=true /> };
        Ok(view! {
            <DeletePage
                place=Place::Providers
                list=("/providers", language.pick("Providers", "提供商"))
                title=title
                page=page_of(id)
                action={form::action::<DeleteProvider>()}
                id=id.to_string()
                name=name
                consequences=consequences
                submit=language.pick("Delete provider", "删除提供商")
                logo=logo.into_any()
            />
        })
    })
}

/// Deletes one credential of a provider.
#[component]
pub fn DeleteCredentialPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let wanted = path_id::<CredentialId>("credential", Thing::Credential)?;
        let provider = of_path().await?;
        let id = provider.id;
        let credential = credential_of(&provider, wanted).ok_or(context::missing(Thing::Credential))?;
        let language = use_language();
        let title = provider.draft.title.to_string();
        let heading = question(credential, language);
        let crumbs = vec![
            ("/providers".to_owned(), language.pick("Providers", "提供商").to_owned()),
            (page_of(id), title),
        ];
        Ok(view! {
            <Page title=heading.clone() place=Place::Providers narrow=true>
                <PageHead title=heading crumbs=crumbs />
                <section class="panel panel-danger confirm" aria-labelledby="confirm-title">
                    <header class="panel-head">
                        <h2 id="confirm-title">{language.pick("This cannot be undone", "此操作无法撤销")}</h2>
                    </header>
                    <div class="panel-body">
                        {what_happens(&provider, wanted)}
                        <Form action={form::action::<DeleteCredential>()}>
                            <Hidden name="provider" value=id.to_string() />
                            <Hidden name="credential" value=wanted.to_string() />
                            <FormFoot submit=language.pick("Delete credential", "删除凭据") cancel=page_of(id) danger=true />
                        </Form>
                    </div>
                </section>
            </Page>
        })
    })
}

/// The button in the row of a credential.
pub(super) fn button(provider: &Provider, credential: &Credential) -> impl IntoView + use<> {
    let language = use_language();
    let consequences = what_happens(provider, credential.id);
    let label = match language {
        Language::En => format!("Delete {}", credential.label),
        Language::Zh => format!("删除 {}", credential.label),
    };
    view! {
        <AskButton
            id=format!("delete-{}", credential.id)
            page=format!("{}/credentials/{}/delete", page_of(provider.id), credential.id)
            class="btn-icon btn-quiet btn-quiet-danger btn-s"
            icon="trash"
            label=label
            title=question(credential, language)
            action={form::action::<DeleteCredential>()}
            fields=vec![("provider", provider.id.to_string()), ("credential", credential.id.to_string())]
            submit=language.pick("Delete credential", "删除凭据")
        >
            {consequences}
        </AskButton>
    }
}

fn question(credential: &Credential, language: Language) -> String {
    match language {
        Language::En => format!("Delete credential “{}”?", credential.label),
        Language::Zh => format!("删除凭据“{}”？", credential.label),
    }
}

fn what_happens(provider: &Provider, wanted: CredentialId) -> impl IntoView + use<> {
    let (title, language) = (provider.draft.title.as_str(), use_language());
    let others = provider
        .credentials
        .iter()
        .filter(|other| other.enabled && other.id != wanted)
        .count();
    let rest = match (language, others) {
        (Language::En, 0) => format!("It is the last one in use: calls to {title} fail until you add another."),
        (Language::En, _) => format!(
            "Calls to {title} go on with {}.",
            counted(others as u64, "other credential")
        ),
        (Language::Zh, 0) => format!("这是最后一个可用凭据：在添加新凭据之前，对 {title} 的调用将失败。"),
        (Language::Zh, _) => format!("对 {title} 的调用将改用其余 {others} 个凭据。"),
    };
    view! {
        <ul class="consequences">
            <li>{language.pick("The secret is destroyed; the hub cannot read it back.", "密钥将被销毁，系统无法恢复。")}</li>
            <li>{rest}</li>
            <li>{language.pick("Disabling it instead can be undone.", "也可以改为停用，停用可以撤销。")}</li>
        </ul>
    }
}

/// `1 model`, `4 models`.
fn counted(number: u64, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}
