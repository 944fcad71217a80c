//! `/projects/:id`: one project. Its people, keys, applications, the account that pays, and what was used.

use domain::{
    id::ProjectId,
    project::{InProject, Standing},
    refusal::Thing,
    time::Micros,
};
use gateway::Gateway;
use leptos::prelude::*;

use super::{applications, ending, name_of, page_of, people, role_in_words, standing as mark, usage};
use crate::{
    components::{Facts, LimitsPanel, LinkButton, MoneyText, Nothing, Page, PageHead, Panel, Place, Time, fact, page},
    context,
    error::AppError,
    form::{Query, path_id},
    pages::keys::{self, list::Told, paged::Paged},
    text::{Language, use_language},
};

/// What was used is told of so many days.
const DAYS: i64 = 30;

/// One project.
#[component]
pub fn ProjectPage() -> impl IntoView {
    page(async move {
        let (viewer, gateway, language) = (context::viewer()?, context::gateway()?, use_language());
        let id = path_id::<ProjectId>("id", Thing::Project)?;
        let standing = gateway.projects().seen(&viewer, id).await?;
        let project = standing.project().clone();
        let manages = standing.may(InProject::Manage) && project.archived_at.is_none();
        let alive = project.archived_at.is_none();
        let edits = manages || standing.may(InProject::ChoosePayer) && alive;
        let adds = standing.may(InProject::AddApplications) && alive;
        let shared = !project.is_personal();
        let pays = project.is_paid_by(viewer.id) && alive;
        let members = gateway.projects().members(&standing).await?;
        let applications = gateway.projects().applications(&standing).await?;
        let now = gateway.now();
        let since = now.plus(Micros(-Micros::from_days(DAYS).0));
        let used = gateway
            .usage()
            .of_project(&standing, since, now.plus(Micros(1)))
            .await?;
        let keys = match standing.may(InProject::SeeKeys) {
            true => Some(Paged::read(gateway.keys().of_project(&viewer, id).await?, &Query::current()).await?),
            false => None,
        };
        let limits = gateway.limits().of(&viewer, id.into()).await?;
        let facts = facts(&gateway, &standing).await?;
        let title = name_of(&project, language);
        let crumbs = vec![("/projects".to_owned(), language.pick("Projects", "项目").to_owned())];
        let makes_keys = standing.may(InProject::HaveKeys) && project.archived_at.is_none();
        let actions = view! {
            {makes_keys.then(|| view! {
                <LinkButton href=format!("/keys/new?project={id}") class="btn-primary" icon="plus">{language.pick("New key", "新建密钥")}</LinkButton>
            })}
            {(edits && shared).then(|| view! {
                <LinkButton href=format!("{}/edit", page_of(id)) icon="edit">{language.pick("Edit project", "编辑项目")}</LinkButton>
            })}
            <LinkButton href=format!("/calls?range=all&project={id}") icon="calls">{language.pick("Calls", "调用")}</LinkButton>
        };
        let keys_panel = keys.map(|keys| {
            let foot = keys.foot(&page_of(id));
            let content = match keys.rows().is_empty() {
                true => view! {
                    <Nothing
                        title=language.pick("No keys yet", "还没有密钥")
                        text=language.pick("Its members make their own.", "由成员自行创建。")
                    />
                }
                .into_any(),
                false => {
                    let told = Told {
                        owners: true,
                        projects: false,
                        keeps: manages,
                    };
                    view! { {keys::list::rows(keys.rows(), &viewer, told, now)}{foot} }.into_any()
                }
            };
            view! { <Panel title=language.pick("API keys", "API 密钥") id="keys">{content}</Panel> }
        });
        let archives = shared && standing.may(InProject::Archive) && project.archived_at.is_none();
        Ok(view! {
            <Page title=title.clone() place=Place::Projects>
                <PageHead title=title crumbs=crumbs beside=mark(&project, language).into_any() actions=actions.into_any() />
                <Panel title=language.pick("About", "概况") id="about" body=true><Facts of=facts wide=true /></Panel>
                {shared.then(|| people::panel(id, members, &viewer, manages))}
                {keys_panel}
                {usage::panel(&used, DAYS)}
                <LimitsPanel of=limits />
                {shared.then(|| applications::panel(id, applications, manages, adds))}
                {pays.then(|| ending::withdrawal(id))}
                {archives.then(|| ending::farewell(id))}
            </Page>
        })
    })
}

async fn facts(gateway: &Gateway, standing: &Standing) -> Result<Vec<(String, AnyView)>, AppError> {
    let (project, language) = (standing.project(), use_language());
    let payer = gateway.projects().payer(standing).await?;
    let payer = match payer {
        Some(payer) if !payer.suspended => payer.email.to_string(),
        Some(payer) => match language {
            Language::En => format!("{} (cannot pay: calls are refused)", payer.email),
            Language::Zh => format!("{}（无法付费，调用会被拒绝）", payer.email),
        },
        None => language
            .pick("nobody: calls are refused", "无人付费，调用会被拒绝")
            .to_owned(),
    };
    let role = standing
        .role()
        .map_or(language.pick("none", "无"), |role| role_in_words(role, language));
    let mut facts = vec![
        fact(language.pick("Your role", "你的角色"), role),
        fact(
            language.pick("Paid by", "付费人"),
            view! { <span class="break">{payer}</span> },
        ),
    ];
    // What somebody else's account has is told to whoever keeps the project.
    if let Ok(balance) = gateway.usage().credit_of_project(standing).await {
        facts.push(fact(
            language.pick("Can be spent", "可用额度"),
            view! { <MoneyText of=balance.spendable.or_zero() /> },
        ));
    }
    facts.push(fact(
        language.pick("Created", "创建时间"),
        view! { <Time at=project.created_at /> },
    ));
    facts.push(fact(
        language.pick("Id", "标识"),
        view! { <span class="mono break">{project.id.to_string()}</span> },
    ));
    Ok(facts)
}
