//! `/pricing`: what every model costs, for everybody, signed in or not. Sell prices alone: no cost and no margin is ever
//! handed to this page.

mod rows;
mod upcoming;

use domain::{
    page::PageSize,
    price::{OfferFilter, OfferOrder},
    setting::Mode,
};
use gateway::OfferList;
use leptos::prelude::*;

use self::rows::{OfferRow, borrows, columns};
use crate::{
    components::{
        Choice, FilterForm, FilterSelect, FilterText, LinkButton, NoMatch, OpenPage, Page, PageHead, Place, State,
        StateKind, Table, Turn, format, page,
    },
    context,
    form::Query,
    pages::prices::cursor,
    text::{Language, use_language},
};

/// What stays in the address from page to page.
const FILTERS: [&str; 4] = ["q", "provider", "sort", "down"];

/// Whether a value of this name can be understood.
fn means(name: &str, value: &str) -> bool {
    match name {
        "sort" => matches!(value, "input" | "output"),
        "down" => value == "1",
        _ => true,
    }
}

/// The price list.
#[component]
pub fn PricingPage() -> impl IntoView {
    page(async move {
        let (gateway, visitor, query) = (context::gateway()?, context::visitor()?, Query::current());
        if let Some(tidy) = query.tidied("/pricing", &["q", "provider", "sort", "down", "after", "before"], means) {
            context::redirect(&tidy);
            return Ok(().into_any());
        }
        let filter = OfferFilter {
            search: query.get("q").map(|text| text.chars().take(200).collect()),
            provider: query.get("provider").map(|text| text.chars().take(80).collect()),
            order: match query.get("sort").as_deref() {
                Some("input") => OfferOrder::Input,
                Some("output") => OfferOrder::Output,
                _ => OfferOrder::Name,
            },
            descending: query.get("down").is_some(),
        };
        let offers = gateway.prices().offers(&filter, &cursor(&query), PageSize::default());
        let language = use_language();
        let title = language.pick("Price list", "价目表");
        let note = match language {
            Language::En if offers.count == 1 => "1 model".to_owned(),
            Language::En => format!("{} models", format::count(offers.count as u64)),
            Language::Zh => format!("{} 个模型", format::count(offers.count as u64)),
        };
        let sub = match gateway.snapshot().mode() {
            Mode::ServiceProvider => language.pick(
                "US dollars per million tokens, unless another unit stands beside it. One credit is one dollar. A call pays the price in force when it begins.",
                "单位为美元 / 百万 token，另有说明的除外。1 额度 = 1 美元。调用按其开始时生效的价格计费。",
            ),
            Mode::Enterprise => language.pick(
                "US dollars per million tokens, unless another unit stands beside it. Nobody pays here: what a call comes to, at the price in force when it begins, is counted for whoever called.",
                "单位为美元 / 百万 token，另有说明的除外。此处无需付费：调用按其开始时生效的价格计入调用者名下。",
            ),
        };
        let content = view! {
            <PageHead title=title note=note sub=sub />
            <Filters query=query.clone() filter=filter.clone() providers=offers.providers.clone() />
            <Listed query=query filter=filter offers=offers />
        };
        let view = if visitor.viewer.is_some() {
            view! { <Page title=title place=Place::PriceList>{content}</Page> }.into_any()
        } else {
            view! { <OpenPage title=title>{content}</OpenPage> }.into_any()
        };
        Ok::<_, crate::error::AppError>(view)
    })
}

#[component]
fn Filters(query: Query, filter: OfferFilter, providers: Vec<(String, String)>) -> impl IntoView {
    let language = use_language();
    let filtered = filter.search.is_some() || filter.provider.is_some();
    let clear = filtered.then(|| query.link("/pricing", &["sort", "down"], &[]));
    let offers = providers
        .into_iter()
        .map(|(name, title)| Choice::new(name, title))
        .collect();
    let kept: Vec<_> = ["sort", "down"]
        .into_iter()
        .filter_map(|name| Some((name, query.get(name)?)))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    view! {
        <FilterForm action="/pricing" label=language.pick("Filter prices", "筛选价格") clear=clear>
            <FilterText name="q" label=language.pick("Search models", "搜索模型") placeholder=language.pick("Part of a name", "名称片段") value=filter.search />
            <FilterSelect name="provider" label=language.pick("Provider", "提供商") any=language.pick("Any provider", "任意提供商") choices=offers chosen=filter.provider />
            {kept}
        </FilterForm>
    }
}

#[component]
fn Listed(query: Query, filter: OfferFilter, offers: OfferList) -> impl IntoView {
    let language = use_language();
    let label = language.pick("Price list", "价目表");
    let OfferList { page, count, providers } = offers;
    if page.rows.is_empty() {
        let state = if providers.is_empty() {
            let sets = context::money_reader().is_ok();
            let text = match sets {
                true => language.pick(
                    "Nothing is on sale here so far: no model has a price.",
                    "还没有可供使用的定价模型。",
                ),
                false => language.pick(
                    "Nothing is on sale here so far. Ask the admin of this hub.",
                    "这里还没有可供使用的定价模型，请联系管理员。",
                ),
            };
            view! {
                <State
                    kind=StateKind::NothingYet
                    title=language.pick("No prices yet", "尚无价格")
                    text=text
                >
                    {sets.then(|| view! {
                        <LinkButton href="/prices" class="btn-primary" icon="price">{language.pick("Set prices", "设置价格")}</LinkButton>
                    })}
                </State>
            }
            .into_any()
        } else {
            view! {
                <NoMatch
                    title=language.pick("No model matches", "没有匹配的模型")
                    text=language.pick("No model is left by these filters.", "当前筛选条件下没有模型。")
                    all="/pricing"
                />
            }
            .into_any()
        };
        return view! { <section class="panel" aria-label=label>{state}</section> }.into_any();
    }
    let turn = |name: &'static str, value: Option<String>| {
        value.map(|value| query.link("/pricing", &FILTERS, &[(name, Some(value.as_str()))]))
    };
    let (before, after) = (turn("before", page.newer), turn("after", page.older));
    let note = match language {
        Language::En => format!("{} of {}", page.rows.len(), format::count(count as u64)),
        Language::Zh => format!("{} / {}", page.rows.len(), format::count(count as u64)),
    };
    let pager = (before.is_some() || after.is_some()).then(|| view! { <Turn before=before after=after note=note /> });
    let legend = page.rows.iter().any(borrows).then(|| {
        let words = language.pick(
            "A quiet price is no price of its own: it is charged as input.",
            "灰色价格并非单独定价：按输入价格计费。",
        );
        view! { <p class="help table-legend">{words}</p> }
    });
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|offer| view! { <OfferRow offer=offer /> })
        .collect();
    view! {
        <section class="panel" aria-label=label>
            <Table columns=columns(&query, &filter)>{rows}</Table>
            {legend}
            {pager}
        </section>
    }
    .into_any()
}
