//! `/settings`: every setting with its value and where that comes from, in groups, with a search. What is changed while the hub
//! runs has a page of its own (`change.rs`); what only the configuration sets is shown to those who may read everything.

pub(super) mod actions;
pub mod change;
mod configured;
mod group;
mod meaning;
mod row;
mod words;

use domain::{access::Capability, setting::Mode};
use leptos::prelude::*;

pub use self::{configured::knows, words::mode_in_words};
use self::{
    group::Group,
    row::{Row, SettingRow},
};
use crate::{components::*, context, error::AppError, form::Query, islands::narrow::Narrow, text::use_language};

const PATH: &str = "/settings";

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    page(async move {
        let reader = context::money_reader()?;
        let (gateway, language) = (context::gateway()?, use_language());
        let search = Query::current().get("q").unwrap_or_default();
        let mut rows = Vec::new();
        for (setting, stored) in gateway.options().all(&reader).await? {
            let needed = if setting.concerns_money() {
                Capability::KeepMoney
            } else {
                Capability::Administer
            };
            rows.push(Row::changeable(
                setting,
                stored.as_deref(),
                context::may(needed),
                language,
            ));
        }
        if context::may(Capability::ReadAll) {
            let configuration = context::configuration();
            rows.extend(configuration.iter().map(|of| Row::configured(of, language)));
        }
        let rows: Vec<Row> = rows.into_iter().map(|row| row.searched(&search)).collect();
        let title = language.pick("Settings", "设置");
        let sub = language.pick(
            "What has a button acts at once, for calls and people that come from now on, and stands in the audit. The rest is set where the server is started.",
            "带按钮的设置立即生效，作用于此后的调用和新用户，并记入审计；其余在启动服务器时设置。",
        );
        let mode = gateway.snapshot().mode();
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Settings narrow=true>
                <PageHead title=title sub=sub beside=view! { <ModeBadge mode=mode/> }.into_any()/>
                <Search search=search/>
                <Groups rows=rows/>
            </Page>
        })
    })
}

/// The mode as a badge.
#[component]
pub fn ModeBadge(
    /// The mode.
    mode: Mode,
) -> impl IntoView {
    let tone = match mode {
        Mode::Enterprise => Tone::Plain,
        Mode::ServiceProvider => Tone::Accent,
    };
    view! { <Badge tone=tone text=mode_in_words(mode, use_language())/> }
}

/// Narrows the page with each letter where scripts run, and by a visit elsewhere.
#[component]
fn Search(search: String) -> impl IntoView {
    let language = use_language();
    let label = language.pick("Search settings", "搜索设置");
    let clear = (!search.is_empty()).then(|| PATH.to_owned());
    let value = (!search.is_empty()).then_some(search);
    view! {
        <FilterForm action=PATH label=label clear=clear>
            <FilterText name="q" label=label placeholder=language.pick("Name, key or value", "名称、键或值") value=value/>
            <Narrow language=language/>
        </FilterForm>
    }
}

/// A panel for each group that has settings; one without a match is left out of sight.
#[component]
fn Groups(rows: Vec<Row>) -> impl IntoView {
    let language = use_language();
    let none = !rows.iter().any(|row| row.found);
    let panels: Vec<_> = Group::ALL
        .into_iter()
        .filter_map(|group| {
            let rows: Vec<Row> = rows.iter().filter(|row| row.group == group).cloned().collect();
            let seen = rows.iter().any(|row| row.found);
            let more = (group == Group::SignIn && context::may(Capability::ReadAll)).then(identity_providers);
            let mail = (group == Group::SignIn && context::may(Capability::ReadAll)).then(mail);
            let items: Vec<_> = rows
                .iter()
                .cloned()
                .map(|row| view! { <SettingRow row=row/> })
                .collect();
            (!rows.is_empty()).then(|| {
                view! {
                    <div data-group=group.id() hidden=!seen>
                        <Panel title=group.title(language) id=group.id()>
                            <ul class="list" role="list">{items}</ul>
                            {(more.is_some() || mail.is_some())
                                .then(|| view! { <footer class="panel-foot">{more}{mail}</footer> })}
                        </Panel>
                    </div>
                }
            })
        })
        .collect();
    view! {
        {panels}
        <div id="no-setting" hidden=!none>
            <State
                kind=StateKind::NoMatch
                title=language.pick("No setting like that", "没有匹配的设置")
                text=language.pick("Search for a part of its name, of its key or of its value.", "请搜索名称、键或值的一部分。")
            >
                <a class="btn" href=PATH>{language.pick("Show all settings", "显示所有设置")}</a>
            </State>
        </div>
    }
}

/// What else decides who comes in.
fn identity_providers() -> AnyView {
    let word = use_language().pick("Identity providers", "身份提供方");
    view! { <a class="link" href="/identity-providers">{word}</a> }.into_any()
}

/// How mail is sent, by which people register, get invitations and new passwords.
fn mail() -> AnyView {
    let word = use_language().pick("How mail is sent", "邮件设置");
    view! { <a class="link" href="/settings/mail">{word}</a> }.into_any()
}
