//! `/models`: every model of every provider, with filters in the address, switches, and a form for a name to type in.
//!
//! The panel on a provider's page (`panel.rs`) shows the same rows.

pub(super) mod actions;
mod add;
mod filter;
pub(super) mod panel;
mod row;

use leptos::prelude::*;

use self::{
    actions::{RefreshModels, SwitchModels},
    add::AddModelPanel,
    filter::{Filter, ModelState},
    row::{ModelRow, columns},
};
use crate::{
    components::{Choice, Icon, LinkButton, Page, PageHead, Place, PostButton, State, StateKind, Table, field::options, format, page},
    context,
    form::{self, Query},
    text::{Language, use_language},
};
use domain::provider::{Model, Provider};

/// Rows on a page; some providers list several hundred models.
const PAGE: usize = 50;

/// All models.
#[component]
pub fn ModelsPage() -> impl IntoView {
    page(async move {
        let admin = context::admin()?;
        let query = Query::current();
        let filter = Filter::read(&query);
        let gateway = context::gateway()?;
        let providers = gateway.providers().list(&admin).await?;
        let all = gateway.models().list(&admin).await?;
        let language = use_language();
        let title = language.pick("Models", "模型");
        let total = all.len();
        let found: Vec<Model> = all.iter().filter(|model| filter.admits(model)).cloned().collect();
        let note = match language {
            Language::En => format!("{} of {}", format::count(found.len() as u64), format::count(total as u64)),
            Language::Zh => format!("{} / {}", format::count(found.len() as u64), format::count(total as u64)),
        };
        let content = if providers.is_empty() {
            view! { <NoProviders /> }.into_any()
        } else {
            view! {
                <Filters filter=filter.clone() providers=providers.clone() />
                <States query=query.clone() filter=filter.clone() all=all />
                <Listed query=query filter=filter.clone() found=found none=total == 0 providers=providers.clone() />
                <AddModelPanel providers=providers chosen=filter.provider next=filter.address() />
            }
            .into_any()
        };
        let sub = language.pick("What clients may ask for, by the order of providers.", "客户端可以请求的模型，按提供商顺序排列。");
        Ok(view! {
            <Page title=title place=Place::Models>
                <PageHead title=title note=note sub=sub />
                {content}
            </Page>
        })
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
                <LinkButton href="/providers/new" class="btn-primary" icon="plus">{language.pick("Add provider", "添加提供商")}</LinkButton>
            </State>
        </section>
    }
}

#[component]
fn Filters(filter: Filter, providers: Vec<Provider>) -> impl IntoView {
    let language = use_language();
    let offers = std::iter::once(Choice::new("", language.pick("Any provider", "所有提供商")))
        .chain(providers.iter().map(|provider| Choice::new(provider.id.to_string(), provider.draft.title.to_string())))
        .collect();
    let chosen = filter.provider.map(|id| id.to_string()).unwrap_or_default();
    let state = filter.state.map(|state| view! { <input type="hidden" name="state" value=state.as_str() /> });
    view! {
        <form class="filters" method="get" action="/models" role="search" aria-label=language.pick("Filter models", "筛选模型")>
            <label class="input-box">
                <Icon name="search" />
                <input class="input" type="search" name="q" value=filter.text placeholder=language.pick("Part of a name", "名称片段") aria-label=language.pick("Search models", "搜索模型") />
            </label>
            <span class="select">
                <select name="provider" aria-label=language.pick("Provider", "提供商")>{options(offers, &chosen)}</select>
            </span>
            {state}
            <button class="btn" type="submit">{language.pick("Apply", "应用")}</button>
        </form>
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
            let href = query.link("/models", &["q", "provider"], &[("state", state.map(ModelState::as_str))]);
            let current = (state == filter.state).then_some("page");
            let word = state.map_or(language.pick("All", "全部"), |state| state.word(language));
            view! { <a class="chip" href=href aria-current=current>{word}" "<span class="chip-count">{format::count(count as u64)}</span></a> }
        })
        .collect();
    view! { <nav class="chips" aria-label=language.pick("Show", "显示")>{chips}</nav> }
}

#[component]
fn Listed(query: Query, filter: Filter, found: Vec<Model>, none: bool, providers: Vec<Provider>) -> impl IntoView {
    let language = use_language();
    let label = language.pick("Models", "模型");
    if found.is_empty() {
        let state = if none {
            view! {
                <State
                    kind=StateKind::NothingYet
                    title=language.pick("No models yet", "还没有模型")
                    text=language.pick("No provider has listed any. Refresh one on its page, or type a model in below.", "尚无提供商列出模型。请在提供商页面刷新，或在下方手动输入。")
                >
                    <LinkButton href="/providers" class="btn-primary">{language.pick("Open providers", "打开提供商")}</LinkButton>
                </State>
            }
            .into_any()
        } else {
            view! {
                <State
                    kind=StateKind::NoMatch
                    title=language.pick("No model matches", "没有匹配的模型")
                    text=language.pick("No model is left by these filters.", "当前筛选条件下没有模型。")
                >
                    <LinkButton href="/models">{language.pick("Clear filters", "清除筛选")}</LinkButton>
                </State>
            }
            .into_any()
        };
        return view! { <section class="panel" aria-label=label>{state}</section> }.into_any();
    }
    let pages = found.len().div_ceil(PAGE);
    let number = query.parsed::<usize>("page").unwrap_or(1).clamp(1, pages);
    let link = |page: usize| {
        let page = (page > 1).then(|| page.to_string());
        query.link("/models", &["q", "provider", "state"], &[("page", page.as_deref())])
    };
    let next = link(number);
    let count = found.len();
    let rows: Vec<_> = found
        .into_iter()
        .skip((number - 1) * PAGE)
        .take(PAGE)
        .map(|model| view! { <ModelRow model=model next=next.clone() with_provider=true /> })
        .collect();
    let pager = (pages > 1).then(|| {
        let first = (number - 1) * PAGE + 1;
        let note = match language {
            Language::En => format!("{first} to {} of {count}", (first + PAGE - 1).min(count)),
            Language::Zh => format!("第 {first} 至 {} 个，共 {count} 个", (first + PAGE - 1).min(count)),
        };
        let (before, after) = ((number > 1).then(|| link(number - 1)), (number < pages).then(|| link(number + 1)));
        view! { <Turn before=before after=after note=note /> }
    });
    let of_one = filter.provider.and_then(|id| providers.into_iter().find(|provider| provider.id == id));
    view! {
        {of_one.map(|provider| view! { <Bulk provider=provider next=next.clone() /> })}
        <section class="panel" aria-label=label>
            <Table columns=columns(true, language)>{rows}</Table>
            {pager}
        </section>
    }
    .into_any()
}

/// The line that turns pages. These are ordered by name, so it does not speak of newer and older.
#[component]
fn Turn(#[prop(optional_no_strip)] before: Option<String>, #[prop(optional_no_strip)] after: Option<String>, note: String) -> impl IntoView {
    let language = use_language();
    let step = |href: Option<String>, word: &'static str, rel: &'static str| match href {
        Some(href) => view! { <a class="btn btn-s" href=href rel=rel>{word}</a> }.into_any(),
        None => view! { <button class="btn btn-s" type="button" disabled=true>{word}</button> }.into_any(),
    };
    view! {
        <footer class="panel-foot pager">
            <span>{note}</span>
            <span class="pager-end">
                <nav class="btn-group" aria-label=language.pick("Pages", "分页")>
                    {step(before, language.pick("Back", "上一页"), "prev")}
                    {step(after, language.pick("Next", "下一页"), "next")}
                </nav>
            </span>
        </footer>
    }
}

/// What can be done with all models of the provider that the filter names.
#[component]
fn Bulk(provider: Provider, next: String) -> impl IntoView {
    let language = use_language();
    let title = provider.draft.title.to_string();
    let fields = |enabled: Option<bool>| {
        let mut fields = vec![("provider", provider.id.to_string()), ("next", next.clone())];
        fields.extend(enabled.map(|enabled| ("enabled", enabled.to_string())));
        fields
    };
    let (enable, disable, refresh) = match language {
        Language::En => (format!("Enable all of {title}"), format!("Disable all of {title}"), format!("Refresh from {title}")),
        Language::Zh => (format!("启用 {title} 的全部模型"), format!("停用 {title} 的全部模型"), format!("从 {title} 刷新")),
    };
    view! {
        <div class="btn-row">
            <PostButton action={form::action::<SwitchModels>()} fields=fields(Some(true)) class="btn-s">{enable}</PostButton>
            <PostButton action={form::action::<SwitchModels>()} fields=fields(Some(false)) class="btn-s">{disable}</PostButton>
            <PostButton action={form::action::<RefreshModels>()} fields=fields(None) class="btn-s" icon="rotate">{refresh}</PostButton>
        </div>
    }
}
