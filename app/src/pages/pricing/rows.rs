//! The rows of the price list: a name to copy, the prices of a token, and everything else that has a price.

use domain::{
    price::{Dimension, Offer, OfferFilter, OfferOrder, Rates, Tariff, TierRule},
    time::Timestamp,
};
use leptos::prelude::*;

use super::upcoming::{Change, changes};
use crate::{
    components::{
        Column, Logo, PriceText, format,
        price::{own, quoted},
        time::moment,
    },
    form::Query,
    islands::copy::CopyButton,
    text::{Language, use_language},
};

/// The heads; those of name, input and output sort.
pub fn columns(query: &Query, filter: &OfferFilter) -> Vec<Column> {
    let language = use_language();
    let sorts = |column: Column, order: OfferOrder, word: Option<&str>| {
        let here = filter.order == order;
        // Once more is the other way round.
        let down = (here && !filter.descending).then_some("1");
        let link = query.link("/pricing", &["q", "provider"], &[("sort", word), ("down", down)]);
        column.sorts(link, here.then_some(filter.descending))
    };
    vec![
        sorts(Column::new(language.pick("Model", "模型")), OfferOrder::Name, None),
        Column::new(language.pick("Provider", "提供商")).leaves(3),
        Column::new(language.pick("Context", "上下文")).number().leaves(2),
        sorts(
            Column::new(language.pick("Input", "输入")).number(),
            OfferOrder::Input,
            Some("input"),
        ),
        sorts(
            Column::new(language.pick("Output", "输出")).number(),
            OfferOrder::Output,
            Some("output"),
        ),
        Column::new(language.pick("Cache read", "缓存读取")).number().leaves(2),
        Column::new(language.pick("Cache write", "缓存写入")).number().leaves(2),
    ]
}

/// Whether one of its columns shows a price that it takes from another.
pub fn borrows(offer: &Offer) -> bool {
    [Dimension::CacheRead, Dimension::CacheWrite5m].iter().any(|dimension| {
        let quote = offer.sell.quote(dimension, 0);
        quote.is_some_and(|quote| !own(&quote, dimension))
    })
}

/// One model.
#[component]
pub fn OfferRow(
    /// What is sold.
    offer: Offer,
) -> impl IntoView {
    let language = use_language();
    let name = offer.model.clone();
    let (provider, slug) = name.split_once('/').map_or_else(
        || (String::new(), name.clone()),
        |(provider, slug)| (format!("{provider}/"), slug.to_owned()),
    );
    let copy = match language {
        Language::En => format!("Copy {name}"),
        Language::Zh => format!("复制 {name}"),
    };
    let price = |dimension: Dimension| quoted(offer.sell.quote(&dimension, 0).as_ref(), &dimension);
    let also = also(&offer.sell, language);
    let context = match offer.context_tokens {
        Some(tokens) => view! { <span title=language.pick("tokens in one call", "单次调用的 token 数")>{format::count(tokens)}</span> }.into_any(),
        None => view! { <span class="muted">"–"</span> }.into_any(),
    };
    let next = offer
        .next
        .iter()
        .flat_map(|(at, tariff)| upcoming(*at, &changes(&offer.sell, tariff), language));
    let embeddings = offer.embeddings_only.then(|| {
        let words = language.pick(
            "For embeddings only: an answer has no price.",
            "仅可用于嵌入：回答没有价格。",
        );
        words.into_any()
    });
    let notes: Vec<_> = embeddings
        .into_iter()
        .chain(also)
        .chain(next)
        .map(|note| view! { <span class="offer-note">{note}</span> })
        .collect();
    view! {
        <tr>
            <td class="cell-lead">
                <span class="offer-name">
                    <span class="row-nowrap">
                        <Logo of=offer.logo.clone() />
                        <code class="break"><span class="muted">{provider}</span>{slug}</code>
                        <CopyButton text=name class="btn btn-icon btn-quiet btn-s" label=copy language=language />
                    </span>
                    {notes}
                </span>
            </td>
            <td class="col-3 ellipsis" title=offer.provider_title.clone()>{offer.provider_title.clone()}</td>
            <td class="num col-2" data-label=language.pick("Context", "上下文")>{context}</td>
            <td class="num" data-label=language.pick("Input", "输入")>{price(Dimension::Input)}</td>
            <td class="num" data-label=language.pick("Output", "输出")>{price(Dimension::Output)}</td>
            <td class="num col-2" data-label=language.pick("Cache read", "缓存读取")>{price(Dimension::CacheRead)}</td>
            <td class="num col-2" data-label=language.pick("Cache write", "缓存写入")>{price(Dimension::CacheWrite5m)}</td>
        </tr>
    }
}

/// What has no column: other dimensions and tiers, a line each.
fn also(tariff: &Tariff, language: Language) -> Vec<AnyView> {
    let columns = [
        Dimension::Input,
        Dimension::Output,
        Dimension::CacheRead,
        Dimension::CacheWrite5m,
    ];
    let others: Vec<AnyView> = tariff
        .base()
        .iter()
        .filter(|(dimension, _)| !columns.contains(dimension))
        .map(|(dimension, price)| one(dimension, price, language))
        .collect();
    let mut lines = Vec::new();
    if !others.is_empty() {
        lines.push(joined(others));
    }
    lines.extend(
        tariff
            .tiers()
            .iter()
            .map(|tier| above(tier.above, tariff.rule(), &tier.rates, language)),
    );
    lines
}

/// The prices of long prompts, in one line.
fn above(threshold: u64, rule: TierRule, rates: &Rates, language: Language) -> AnyView {
    let above = format::count(threshold);
    if rates.is_empty() {
        return match language {
            Language::En => format!("Above {above} input tokens: as for shorter ones"),
            Language::Zh => format!("输入超过 {above} token：与较短输入相同"),
        }
        .into_any();
    }
    let prices = rates
        .iter()
        .map(|(dimension, price)| one(dimension, price, language))
        .collect();
    let head = match language {
        Language::En => format!(
            "Above {above} input tokens ({}): ",
            language.tier_rule(rule).to_lowercase()
        ),
        Language::Zh => format!("输入超过 {above} token（{}）：", language.tier_rule(rule)),
    };
    view! { {head}{joined(prices)} }.into_any()
}

/// What is sold at another price later, a line for the prices and one for each tier; nothing where nothing that is shown changes.
fn upcoming(at: Timestamp, changes: &[Change], language: Language) -> Vec<AnyView> {
    let from = moment(at, language);
    let line = |change: &Change| {
        let told = match change {
            Change::Base(prices) => joined(
                prices
                    .iter()
                    .map(|(dimension, price)| becomes(dimension, *price, language))
                    .collect(),
            ),
            Change::Above(threshold, rule, rates) => above(*threshold, *rule, rates, language),
        };
        let head = match language {
            Language::En => format!("From {from}: "),
            Language::Zh => format!("自 {from} 起："),
        };
        view! { {head}{told} }.into_any()
    };
    changes.iter().map(line).collect()
}

/// A price that comes, or that there is none any more.
fn becomes(dimension: &Dimension, price: Option<domain::money::Price>, language: Language) -> AnyView {
    match price {
        Some(price) => one(dimension, price, language),
        None => view! { <span class="nowrap">{language.dimension(dimension)}" "{language.pick("without a price", "无价格")}</span> }.into_any(),
    }
}

fn one(dimension: &Dimension, price: domain::money::Price, language: Language) -> AnyView {
    let name = language.dimension(dimension);
    let unit = language.other_unit(dimension).map(|unit| format!(" {unit}"));
    view! { <span class="nowrap">{name}" "<PriceText dimension=dimension.clone() price=price />{unit}</span> }
        .into_any()
}

fn joined(parts: Vec<AnyView>) -> AnyView {
    let comma = use_language().pick(", ", "，");
    let parts: Vec<_> = parts
        .into_iter()
        .enumerate()
        .map(|(place, part)| view! { {(place > 0).then_some(comma)}{part} })
        .collect();
    parts.into_any()
}
