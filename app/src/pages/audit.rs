//! `/audit`: every change, newest first, in pages by keyset. The address says the subject, the page and the open row.
//!
//! Only admins get here; nothing can be changed or deleted.

mod difference;
mod peek;
mod words;

use domain::{
    access::Actor,
    audit::AuditEntry,
    id::AuditId,
    page::{Cursor, PageSize},
};
use leptos::prelude::*;

use self::{
    peek::Peek,
    words::{action_in_words, actor_in_words},
};
use crate::{
    components::{Column, LinkButton, Page, PageHead, Pager, Place, State, StateKind, Table, Time, TimeStyle, page},
    context,
    form::Query,
    text::use_language,
};

/// What stays in the address when something else of it changes.
const KEPT: [&str; 4] = ["subject", "size", "before", "after"];

/// The list of changes.
#[component]
pub fn AuditPage() -> impl IntoView {
    page(async move {
        let admin = context::admin()?;
        let query = Query::current();
        let subject = query
            .get("subject")
            .and_then(|word| words::SUBJECTS.into_iter().find(|known| *known == word));
        let cursor = match (query.parsed("before"), query.parsed("after")) {
            (Some(before), _) => Cursor::Before(before),
            (None, Some(after)) => Cursor::After(after),
            (None, None) => Cursor::Newest,
        };
        let size = query.parsed("size").map_or_else(PageSize::default, PageSize::nearest);
        let found = context::gateway()?.audit().page(&admin, subject, cursor, size).await?;
        let open = query
            .parsed::<AuditId>("open")
            .and_then(|id| found.rows.iter().find(|entry| entry.id == id).cloned());
        let language = use_language();
        let title = language.pick("Audit", "审计");
        let sub = language.pick(
            "Every change by people, the command line and the hub itself. Secrets, prompts and answers are never part of it.",
            "由用户、命令行和系统自身所做的每一次更改。不包含密钥、提示词和回答。",
        );
        let turn = |name: &str, id: Option<String>| {
            id.map(|id| query.link("/audit", &["subject", "size"], &[(name, Some(id.as_str()))]))
        };
        let pager = (found.newer.is_some() || found.older.is_some())
            .then(|| (turn("after", found.newer.clone()), turn("before", found.older.clone())))
            .map(|(newer, older)| view! { <Pager newer=newer older=older /> });
        let content = if found.rows.is_empty() {
            view! { <Nothing filtered=subject.is_some() || cursor != Cursor::Newest /> }.into_any()
        } else {
            let opened = open.as_ref().map(|entry| entry.id);
            let rows: Vec<_> = found
                .rows
                .into_iter()
                .map(|entry| {
                    let link = query.link("/audit", &KEPT, &[("open", Some(entry.id.to_string().as_str()))]);
                    view! { <Row current=opened == Some(entry.id) entry=entry link=link /> }
                })
                .collect();
            let columns = vec![
                Column::new(language.pick("When, UTC", "时间（UTC）")),
                Column::new(language.pick("What", "操作")),
                Column::new(language.pick("To what", "对象")),
                Column::new(language.pick("Who", "执行者")).leaves(2),
                Column::new(language.pick("From", "来源地址")).leaves(3),
            ];
            view! { <Table columns=columns dense=true>{rows}</Table> }.into_any()
        };
        let body = view! {
            <PageHead title=title note="UTC" sub=sub />
            <Subjects query=query.clone() current=subject />
            <section class="panel" aria-label=title>{content}{pager}</section>
        };
        Ok(match open {
            Some(entry) => {
                let aside = view! { <Peek entry=entry close=query.link("/audit", &KEPT, &[]) /> };
                view! { <Page title=title place=Place::Audit aside=aside.into_any()>{body}</Page> }.into_any()
            }
            None => view! { <Page title=title place=Place::Audit>{body}</Page> }.into_any(),
        })
    })
}

/// The subjects as links.
#[component]
fn Subjects(query: Query, #[prop(optional_no_strip)] current: Option<&'static str>) -> impl IntoView {
    let language = use_language();
    let chips: Vec<_> = std::iter::once(None)
        .chain(words::SUBJECTS.map(Some))
        .map(|subject| {
            let href = query.link("/audit", &["size"], &[("subject", subject)]);
            let word = subject.map_or(language.pick("All", "全部"), |subject| {
                words::subject_in_words(subject, language)
            });
            view! { <a class="chip" href=href aria-current=(subject == current).then_some("page")>{word}</a> }
        })
        .collect();
    view! { <nav class="chips" aria-label=language.pick("Show", "显示")>{chips}</nav> }
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
            <td data-label=language.pick("To what", "对象")><div class="ellipsis">{entry.subject_name}</div></td>
            <td class="col-2" data-label=language.pick("Who", "执行者")>
                <div class="ellipsis"><span class=muted.then_some("muted")>{actor_in_words(&entry.actor, language)}</span></div>
            </td>
            <td class="col-3 mono">{from}</td>
        </tr>
    }
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    let language = use_language();
    if filtered {
        view! {
            <State
                kind=StateKind::NoMatch
                title=language.pick("No change matches", "没有匹配的更改")
                text=language.pick("Nothing of this kind has been changed, or this page lies beyond the end.", "没有此类更改，或该页超出范围。")
            >
                <LinkButton href="/audit">{language.pick("Show all changes", "显示所有更改")}</LinkButton>
            </State>
        }
    } else {
        view! {
            <State
                kind=StateKind::NothingYet
                title=language.pick("No changes yet", "还没有更改")
                text=language.pick("As soon as somebody changes something, it stands here.", "一旦有人进行更改，就会显示在这里。")
            >
                <LinkButton href="/providers">{language.pick("Open providers", "打开提供商")}</LinkButton>
            </State>
        }
    }
}
