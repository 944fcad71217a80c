//! `/prices`: every model with its cost and its price, for whoever reads what concerns money. The form for one model is `model.rs`, what was published
//! before `history.rs`. What everybody may read is `pages::pricing`.

pub mod actions;
mod changes;
pub mod context_size;
mod history;
pub mod model;
mod typed;

use std::collections::HashMap;

use domain::{
    id::ProviderId,
    money::MarginPpm,
    page::{NameCursor, PageSize},
    price::{Dimension, ModelPrice, PriceFilter, PriceState},
    provider::Provider,
};
use leptos::prelude::*;

use crate::{
    components::{
        Choice, Column, FilterForm, FilterSelect, FilterText, LinkButton, Logo, NoMatch, Page, PageHead, Place,
        PriceText, State, StateKind, Status, Table, Time, TimeStyle, Tone, Turn, format, page,
    },
    context,
    form::Query,
    pages::providers::offer::Offer,
    text::{Language, percent, use_language},
};

/// What the address of the list may hold.
const KNOWN: [&str; 5] = ["q", "provider", "state", "after", "before"];

/// Whether a value of this name can be understood.
fn means(name: &str, value: &str) -> bool {
    name != "state" || state_of(value) != PriceState::Any
}

/// Models with their prices.
#[component]
pub fn PricesPage() -> impl IntoView {
    page(async move {
        let reader = context::money_reader()?;
        let query = Query::current();
        if let Some(tidy) = query.tidied("/prices", &KNOWN, means) {
            context::redirect(&tidy);
            return Ok(().into_any());
        }
        let gateway = context::gateway()?;
        let filter = PriceFilter {
            search: query.get("q").map(|text| text.chars().take(200).collect()),
            provider: query.get("provider"),
            state: query.get("state").map_or(PriceState::Any, |word| state_of(&word)),
        };
        let list = gateway
            .prices()
            .list(&reader, &filter, &cursor(&query), PageSize::default())
            .await?;
        // Who only keeps money sees no providers, and so no filter and no logo of theirs.
        let providers = match context::reader() {
            Ok(reader) => gateway.providers().list(&reader).await?,
            Err(_) => Vec::new(),
        };
        let logos = providers
            .iter()
            .map(|provider| (provider.id, Offer::of(&provider.draft).id()))
            .collect();
        let language = use_language();
        let title = language.pick("Prices", "价格");
        let counts = [
            (PriceState::Any, list.all),
            (PriceState::Unpriced, list.unpriced),
            (PriceState::BelowCost, list.below_cost),
            (PriceState::Scheduled, list.scheduled),
        ];
        let public = view! { <LinkButton href="/pricing" icon="globe">{language.pick("Public price list", "公开价目表")}</LinkButton> };
        let view = view! {
            <Page title=title place=Place::Prices>
                <PageHead
                    title=title
                    sub=language.pick("What providers bill and what calls are sold for, in USD per million tokens.", "提供商收取的成本与对外售价，单位为美元 / 百万 token。")
                    actions=public.into_any()
                />
                <Filters query=query.clone() filter=filter providers=providers />
                <States query=query.clone() counts=counts />
                <Listed query=query logos=logos rows=list.page.rows before=list.page.newer after=list.page.older none=list.all == 0 />
            </Page>
        };
        Ok(view.into_any())
    })
}

/// Where the page begins, as the address says it.
pub fn cursor(query: &Query) -> NameCursor {
    match (query.get("after"), query.get("before")) {
        (Some(name), _) => NameCursor::After(name),
        (None, Some(name)) => NameCursor::Before(name),
        (None, None) => NameCursor::First,
    }
}

fn state_of(word: &str) -> PriceState {
    match word {
        "unpriced" => PriceState::Unpriced,
        "below-cost" => PriceState::BelowCost,
        "scheduled" => PriceState::Scheduled,
        _ => PriceState::Any,
    }
}

const fn word_of(state: PriceState) -> Option<&'static str> {
    match state {
        PriceState::Any => None,
        PriceState::Unpriced => Some("unpriced"),
        PriceState::BelowCost => Some("below-cost"),
        PriceState::Scheduled => Some("scheduled"),
    }
}

#[component]
fn Filters(query: Query, filter: PriceFilter, providers: Vec<Provider>) -> impl IntoView {
    let language = use_language();
    let offers = providers
        .iter()
        .map(|provider| Choice::new(provider.draft.name.to_string(), provider.draft.title.to_string()))
        .collect();
    let filtered = filter.search.is_some() || filter.provider.is_some();
    let clear = filtered.then(|| query.link("/prices", &["state"], &[]));
    let state = word_of(filter.state).map(|word| view! { <input type="hidden" name="state" value=word /> });
    view! {
        <FilterForm action="/prices" label=language.pick("Filter prices", "筛选价格") clear=clear>
            <FilterText name="q" label=language.pick("Search models", "搜索模型") placeholder=language.pick("Part of a name", "名称片段") value=filter.search />
            <FilterSelect name="provider" label=language.pick("Provider", "提供商") any=language.pick("Any provider", "任意提供商") choices=offers chosen=filter.provider />
            {state}
        </FilterForm>
    }
}

/// The states as links, each with how many models it has.
#[component]
fn States(query: Query, counts: [(PriceState, usize); 4]) -> impl IntoView {
    let language = use_language();
    let now = query.get("state").map_or(PriceState::Any, |word| state_of(&word));
    let chips: Vec<_> = counts
        .into_iter()
        .map(|(state, count)| {
            let href = query.link("/prices", &["q", "provider"], &[("state", word_of(state))]);
            let current = (state == now).then_some("page");
            let word = match state {
                PriceState::Any => language.pick("All", "全部"),
                PriceState::Unpriced => language.pick("No price", "未定价"),
                PriceState::BelowCost => language.pick("Below cost", "低于成本"),
                PriceState::Scheduled => language.pick("Scheduled", "已排期"),
            };
            view! { <a class="chip" href=href aria-current=current>{word}" "<span class="chip-count">{format::count(count as u64)}</span></a> }
        })
        .collect();
    view! { <nav class="chips" aria-label=language.pick("Show", "显示")>{chips}</nav> }
}

#[component]
fn Listed(
    query: Query,
    logos: HashMap<ProviderId, &'static str>,
    rows: Vec<ModelPrice>,
    #[prop(optional_no_strip)] before: Option<String>,
    #[prop(optional_no_strip)] after: Option<String>,
    none: bool,
) -> impl IntoView {
    let language = use_language();
    let label = language.pick("Prices", "价格");
    if rows.is_empty() {
        let filtered = query.get("q").is_some() || query.get("provider").is_some() || query.get("state").is_some();
        let state = if none && !filtered {
            view! {
                <State
                    kind=StateKind::NothingYet
                    title=language.pick("No models yet", "还没有模型")
                    text=language.pick("Models come from providers. Once there are some, they get their prices here.", "模型来自提供商。有了模型之后，可在此为其定价。")
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
                    all="/prices"
                />
            }
            .into_any()
        };
        return view! { <section class="panel" aria-label=label>{state}</section> }.into_any();
    }
    let turn = |name: &'static str, value: Option<String>| {
        value.map(|value| query.link("/prices", &["q", "provider", "state"], &[(name, Some(value.as_str()))]))
    };
    let (before, after) = (turn("before", before), turn("after", after));
    let shown = rows.len();
    let note = match language {
        Language::En => format!("{shown} models"),
        Language::Zh => format!("{shown} 个模型"),
    };
    let pager = (before.is_some() || after.is_some()).then(|| view! { <Turn before=before after=after note=note /> });
    let columns = vec![
        Column::new(language.pick("Model", "模型")),
        Column::new(language.pick("Provider", "提供商")).leaves(3),
        Column::new(language.pick("Input", "输入")).number(),
        Column::new(language.pick("Output", "输出")).number(),
        Column::new(language.pick("Margin", "加成")).number().leaves(2),
        Column::new(language.pick("State", "状态")),
    ];
    let rows: Vec<_> = rows
        .into_iter()
        .map(|entry| {
            let logo = logos.get(&entry.model.provider_id).copied().unwrap_or_default();
            view! { <Row entry=entry logo=logo /> }
        })
        .collect();
    view! {
        <section class="panel" aria-label=label>
            <Table columns=columns>{rows}</Table>
            {pager}
        </section>
    }
    .into_any()
}

#[component]
fn Row(entry: ModelPrice, logo: &'static str) -> impl IntoView {
    let language = use_language();
    let off = !(entry.model.enabled && entry.model.provider_enabled);
    let margins = entry.current.as_ref().and_then(|version| version.sheet.margins());
    let margin = match margins {
        Some(margins) => span(margins).into_any(),
        None => view! { <span class="muted">"–"</span> }.into_any(),
    };
    let below = !entry.below_cost().is_empty();
    // Of what has no price a card says that, and no three lines of nothing.
    let (number, last) = if entry.is_unpriced() {
        ("num col-card-off", "num col-2 col-card-off")
    } else {
        ("num", "num col-2")
    };
    view! {
        <tr class=off.then_some("is-off")>
            <td class="cell-lead">
                <span class="row-nowrap">
                    <Logo of=logo />
                    <a class="row-link break" href=model::page_of(entry.model.id)>
                        <span class="muted">{format!("{}/", entry.model.provider)}</span><span class="cell-main">{entry.model.slug.to_string()}</span>
                    </a>
                </span>
            </td>
            <td class="col-3 ellipsis" title=entry.model.provider_title.to_string()>{entry.model.provider_title.to_string()}</td>
            <td class=number data-label=language.pick("Input", "输入")>{pair(&entry, &Dimension::Input)}</td>
            <td class=number data-label=language.pick("Output", "输出")>{pair(&entry, &Dimension::Output)}</td>
            <td class=last data-label=language.pick("Margin", "加成")><span class=below.then_some("delta-bad")>{margin}</span></td>
            <td class="cell-end"><Standing entry=entry /></td>
        </tr>
    }
}

/// Priced, in part or not at all, damaged or below cost, all that holds; and what is scheduled.
#[component]
pub fn Standing(
    /// The model.
    entry: ModelPrice,
) -> impl IntoView {
    let told: Vec<_> = standing(&entry, use_language())
        .into_iter()
        .map(|(tone, text)| view! { <Status tone=tone text=text /> })
        .collect();
    let language = use_language();
    let next = entry.next.map(|next| {
        view! { <span class="badge badge-accent"><Time at=next.effective_from style=TimeStyle::Day /></span> }
    });
    view! { <span class="row">{told}{next.map(|at| view! { <span class="visually-hidden">{language.pick("scheduled for", "已排期")}</span>{at} })}</span> }
}

fn standing(entry: &ModelPrice, language: Language) -> Vec<(Tone, String)> {
    if entry.damaged.is_some() {
        return vec![(
            Tone::Bad,
            language.pick("Damaged, no price", "已损坏，未定价").to_owned(),
        )];
    }
    if entry.is_unpriced() {
        return vec![(Tone::Warning, language.pick("No price", "未定价").to_owned())];
    }
    let (lacking, uncosted) = (entry.lacking(), entry.uncosted());
    let refuses = entry.refuses_chats().then(|| language.embeddings_alone().to_owned());
    let below = (!entry.below_cost().is_empty()).then(|| language.pick("Below cost", "低于成本").to_owned());
    let warning = |text| (Tone::Warning, text);
    let lacking = (!lacking.is_empty()).then(|| language.lacking(&lacking)).map(warning);
    let uncosted = (!uncosted.is_empty())
        .then(|| language.uncosted(&uncosted))
        .map(warning);
    let told: Vec<_> = [
        lacking,
        refuses.map(warning),
        below.map(|text| (Tone::Bad, text)),
        uncosted,
    ]
    .into_iter()
    .flatten()
    .collect();
    if told.is_empty() {
        return vec![(Tone::Good, language.pick("Priced", "已定价").to_owned())];
    }
    told
}

/// Cost and price of a dimension: `2.50 → 3.00`.
fn pair(entry: &ModelPrice, dimension: &Dimension) -> AnyView {
    let Some(version) = &entry.current else {
        return view! { <span class="muted">"–"</span> }.into_any();
    };
    let (cost, sell) = (
        version.sheet.cost().base().get(dimension),
        version.sheet.sell().base().get(dimension),
    );
    let Some(sell) = sell else {
        return view! { <span class="muted">"–"</span> }.into_any();
    };
    let cost = cost.map(|cost| {
        view! { <PriceText dimension=dimension.clone() price=cost quiet=true /><span class="arrow" aria-hidden="true">"→"</span> }
    });
    view! { <span class="nowrap">{cost}<PriceText dimension=dimension.clone() price=sell /></span> }.into_any()
}

/// One margin, or from the lowest to the highest, in percent.
pub fn span((low, high): (MarginPpm, MarginPpm)) -> String {
    if low == high {
        percent(low)
    } else {
        format!("{} … {}", percent(low), percent(high))
    }
}
