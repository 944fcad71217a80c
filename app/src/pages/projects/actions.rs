//! What the forms about projects do. Who may is asked by `gateway::Projects`; a refusal appears beside the form that caused it.

use domain::{
    account::User,
    id::{ProjectId, UserId},
    name::{Email, Label},
    project::{Application, ProjectKeeper, ProjectRole},
    refusal::{Invalid, Refusal, Thing},
};
use gateway::ProjectEdit;
use leptos::prelude::*;

use super::page_of;
use crate::{
    context::{address, admin, gateway, missing, money, viewer},
    error::AppError,
    form::{AtField, Back, Done, encode, parse, submit},
    pages::providers::press::press,
    text::{Language, use_language},
};

/// Makes a project that people share.
#[server]
pub async fn create_project(#[server(default)] name: String, #[server(default)] payer: String) -> Result<(), AppError> {
    let back = Back::to("/projects/new")
        .keeping("name", &name)
        .keeping("payer", &payer);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let name = parse::<Label>("name", &name)?;
        let email = parse::<Email>("payer", &payer)?;
        let payer = gateway.users().find_by_email(&admin.money_reader(), &email).await?;
        let payer = payer.ok_or(missing(Thing::User)).at("payer")?;
        let made = gateway
            .projects()
            .create(&admin, address.origin(), &name, payer.id)
            .await
            .at("name")?;
        let sentence = match language {
            Language::En => format!("Project “{name}” is ready. Put people into it."),
            Language::Zh => format!("项目“{name}”已创建，可以添加成员了。"),
        };
        Ok(Done::to(page_of(made.id)).saying(sentence))
    })
    .await
}

/// Changes what a project is called and who pays.
#[server]
pub async fn save_project(
    id: String,
    #[server(default)] name: String,
    #[server(default)] payer: String,
) -> Result<(), AppError> {
    let back = Back::to(format!("{}/edit", back_to(&id)))
        .keeping("name", &name)
        .keeping("payer", &payer);
    submit(back, async move {
        let (address, gateway, language) = (address()?, gateway()?, use_language());
        let keeper = keeper(&id).await?;
        let projects = gateway.projects();
        let name = parse::<Label>("name", &name)?;
        let email = parse::<Email>("payer", &payer)?;
        let payer = projects.person(&keeper, &email).await.at("payer")?;
        let edit = ProjectEdit {
            name: Some(name),
            payer: Some(payer.id),
        };
        match projects.edit(&keeper, address.origin(), &edit).await {
            Err(error) if error.refusal() == Refusal::NotAllowed => return Err(error).at("payer"),
            saved => saved.at("name")?,
        }
        Ok(Done::to(page_of(keeper.project().id)).saying(language.pick("The project was saved.", "项目已保存。")))
    })
    .await
}

/// Has another account pay, for whoever keeps money and does not manage the project.
#[server]
pub async fn name_payer(id: String, #[server(default)] payer: String) -> Result<(), AppError> {
    let back = Back::to(format!("{}/edit", back_to(&id))).keeping("payer", &payer);
    submit(back, async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let id = project_id(&id)?;
        let email = parse::<Email>("payer", &payer)?;
        let payer = gateway.users().find_by_email(&money.reader(), &email).await?;
        let payer = payer.ok_or(missing(Thing::User)).at("payer")?;
        gateway
            .projects()
            .name_payer(&money, address.origin(), id, payer.id)
            .await
            .at("payer")?;
        Ok(Done::to(page_of(id)).saying(language.pick("The project was saved.", "项目已保存。")))
    })
    .await
}

/// Pays no more for a project.
#[server]
pub async fn withdraw_payer(id: String) -> Result<(), AppError> {
    press(back_to(&id), async move {
        let (viewer, address, gateway, language) = (viewer()?, address()?, gateway()?, use_language());
        let id = project_id(&id)?;
        gateway.projects().withdraw_payer(&viewer, address.origin(), id).await?;
        // Whoever only paid does not see the project any more.
        Ok(Done::to("/projects").saying(language.pick(
            "You pay for this project no more. Its calls are refused until somebody else is named.",
            "你不再为此项目付费。在指定其他付费人之前，其调用会被拒绝。",
        )))
    })
    .await
}

/// Makes an end of a project, when its name was typed.
#[server]
pub async fn archive_project(id: String, #[server(default)] typed: String) -> Result<(), AppError> {
    let back = Back::to(format!("{}/archive", back_to(&id))).keeping("typed", &typed);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = project_id(&id)?;
        let project = gateway.projects().get(&admin, id).await?;
        if typed.trim() != project.name.as_str() {
            return Err(AppError::Refused(Refusal::ConfirmationMismatch)).at("typed");
        }
        gateway
            .projects()
            .archive(&admin, address.origin(), id)
            .await
            .at("typed")?;
        Ok(Done::to(page_of(id)).saying(language.pick(
            "The project is archived. Its keys are refused from now on.",
            "项目已归档，其密钥从现在起会被拒绝。",
        )))
    })
    .await
}

/// Puts somebody into a project by their address.
#[server]
pub async fn add_member(
    id: String,
    #[server(default)] email: String,
    #[server(default)] role: String,
) -> Result<(), AppError> {
    let back = Back::to(back_to(&id)).keeping("email", &email).keeping("role", &role);
    submit(back, async move {
        let (address, gateway) = (address()?, gateway()?);
        let keeper = keeper(&id).await?;
        let projects = gateway.projects();
        let email = parse::<Email>("email", &email)?;
        let role = ProjectRole::parse(&role).ok_or(Invalid::Choice).at("role")?;
        let person = projects.person(&keeper, &email).await.at("email")?;
        projects
            .set_member(&keeper, address.origin(), person.id, role)
            .await
            .at("email")?;
        Ok(Done::to(page_of(keeper.project().id)).saying(joined(&person)))
    })
    .await
}

fn joined(person: &User) -> String {
    match use_language() {
        Language::En => format!("{} is in the project.", person.email),
        Language::Zh => format!("{} 已加入项目。", person.email),
    }
}

/// Changes somebody's role in a project.
#[server]
pub async fn set_member_role(id: String, user: String, #[server(default)] role: String) -> Result<(), AppError> {
    press(back_to(&id), async move {
        let (address, gateway, language) = (address()?, gateway()?, use_language());
        let keeper = keeper(&id).await?;
        let role = ProjectRole::parse(&role).ok_or(AppError::from(Refusal::from(Invalid::Choice)))?;
        let user = user_id(&user)?;
        gateway
            .projects()
            .set_member(&keeper, address.origin(), user, role)
            .await?;
        Ok(Done::to(page_of(keeper.project().id)).saying(language.pick(
            "The role was changed. It acts on their next request.",
            "角色已更改，将在其下一次请求时生效。",
        )))
    })
    .await
}

/// Takes somebody out of a project.
#[server]
pub async fn remove_member(id: String, user: String) -> Result<(), AppError> {
    press(back_to(&id), async move {
        let (address, gateway, language) = (address()?, gateway()?, use_language());
        let keeper = keeper(&id).await?;
        let user = user_id(&user)?;
        gateway
            .projects()
            .remove_member(&keeper, address.origin(), user)
            .await?;
        Ok(Done::to(page_of(keeper.project().id)).saying(language.pick(
            "They are out of the project. Their keys in it are refused from now on.",
            "该成员已移出项目，其在此项目中的密钥从现在起会被拒绝。",
        )))
    })
    .await
}

/// Says that an application belongs to a project.
#[server]
pub async fn add_application(
    id: String,
    #[server(default)] application: String,
    #[server(default)] pays: bool,
) -> Result<(), AppError> {
    let back = Back::to(back_to(&id))
        .keeping("application", &application)
        .keeping("pays", if pays { "true" } else { "" });
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = project_id(&id)?;
        let application = Application::parse(&application).at("application")?;
        gateway
            .projects()
            .add_application(&admin, address.origin(), id, &application, pays)
            .await
            .at("application")?;
        Ok(
            Done::to(page_of(id))
                .saying(language.pick("The application belongs to the project.", "应用已归入此项目。")),
        )
    })
    .await
}

/// Takes an application from a project.
#[server]
pub async fn remove_application(id: String, application: String) -> Result<(), AppError> {
    press(back_to(&id), async move {
        let (address, gateway, language) = (address()?, gateway()?, use_language());
        let keeper = keeper(&id).await?;
        let application = Application::parse(&application).map_err(|_| missing(Thing::Application))?;
        gateway
            .projects()
            .remove_application(&keeper, address.origin(), &application)
            .await?;
        Ok(Done::to(page_of(keeper.project().id)).saying(language.pick(
            "The application no longer belongs to the project.",
            "应用不再属于此项目。",
        )))
    })
    .await
}

/// The proof that the viewer may manage this project.
async fn keeper(id: &str) -> Result<ProjectKeeper, AppError> {
    let (viewer, gateway) = (viewer()?, gateway()?);
    let standing = gateway.projects().seen(&viewer, project_id(id)?).await?;
    Ok(standing.keeper()?)
}

fn project_id(text: &str) -> Result<ProjectId, AppError> {
    text.parse().map_err(|_| missing(Thing::Project))
}

fn user_id(text: &str) -> Result<UserId, AppError> {
    text.parse().map_err(|_| missing(Thing::User))
}

fn back_to(id: &str) -> String {
    id.parse().map_or_else(|_| format!("/projects/{}", encode(id)), page_of)
}
