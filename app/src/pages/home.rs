//! The first page: the set-up checklist until it is done, then how things are going.

mod checklist;
mod health;
mod recent;
mod start;

use domain::{
    access::{Capability, Reader, Viewer},
    account::{DEMO_EMAIL, UserFilter},
    call::{Call, CallFilter},
    catalog::ProviderKind,
    key::KeyFilter,
    name::Email,
    page::{Cursor, PageSize, Tally},
    provider::Provider,
    time::Micros,
};
use gateway::Gateway;
use leptos::prelude::*;

use self::{
    checklist::{Checklist, Progress},
    health::HealthPanel,
    recent::RecentPanel,
    start::StartPanel,
};
use crate::{
    components::{Page, PageHead, Place, format, page},
    context,
    error::AppError,
    text::{Language, use_language},
};

/// The span that the key figures cover.
const DAY: Micros = Micros::from_days(1);
/// Counting stops here, so that the page stays quick with any number of calls.
const COUNTED: i64 = 1_000;
/// Rows of recent calls.
const RECENT: usize = 8;

/// What those see beyond members who read everything.
struct Operated {
    providers: Vec<Provider>,
    progress: Progress,
    /// There is a model to call, a simulated one counts.
    ready: bool,
    /// There is a key, whoever's.
    keyed: bool,
}

/// The overview for whoever looks after the hub, or a member's own keys and calls.
#[component]
pub fn HomePage() -> impl IntoView {
    page(async move {
        let (gateway, viewer) = (context::gateway()?, context::viewer()?);
        let recent = recent(&gateway, &viewer).await?;
        let keys = gateway.keys().own(&viewer).unrevoked().await?;
        let operated = match viewer.reader() {
            Ok(reader) => Some(operated(&gateway, &viewer, &reader).await?),
            Err(_) => None,
        };
        let figures = figures(&gateway, &viewer).await?;
        let language = use_language();
        let title = language.pick("Overview", "概览");
        let calls = viewer.may(Capability::Call);
        let endpoint = format!("{}/v1", gateway.public_url());
        let quiet = recent.is_empty();
        let checklist = operated
            .as_ref()
            .filter(|operated| viewer.may(Capability::Administer) && !operated.progress.done())
            .map(|operated| operated.progress);
        let ready = operated.as_ref().is_none_or(|operated| operated.ready);
        let keyed = operated.as_ref().map_or(keys > 0, |operated| operated.keyed);
        let providers = operated.map(|operated| operated.providers);
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Home>
                <PageHead title=title note=language.pick("Last 24 hours", "最近 24 小时") />
                {checklist.map(|progress| view! { <Checklist progress=progress /> })}
                {(!quiet).then(|| view! { <Tiles figures=figures keys=calls.then_some(keys) /> })}
                <div class="cols cols-main">
                    <RecentPanel calls=recent ready=ready keyed=keyed />
                    <div class="stack">
                        {providers.map(|providers| view! { <HealthPanel providers=providers /> })}
                        {calls.then(|| view! { <StartPanel endpoint=endpoint /> })}
                    </div>
                </div>
            </Page>
        })
    })
}

async fn recent(gateway: &Gateway, viewer: &Viewer) -> Result<Vec<Call>, AppError> {
    let page = gateway
        .calls()
        .page(viewer, &CallFilter::default(), Cursor::Newest, PageSize::nearest(25))
        .await?;
    Ok(page.rows.into_iter().take(RECENT).collect())
}

async fn operated(gateway: &Gateway, viewer: &Viewer, reader: &Reader) -> Result<Operated, AppError> {
    let providers = gateway.providers().list(reader).await?;
    // Those of the demo are fewer than a page.
    let keys = gateway.keys().everybodys(reader);
    let keys = keys
        .page(&KeyFilter::default(), Cursor::Newest, PageSize::nearest(100))
        .await?;
    let everybody = UserFilter::default();
    let people = gateway
        .users()
        .page(&reader.money(), &everybody, Cursor::Newest, PageSize::nearest(25))
        .await?;
    Ok(Operated {
        progress: Progress {
            provider: providers
                .iter()
                .any(|provider| is_real(provider) && can_be_called(provider)),
            key: keys.older.is_some() || keys.rows.iter().any(|key| !is_demo(&key.user_email)),
            call: was_called(gateway, viewer, &providers).await?,
            people: people.rows.iter().filter(|person| !is_demo(&person.email)).count() > 1,
        },
        ready: providers.iter().any(can_be_called),
        keyed: !keys.rows.is_empty(),
        providers,
    })
}

/// A provider that answers calls.
const fn can_be_called(provider: &Provider) -> bool {
    provider.enabled && provider.models_enabled > 0
}

/// What the demo brings along is not anybody's set-up.
fn is_real(provider: &Provider) -> bool {
    provider.draft.kind != ProviderKind::Simulated
}

fn is_demo(email: &Email) -> bool {
    email.as_str() == DEMO_EMAIL
}

/// Whether a call to a real provider stands in the log. One look into an index for each, up to the first.
async fn was_called(gateway: &Gateway, viewer: &Viewer, providers: &[Provider]) -> Result<bool, AppError> {
    for provider in providers.iter().filter(|provider| is_real(provider)) {
        let of_it = CallFilter {
            provider: Some(provider.id),
            ..CallFilter::default()
        };
        if gateway.calls().count(viewer, &of_it, 1).await?.rows > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many calls there were within a day, and how many of them failed.
#[derive(Clone, Copy)]
struct Figures {
    calls: Tally,
    failed: Tally,
    running: Tally,
}

async fn figures(gateway: &Gateway, viewer: &Viewer) -> Result<Figures, AppError> {
    use domain::call::CallState::{Failed, Open};
    let since = domain::time::Timestamp(gateway.now().microseconds() - DAY.0);
    let within = CallFilter {
        from: Some(since),
        ..CallFilter::default()
    };
    let in_state = |state| CallFilter {
        state: Some(state),
        ..within.clone()
    };
    Ok(Figures {
        calls: gateway.calls().count(viewer, &within, COUNTED).await?,
        failed: gateway.calls().count(viewer, &in_state(Failed), COUNTED).await?,
        running: gateway.calls().count(viewer, &in_state(Open), COUNTED).await?,
    })
}

#[component]
fn Tiles(figures: Figures, #[prop(optional_no_strip)] keys: Option<i64>) -> impl IntoView {
    let language = use_language();
    let tile = |href: &'static str, label: &'static str, value: String, note: String| {
        view! {
            <a class="tile" href=href>
                <span class="tile-label">{label}</span>
                <span class="tile-value">{value}</span>
                <span class="tile-foot"><span class="tile-note">{note}</span></span>
            </a>
        }
    };
    // A share of numbers that were not counted to their end would be wrong.
    let uncounted = language.pick("more than are counted here", "超出此处计数上限");
    let (calls, failed) = (figures.calls.rows, figures.failed.rows);
    let succeeding = match (calls, language) {
        _ if figures.calls.more => uncounted.to_owned(),
        (0, _) => language.pick("none so far", "暂无").to_owned(),
        (calls, Language::En) => format!("{} did not fail", tenths(calls - failed, calls)),
        (calls, Language::Zh) => format!("{} 未失败", tenths(calls - failed, calls)),
    };
    let failing = match (calls, language) {
        _ if figures.calls.more => language.pick("with their reasons", "附失败原因").to_owned(),
        (0, _) => language.pick("none so far", "暂无").to_owned(),
        (calls, Language::En) => format!("{} of all calls", tenths(failed, calls)),
        (calls, Language::Zh) => format!("占全部调用的 {}", tenths(failed, calls)),
    };
    view! {
        <section class="tiles" aria-label=language.pick("Key figures of the last 24 hours", "最近 24 小时的关键数字")>
            {tile("/calls?range=24h", language.pick("Calls", "调用"), capped(figures.calls), succeeding)}
            {tile("/calls?range=24h&state=failed", language.pick("Failed", "失败"), capped(figures.failed), failing)}
            {tile("/calls?state=open", language.pick("Running now", "正在进行"), capped(figures.running), language.pick("answers on their way", "正在回答").to_owned())}
            {keys.map(|keys| tile("/keys", language.pick("Your keys", "我的密钥"), keys.to_string(), language.pick("in force", "有效").to_owned()))}
        </section>
    }
}

/// A share in tenths of a percent, rounded down: "100 %" only when it is all of them.
fn tenths(part: i64, whole: i64) -> String {
    let tenths = part.max(0) * 1000 / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A count that stopped at the cap says so.
fn capped(count: Tally) -> String {
    let text = format::count(count.rows.unsigned_abs());
    if count.more { format!("{text}+") } else { text }
}
