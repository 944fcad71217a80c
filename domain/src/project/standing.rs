//! What somebody may do in a project: the one table, [`Standing::may`]. Use-cases take the witness that it makes.

use super::{Project, ProjectRole};
use crate::{
    access::{Actor, Admin, Capability, Viewer},
    id::UserId,
    refusal::{Refusal, Thing},
};

/// Something that somebody may do in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InProject {
    /// See its people, its account and what was used.
    See,
    /// See its keys, without their secrets.
    SeeKeys,
    /// Have keys of one's own in it.
    HaveKeys,
    /// Say who is in it and what it is called, and keep everybody's keys.
    Manage,
    /// Say which applications are its own. Whose calls become a project's is decided by who decides about everybody.
    AddApplications,
    /// Name whichever account pays.
    ChoosePayer,
    /// Make an end of it.
    Archive,
}

/// Somebody's place in one project, read anew with each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    viewer: Viewer,
    project: Project,
    role: Option<ProjectRole>,
}

impl Standing {
    /// Where this person stands in this project.
    #[must_use]
    pub const fn of(viewer: Viewer, project: Project, role: Option<ProjectRole>) -> Self {
        Self { viewer, project, role }
    }

    /// The person.
    #[must_use]
    pub const fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The project.
    #[must_use]
    pub const fn project(&self) -> &Project {
        &self.project
    }

    /// Their role in it.
    #[must_use]
    pub const fn role(&self) -> Option<ProjectRole> {
        self.role
    }

    /// The one table of who may do what in a project.
    #[must_use]
    pub fn may(&self, what: InProject) -> bool {
        let hub = |capability| self.viewer.may(capability);
        let leads = self.role == Some(ProjectRole::Admin) && hub(Capability::Call);
        let shared = !self.project.is_personal();
        match what {
            InProject::See => {
                self.role.is_some() || self.project.is_paid_by(self.viewer.id) || hub(Capability::ReadMoney)
            }
            InProject::SeeKeys => self.role.is_some() || hub(Capability::ReadAll),
            InProject::HaveKeys => self.role.is_some_and(ProjectRole::has_keys) && hub(Capability::Call),
            InProject::Manage => leads || hub(Capability::Administer),
            InProject::ChoosePayer => shared && hub(Capability::KeepMoney),
            InProject::AddApplications | InProject::Archive => shared && hub(Capability::Administer),
        }
    }

    /// The proof that they may manage it.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], or [`Refusal::NotFound`] for whoever may not even see it.
    pub fn keeper(self) -> Result<ProjectKeeper, Refusal> {
        let standing = self.has(InProject::Manage)?;
        Ok(ProjectKeeper {
            actor: standing.viewer.actor(),
            chooses_payer: standing.may(InProject::ChoosePayer),
            project: standing.project,
            viewer: Some(standing.viewer),
        })
    }

    /// Themselves, where they may do that.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], or [`Refusal::NotFound`] for whoever may not even see it.
    pub fn has(self, what: InProject) -> Result<Self, Refusal> {
        if self.may(what) {
            Ok(self)
        } else if self.may(InProject::See) {
            Err(Refusal::NotAllowed)
        } else {
            Err(Refusal::NotFound { what: Thing::Project })
        }
    }
}

/// The proof that somebody asks who may manage one project.
#[derive(Clone, Debug)]
pub struct ProjectKeeper {
    actor: Actor,
    project: Project,
    /// Who stands in it; none where an admin of the hub needs no place in it.
    viewer: Option<Viewer>,
    chooses_payer: bool,
}

impl ProjectKeeper {
    /// The project, as it was when they were asked.
    #[must_use]
    pub const fn project(&self) -> &Project {
        &self.project
    }

    /// How the list of changes names them.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether they may have this person's account pay: any where they keep money, else only their own.
    #[must_use]
    pub fn may_have_pay(&self, payer: UserId) -> bool {
        self.chooses_payer || self.viewer.as_ref().is_some_and(|viewer| viewer.id == payer)
    }

    /// Whether they keep it still, as it is now and with the role that they have in it now.
    ///
    /// # Errors
    /// As [`Standing::keeper`].
    pub fn still(&self, project: Project, role: Option<ProjectRole>) -> Result<(), Refusal> {
        match &self.viewer {
            Some(viewer) => Standing::of(viewer.clone(), project, role).keeper().map(drop),
            None => Ok(()),
        }
    }

    /// Whose role in it that is.
    #[must_use]
    pub fn person(&self) -> Option<UserId> {
        self.viewer.as_ref().map(|viewer| viewer.id)
    }
}

impl Admin {
    /// An admin of the hub may manage every project.
    #[must_use]
    pub fn keeper_of(&self, project: Project) -> ProjectKeeper {
        ProjectKeeper {
            actor: self.actor().clone(),
            project,
            viewer: None,
            chooses_payer: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::Role,
        id::{AccountId, ProjectId},
        time::Timestamp,
    };

    fn standing(hub: Role, role: Option<ProjectRole>, personal: bool) -> Standing {
        let user = UserId::from_number(1);
        let viewer = Viewer {
            id: user,
            email: "a@x.y".parse().expect("an address"),
            role: hub,
            key: None,
        };
        let project = Project {
            id: ProjectId::from_number(9),
            name: "p".parse().expect("a name"),
            personal_of: personal.then_some(user),
            account: AccountId::from_number(if personal { 1 } else { 2 }),
            created_at: Timestamp(0),
            archived_at: None,
            unpaid_since: None,
        };
        Standing::of(viewer, project, role)
    }

    #[test]
    fn the_table_of_projects() {
        use InProject::{AddApplications, Archive, ChoosePayer, HaveKeys, Manage, See, SeeKeys};
        use ProjectRole::{Admin, Member, Reader};
        let all = [See, SeeKeys, HaveKeys, Manage, ChoosePayer, AddApplications, Archive];
        let expected = [
            (Role::Member, None, [false; 7]),
            (
                Role::Member,
                Some(Reader),
                [true, true, false, false, false, false, false],
            ),
            (
                Role::Member,
                Some(Member),
                [true, true, true, false, false, false, false],
            ),
            (Role::Member, Some(Admin), [true, true, true, true, false, false, false]),
            (Role::Auditor, None, [true, true, false, false, false, false, false]),
            (
                Role::Auditor,
                Some(Admin),
                [true, true, false, false, false, false, false],
            ),
            (Role::Billing, None, [true, false, false, false, true, false, false]),
            (
                Role::Billing,
                Some(Member),
                [true, true, true, false, true, false, false],
            ),
            (Role::Admin, None, [true, true, false, true, true, true, true]),
            (Role::Owner, Some(Member), [true; 7]),
        ];
        for (hub, role, row) in expected {
            assert_eq!(
                all.map(|what| standing(hub, role, false).may(what)),
                row,
                "{hub:?} {role:?}"
            );
            let keeper = standing(hub, role, false).keeper();
            assert_eq!(keeper.is_ok(), row[3]);
            let hidden = Some(Refusal::NotFound { what: Thing::Project });
            assert_eq!(keeper.err() == hidden, !row[0]);
        }
        let own = standing(Role::Owner, Some(Admin), true);
        assert_eq!(
            all.map(|what| own.may(what)),
            [true, true, true, true, false, false, false]
        );
    }

    /// Whoever pays always sees what for, until they pay no more.
    #[test]
    fn who_pays_sees_the_project() {
        let mut paid = standing(Role::Member, None, false);
        paid.project.account = AccountId::of_person(paid.viewer.id);
        let all = [
            InProject::See,
            InProject::SeeKeys,
            InProject::HaveKeys,
            InProject::Manage,
        ];
        assert_eq!(all.map(|what| paid.may(what)), [true, false, false, false]);
        paid.project.unpaid_since = Some(Timestamp(1));
        assert!(!paid.may(InProject::See));
    }
}
