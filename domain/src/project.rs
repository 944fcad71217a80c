//! Projects: people and keys together, with one account that pays for their calls. Everybody has a personal one. What somebody
//! may do in one stands in [`Standing::may`]; use-cases take the witness that it makes.

use serde::{Deserialize, Serialize};

use crate::{
    access::{Actor, Admin, Capability, Viewer},
    id::{AccountId, ProjectId, UserId},
    name::{Email, Label},
    refusal::{Invalid, Refusal, Thing},
    time::Timestamp,
};

/// What personal projects are called in storage. Pages say it in their reader's language.
pub const PERSONAL: &str = "Personal";

/// What somebody may do in a project, beside what their role of the hub lets them do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectRole {
    /// Says who is in it, and keeps everybody's keys in it.
    Admin,
    /// Has keys in it.
    Member,
    /// Sees its keys and what they are used for.
    Reader,
}

impl ProjectRole {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Member, Self::Reader];

    /// The word in storage, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Reader => "reader",
        }
    }

    /// The role that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether keys of somebody with this role work in the project.
    #[must_use]
    pub const fn has_keys(self) -> bool {
        match self {
            Self::Admin | Self::Member => true,
            Self::Reader => false,
        }
    }
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its id. A personal project has its person's number.
    pub id: ProjectId,
    /// What people call it.
    pub name: Label,
    /// Whose personal project it is; absent for those that people share.
    pub personal_of: Option<UserId>,
    /// Who pays: always a person's account.
    pub account: AccountId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when its keys are refused.
    pub archived_at: Option<Timestamp>,
    /// Since when whoever paid does so no more, and nobody else does yet: calls are refused meanwhile.
    pub unpaid_since: Option<Timestamp>,
}

impl Project {
    /// Whether it is one person's own.
    #[must_use]
    pub const fn is_personal(&self) -> bool {
        self.personal_of.is_some()
    }

    /// Whether this person's account pays for what others do in it.
    #[must_use]
    pub fn is_paid_by(&self, user: UserId) -> bool {
        !self.is_personal() && self.unpaid_since.is_none() && self.account == AccountId::of_person(user)
    }
}

impl ProjectId {
    /// Somebody's personal project.
    #[must_use]
    pub const fn personal_of(user: UserId) -> Self {
        Self::from_number(user.number())
    }
}

/// Somebody in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// What people call them.
    pub name: Option<Label>,
    /// What they may do in it.
    pub role: ProjectRole,
}

/// The most letters of an application's name.
const APPLICATION_LENGTH: usize = 200;

/// A program that names itself in its calls, as AIGNE's clients do by the DID of the application that they run in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Application(String);

impl Application {
    /// Reads a name.
    ///
    /// # Errors
    /// [`Invalid::Application`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.:".contains(&letter);
        if !text.is_empty() && text.len() <= APPLICATION_LENGTH && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::Application)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Application {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Application> for String {
    fn from(application: Application) -> Self {
        application.0
    }
}

/// An application of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectApplication {
    /// Its name.
    pub application: Application,
    /// The project's account pays for calls that name it; else the account of the key does.
    pub pays: bool,
}

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
            own: Some(standing.viewer.id),
            chooses_payer: standing.may(InProject::ChoosePayer),
            project: standing.project,
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
    /// Whose account they may name, beside those that their role of the hub lets them name.
    own: Option<UserId>,
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
        self.chooses_payer || self.own == Some(payer)
    }
}

impl Admin {
    /// An admin of the hub may manage every project.
    #[must_use]
    pub fn keeper_of(&self, project: Project) -> ProjectKeeper {
        ProjectKeeper {
            actor: self.actor().clone(),
            project,
            own: None,
            chooses_payer: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

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

    #[test]
    fn applications_are_plain_names() {
        for good in ["z8ia3xzq2tMq8CRHfaXj1BTYJyYnEcHbqP8cJ", "did:abt:zNK1", " a.b-c_d "] {
            assert_eq!(Application::parse(good).map(String::from).as_deref(), Ok(good.trim()));
        }
        for bad in ["", " ", "a b", "a\nb", "ä", "<x>", &"a".repeat(201)] {
            assert_eq!(Application::parse(bad), Err(Invalid::Application), "{bad:?}");
        }
    }
}
