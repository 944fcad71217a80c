//! `/audit`: every change, newest first, in pages by keyset. The address says period, filters, page and open row.
//!
//! Who reads everything gets here; nothing can be changed or deleted. One line says whether the chain over the changes is
//! intact (`audit/chain.rs`).

mod chain;
mod difference;
mod filters;
mod parties;
mod peek;
pub mod words;

use domain::{
    access::Actor,
    audit::{AuditEntry, AuditFilter},
    page::{Page as Rows, PageSize},
    time::Timestamp,
};
use leptos::prelude::*;

pub(super) use self::parties::{actor_in_words, page_of_subject};

use self::{
    filters::{Filters, KEPT, KNOWN},
    peek::Peek,
    words::action_in_words,
};
use crate::{
    components::{
        Column, LinkButton, Page, PageHead, Pager, Place, State, StateKind, Table, Time, TimeStyle, format, page,
        period_note,
    },
    context,
    form::Query,
    text::{Language, use_language},
};

/// The same list as a file.
pub const CSV: &str = "/audit/audit.csv";

/// The filter that such an address names, for the file.
#[must_use]
pub fn filter_of(pairs: Vec<(String, String)>, now: Timestamp) -> AuditFilter {
    Filters::read(&Query::of(pairs)).resolve(now)
}

/// Matches beyond this are not counted.
const CAP: i64 = 10_000;

/// The list of changes.
#[component]
pub fn AuditPage() -> impl IntoView {
    page(async move {
        let (reader, gateway, language) = (context::reader()?, context::gateway()?, use_language());
        let query = Query::current();
        if let Some(tidy) = query.tidied("/audit", &KNOWN, filters::means) {
            context::redirect(&tidy);
            return Ok(().into_any());
        }
        let filters = Filters::read(&query);
        let filter = filters.resolve(gateway.now());
        let found = gateway
            .audit()
            .page(&reader, &filter, filters.cursor, filters.size)
            .await?;
        let count = gateway.audit().count(&reader, &filter, CAP).await?;
        let actors = filters::actors(&gateway, &reader, language).await?;
        let place = filters
            .open
            .and_then(|id| found.rows.iter().position(|entry| entry.id == id));
        let open = place.and_then(|place| found.rows.get(place)).cloned();
        let beside = |place: Option<usize>| {
            let entry = place.and_then(|place| found.rows.get(place));
            entry.map(|entry| with_open(&query, Some(entry.id.to_string().as_str())))
        };
        let newer = beside(place.and_then(|place| place.checked_sub(1)));
        let older = beside(place.map(|place| place + 1));
        let title = language.pick("Audit", "审计");
        let sub = language.pick(
            "Every change by people, the command line and the hub itself. Secrets, prompts and answers are never part of it.",
            "由用户、命令行和系统自身所做的每一次更改。不包含密钥、提示词和回答。",
        );
        let content = if found.rows.is_empty() {
            let any = gateway.audit().count(&reader, &AuditFilter::default(), 1).await? > 0;
            nothing(any, &filters, &query).into_any()
        } else {
            list(found, count, &filters, &query).into_any()
        };
        let chain = gateway.audit().verify(&reader, Some(chain::LOOKED_AT)).await?;
        let mut file = KEPT.to_vec();
        file.retain(|name| *name != "size");
        let file = query.link(CSV, &file, &[]);
        let actions = view! { <LinkButton href=file icon="download">"CSV"</LinkButton> };
        let body = view! {
            <PageHead title=title note=period_note(&filters.period, language) sub=sub actions=actions.into_any() />
            {chain::line(&chain)}
            {filters::form(&filters, &query, actors)}
            <section class="panel" aria-label=title>{content}</section>
        };
        Ok(match open {
            Some(entry) => {
                let aside = view! { <Peek entry=entry close=with_open(&query, None) newer=newer older=older /> };
                view! { <Page title=title place=Place::Audit aside=aside.into_any()>{body}</Page> }.into_any()
            }
            None => view! { <Page title=title place=Place::Audit>{body}</Page> }.into_any(),
        })
    })
}

/// The same page of the list with this change beside it, or with none.
fn with_open(query: &Query, open: Option<&str>) -> String {
    let mut kept = KEPT.to_vec();
    kept.extend(["before", "after"]);
    query.link("/audit", &kept, &[("open", open)])
}

fn list(found: Rows<AuditEntry>, count: i64, filters: &Filters, query: &Query) -> impl IntoView + use<> {
    let language = use_language();
    let turn = |name: &str, id: Option<&String>| id.map(|id| query.link("/audit", &KEPT, &[(name, Some(id))]));
    let (newer, older) = (
        turn("after", found.newer.as_ref()),
        turn("before", found.older.as_ref()),
    );
    let (total, more) = (format::count(count.unsigned_abs()), if count >= CAP { "+" } else { "" });
    let note = match language {
        Language::En => format!("{} of {total}{more} changes", found.rows.len()),
        Language::Zh => format!("共 {total}{more} 次更改，本页 {} 次", found.rows.len()),
    };
    let sizes = |size: u8| {
        let href = query.link("/audit", &KEPT, &[("size", Some(&size.to_string()))]);
        (size, href, size == filters.size.rows())
    };
    // With few rows there is nothing to divide.
    let divided = count > i64::from(PageSize::OFFERED[0]);
    let sizes: Vec<_> = PageSize::OFFERED.into_iter().filter(|_| divided).map(sizes).collect();
    let rows: Vec<_> = found
        .rows
        .into_iter()
        .map(|entry| {
            let link = with_open(query, Some(entry.id.to_string().as_str()));
            view! { <Row current=filters.open == Some(entry.id) entry=entry link=link /> }
        })
        .collect();
    let columns = vec![
        Column::new(language.pick("When, UTC", "时间（UTC）")),
        Column::new(language.pick("What", "操作")),
        Column::new(language.pick("To what", "对象")),
        Column::new(language.pick("Who", "执行者")).leaves(2),
        Column::new(language.pick("From", "来源地址")).leaves(3),
    ];
    view! {
        <Table columns=columns dense=true label=language.pick("Changes", "更改")>{rows}</Table>
        <Pager newer=newer older=older note=note sizes=sizes />
    }
}

#[component]
fn Row(entry: AuditEntry, link: String, current: bool) -> impl IntoView {
    let language = use_language();
    let action = action_in_words(&entry.action, language);
    let muted = !matches!(entry.actor, Actor::User { .. });
    let from = entry.address.clone().unwrap_or_else(|| "–".to_owned());
    view! {
        <tr aria-current=current.then_some("true")>
            <td class="tight cell-end"><Time at=entry.at style=TimeStyle::Short /></td>
            <td class="cell-lead"><a class="row-link cell-main" href=link>{action}</a></td>
            <td class="share" data-label=language.pick("To what", "对象")><div class="ellipsis">{entry.subject_name}</div></td>
            <td class="col-2" data-label=language.pick("Who", "执行者")>
                <div class="ellipsis"><span class=muted.then_some("muted")>{actor_in_words(&entry.actor, language)}</span></div>
            </td>
            <td class="col-3 mono">{from}</td>
        </tr>
    }
}

/// Nothing yet, or nothing like this.
fn nothing(any: bool, filters: &Filters, query: &Query) -> impl IntoView + use<> {
    let language = use_language();
    if !any {
        return view! {
            <State
                kind=StateKind::NothingYet
                title=language.pick("No changes yet", "还没有更改")
                text=language.pick("As soon as somebody changes something, it stands here.", "一旦有人进行更改，就会显示在这里。")
            >
                <LinkButton href="/providers">{language.pick("Open providers", "打开提供商")}</LinkButton>
            </State>
        }
        .into_any();
    }
    // One next step: what narrows most is taken away first.
    let (href, word) = if filters.narrows() {
        (
            filters::without_filters(query),
            language.pick("Clear filters", "清除筛选"),
        )
    } else {
        ("/audit".to_owned(), language.pick("Show all changes", "显示所有更改"))
    };
    view! {
        <State
            kind=StateKind::NoMatch
            title=language.pick("No change matches", "没有匹配的更改")
            text=language.pick("Nothing like this has been changed, or this page lies beyond the end.", "没有此类更改，或该页超出范围。")
        >
            <LinkButton href=href class="btn-primary">{word}</LinkButton>
        </State>
    }
    .into_any()
}
