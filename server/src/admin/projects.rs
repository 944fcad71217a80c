//! `/api/admin/projects`: people and keys together, and which account pays for them. Reading is for whoever reads what concerns money,
//! changing for admins. How one is told stands in `projects/entry.rs`.

mod applications;
mod entry;
mod members;

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Money, MoneyReader},
    id::{ProjectId, UserId},
    name::Label,
    project::ProjectKeeper,
};
use gateway::{Gateway, ListedProject, ProjectEdit};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use self::entry::{DetailEntry, ListedEntry, find};
use super::{AdminError, Asked, At, By, Freely, Given, Listed, Made, body::given, cursor, operation};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

pub use applications::{add_application, add_application_described, remove_application, remove_application_described};
pub use members::{remove_member, remove_member_described, set_member, set_member_described};

/// Where a page of projects begins.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectQuery {
    /// Part of a name, in any case.
    #[serde(default)]
    q: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// Projects that people share, and the own one of whoever asks.
pub async fn list(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    Asked(asked): Asked<ProjectQuery>,
) -> Result<Json<Listed<ListedEntry>>, AdminError> {
    let all = state.gateway().projects().list(&by.viewer).await?;
    let shows = |listed: &ListedProject| cursor::holds(listed.project.name.as_str(), asked.q.as_deref());
    let page = cursor::page(all, (asked.cursor.as_deref(), asked.limit), shows, |listed| {
        listed.project.id.to_string()
    })?;
    Ok(Json(Listed::by_name(page, ListedEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Projects")
        .about("Those that people share, and the own one of whoever asks.")
        .asks::<ProjectQuery>(book)
        .tells::<Listed<ListedEntry>>(book)
}

/// The proof that an admin may manage a project.
async fn keeper(gateway: &Gateway, admin: &Admin, id: ProjectId) -> Result<ProjectKeeper, AdminError> {
    Ok(admin.keeper_of(gateway.projects().get(admin, id).await?))
}

/// One project.
pub async fn show(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(id): At<ProjectId>,
) -> Result<Json<DetailEntry>, AdminError> {
    Ok(Json(find(state.gateway(), &by.viewer, id).await?))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("A project with its people and applications").tells::<DetailEntry>(book)
}

/// A project to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    #[schemars(with = "String")]
    name: Label,
    /// Whose account pays; the asker's unless said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    payer: Option<UserId>,
}

/// Makes a project that people share.
pub async fn create(
    State(state): State<HubState>,
    by: Freely<Admin>,
    Given(new): Given<NewProject>,
) -> Result<Made<DetailEntry>, AdminError> {
    let gateway = state.gateway();
    let payer = new.payer.unwrap_or(by.viewer.id);
    let projects = gateway.projects();
    let project = projects.create(&by.proof, by.origin(), &new.name, payer).await?;
    Ok(Made(find(gateway, &by.viewer, project.id).await?))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Make a project that people share")
        .about("Whoever makes it is its first admin.")
        .takes::<NewProject>(book)
        .example(&serde_json::json!({ "name": "Search" }))
        .makes::<DetailEntry>(book)
}

/// What to change of a project. What is absent stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectChange {
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    name: Option<Label>,
    /// Whose account pays for calls that begin from now on.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    payer: Option<UserId>,
}

/// Changes what a project is called and who pays: all that is asked, or nothing.
pub async fn update(
    State(state): State<HubState>,
    by: Freely<Money>,
    At(id): At<ProjectId>,
    Given(change): Given<ProjectChange>,
) -> Result<Json<DetailEntry>, AdminError> {
    let (gateway, projects) = (state.gateway(), state.gateway().projects());
    match (change.name, change.payer) {
        (None, Some(payer)) => projects.name_payer(&by.proof, by.origin(), id, payer).await?,
        (name, payer) => {
            let keeper = keeper(gateway, &by.proof.admin()?, id).await?;
            projects
                .edit(&keeper, by.origin(), &ProjectEdit { name, payer })
                .await?;
        }
    }
    Ok(Json(find(gateway, &by.viewer, id).await?))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change a project")
        .about("Its payer is named by whoever keeps money, its name by admins. What is absent stays. All of it is changed, or nothing where something is refused.")
        .takes::<ProjectChange>(book)
        .tells::<DetailEntry>(book)
}

/// Stops paying for a project, where the asker's own account does.
pub async fn withdraw_payer(
    State(state): State<HubState>,
    by: By<Money>,
    At(id): At<ProjectId>,
) -> Result<StatusCode, AdminError> {
    let projects = state.gateway().projects();
    projects.withdraw_payer(&by.viewer, by.origin(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn withdraw_payer_described(_: &mut Book) -> Operation {
    operation("Stop paying for a project from your own account")
        .about("Its keys are refused until another payer is named.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}

/// Makes an end of a project.
pub async fn archive(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<ProjectId>,
) -> Result<StatusCode, AdminError> {
    state.gateway().projects().archive(&by.proof, by.origin(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn archive_described(_: &mut Book) -> Operation {
    operation("Archive a project")
        .about("Its keys are refused, its applications are nobody's any more, its name is free. Its calls and what they cost stay.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
