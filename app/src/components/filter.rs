//! The filters above a list: one GET form whose values stand in the address. Lists of calls, changes, models and users
//! are narrowed with it. Dates appear by CSS as soon as "From – until" is chosen, and empty fields leave the address
//! again (`Query::tidied`).

use leptos::prelude::*;

use super::{
    field::{Choice, options},
    icon::Icon,
};
use crate::{
    form::period::{CUSTOM, Period, Range, field_value},
    text::{Language, use_language},
};

/// The form; its button stands after the fields.
#[component]
pub fn FilterForm(
    /// The list's own path.
    action: &'static str,
    /// Names the form, such as "Filter calls".
    label: &'static str,
    /// The list without filters, where there are any to clear.
    #[prop(optional_no_strip)]
    clear: Option<String>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let clear = clear.map(|href| {
        view! { <a class="btn btn-quiet" href=href><Icon name="x" />{language.pick("Clear filters", "清除筛选")}</a> }
    });
    view! {
        <form class="filters" method="get" action=action role="search" aria-label=label>
            {children()}
            <button class="btn" type="submit">{language.pick("Apply", "应用")}</button>
            {clear}
        </form>
    }
}

/// A text to look for, with what it may be completed to.
#[component]
pub fn FilterText(
    /// The value's name in the address.
    name: &'static str,
    /// What it looks in, for screen readers.
    label: &'static str,
    /// The same in a word or two, shown while it is empty.
    placeholder: &'static str,
    /// What is looked for now.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// Instead of the looking glass.
    #[prop(default = "search")]
    icon: &'static str,
    /// Completions.
    #[prop(optional)]
    offers: Vec<String>,
) -> impl IntoView {
    let list = (!offers.is_empty()).then(|| format!("{name}-offers"));
    let offers = list.clone().map(|id| {
        let offers: Vec<_> = offers
            .into_iter()
            .map(|offer| view! { <option value=offer></option> })
            .collect();
        view! { <datalist id=id>{offers}</datalist> }
    });
    view! {
        <label class="input-box">
            <Icon name=icon />
            <input
                class="input"
                type="search"
                name=name
                value=value
                list=list
                size="1"
                maxlength="254"
                autocomplete="off"
                spellcheck="false"
                placeholder=placeholder
                aria-label=label
            />
        </label>
        {offers}
    }
}

/// One of several; the first choice means any.
#[component]
pub fn FilterSelect(
    /// The value's name in the address.
    name: &'static str,
    /// What is chosen, for screen readers.
    label: &'static str,
    /// The choice that leaves all, such as "Any state".
    any: &'static str,
    /// The others.
    choices: Vec<Choice>,
    /// The value that is chosen now.
    #[prop(optional_no_strip)]
    chosen: Option<String>,
) -> impl IntoView {
    let offers = options(choices, &chosen.unwrap_or_default());
    view! {
        <span class="select">
            <select name=name aria-label=label><option value="">{any}</option>{offers}</select>
        </span>
    }
}

/// How far back, or from when until when.
#[component]
pub fn FilterPeriod(
    /// What is shown now.
    period: Period,
) -> impl IntoView {
    let language = use_language();
    let mut choices: Vec<_> = Range::EACH
        .into_iter()
        .map(|range| Choice::new(range.word(), range_name(range, language)))
        .collect();
    choices.push(Choice::new(CUSTOM, language.pick("From – until", "自定义")));
    let date = |name: &'static str, label: &'static str, at| {
        let value = Option::map(at, field_value);
        view! {
            <label class="input-box filter-date">
                <span class="unit">{label}</span>
                <input class="input" type="datetime-local" name=name value=value />
            </label>
        }
    };
    view! {
        <span class="select">
            <select name="range" aria-label=language.pick("Range", "时间范围")>{options(choices, period.word())}</select>
        </span>
        {date("from", language.pick("From, UTC", "从（UTC）"), period.from)}
        {date("until", language.pick("Until, UTC", "到（UTC）"), period.until)}
    }
}

/// Filters that one seldom needs, folded away.
#[component]
pub fn FilterMore(
    /// One of them counts.
    open: bool,
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="filter-more" open=open>
            <summary class="btn btn-quiet"><Icon name="right" />{use_language().pick("More", "更多")}</summary>
            {children()}
        </details>
    }
}

/// A range in words.
#[must_use]
pub const fn range_name(range: Range, language: Language) -> &'static str {
    match range {
        Range::Hour => language.pick("Last hour", "最近 1 小时"),
        Range::Day => language.pick("Last 24 hours", "最近 24 小时"),
        Range::Week => language.pick("Last 7 days", "最近 7 天"),
        Range::Month => language.pick("Last 30 days", "最近 30 天"),
        Range::All => language.pick("All time", "全部时间"),
    }
}

/// The note beside the heading: which stretch of time the list shows, and in which zone.
#[must_use]
pub fn period_note(period: &Period, language: Language) -> String {
    let zone = language.pick(", UTC", "，UTC");
    let words = if period.custom {
        language.pick("Chosen range", "自定义范围")
    } else {
        range_name(period.range, language)
    };
    format!("{words}{zone}")
}
