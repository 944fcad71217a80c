//! How projects, their people and their applications are told.

use domain::{
    access::Viewer,
    id::{AccountId, ProjectId, UserId},
    name::{Email, Label},
    project::{Member, Project, ProjectApplication, ProjectRole},
};
use gateway::{Gateway, ListedProject};
use schemars::JsonSchema;
use serde::Serialize;

use crate::admin::{AdminError, Moment, words};

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
    /// Since when nobody pays, as whoever did has withdrawn: calls of its keys are refused until somebody is named.
    unpaid_since: Option<Moment>,
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
            unpaid_since: project.unpaid_since.map(Moment),
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
pub struct MemberEntry {
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
pub struct ApplicationEntry {
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

/// A project that somebody may see, with its people and applications.
///
/// # Errors
/// Where there is none, or they may not see it.
pub async fn find(gateway: &Gateway, viewer: &Viewer, id: ProjectId) -> Result<DetailEntry, AdminError> {
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
