//! `/api/admin/projects`: people and keys together, and which account pays for them. Reading is for whoever reads what concerns money,
//! changing for admins.

use axum::{Json, extract::State};
use domain::{
    access::{Admin, MoneyReader, Viewer},
    id::{AccountId, ProjectId, UserId},
    name::{Email, Label},
    page::Page,
    project::{Application, Member, Project, ProjectApplication, ProjectKeeper, ProjectRole},
};
use gateway::{Gateway, ListedProject};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdminError, Asked, At, By, Given, Listed, Made, Moment, Within, body::given, cursor, operation, words};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

/// A project.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Project")]
pub struct ProjectEntry {
    #[schemars(with = "String")]
    id: ProjectId,
    #[schemars(with = "String")]
    name: Label,
    /// Whose own it is; null of those that people share.
    #[schemars(with = "Option<String>")]
    personal_of: Option<UserId>,
    /// The account that pays.
    #[schemars(with = "String")]
    account: AccountId,
    created_at: Moment,
    /// Since when its keys are refused.
    archived_at: Option<Moment>,
}

impl From<Project> for ProjectEntry {
    fn from(project: Project) -> Self {
        Self {
            id: project.id,
            name: project.name,
            personal_of: project.personal_of,
            account: project.account,
            created_at: project.created_at.into(),
            archived_at: project.archived_at.map(Moment),
        }
    }
}

/// A project in a list.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ListedProject")]
pub struct ListedEntry {
    #[serde(flatten)]
    project: ProjectEntry,
    /// How many people are in it.
    people: i64,
    /// How many keys it has that were not revoked.
    keys: i64,
}

impl From<ListedProject> for ListedEntry {
    fn from(listed: ListedProject) -> Self {
        Self {
            project: listed.project.into(),
            people: listed.people,
            keys: listed.keys,
        }
    }
}

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
    let (place, size) = (cursor::by_name(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let all = state.gateway().projects().list(&by.viewer).await?;
    let text = asked.q.unwrap_or_default().trim().to_lowercase();
    let shows = |listed: &ListedProject| listed.project.name.as_str().to_lowercase().contains(&text);
    let page = Page::by_name(all, &place, size, shows, |listed| listed.project.id.to_string());
    Ok(Json(Listed::by_name(page, ListedEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Projects")
        .about("Those that people share, and the own one of whoever asks.")
        .asks::<ProjectQuery>(book)
        .tells::<Listed<ListedEntry>>(book)
}

/// A project with its people and applications.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ProjectDetail")]
pub struct DetailEntry {
    #[serde(flatten)]
    project: ProjectEntry,
    /// Who pays.
    #[schemars(with = "Option<String>")]
    payer: Option<Email>,
    members: Vec<MemberEntry>,
    applications: Vec<ApplicationEntry>,
}

/// Somebody in a project.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ProjectMember")]
struct MemberEntry {
    #[schemars(with = "String")]
    user_id: UserId,
    #[schemars(with = "String")]
    email: Email,
    #[schemars(with = "Option<String>")]
    name: Option<Label>,
    #[schemars(schema_with = "words::project_role")]
    role: ProjectRole,
}

impl From<Member> for MemberEntry {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user,
            email: member.email,
            name: member.name,
            role: member.role,
        }
    }
}

/// A program whose calls are the project's.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ProjectApplication")]
struct ApplicationEntry {
    /// As it names itself in `x-aigne-hub-client-did`.
    application: String,
    /// The project's account pays for its calls; else the account of the key does.
    pays: bool,
}

impl From<ProjectApplication> for ApplicationEntry {
    fn from(known: ProjectApplication) -> Self {
        Self {
            application: known.application.into(),
            pays: known.pays,
        }
    }
}

async fn find(gateway: &Gateway, viewer: &Viewer, id: ProjectId) -> Result<DetailEntry, AdminError> {
    let projects = gateway.projects();
    let standing = projects.seen(viewer, id).await?;
    let members = projects.members(&standing).await?;
    let applications = projects.applications(&standing).await?;
    Ok(DetailEntry {
        payer: projects.payer(&standing).await?.map(|user| user.email),
        members: members.into_iter().map(MemberEntry::from).collect(),
        applications: applications.into_iter().map(ApplicationEntry::from).collect(),
        project: standing.project().clone().into(),
    })
}

/// The proof that an admin may manage a project.
async fn keeper(gateway: &Gateway, by: &By<Admin>, id: ProjectId) -> Result<ProjectKeeper, AdminError> {
    Ok(by.proof.keeper_of(gateway.projects().get(&by.proof, id).await?))
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
    by: By<Admin>,
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

/// Changes what a project is called, then who pays.
pub async fn update(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<ProjectId>,
    Given(change): Given<ProjectChange>,
) -> Result<Json<DetailEntry>, AdminError> {
    let (gateway, projects) = (state.gateway(), state.gateway().projects());
    let keeper = keeper(gateway, &by, id).await?;
    if let Some(name) = &change.name {
        projects.rename(&keeper, by.origin(), name).await?;
    }
    if let Some(payer) = change.payer {
        projects.set_payer(&keeper, by.origin(), payer).await?;
    }
    Ok(Json(find(gateway, &by.viewer, id).await?))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change a project")
        .takes::<ProjectChange>(book)
        .tells::<DetailEntry>(book)
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

/// What somebody may do in a project.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    #[schemars(schema_with = "words::project_role")]
    role: ProjectRole,
}

/// Puts somebody into a project, or changes their role in it.
pub async fn set_member(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(id, user): Within<ProjectId, UserId>,
    Given(membership): Given<Membership>,
) -> Result<Json<DetailEntry>, AdminError> {
    let gateway = state.gateway();
    let keeper = keeper(gateway, &by, id).await?;
    gateway
        .projects()
        .set_member(&keeper, by.origin(), user, membership.role)
        .await?;
    Ok(Json(find(gateway, &by.viewer, id).await?))
}

/// What is said of it.
pub fn set_member_described(book: &mut Book) -> Operation {
    operation("Put a person into a project, or change their role in it")
        .takes::<Membership>(book)
        .example(&serde_json::json!({ "role": "member" }))
        .tells::<DetailEntry>(book)
}

/// Takes somebody out of a project.
pub async fn remove_member(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(id, user): Within<ProjectId, UserId>,
) -> Result<StatusCode, AdminError> {
    let gateway = state.gateway();
    let keeper = keeper(gateway, &by, id).await?;
    gateway.projects().remove_member(&keeper, by.origin(), user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn remove_member_described(_: &mut Book) -> Operation {
    operation("Take a person out of a project")
        .about("Their keys in it stay and are refused.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}

/// A program whose calls are to be the project's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// As it names itself in `x-aigne-hub-client-did`.
    application: String,
    /// The project's account pays for its calls; else, and unless said, the account of the key does.
    #[serde(default)]
    pays: bool,
}

/// Says that an application belongs to a project.
pub async fn add_application(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<ProjectId>,
    Given(new): Given<NewApplication>,
) -> Result<Made<DetailEntry>, AdminError> {
    let gateway = state.gateway();
    let application = read_application(&new.application)?;
    gateway
        .projects()
        .add_application(&by.proof, by.origin(), id, &application, new.pays)
        .await?;
    Ok(Made(find(gateway, &by.viewer, id).await?))
}

/// What is said of it.
pub fn add_application_described(book: &mut Book) -> Operation {
    operation("Say that an application belongs to a project")
        .about("Calls of the project's people that name it are the project's.")
        .takes::<NewApplication>(book)
        .makes::<DetailEntry>(book)
}

/// Takes an application from a project.
pub async fn remove_application(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(id, application): Within<ProjectId, String>,
) -> Result<StatusCode, AdminError> {
    let gateway = state.gateway();
    let keeper = keeper(gateway, &by, id).await?;
    let application = read_application(&application)?;
    gateway
        .projects()
        .remove_application(&keeper, by.origin(), &application)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn remove_application_described(_: &mut Book) -> Operation {
    operation("Take an application from a project").leads(StatusCode::NO_CONTENT, "Done.")
}

fn read_application(text: &str) -> Result<Application, AdminError> {
    Application::parse(text).map_err(|problem| AdminError::invalid("application", problem.to_string()))
}
