//! A project itself: made, renamed, paid by another account, archived.

use domain::{
    access::{Actor, Admin, Money, Viewer},
    id::{ProjectId, UserId},
    name::Label,
    project::{InProject, Project, ProjectKeeper, ProjectRole},
    refusal::{Refusal, Thing},
};
use serde_json::json;

use super::{MISSING, Projects, about};
use crate::{
    Error, Origin,
    ledger::account_of,
    store::{Change, StoreError, people, projects as table},
};

/// What a project is to be. Absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProjectEdit {
    /// What it is called.
    pub name: Option<Label>,
    /// Whose account pays.
    pub payer: Option<UserId>,
}

impl Projects<'_> {
    /// Makes a project that people share, paid from somebody's account. An admin who makes it is its first admin; one who is made
    /// on the command line has nobody in it yet.
    ///
    /// # Errors
    /// [`Refusal::Taken`] for a name that another project has; [`Refusal::NotFound`] when there is no such payer.
    pub async fn create(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        name: &Label,
        payer: UserId,
    ) -> Result<Project, Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let payer = payer_in(&mut change, payer).await?;
        let project = Project {
            id: ProjectId::from_number(change.next_id()),
            name: name.clone(),
            personal_of: None,
            account: account_of(payer.id),
            created_at: change.at,
            archived_at: None,
            unpaid_since: None,
        };
        table::insert(&mut change.tx, &project)
            .await
            .map_err(taken(Thing::Project))?;
        if let Actor::User { id, .. } = admin.actor() {
            table::set_member(&mut change.tx, project.id, *id, ProjectRole::Admin).await?;
        }
        let after = json!({ "name": name, "payer": payer.email });
        change
            .audit::<(), _>(about("project.create", &project), None, Some(&after))
            .await?;
        change.commit().await?;
        Ok(project)
    }

    /// Changes what a project is called.
    ///
    /// # Errors
    /// [`Refusal::PersonalProject`]; [`Refusal::Archived`]; [`Refusal::Taken`]; [`Refusal::NotFound`].
    pub async fn rename(&self, keeper: &ProjectKeeper, origin: Origin<'_>, name: &Label) -> Result<(), Error> {
        let edit = ProjectEdit {
            name: Some(name.clone()),
            payer: None,
        };
        self.edit(keeper, origin, &edit).await
    }

    /// Changes what a project is called and which account pays: all that is asked, or nothing.
    ///
    /// # Errors
    /// As [`Projects::rename`] and [`Projects::set_payer`].
    pub async fn edit(&self, keeper: &ProjectKeeper, origin: Origin<'_>, edit: &ProjectEdit) -> Result<(), Error> {
        let mut change = self.0.change(keeper.actor(), origin).await?;
        let project = shared(kept_in(&mut change, keeper).await?)?;
        let renamed = match &edit.name {
            Some(name) => rename_in(&mut change, &project, name).await?,
            None => false,
        };
        let paid = match edit.payer {
            Some(payer) => pay_in(&mut change, &project, payer, keeper.may_have_pay(payer)).await?,
            None => false,
        };
        if paid {
            self.0.finish(change).await?;
        } else if renamed {
            change.commit().await?;
        }
        Ok(())
    }

    /// Has another account pay, for calls that begin from now on: any account for whoever keeps money, else only one's own.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`]; as [`Projects::rename`].
    pub async fn set_payer(&self, keeper: &ProjectKeeper, origin: Origin<'_>, payer: UserId) -> Result<(), Error> {
        let edit = ProjectEdit {
            name: None,
            payer: Some(payer),
        };
        self.edit(keeper, origin, &edit).await
    }

    /// The same for whoever keeps money, whether or not they may manage the project.
    ///
    /// # Errors
    /// As [`Projects::rename`].
    pub async fn name_payer(
        &self,
        money: &Money,
        origin: Origin<'_>,
        id: ProjectId,
        payer: UserId,
    ) -> Result<(), Error> {
        let mut change = self.0.change(money.actor(), origin).await?;
        let project = shared_in(&mut change, id).await?;
        if pay_in(&mut change, &project, payer, true).await? {
            self.0.finish(change).await?;
        }
        Ok(())
    }

    /// Pays no more for a project: whoever's account does may always stop. Nobody is made to pay instead: calls of the project's keys
    /// are refused until somebody else is named, by themselves or by who keeps money.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for projects that one does not see; [`Refusal::NotAllowed`] for whoever does not pay;
    /// [`Refusal::PersonalProject`]; [`Refusal::Archived`].
    pub async fn withdraw_payer(&self, viewer: &Viewer, origin: Origin<'_>, id: ProjectId) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let standing = self.standing_in(&mut change.tx, viewer, id).await?;
        standing.has(InProject::See)?;
        let project = shared_in(&mut change, id).await?;
        if !project.is_paid_by(viewer.id) {
            return Err(Refusal::NotAllowed.into());
        }
        let at = change.at;
        table::set_unpaid(&mut change.tx, id, at).await?;
        let before = json!({ "account": project.account, "payer": viewer.email });
        change
            .audit::<_, ()>(about("project.withdraw_payer", &project), Some(&before), None)
            .await?;
        self.0.finish(change).await
    }

    /// Makes an end of a project: its keys are refused, its applications are nobody's any more, its name is free. Its calls and what
    /// they cost stay.
    ///
    /// # Errors
    /// As [`Projects::rename`].
    pub async fn archive(&self, admin: &Admin, origin: Origin<'_>, id: ProjectId) -> Result<(), Error> {
        let keeper = admin.keeper_of(self.get(admin, id).await?);
        let mut change = self.0.change(keeper.actor(), origin).await?;
        let project = shared_in(&mut change, keeper.project().id).await?;
        let at = change.at;
        table::archive(&mut change.tx, project.id, at).await?;
        let applications = table::remove_applications(&mut change.tx, project.id).await?;
        let before = json!({ "applications": applications });
        change
            .audit::<_, ()>(about("project.archive", &project), Some(&before), None)
            .await?;
        self.0.finish(change).await
    }
}

/// A project as it is now.
pub(super) async fn present_in(change: &mut Change<'_>, id: ProjectId) -> Result<Project, Error> {
    let project = table::get_in(&mut change.tx, id).await?;
    Ok(project.ok_or(MISSING)?)
}

/// The same for whoever keeps it, if they do still: they may have lost their place in it since they were asked.
pub(super) async fn kept_in(change: &mut Change<'_>, keeper: &ProjectKeeper) -> Result<Project, Error> {
    let project = present_in(change, keeper.project().id).await?;
    let role = match keeper.person() {
        Some(person) => table::role_in(&mut change.tx, project.id, person).await?,
        None => None,
    };
    keeper.still(project.clone(), role)?;
    Ok(project)
}

/// One that goes on and that people share.
pub(crate) async fn shared_in(change: &mut Change<'_>, id: ProjectId) -> Result<Project, Error> {
    shared(present_in(change, id).await?)
}

/// The same of one that was read.
pub(super) fn shared(project: Project) -> Result<Project, Error> {
    if project.archived_at.is_some() {
        return Err(Refusal::Archived.into());
    }
    if project.is_personal() {
        return Err(Refusal::PersonalProject.into());
    }
    Ok(project)
}

/// Gives whether that changed anything.
async fn rename_in(change: &mut Change<'_>, project: &Project, name: &Label) -> Result<bool, Error> {
    if project.name == *name {
        return Ok(false);
    }
    table::rename(&mut change.tx, project.id, name)
        .await
        .map_err(taken(Thing::Project))?;
    let (before, after) = (json!({ "name": project.name }), json!({ "name": name }));
    change
        .audit(about("project.rename", project), Some(&before), Some(&after))
        .await?;
    Ok(true)
}

/// Gives whether that changed anything. A form brings the payer along who stays: who is no change is nobody's to refuse.
async fn pay_in(change: &mut Change<'_>, project: &Project, payer: UserId, may_change: bool) -> Result<bool, Error> {
    if project.is_paid_by(payer) {
        return Ok(false);
    }
    if !may_change {
        return Err(Refusal::NotAllowed.into());
    }
    let payer = payer_in(change, payer).await?;
    table::set_account(&mut change.tx, project.id, account_of(payer.id)).await?;
    let (before, after) = (
        json!({ "account": project.account }),
        json!({ "account": account_of(payer.id), "payer": payer.email }),
    );
    change
        .audit(about("project.set_payer", project), Some(&before), Some(&after))
        .await?;
    Ok(true)
}

/// Somebody whose account is to pay.
async fn payer_in(change: &mut Change<'_>, payer: UserId) -> Result<domain::account::User, Error> {
    let person = people::get_in(&mut change.tx, payer).await?;
    let person = person.filter(|person| person.deleted_at.is_none());
    Ok(person.ok_or(Refusal::NotFound { what: Thing::User })?)
}

pub(super) fn taken(what: Thing) -> impl Fn(StoreError) -> Error {
    move |error| match error.is_unique_violation() {
        true => Refusal::Taken { what }.into(),
        false => error.into(),
    }
}
