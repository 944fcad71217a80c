//! What was published for a model: who, when, why, and what it changed.

use std::collections::HashSet;

use domain::{
    price::{DamagedPrice, PriceSheet, PriceVersion, Recorded, VersionState},
    time::Timestamp,
};
use leptos::prelude::*;

use super::{
    changes::{Changes, changes_rule, count},
    span,
};
use crate::{
    components::{Badge, Icon, Nothing, Pager, Panel, Time, TimeStyle, Tone, time::to_the_second},
    form::Query,
    pages::audit::actor_in_words,
    text::{Language, use_language},
};

/// A version and what is to be known of it.
pub struct Told {
    /// As it is stored.
    pub version: Recorded,
    /// What it has replaced.
    pub before: Option<PriceSheet>,
    /// What it is now.
    pub state: VersionState,
}

/// Versions, newest first.
#[component]
pub fn History(
    /// The versions.
    versions: Vec<Told>,
    /// The page's own address.
    path: String,
    /// Where newer versions are.
    newer: Option<String>,
    /// Where older versions are.
    older: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let title = language.pick("History", "历史");
    if versions.is_empty() {
        return view! {
            <Panel title=title id="history">
                <Nothing
                    title=language.pick("No price yet", "尚未定价")
                    text=language.pick("Until there is one, the model can be called only where credits are off.", "定价之前，仅在不启用额度时可调用此模型。")
                />
            </Panel>
        }
        .into_any();
    }
    let first = newer.is_none();
    let crowded = Crowded::of(&versions);
    let items: Vec<_> = versions
        .into_iter()
        .enumerate()
        .map(|(place, told)| match told.version {
            Ok(version) => {
                let styles = (
                    style(version.effective_from, &crowded.begun),
                    style(version.created_at, &crowded.published),
                );
                view! { <Item version=version before=told.before state=told.state styles=styles open={first && place == 0} /> }
                    .into_any()
            }
            Err(damaged) => view! { <Damaged version=damaged /> }.into_any(),
        })
        .collect();
    let query = Query::current();
    let turn = |name: &'static str, value: Option<String>| {
        value.map(|value| query.link(&path, &[], &[(name, Some(value.as_str()))]))
    };
    let (newer, older) = (turn("after", newer), turn("before", older));
    let pager = (newer.is_some() || older.is_some()).then(|| view! { <Pager newer=newer older=older /> });
    view! {
        <Panel title=title id="history" note=language.pick("A version never changes; a call is charged by the one in force when it began.", "版本一经发布不可更改；调用按其开始时生效的版本计费。")>
            <ul class="list">{items}</ul>
            {pager}
        </Panel>
    }
    .into_any()
}

/// The minutes within which more than one version begins, or was published.
struct Crowded {
    begun: HashSet<i64>,
    published: HashSet<i64>,
}

const fn minute(at: Timestamp) -> i64 {
    at.0.div_euclid(60_000_000)
}

impl Crowded {
    fn of(versions: &[Told]) -> Self {
        let known = || versions.iter().filter_map(|told| told.version.as_ref().ok());
        let (mut begun, mut published) = (Repeated::default(), Repeated::default());
        for version in known() {
            begun.add(minute(version.effective_from));
            published.add(minute(version.created_at));
        }
        Self {
            begun: begun.twice,
            published: published.twice,
        }
    }
}

/// What was there more than once.
#[derive(Default)]
struct Repeated {
    once: HashSet<i64>,
    twice: HashSet<i64>,
}

impl Repeated {
    fn add(&mut self, minute: i64) {
        if !self.once.insert(minute) {
            self.twice.insert(minute);
        }
    }
}

/// With seconds where the minute tells two versions not apart.
fn style(at: Timestamp, crowded: &HashSet<i64>) -> TimeStyle {
    match crowded.contains(&minute(at)) {
        true => TimeStyle::Second,
        false => TimeStyle::Moment,
    }
}

/// A row that is not as the hub has written it: when it would be in force, and that it is no price. What else stands in it proves nothing.
#[component]
fn Damaged(version: DamagedPrice) -> impl IntoView {
    let language = use_language();
    view! {
        <li>
            <div class="list-main">
                <div class="list-head">
                    <span class="row">
                        <Badge tone=Tone::Bad icon="warn" text=language.pick("Damaged", "已损坏") />
                        <span class="strong"><Time at=version.effective_from style=TimeStyle::Moment /></span>
                    </span>
                </div>
                <p class="list-note break">
                    {language.pick(
                        "Not as the hub has published it, and no price. The check of the books names it. ",
                        "与 Hub 发布时不一致，不作为价格。账目检查会指出它。",
                    )}
                    <code>{version.id.to_string()}</code>
                </p>
            </div>
        </li>
    }
}

#[component]
fn Item(
    version: PriceVersion,
    before: Option<PriceSheet>,
    state: VersionState,
    styles: (TimeStyle, TimeStyle),
    open: bool,
) -> impl IntoView {
    let language = use_language();
    let (begins, published) = styles;
    let (icon, tone, word) = match state {
        VersionState::InForce => ("ok", Tone::Good, language.pick("In force", "生效中")),
        VersionState::Scheduled => ("clock", Tone::Accent, language.pick("Scheduled", "已排期")),
        VersionState::Past => ("todo", Tone::Plain, language.pick("Past", "已过期")),
        VersionState::Replaced => ("todo", Tone::Plain, language.pick("Replaced", "已被取代")),
        VersionState::Gone => ("todo", Tone::Plain, language.pick("Model gone", "模型已删除")),
    };
    let margin = version.sheet.margins().map(|margins| {
        let margins = span(margins);
        match language {
            Language::En => format!("margin {margins}"),
            Language::Zh => format!("加成 {margins}"),
        }
    });
    let summary = summary(before.as_ref(), &version.sheet, language);
    let told: Vec<_> = [version.reason.clone(), version.source.clone()]
        .into_iter()
        .zip([language.pick("Reason: ", "原因："), language.pick("Source: ", "来源：")])
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, name)| view! { <p class="list-note break">{name}{text}</p> })
        .collect();
    let instead = (state == VersionState::Scheduled).then(|| {
        let at = to_the_second(version.effective_from);
        let sentence = match language {
            Language::En => format!(
                "It cannot be withdrawn. To have another price then, publish another version in force from {at}: of two for one moment the later one counts."
            ),
            Language::Zh => format!("已排期的版本不可撤回。如需其他价格，请发布同样自 {at} 起生效的新版本：同一时刻以后发布的为准。"),
        };
        view! { <p class="list-note">{sentence}</p> }
    });
    view! {
        <li>
            <div class="list-main">
                <div class="list-head">
                    <span class="row">
                        <Badge tone=tone icon=icon text=word />
                        <span class="strong"><Time at=version.effective_from style=begins /></span>
                    </span>
                    <span class="muted">{margin}</span>
                </div>
                <p class="list-note break">
                    {language.pick("Published ", "发布于 ")}<Time at=version.created_at style=published />
                    {language.pick(" by ", "，发布者：")}{actor_in_words(&version.actor, language)}
                    " · "<code>{version.id.to_string()}</code>
                </p>
                {told}
                {instead}
                <details class="disclosure" open=open>
                    <summary><Icon name="right" />{summary}</summary>
                    <Changes before=before after=version.sheet />
                </details>
            </div>
        </li>
    }
}

/// How much a version changed, in a few words.
fn summary(before: Option<&PriceSheet>, after: &PriceSheet, language: Language) -> String {
    let (changed, rule) = (count(before, after), changes_rule(before, after));
    match (language, before.is_some(), changed, rule) {
        (Language::En, false, 1, _) => "1 price".to_owned(),
        (Language::En, false, _, _) => format!("{changed} prices"),
        (Language::En, true, 0, false) => "No price changed".to_owned(),
        (Language::En, true, 0, true) => "The tier rule changed".to_owned(),
        (Language::En, true, 1, false) => "1 price changed".to_owned(),
        (Language::En, true, 1, true) => "1 price and the tier rule changed".to_owned(),
        (Language::En, true, _, false) => format!("{changed} prices changed"),
        (Language::En, true, _, true) => format!("{changed} prices and the tier rule changed"),
        (Language::Zh, false, _, _) => format!("{changed} 个价格"),
        (Language::Zh, true, 0, false) => "价格未变".to_owned(),
        (Language::Zh, true, 0, true) => "阶梯规则有变化".to_owned(),
        (Language::Zh, true, _, false) => format!("{changed} 个价格有变化"),
        (Language::Zh, true, _, true) => format!("{changed} 个价格和阶梯规则有变化"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_told_where_a_minute_is_that_of_two_versions() {
        let mut minutes = Repeated::default();
        [1, 2, 1, 3].into_iter().for_each(|minute| minutes.add(minute));
        let styles = [60_000_000, 120_000_000].map(|at| style(Timestamp(at), &minutes.twice));
        assert_eq!(styles, [TimeStyle::Second, TimeStyle::Moment]);
    }
}
