//! `/models`: every model of every provider, with filters in the address, switches, and a form for a name to type in.
//!
//! The panel on a provider's page (`panel.rs`) shows the same rows.

mod abilities;
pub(super) mod actions;
mod add;
mod filter;
mod list;
pub(super) mod panel;
mod row;

use domain::{
    access::Capability,
    provider::{Model, Provider},
};
use leptos::prelude::*;

use self::{
    abilities::Ability,
    add::AddModelPanel,
    filter::{Filter, ModelState},
    list::Listed,
};
use crate::{
    components::{
        Choice, FilterForm, FilterSelect, FilterText, LinkButton, Page, PageHead, Place, State, StateKind, format, page,
    },
    context,
    form::Query,
    text::{Language, use_language},
};

/// All models.
#[component]
pub fn ModelsPage() -> impl IntoView {
    page(async move {
        let reader = context::reader()?;
        let may = context::may(Capability::Administer);
        let query = Query::current();
        if let Some(tidy) = query.tidied("/models", &filter::KNOWN, filter::means) {
            context::redirect(&tidy);
            return Ok(().into_any());
        }
        let filter = Filter::read(&query);
        let gateway = context::gateway()?;
        let providers = gateway.providers().list(&reader).await?;
        let all = gateway.models().list(&reader).await?;
        let language = use_language();
        let title = language.pick("Models", "模型");
        let total = all.len();
        let found: Vec<Model> = all.iter().filter(|model| filter.admits(model)).cloned().collect();
        let note = match language {
            Language::En => format!(
                "{} of {}",
                format::count(found.len() as u64),
                format::count(total as u64)
            ),
            Language::Zh => format!(
                "{} / {}",
                format::count(found.len() as u64),
                format::count(total as u64)
            ),
        };
        let content = if providers.is_empty() {
            view! { <NoProviders /> }.into_any()
        } else {
            view! {
                <Filters filter=filter.clone() providers=providers.clone() />
                <States query=query.clone() filter=filter.clone() all=all />
                <Listed query=query filter=filter.clone() found=found none=total == 0 providers=providers.clone() />
                {may.then(|| view! { <AddModelPanel providers=providers chosen=filter.provider next=filter.address() /> })}
            }
            .into_any()
        };
        let sub = language.pick(
            "What clients may ask for, by the order of providers.",
            "客户端可以请求的模型，按提供商顺序排列。",
        );
        Ok(view! {
            <Page title=title place=Place::Models>
                <PageHead title=title note=note sub=sub />
                {content}
            </Page>
        }
        .into_any())
    })
}

#[component]
fn NoProviders() -> impl IntoView {
    let language = use_language();
    view! {
        <section class="panel" aria-label=language.pick("Models", "模型")>
            <State
                kind=StateKind::NothingYet
                title=language.pick("No models yet", "还没有模型")
                text=language.pick("Models come from providers. Add one: the hub lists its models at once.", "模型来自提供商。添加提供商后，系统会立即列出其模型。")
            >
                {context::may(Capability::Administer).then(|| view! {
                    <LinkButton href="/providers/new" class="btn-primary" icon="plus">{language.pick("Add provider", "添加提供商")}</LinkButton>
                })}
            </State>
        </section>
    }
}

#[component]
fn Filters(filter: Filter, providers: Vec<Provider>) -> impl IntoView {
    let language = use_language();
    let offers = providers
        .iter()
        .map(|provider| Choice::new(provider.id.to_string(), provider.draft.title.to_string()))
        .collect();
    let chosen = filter.provider.map(|id| id.to_string());
    let abilities = Ability::ALL
        .into_iter()
        .map(|ability| Choice::new(ability.as_str(), ability.word(language)))
        .collect();
    let able = filter.ability.map(|ability| ability.as_str().to_owned());
    let clear = (!filter.text.is_empty() || chosen.is_some() || able.is_some()).then(|| {
        let rest = Filter {
            state: filter.state,
            ..Filter::default()
        };
        rest.address()
    });
    let state = filter
        .state
        .map(|state| view! { <input type="hidden" name="state" value=state.as_str() /> });
    view! {
        <FilterForm action="/models" label=language.pick("Filter models", "筛选模型") clear=clear>
            <FilterText name="q" label=language.pick("Search models", "搜索模型") placeholder=language.pick("Part of a name", "名称片段") value=Some(filter.text) />
            <FilterSelect name="provider" label=language.pick("Provider", "提供商") any=language.pick("Any provider", "任意提供商") choices=offers chosen=chosen />
            <FilterSelect name="ability" label=language.pick("Can do", "能力") any=language.pick("Any ability", "不限能力") choices=abilities chosen=able />
            {state}
        </FilterForm>
    }
}

/// The states as links, each with how many models the other filters leave in it.
#[component]
fn States(query: Query, filter: Filter, all: Vec<Model>) -> impl IntoView {
    let language = use_language();
    let chips: Vec<_> = std::iter::once(None)
        .chain(ModelState::ALL.map(Some))
        .map(|state| {
            let count = all.iter().filter(|model| Filter { state, ..filter.clone() }.admits(model)).count();
            let href = query.link("/models", &["q", "provider", "ability"], &[("state", state.map(ModelState::as_str))]);
            let current = (state == filter.state).then_some("page");
            let word = state.map_or(language.pick("All", "全部"), |state| state.word(language));
            view! { <a class="chip" href=href aria-current=current>{word}" "<span class="chip-count">{format::count(count as u64)}</span></a> }
        })
        .collect();
    view! { <nav class="chips" aria-label=language.pick("Show", "显示")>{chips}</nav> }
}
