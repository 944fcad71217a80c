//! What the address of the list of changes says, and the form that says it.

use domain::{
    access::{Actor, Reader},
    account::UserFilter,
    audit::AuditFilter,
    id::AuditId,
    page::{Cursor, PageSize},
    time::Timestamp,
};
use gateway::Gateway;
use leptos::prelude::*;

use super::{
    parties::{actor_in_words, actor_of_words},
    words::{ACTIONS, SUBJECTS, action_in_words, subject_in_words},
};
use crate::{
    components::{FilterForm, FilterPeriod, FilterText, Hidden},
    error::AppError,
    form::{
        Query,
        period::{Period, Range},
    },
    text::{Language, use_language},
};

/// The values that stay when one of them changes. The place in the list is not among them.
pub const KEPT: [&str; 7] = ["range", "from", "until", "action", "who", "subject", "size"];

/// Everything that the address may hold.
pub const KNOWN: [&str; 10] = [
    "range", "from", "until", "action", "who", "subject", "size", "before", "after", "open",
];

/// Whether a value of this name can be understood.
pub fn means(name: &str, value: &str) -> bool {
    match name {
        "range" | "from" | "until" => Period::means(name, value),
        "action" => known_action(value).is_some(),
        "open" => value.parse::<AuditId>().is_ok(),
        "size" => value.parse::<u32>().is_ok(),
        "before" | "after" => value.parse::<i64>().is_ok(),
        _ => true,
    }
}

/// A kind of thing or one action, as the filter offers them.
fn known_action(word: &str) -> Option<&'static str> {
    let actions = ACTIONS.into_iter().map(|(action, ..)| action);
    SUBJECTS.into_iter().chain(actions).find(|known| *known == word)
}

/// The address of the list, understood; whatever makes no sense counts as absent.
#[derive(Clone, Debug)]
pub struct Filters {
    /// How far back.
    pub period: Period,
    /// A kind of thing or one action, as the filter offers them.
    pub action: Option<&'static str>,
    /// Whose changes, as typed.
    pub who: Option<String>,
    /// To what: part of a name, or an id.
    pub subject: Option<String>,
    /// Rows on a page.
    pub size: PageSize,
    /// Where the page begins.
    pub cursor: Cursor,
    /// The change beside the list.
    pub open: Option<AuditId>,
}

impl Filters {
    /// Reads the present address.
    pub fn read(query: &Query) -> Self {
        let action = query.get("action").and_then(|word| known_action(&word));
        let text = |name: &str| query.get(name).map(|text| text.chars().take(254).collect());
        Self {
            period: Period::read(query, Range::All),
            action,
            who: text("who"),
            subject: text("subject"),
            size: query.parsed("size").map(PageSize::nearest).unwrap_or_default(),
            cursor: match (query.parsed("before"), query.parsed("after")) {
                (Some(before), _) => Cursor::Before(before),
                (None, Some(after)) => Cursor::After(after),
                (None, None) => Cursor::Newest,
            },
            open: query.parsed("open"),
        }
    }

    /// Something other than time narrows the list.
    pub const fn narrows(&self) -> bool {
        self.action.is_some() || self.who.is_some() || self.subject.is_some()
    }

    /// What the engine is asked for.
    pub fn resolve(&self, now: Timestamp) -> AuditFilter {
        let (from, until) = self.period.bounds(now);
        AuditFilter {
            actor: self.who.as_deref().map(actor_of_words),
            action: self.action.map(str::to_owned),
            subject: self.subject.clone(),
            from,
            until,
        }
    }
}

/// The address of the list with its period alone.
pub fn without_filters(query: &Query) -> String {
    query.link("/audit", &["range", "from", "until", "size"], &[])
}

/// The newest people and all others who can have changed something, for the field that completes it. Any address may be typed.
pub async fn actors(gateway: &Gateway, reader: &Reader, language: Language) -> Result<Vec<String>, AppError> {
    let people = gateway
        .users()
        .page(
            &reader.money(),
            &UserFilter::default(),
            Cursor::Newest,
            PageSize::nearest(100),
        )
        .await?;
    let others = [Actor::CommandLine, Actor::System].map(|actor| actor_in_words(&actor, language));
    Ok(people
        .rows
        .into_iter()
        .map(|user| user.email.to_string())
        .chain(others)
        .collect())
}

/// The form.
pub fn form(filters: &Filters, query: &Query, actors: Vec<String>) -> impl IntoView + use<> {
    let language = use_language();
    let (action, subject, who, period, size) = (
        filters.action,
        filters.subject.clone(),
        filters.who.clone(),
        filters.period,
        query.get("size"),
    );
    let clear = filters.narrows().then(|| without_filters(query));
    view! {
        <FilterForm action="/audit" label=language.pick("Filter changes", "筛选更改") clear=clear>
            {size.map(|size| view! { <Hidden name="size" value=size /> })}
            <FilterText
                name="subject"
                label=language.pick("Name or id of what was changed", "被更改对象的名称或标识")
                placeholder=language.pick("Name or id", "名称或标识")
                value=subject
            />
            <FilterPeriod period=period />
            {actions(action)}
            <FilterText
                name="who"
                icon="user"
                label=language.pick("Who did it", "执行者")
                placeholder=language.pick("Anyone", "任何人")
                value=who
                offers=actors
            />
        </FilterForm>
    }
}

/// The actions in groups; each group can also be chosen as a whole.
fn actions(chosen: Option<&'static str>) -> impl IntoView {
    let language = use_language();
    let offer = |value: &'static str, title: String| {
        view! { <option value=value selected=chosen == Some(value)>{title}</option> }
    };
    let groups: Vec<_> = SUBJECTS
        .into_iter()
        .map(|subject| {
            let name = subject_in_words(subject, language);
            let whole = match language {
                Language::En => format!("{name}: everything"),
                Language::Zh => format!("{name}：全部"),
            };
            let each: Vec<_> = ACTIONS
                .into_iter()
                .map(|(action, ..)| action)
                .filter(|action| action.split_once('.').is_some_and(|(kind, _)| kind == subject))
                .map(|action| offer(action, action_in_words(action, language)))
                .collect();
            view! { <optgroup label=name>{offer(subject, whole)}{each}</optgroup> }
        })
        .collect();
    view! {
        <span class="select">
            <select name="action" aria-label=language.pick("Action", "操作")>
                <option value="">{language.pick("Any action", "任意操作")}</option>
                {groups}
            </select>
        </span>
    }
}
