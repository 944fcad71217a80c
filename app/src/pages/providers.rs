//! The list of providers in their order, and what belongs to it: adding, the page of one, editing, deleting.
//!
//! Who reads everything gets here; the forms and buttons are for admins. Everything works without scripts: links, GET forms and plain posts.

pub(super) mod actions;
mod credential_actions;
mod credentials;
pub mod delete;
pub mod detail;
pub mod edit;
pub mod fields;
mod form_fields;
pub(super) mod health;
pub mod new;
pub(super) mod offer;
pub(super) mod press;
mod reach;
pub(super) mod report;
mod seconds;

use domain::{access::Capability, provider::Provider};
use leptos::prelude::*;

use self::{
    actions::{MoveProvider, SwitchProvider, page_of},
    offer::Offer,
};
use crate::{
    components::{
        Column, LinkButton, Logo, Page, PageHead, Place, PostButton, State, StateKind, Status, SwitchButton, Table,
        format, page,
    },
    context, form,
    text::{Language, use_language},
};

/// `/providers`: every provider in the order in which bare model names are looked up.
#[component]
pub fn ProvidersPage() -> impl IntoView {
    page(async move {
        let reader = context::reader()?;
        let may = context::may(Capability::Administer);
        let providers = context::gateway()?.providers().list(&reader).await?;
        let language = use_language();
        let title = language.pick("Providers", "提供商");
        let add = language.pick("Add provider", "添加提供商");
        if providers.is_empty() {
            return Ok(view! {
                <Page title=title place=Place::Providers>
                    <PageHead title=title />
                    <section class="panel" aria-label=title>
                        <State
                            kind=StateKind::NothingYet
                            title=language.pick("No provider yet", "还没有提供商")
                            text=language.pick(
                                "A provider is where calls are sent. Add one with its credential: the hub tests it at once and lists its models.",
                                "提供商是调用的去向。添加一个并录入凭据：系统会立即测试并列出其模型。",
                            )
                        >
                            {may.then(|| view! { <LinkButton href="/providers/new" class="btn-primary" icon="plus">{add}</LinkButton> })}
                        </State>
                    </section>
                </Page>
            }
            .into_any());
        }
        let sub = language.pick(
            "Where calls are sent. A model asked for without its provider goes to the first one in this order that has it.",
            "调用的去向。请求的模型未写明提供商时，交给此顺序中第一个拥有它的提供商。",
        );
        let last = providers.len().saturating_sub(1);
        let rows: Vec<_> = providers
            .into_iter()
            .enumerate()
            .map(|(index, provider)| view! { <Row provider=provider first=index == 0 last=index == last may=may /> })
            .collect();
        let mut columns = vec![
            Column::new(language.pick("Provider", "提供商")),
            Column::new(language.pick("Address and kind", "地址与类型")).leaves(3),
            Column::new(language.pick("State", "状态")),
            Column::new(language.pick("Credentials", "凭据")).leaves(2),
            Column::new(language.pick("Models enabled", "已启用模型"))
                .number()
                .leaves(2),
        ];
        columns.extend(may.then(|| Column::actions(language.pick("Order and state", "顺序与状态"))));
        let actions =
            may.then(|| view! { <LinkButton href="/providers/new" class="btn-primary" icon="plus">{add}</LinkButton> });
        Ok(view! {
            <Page title=title place=Place::Providers>
                <PageHead title=title sub=sub actions=actions.into_any() />
                <section class="panel" aria-label=title>
                    <Table columns=columns>{rows}</Table>
                </section>
            </Page>
        }
        .into_any())
    })
}

#[component]
fn Row(provider: Provider, first: bool, last: bool, may: bool) -> impl IntoView {
    let language = use_language();
    let condition = health::of_provider(&provider, language);
    let offer = Offer::of(&provider.draft);
    let title = provider.draft.title.to_string();
    let address = provider.draft.base_url.as_ref().map_or_else(
        || language.pick("within the hub", "网关内部").to_owned(),
        |url| shown(url.as_str()),
    );
    let models = format!(
        "{} / {}",
        format::count(provider.models_enabled.unsigned_abs()),
        format::count(provider.models.unsigned_abs())
    );
    let said = condition.said.map(
        |said| view! { <small class="break">{language.pick("last error: ", "最近错误：")}{shortened(&said)}</small> },
    );
    view! {
        <tr class=(!provider.enabled).then_some("is-off")>
            <td class="cell-lead two-line">
                <span class="row-nowrap">
                    <Logo of=offer.id() />
                    <a class="row-link cell-main" href=page_of(provider.id)>{title.clone()}</a>
                </span>
                {said}
            </td>
            <td class="col-3 two-line">
                <div class="ellipsis mono">{address}</div>
                <small>{kind_in_words(&provider, language)}</small>
            </td>
            <td class="cell-end"><Status tone=condition.tone text=condition.word /></td>
            <td class="col-2 nowrap" data-label=language.pick("Credentials", "凭据")>{health::credentials_in_words(&provider, language)}</td>
            <td class="num col-2" data-label=language.pick("Models enabled", "已启用模型")>{models}</td>
            {may.then(|| view! {
                <td class="cell-actions">
                    <div class="btn-row">
                        <Move provider=provider.clone() up=true possible=!first />
                        <Move provider=provider.clone() up=false possible=!last />
                        <Switch provider=provider.clone() small=true next="/providers".to_owned() />
                    </div>
                </td>
            })}
        </tr>
    }
}

#[component]
fn Move(provider: Provider, up: bool, possible: bool) -> impl IntoView {
    let title = &provider.draft.title;
    let label = match (use_language(), up) {
        (Language::En, true) => format!("Move {title} up"),
        (Language::En, false) => format!("Move {title} down"),
        (Language::Zh, true) => format!("上移 {title}"),
        (Language::Zh, false) => format!("下移 {title}"),
    };
    let icon = if up { "up" } else { "down" };
    if !possible {
        return view! {
            <button class="btn btn-icon btn-quiet btn-s" type="button" disabled=true aria-label=label>
                <crate::components::Icon name=icon />
            </button>
        }
        .into_any();
    }
    let fields = vec![("id", provider.id.to_string()), ("up", up.to_string())];
    view! { <PostButton action={form::action::<MoveProvider>()} fields=fields class="btn-icon btn-quiet btn-s" icon=icon label=label>""</PostButton> }
        .into_any()
}

/// The button that enables or disables a provider and comes back to `next`.
#[component]
fn Switch(provider: Provider, #[prop(optional)] small: bool, next: String) -> impl IntoView {
    let (action, title) = (form::action::<SwitchProvider>(), provider.draft.title.to_string());
    let fields = vec![("id", provider.id.to_string()), ("next", next)];
    view! { <SwitchButton action=action fields=fields enabled=provider.enabled title=title small=small /> }
}

/// The kind for people.
fn kind_in_words(provider: &Provider, language: Language) -> &'static str {
    use domain::catalog::ProviderKind;
    match provider.draft.kind {
        ProviderKind::Openai => "OpenAI",
        ProviderKind::Anthropic => "Anthropic",
        ProviderKind::Google => "Google Gemini",
        ProviderKind::Ollama => "Ollama",
        ProviderKind::OpenaiCompatible => language.pick("OpenAI-compatible", "兼容 OpenAI"),
        ProviderKind::Simulated => language.pick("Simulated", "模拟"),
    }
}

/// An address without what everybody expects before it.
fn shown(url: &str) -> String {
    url.strip_prefix("https://").unwrap_or(url).to_owned()
}

/// An upstream's words, short enough for a row of a table.
fn shortened(said: &str) -> String {
    const MOST: usize = 90;
    if said.chars().count() <= MOST {
        said.to_owned()
    } else {
        said.chars().take(MOST).chain(['…']).collect()
    }
}
