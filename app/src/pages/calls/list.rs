//! The list of calls, with one of them open beside it when the address says so.

use domain::{
    access::{Capability, Viewer},
    account::UserFilter,
    call::{Call, CallFilter},
    id::{KeyId, UserId},
    key::{ApiKey, KeyFilter},
    page::{Cursor, Page as Rows, PageSize, Tally},
    project::Project,
};
use gateway::Gateway;
use leptos::prelude::*;

use super::{
    charge::Bill,
    filter_form::{self, Offer},
    filters::{self, Filters, KEPT, KNOWN},
    peek, rows,
};
use crate::{
    components::*,
    context,
    error::AppError,
    form::Query,
    pages::users,
    text::{Language, use_language},
};

/// Matches beyond this are not counted.
const CAP: i64 = 1_000;
/// So many keys may be chosen from; the calls of any other are a link away on its page.
pub(super) const OFFERED: u32 = 100;

/// `/calls`.
#[component]
pub fn CallsPage() -> impl IntoView {
    page(async move {
        let (viewer, gateway, language) = (context::viewer()?, context::gateway()?, use_language());
        let query = Query::current();
        if let Some(tidy) = query.tidied("/calls", &KNOWN, filters::means) {
            context::redirect(&tidy);
            return Ok(().into_any());
        }
        let filters = Filters::read(&query);
        let everybody = viewer.may(Capability::ReadMoney);
        let filter = filters.resolve(person(&gateway, &viewer, &filters).await?, gateway.now());
        let rows = gateway
            .calls()
            .page(&viewer, &filter, filters.cursor, filters.size)
            .await?;
        let count = gateway.calls().count(&viewer, &filter, CAP).await?;
        let offer = offer(&gateway, &viewer, &filters).await?;
        let aside = match filters.open {
            Some(id) => {
                let detail = gateway.calls().detail(&viewer, id).await?;
                let bill = match &detail {
                    Some(detail) => Some(Bill::read(&viewer, detail).await?),
                    None => None,
                };
                Some(peek::peek(detail, bill.as_ref(), &rows.rows, &query))
            }
            None => None,
        };
        let content = if rows.rows.is_empty() {
            let any = gateway.calls().count(&viewer, &CallFilter::default(), 1).await?.rows > 0;
            empty(any, rows.older.as_ref(), &filters, &query).into_any()
        } else {
            list(&rows, &count, &filters, &query, everybody, gateway.now()).into_any()
        };
        let title = language.pick("Calls", "调用");
        let note = period_note(&filters.period, language);
        let refresh = view! { <LinkButton href=rows::with_open(&query, filters.open) icon="rotate">{language.pick("Refresh", "刷新")}</LinkButton> };
        let body = view! {
            <PageHead title=title note=note actions=refresh.into_any()/>
            {filter_form::form(&filters, &query, offer)}
            <section class="panel" aria-label=title>{content}</section>
        };
        Ok(match aside {
            Some(aside) => view! { <Page title=title place=Place::Calls aside=aside>{body}</Page> }.into_any(),
            None => view! { <Page title=title place=Place::Calls>{body}</Page> }.into_any(),
        })
    })
}

/// Who has the typed address.
async fn person(gateway: &Gateway, viewer: &Viewer, filters: &Filters) -> Result<Option<UserId>, AppError> {
    match (&filters.user, viewer.money_reader()) {
        (Some(typed), Ok(reader)) => Ok(Some(users::named(gateway, &reader, typed).await?)),
        _ => Ok(None),
    }
}

/// The newest keys that somebody may choose from, and the chosen one, however old it is.
async fn keys(gateway: &Gateway, viewer: &Viewer, chosen: Option<KeyId>) -> Result<Vec<ApiKey>, AppError> {
    // Who only keeps money sees everybody's calls, but no keys of others.
    let listing = match viewer.reader() {
        Ok(reader) => gateway.keys().everybodys(&reader),
        Err(_) => gateway.keys().own(viewer),
    };
    let newest = PageSize::nearest(OFFERED);
    let mut keys = listing.page(&KeyFilter::default(), Cursor::Newest, newest).await?.rows;
    if let Some(id) = chosen.filter(|id| keys.iter().all(|key| key.id != *id)) {
        keys.extend(gateway.keys().get(viewer, id).await?);
    }
    Ok(keys)
}

async fn offer(gateway: &Gateway, viewer: &Viewer, filters: &Filters) -> Result<Offer, AppError> {
    let keys = keys(gateway, viewer, filters.key).await?;
    let Ok(reader) = viewer.money_reader() else {
        return Ok(Offer {
            keys,
            projects: projects(gateway, viewer).await?,
            of_everybody: false,
            providers: Vec::new(),
            people: Vec::new(),
        });
    };
    let people = gateway
        .users()
        .page(
            &reader,
            &UserFilter::default(),
            Cursor::Newest,
            PageSize::nearest(OFFERED),
        )
        .await?
        .rows
        .into_iter()
        .map(|user| user.email)
        .collect();
    // Providers are no matter of who only keeps money.
    let providers = match viewer.reader() {
        Ok(reader) => gateway.providers().list(&reader).await?,
        Err(_) => Vec::new(),
    };
    Ok(Offer {
        keys,
        projects: projects(gateway, viewer).await?,
        of_everybody: true,
        providers,
        people,
    })
}

/// The projects that may be asked for. With one's own alone there is nothing to choose from.
async fn projects(gateway: &Gateway, viewer: &Viewer) -> Result<Vec<Project>, AppError> {
    let listed = gateway.projects().list(viewer).await?.into_iter();
    let projects: Vec<Project> = listed.map(|listed| listed.project).collect();
    Ok(if projects.len() > 1 { projects } else { Vec::new() })
}

fn list(
    rows: &Rows<Call>,
    count: &Tally,
    filters: &Filters,
    query: &Query,
    everybody: bool,
    now: domain::time::Timestamp,
) -> impl IntoView + use<> {
    let language = use_language();
    let turn = |name: &'static str, id: Option<&String>| id.map(|id| query.link("/calls", &KEPT, &[(name, Some(id))]));
    let (total, shown) = (format::count(count.rows.unsigned_abs()), rows.rows.len());
    let note = match (language, count.more) {
        (Language::En, false) => format!("{shown} of {total} calls"),
        (Language::En, true) => format!("{shown} of more than {total} calls"),
        (Language::Zh, false) => format!("共 {total} 次调用，本页 {shown} 次"),
        (Language::Zh, true) => format!("共 {total} 次以上调用，本页 {shown} 次"),
    };
    let sizes: Vec<_> = PageSize::OFFERED
        .into_iter()
        .map(|size| {
            let href = query.link("/calls", &KEPT, &[("size", Some(&size.to_string()))]);
            (size, href, size == filters.size.rows())
        })
        .collect();
    // With few rows there is nothing to divide.
    let sizes = if count.more || count.rows > i64::from(PageSize::OFFERED[0]) {
        sizes
    } else {
        Vec::new()
    };
    let (newer, older) = (turn("after", rows.newer.as_ref()), turn("before", rows.older.as_ref()));
    view! {
        {rows::table(&rows.rows, query, filters.open, everybody, now)}
        <Pager newer=newer older=older note=note sizes=sizes/>
    }
}

/// Nothing yet, nothing in this time, nothing like this: three different things.
fn empty(any: bool, further: Option<&String>, filters: &Filters, query: &Query) -> impl IntoView + use<> {
    let language = use_language();
    if !any {
        return view! {
            <State
                kind=StateKind::NothingYet
                title=language.pick("No call yet", "还没有调用")
                text=language.pick(
                    "Each call stands here with its tokens, times and errors. Ask a model in the playground, or make a key for your program.",
                    "每次调用都会连同 token、用时和错误显示在这里。可以先在试用页提问，或为你的程序创建密钥。",
                )
            >
                {context::may(Capability::Call).then(|| view! {
                    <LinkButton href="/playground" class="btn-primary" icon="play-chat">{language.pick("Open the playground", "打开试用")}</LinkButton>
                    <LinkButton href="/keys/new" icon="key">{language.pick("Create a key", "创建密钥")}</LinkButton>
                })}
            </State>
        }
        .into_any();
    }
    let text = match further {
        None => language.pick("There are calls, but none like this.", "有调用记录，但没有符合条件的。"),
        Some(_) => language.pick(
            "None of the calls that were looked through is like this. There are older ones.",
            "已查看的调用中没有符合条件的，还有更早的调用。",
        ),
    };
    let further = further
        .map(|id| query.link("/calls", &KEPT, &[("before", Some(id))]))
        .map(|href| view! { <LinkButton href=href class="btn-primary" icon="down">{language.pick("Look further back", "继续向前查找")}</LinkButton> });
    let wider = (!filters.period.is_all())
        .then(|| query.link("/calls", &KEPT, &[("range", Some("all")), ("from", None), ("until", None)]))
        .map(|href| view! { <LinkButton href=href icon="calendar">{language.pick("Search all time", "搜索全部时间")}</LinkButton> });
    let clear = filters
        .narrows()
        .then(|| filter_form::without_filters(query))
        .map(|href| view! { <LinkButton href=href class="btn-primary" icon="x">{language.pick("Clear filters", "清除筛选")}</LinkButton> });
    let newest = (wider.is_none() && clear.is_none()).then(
        || view! { <LinkButton href="/calls?range=all">{language.pick("Go to the newest", "回到最新")}</LinkButton> },
    );
    view! {
        <State kind=StateKind::NoMatch title=language.pick("No call matches", "没有匹配的调用") text=text>{further}{clear}{wider}{newest}</State>
    }
    .into_any()
}
