//! The limits of something with their live state: what was used and what running calls have reserved, of how much, and when it
//! begins anew. Shown on the page of whatever they are on, and on the page that changes them.

pub mod words;

use domain::limit::{Measure, Standing, Window};
use gateway::LimitsOf;
use leptos::prelude::*;

use super::{Column, LinkButton, Nothing, Panel, Table, Time, money, time::exact};
use crate::text::{Language, use_language};

/// A panel with the limits of one thing, and the way to change them.
#[component]
pub fn LimitsPanel(
    /// As they stand.
    of: LimitsOf,
) -> impl IntoView {
    let language = use_language();
    let actions = of.changeable.then(|| {
        view! {
            <LinkButton href=page_of(&of) class="btn-s" icon="edit">{language.pick("Change limits", "更改限额")}</LinkButton>
        }
        .into_any()
    });
    view! {
        <Panel title=language.pick("Limits", "限额") id="limits" actions=actions.unwrap_or_else(|| ().into_any())>
            <LimitsTable of=of />
        </Panel>
    }
}

/// The address at which the limits of something are changed.
#[must_use]
pub fn page_of(of: &LimitsOf) -> String {
    format!("/limits/{}/{}", of.subject.kind.as_str(), of.subject)
}

/// The limits in rows, or that there are none.
#[component]
pub fn LimitsTable(
    /// As they stand.
    of: LimitsOf,
) -> impl IntoView {
    let language = use_language();
    if of.standings.is_empty() {
        let text = language.pick(
            "Nothing is limited here. A limit of zero would refuse every call; having none refuses nothing.",
            "这里没有任何限制。限额为 0 会拒绝所有调用；没有限额则不拒绝。",
        );
        let title = language.pick("No limits", "没有限额");
        return view! { <Nothing title=title text=text /> }.into_any();
    }
    let columns = vec![
        Column::new(language.pick("Limit", "限额")),
        Column::new(language.pick("Used", "已用")),
        Column::new(language.pick("Left", "剩余")).number(),
        Column::new(language.pick("Resets", "重置时间")).leaves(2),
    ];
    let rows: Vec<_> = of
        .standings
        .into_iter()
        .map(|standing| view! { <Row standing=standing /> })
        .collect();
    view! { <Table columns=columns>{rows}</Table> }.into_any()
}

#[component]
fn Row(standing: Standing) -> impl IntoView {
    let language = use_language();
    let limit = standing.limit;
    let name = words::limit(&limit, language);
    let anew = match (limit.window, standing.resets_at) {
        (Window::Calendar(_) | Window::Rolling(_), Some(at)) => view! { <Time at=at /> }.into_any(),
        _ => view! { <span class="muted" aria-label=language.pick("never", "永不")>"–"</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="cell-lead two-line">
                <span class="cell-main">{name.clone()}</span>
                <small>{figure(limit.measure, limit.most)}</small>
            </td>
            <td data-label=language.pick("Used", "已用")><Bar standing=standing name=name /></td>
            <td class="num" data-label=language.pick("Left", "剩余")>{figure(limit.measure, standing.remaining())}</td>
            <td class="col-2" data-label=language.pick("Resets", "重置时间")>{anew}</td>
        </tr>
    }
}

/// How full it is: as a meter, and in words.
#[component]
fn Bar(standing: Standing, name: String) -> impl IntoView {
    let language = use_language();
    let limit = standing.limit;
    let taken = standing.used.saturating_add(standing.reserved);
    let used = figure(limit.measure, standing.used);
    let reserved = (standing.reserved > 0).then(|| {
        let count = figure(limit.measure, standing.reserved);
        match language {
            Language::En => format!(" + {count} reserved"),
            Language::Zh => format!(" + 预留 {count}"),
        }
    });
    let told = format!("{used}{}", reserved.unwrap_or_default());
    let title = standing.resets_at.map(exact);
    // A meter of nothing is always full.
    let (value, most) = if limit.most > 0 {
        (taken.min(limit.most), limit.most)
    } else {
        (1, 1)
    };
    view! {
        <span class="limit-bar" title=title>
            <meter class="meter" min="0" max=most value=value aria-label=name>{told.clone()}</meter>
            <small>{told}</small>
        </span>
    }
}

/// A count with its unit's way of writing.
#[must_use]
pub fn figure(measure: Measure, count: i64) -> String {
    match measure {
        Measure::Spend => {
            money::words(domain::money::Amount::from_nano(count.max(0)).unwrap_or(domain::money::Amount::MAX))
        }
        Measure::Requests | Measure::Tokens | Measure::Concurrent => super::format::count(count.unsigned_abs()),
    }
}
