//! The filters above the list: ranges as links, everything else as one form whose values stand in the address.

use domain::{
    call::{CallState, Endpoint},
    key::ApiKey,
    name::Email,
    page::PageSize,
    provider::Provider,
    time::Timestamp,
};
use leptos::prelude::*;

use super::{
    filters::{CUSTOM, Filters, KEPT, Range, field_value},
    words,
};
use crate::{
    components::{field::options, *},
    form::Query,
    text::{Language, use_language},
};

/// What can be chosen from. Providers and people are for admins.
pub struct Offer {
    /// Keys whose calls the person may see.
    pub keys: Vec<ApiKey>,
    /// Everybody's keys: they need their owner's name.
    pub of_everybody: bool,
    /// Upstreams.
    pub providers: Vec<Provider>,
    /// Addresses to complete.
    pub people: Vec<Email>,
}

/// The ranges as links.
pub fn ranges(filters: &Filters, query: &Query) -> impl IntoView + use<> {
    let language = use_language();
    let links: Vec<_> = Range::EACH
        .into_iter()
        .map(|range| {
            let href = query.link(
                "/calls",
                &KEPT,
                &[("range", Some(range.word())), ("from", None), ("until", None)],
            );
            let current = (!filters.custom && filters.range == range).then_some("page");
            view! { <a class="chip" href=href aria-current=current>{range_name(range, language)}</a> }
        })
        .collect();
    let custom = query.link("/calls", &KEPT, &[("range", Some(CUSTOM))]);
    let current = filters.custom.then_some("page");
    view! {
        <nav class="chips" aria-label=language.pick("Range", "时间范围")>
            {links}
            <a class="chip" href=custom aria-current=current>{language.pick("From – until", "自定义")}</a>
        </nav>
    }
}

/// A range in words.
pub const fn range_name(range: Range, language: Language) -> &'static str {
    match range {
        Range::Hour => language.pick("Last hour", "最近 1 小时"),
        Range::Day => language.pick("Last 24 hours", "最近 24 小时"),
        Range::Week => language.pick("Last 7 days", "最近 7 天"),
        Range::Month => language.pick("Last 30 days", "最近 30 天"),
        Range::All => language.pick("All time", "全部时间"),
    }
}

/// The form.
pub fn form(filters: &Filters, query: &Query, offer: Offer) -> impl IntoView + use<> {
    let language = use_language();
    let states = CallState::ALL
        .into_iter()
        .map(|state| Choice::new(state.as_str(), words::state(state, language)));
    let endpoints = Endpoint::ALL
        .into_iter()
        .map(|endpoint| Choice::new(endpoint.as_str(), words::endpoint(endpoint, language)));
    let providers = offer
        .providers
        .into_iter()
        .map(|provider| Choice::new(provider.id.to_string(), provider.draft.title.to_string()));
    let keys = offer.keys.into_iter().map(|key| {
        let name = if offer.of_everybody {
            format!("{} ({})", key.name, key.user_email)
        } else {
            key.name.to_string()
        };
        Choice::new(key.id.to_string(), name)
    });
    let rows = PageSize::OFFERED.into_iter().map(|rows| {
        Choice::new(
            rows.to_string(),
            match language {
                Language::En => format!("{rows} a page"),
                Language::Zh => format!("每页 {rows} 条"),
            },
        )
    });
    let people: Vec<_> = offer
        .people
        .into_iter()
        .map(|email| view! { <option value=email.to_string()></option> })
        .collect();
    let (has_providers, of_everybody) = (providers.len() > 0, offer.of_everybody);
    let chosen = |id: Option<String>| id.unwrap_or_default();
    let clear = filters.narrows().then(|| {
        let href = query.link("/calls", &["range", "from", "until", "size"], &[]);
        view! { <a class="btn btn-quiet" href=href><Icon name="x"/>{language.pick("Clear filters", "清除筛选")}</a> }
    });
    let date = |name: &'static str, label: &'static str, at: Option<Timestamp>| {
        let value = at.map(field_value);
        view! {
            <label class="input-box">
                <span class="unit">{label}</span>
                <input class="input" type="datetime-local" name=name value=value/>
            </label>
        }
    };
    view! {
        <form class="filters" method="get" action="/calls" role="search" aria-label=language.pick("Filter calls", "筛选调用")>
            <input type="hidden" name="range" value=filters.range_word()/>
            <label class="input-box">
                <Icon name="search"/>
                <input
                    class="input"
                    type="search"
                    name="model"
                    value=filters.model.clone()
                    placeholder=language.pick("Model", "模型")
                    aria-label=language.pick("Part of the model's name", "模型名称的一部分")
                />
            </label>
            {select("state", language.pick("State", "状态"), language.pick("Any state", "任意状态"), states.collect(), &chosen(filters.state.map(|state| state.as_str().to_owned())))}
            {select("endpoint", language.pick("Endpoint", "接口"), language.pick("Any endpoint", "任意接口"), endpoints.collect(), &chosen(filters.endpoint.map(|endpoint| endpoint.as_str().to_owned())))}
            {has_providers.then(|| select("provider", language.pick("Provider", "提供商"), language.pick("Any provider", "任意提供商"), providers.collect(), &chosen(filters.provider.map(|id| id.to_string()))))}
            {select("key", language.pick("Key", "密钥"), language.pick("Any key", "任意密钥"), keys.collect(), &chosen(filters.key.map(|id| id.to_string())))}
            {of_everybody.then(|| view! {
                <label class="input-box">
                    <Icon name="user"/>
                    <input
                        class="input"
                        type="search"
                        name="user"
                        list="people"
                        value=filters.user.clone()
                        autocomplete="off"
                        placeholder=language.pick("Anyone", "任何人")
                        aria-label=language.pick("E-mail of the person", "用户邮箱")
                    />
                </label>
                <datalist id="people">{people}</datalist>
            })}
            {filters.custom.then(|| view! {
                {date("from", language.pick("From, UTC", "从（UTC）"), filters.from)}
                {date("until", language.pick("Until, UTC", "到（UTC）"), filters.until)}
            })}
            <span class="select">
                <select name="size" aria-label=language.pick("Rows a page", "每页条数")>
                    {options(rows.collect(), &filters.size.rows().to_string())}
                </select>
            </span>
            <button class="btn" type="submit">{language.pick("Apply", "应用")}</button>
            {clear}
        </form>
    }
}

/// A list whose first entry means any.
fn select(
    name: &'static str,
    label: &'static str,
    any: &'static str,
    mut choices: Vec<Choice>,
    chosen: &str,
) -> impl IntoView + use<> {
    choices.insert(0, Choice::new("", any));
    view! { <span class="select"><select name=name aria-label=label>{options(choices, chosen)}</select></span> }
}
