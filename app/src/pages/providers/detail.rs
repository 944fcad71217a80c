//! `/providers/:id`: how a provider fares, its credentials, how it is reached, its models, and the way to delete it.

use domain::{
    access::Capability,
    provider::{Condition, Health, Provider},
};
use leptos::prelude::*;

use super::{
    Switch,
    actions::page_of,
    credentials::{AddCredentialPanel, Credentials},
    edit::of_path,
    health,
    offer::{CredentialNeed, Offer},
    reach::Reach,
};
use crate::{
    components::{Badge, Banner, LimitsPanel, LinkButton, Logo, Page, PageHead, Panel, Place, Tone, page},
    context, flash,
    pages::models::panel::ProviderModels,
    text::{Language, use_language},
};

/// One provider.
#[component]
pub fn ProviderPage() -> impl IntoView {
    page(async move {
        let reader = context::reader()?;
        let may = context::may(Capability::Administer);
        let gateway = context::gateway()?;
        let provider = of_path().await?;
        let id = provider.id;
        let limits = gateway.limits().of(&context::viewer()?, id.into()).await?;
        let models: Vec<_> = gateway
            .models()
            .list(&reader)
            .await?
            .into_iter()
            .filter(|model| model.provider_id == id)
            .collect();
        let language = use_language();
        let title = provider.draft.title.to_string();
        let offer = Offer::of(&provider.draft);
        let takes_one = offer.credential() != CredentialNeed::None;
        let condition = health::of_provider(&provider, language);
        let crumbs = vec![("/providers".to_owned(), language.pick("Providers", "提供商").to_owned())];
        let logo = view! { <Logo of=offer.id() large=true /> };
        let beside = view! { <Badge tone=condition.tone text=condition.word icon=icon(condition.tone) /> };
        let actions = may.then(|| view! {
            <LinkButton href=format!("{}/edit", page_of(id)) icon="edit">{language.pick("Edit provider", "编辑提供商")}</LinkButton>
            <Switch provider=provider.clone() next=page_of(id) />
        });
        Ok(view! {
            <Page title=title.clone() place=Place::Providers>
                <PageHead title=title crumbs=crumbs logo=logo.into_any() beside=beside.into_any() actions=actions.into_any() />
                <Troubles provider=provider.clone() />
                {takes_one.then(|| view! { <Credentials provider=provider.clone() /> })}
                <div class=if takes_one && may { "cols cols-2" } else { "cols" }>
                    {(takes_one && may).then(|| view! { <AddCredentialPanel provider=provider.clone() /> })}
                    <Reach provider=provider.clone() />
                </div>
                <LimitsPanel of=limits />
                <ProviderModels provider=provider.clone() models=models />
                {may.then(|| view! { <Farewell provider=provider /> })}
            </Page>
        })
    })
}

/// The icon that goes with a tone.
const fn icon(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "ok",
        Tone::Warning => "warn",
        Tone::Bad => "fail",
        Tone::Off => "off",
        Tone::Plain | Tone::Busy | Tone::Accent => "todo",
    }
}

/// What is wrong, in the upstream's own words, and what to do about it.
#[component]
fn Troubles(provider: Provider) -> impl IntoView {
    let language = use_language();
    let title = provider.draft.title.to_string();
    // The sentence of a test that was just made says it already.
    let told = flash::take().notice.is_some_and(|notice| notice.tone == Tone::Bad);
    let failing: Vec<_> = provider
        .credentials
        .iter()
        .filter(|credential| !told && credential.enabled && credential.health == Health::Failing)
        .map(|credential| {
            let label = credential.label.to_string();
            let happened = match language {
                Language::En => format!("The last use of the credential “{label}” failed."),
                Language::Zh => format!("凭据“{label}”上次使用失败。"),
            };
            let said = health::said_of(credential, language).map(|said| match language {
                Language::En => view! { " "{title.clone()}": "<q>{said}</q> },
                Language::Zh => view! { " "{title.clone()}"："<q>{said}</q> },
            });
            view! { <Banner tone=Tone::Bad><strong>{happened}</strong>{said}</Banner> }
        })
        .collect();
    let condition = health::of_provider(&provider, language);
    // Without a credential the failure is the provider's own.
    let unreached = (failing.is_empty() && !told)
        .then(|| condition.said.clone())
        .flatten()
        .map(|said| {
            let happened = match language {
                Language::En => format!("The last use of {title} failed."),
                Language::Zh => format!("{title} 上次使用失败。"),
            };
            view! { <Banner tone=Tone::Bad><strong>{happened}</strong>" "<q>{said}</q></Banner> }
        });
    let lacking = (provider.condition() == Condition::CredentialMissing).then(|| {
        let sentence = language.pick(
            "No enabled credential: calls to its models fail. Add one below, or enable one.",
            "没有可用的凭据：对其模型的调用会失败。请在下方添加或启用一个。",
        );
        view! { <Banner tone=Tone::Warning>{sentence}</Banner> }
    });
    let off = (!provider.enabled).then(|| {
        let sentence = language.pick(
            "This provider is disabled: its models are not listed to clients, and calls to them are refused.",
            "该提供商已停用：客户端看不到它的模型，对这些模型的调用会被拒绝。",
        );
        view! { <Banner tone=Tone::Off>{sentence}</Banner> }
    });
    view! { {off}{failing}{unreached}{lacking} }
}

/// The way out, at the end.
#[component]
fn Farewell(provider: Provider) -> impl IntoView {
    let language = use_language();
    let sentence = language.pick(
        "Its credentials are destroyed and its models refused. Its calls stay in the log.",
        "凭据将被销毁，模型将被拒绝。调用记录仍保留在日志中。",
    );
    view! {
        <Panel title=language.pick("Delete provider", "删除提供商") id="delete" danger=true body=true>
            <div class="row between">
                <p class="measure">{sentence}</p>
                <LinkButton href=format!("{}/delete", page_of(provider.id)) class="btn-quiet btn-quiet-danger" icon="trash">
                    {language.pick("Delete provider…", "删除提供商…")}
                </LinkButton>
            </div>
        </Panel>
    }
}
