//! Projects: the list, making one, the page of one (`detail`) with its people, keys, applications and usage, and archiving it.
//! Everybody sees those that they are in, whoever reads what concerns money all.

mod actions;
mod applications;
pub mod archive;
pub mod detail;
pub mod edit;
mod ending;
pub mod new;
pub mod people;
mod usage;

use domain::{
    access::Capability,
    id::ProjectId,
    project::{Project, ProjectRole},
};
use gateway::ListedProject;
use leptos::prelude::*;

use crate::{
    components::{Column, LinkButton, Page, PageHead, Place, Status, Table, Tone, format, page},
    context,
    text::{Language, use_language},
};

/// The page of one project.
pub fn page_of(id: ProjectId) -> String {
    format!("/projects/{id}")
}

/// What a project is called: a personal one in the reader's language.
pub fn name_of(project: &Project, language: Language) -> String {
    match project.is_personal() {
        true => language.pick("Personal", "个人").to_owned(),
        false => project.name.to_string(),
    }
}

/// What a role in a project is called.
pub const fn role_in_words(role: ProjectRole, language: Language) -> &'static str {
    match role {
        ProjectRole::Admin => language.pick("Project admin", "项目管理员"),
        ProjectRole::Member => language.pick("Member", "成员"),
        ProjectRole::Reader => language.pick("Reader", "只读者"),
    }
}

/// `/projects`.
#[component]
pub fn ProjectsPage() -> impl IntoView {
    page(async move {
        let (viewer, gateway, language) = (context::viewer()?, context::gateway()?, use_language());
        let projects = gateway.projects().list(&viewer).await?;
        let title = language.pick("Projects", "项目");
        let add = viewer.may(Capability::Administer).then(|| {
            view! { <LinkButton href="/projects/new" class="btn-primary" icon="plus">{language.pick("New project", "新建项目")}</LinkButton> }
        });
        let columns = vec![
            Column::new(language.pick("Project", "项目")),
            Column::new(language.pick("State", "状态")),
            Column::new(language.pick("Your role", "你的角色")),
            Column::new(language.pick("People", "成员")).number().leaves(2),
            Column::new(language.pick("Keys", "密钥")).number().leaves(2),
        ];
        let rows: Vec<_> = projects.iter().map(|listed| row(listed, language)).collect();
        Ok(view! {
            <Page title=title place=Place::Projects>
                <PageHead
                    title=title
                    sub=language.pick(
                        "People and keys together, with one account that pays. Everybody has a personal one.",
                        "把人和密钥放在一起，由一个账户付费。每个人都有一个个人项目。",
                    )
                    actions=add.into_any()
                />
                <section class="panel" aria-label=title><Table columns=columns>{rows}</Table></section>
            </Page>
        })
    })
}

fn row(listed: &ListedProject, language: Language) -> impl IntoView + use<> {
    let project = &listed.project;
    let archived = project.archived_at.is_some();
    let role = match listed.role {
        Some(role) => view! { {role_in_words(role, language)} }.into_any(),
        None => view! { <span class="muted">{language.pick("none", "无")}</span> }.into_any(),
    };
    let count = |number: i64| format::count(number.unsigned_abs());
    view! {
        <tr class=archived.then_some("is-off")>
            <td class="cell-lead"><a class="row-link cell-main break" href=page_of(project.id)>{name_of(project, language)}</a></td>
            <td class="cell-end">{standing(project, language)}</td>
            <td data-label=language.pick("Your role", "你的角色")>{role}</td>
            <td class="col-2 num" data-label=language.pick("People", "成员")>{count(listed.people)}</td>
            <td class="col-2 num" data-label=language.pick("Keys", "密钥")>{count(listed.keys)}</td>
        </tr>
    }
}

/// Whether its keys work, as a mark.
fn standing(project: &Project, language: Language) -> impl IntoView + use<> {
    match project.archived_at {
        None if project.unpaid_since.is_some() => {
            view! { <Status tone=Tone::Bad text=language.pick("Nobody pays", "无人付费") /> }
        }
        Some(_) => view! { <Status tone=Tone::Off text=language.pick("Archived", "已归档") /> },
        None => view! { <Status tone=Tone::Good text=language.pick("Active", "有效") /> },
    }
}
