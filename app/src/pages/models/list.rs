//! The rows of the list of models: one page of them, what can be done with all of one provider, or why there are none.

use domain::{
    access::Capability,
    provider::{Model, Provider},
};
use leptos::prelude::*;

use super::{
    actions::{RefreshModels, SwitchModels},
    filter::Filter,
    row::{ModelRow, columns},
};
use crate::{
    components::{LinkButton, NoMatch, PostButton, State, StateKind, Table, Turn},
    context,
    form::{self, Query},
    text::{Language, use_language},
};

/// Rows on a page; some providers list several hundred models.
const PAGE: usize = 50;

/// The rows, or why there are none.
#[component]
pub fn Listed(
    /// The address, for the links that turn pages.
    query: Query,
    /// What was filtered by.
    filter: Filter,
    /// What the filters left.
    found: Vec<Model>,
    /// No provider has any model.
    none: bool,
    /// Every provider.
    providers: Vec<Provider>,
) -> impl IntoView {
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
                <NoMatch
                    title=language.pick("No model matches", "没有匹配的模型")
                    text=language.pick("No model is left by these filters.", "当前筛选条件下没有模型。")
                    all="/models"
                />
            }
            .into_any()
        };
        return view! { <section class="panel" aria-label=label>{state}</section> }.into_any();
    }
    let pages = found.len().div_ceil(PAGE);
    let number = query.parsed::<usize>("page").unwrap_or(1).clamp(1, pages);
    let link = |page: usize| {
        let page = (page > 1).then(|| page.to_string());
        query.link(
            "/models",
            &["q", "provider", "ability", "state"],
            &[("page", page.as_deref())],
        )
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
        let (before, after) = (
            (number > 1).then(|| link(number - 1)),
            (number < pages).then(|| link(number + 1)),
        );
        view! { <Turn before=before after=after note=note /> }
    });
    let of_one = filter
        .provider
        .filter(|_| context::may(Capability::Administer))
        .and_then(|id| providers.into_iter().find(|provider| provider.id == id));
    view! {
        {of_one.map(|provider| view! { <Bulk provider=provider next=next.clone() /> })}
        <section class="panel" aria-label=label>
            <Table columns=columns(true, language)>{rows}</Table>
            {pager}
        </section>
    }
    .into_any()
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
        Language::En => (
            format!("Enable all of {title}"),
            format!("Disable all of {title}"),
            format!("Refresh from {title}"),
        ),
        Language::Zh => (
            format!("启用 {title} 的全部模型"),
            format!("停用 {title} 的全部模型"),
            format!("从 {title} 刷新"),
        ),
    };
    view! {
        <div class="btn-row">
            <PostButton action={form::action::<SwitchModels>()} fields=fields(Some(true)) class="btn-s">{enable}</PostButton>
            <PostButton action={form::action::<SwitchModels>()} fields=fields(Some(false)) class="btn-s">{disable}</PostButton>
            <PostButton action={form::action::<RefreshModels>()} fields=fields(None) class="btn-s" icon="rotate">{refresh}</PostButton>
        </div>
    }
}
