//! Projects: who is in them, which account pays for them, which applications are their own. Their keys are in `keys`. What
//! somebody may do in one is `domain::project`; the use-cases here take its witness.

mod applications;
mod change;
mod members;

use std::collections::HashSet;

use domain::{
    access::{Admin, Capability, Viewer},
    id::{ProjectId, UserId},
    name::Label,
    project::{InProject, Member, Project, ProjectApplication, ProjectRole, Standing},
    refusal::{Refusal, Thing},
};

use crate::{
    Error, Inner,
    ledger::account_of,
    store::{self, Tx, change::Subject, projects as table},
};

pub use change::ProjectEdit;
pub(crate) use change::shared_in;

/// Use-cases about projects.
pub struct Projects<'a>(pub(crate) &'a Inner);

const MISSING: Refusal = Refusal::NotFound { what: Thing::Project };

/// A project in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedProject {
    /// The project.
    pub project: Project,
    /// The role in it of whoever asks.
    pub role: Option<ProjectRole>,
    /// How many people are in it.
    pub people: i64,
    /// How many keys it has that were not revoked.
    pub keys: i64,
}

impl Projects<'_> {
    /// The projects that somebody may see: those that they are in, their own first, those that they pay for, and all shared ones for
    /// whoever reads what concerns money.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<ListedProject>, Error> {
        let store = &self.0.store;
        let mut projects = table::of_person(store, viewer.id).await?;
        let others = match viewer.may(Capability::ReadMoney) {
            true => table::shared(store).await?,
            false => table::paid_by(store, account_of(viewer.id)).await?,
        };
        let known: HashSet<ProjectId> = projects.iter().map(|project| project.id).collect();
        projects.extend(others.into_iter().filter(|project| !known.contains(&project.id)));
        let counts = table::counts(store, viewer.id).await?;
        let roles = table::roles_of(store, viewer.id).await?;
        let listed = |project: Project| {
            let count = counts.iter().find(|(id, ..)| *id == project.id);
            ListedProject {
                role: roles.iter().find(|(id, _)| *id == project.id).map(|(_, role)| *role),
                people: count.map_or(0, |(_, people, _)| *people),
                keys: count.map_or(0, |(.., keys)| *keys),
                project,
            }
        };
        Ok(projects.into_iter().map(listed).collect())
    }

    /// The projects in which somebody may make keys, their own first.
    ///
    /// # Errors
    /// The database's.
    pub async fn with_keys_of(&self, viewer: &Viewer) -> Result<Vec<Project>, Error> {
        let roles = table::roles_of(&self.0.store, viewer.id).await?;
        let has_keys = |id| roles.iter().any(|(of, role)| *of == id && role.has_keys());
        let projects = table::of_person(&self.0.store, viewer.id).await?.into_iter();
        Ok(projects
            .filter(|project| project.archived_at.is_none() && has_keys(project.id))
            .collect())
    }

    /// All shared projects.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_all(&self, _: &Admin) -> Result<Vec<Project>, Error> {
        Ok(table::shared(&self.0.store).await?)
    }

    /// A project, for admins of the hub.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn get(&self, _: &Admin, id: ProjectId) -> Result<Project, Error> {
        Ok(table::get(&self.0.store, id).await?.ok_or(MISSING)?)
    }

    /// The shared project that is called so and not archived, for admins of the hub.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn find(&self, _: &Admin, name: &Label) -> Result<Project, Error> {
        Ok(table::find(&self.0.store, name.as_str()).await?.ok_or(MISSING)?)
    }

    /// Where somebody stands in a project. Whether they may see it is not asked here: [`Standing::has`] does.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub(crate) async fn standing(&self, viewer: &Viewer, id: ProjectId) -> Result<Standing, Error> {
        let mut tx = self.0.store.begin_read().await?;
        self.standing_in(&mut tx, viewer, id).await
    }

    /// The same within a change.
    pub(crate) async fn standing_in(&self, tx: &mut Tx, viewer: &Viewer, id: ProjectId) -> Result<Standing, Error> {
        let project = table::get_in(tx, id).await?.ok_or(MISSING)?;
        let role = table::role_in(tx, id, viewer.id).await?;
        Ok(Standing::of(viewer.clone(), project, role))
    }

    /// Where somebody stands in a project that they may see.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for what they may not see; the database's.
    pub async fn seen(&self, viewer: &Viewer, id: ProjectId) -> Result<Standing, Error> {
        Ok(self.standing(viewer, id).await?.has(InProject::See)?)
    }

    /// Who is in a project.
    ///
    /// # Errors
    /// The database's.
    pub async fn members(&self, standing: &Standing) -> Result<Vec<Member>, Error> {
        Ok(table::members(&self.0.store, standing.project().id).await?)
    }

    /// The applications of a project.
    ///
    /// # Errors
    /// The database's.
    pub async fn applications(&self, standing: &Standing) -> Result<Vec<ProjectApplication>, Error> {
        Ok(table::applications(&self.0.store, standing.project().id).await?)
    }

    /// Who pays for a project: the person of its account. Nobody where they withdrew.
    ///
    /// # Errors
    /// The database's.
    pub async fn payer(&self, standing: &Standing) -> Result<Option<domain::account::User>, Error> {
        if standing.project().unpaid_since.is_some() {
            return Ok(None);
        }
        let person = UserId::from_number(standing.project().account.number());
        Ok(store::people::get(&self.0.store, person).await?)
    }
}

/// How the list of changes names a project.
fn about<'a>(action: &'a str, project: &'a Project) -> Subject<'a> {
    Subject {
        action,
        id: project.id.to_string(),
        name: project.name.as_str(),
    }
}
