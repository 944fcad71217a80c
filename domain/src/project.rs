//! Projects: people and keys together, with one account that pays for their calls. Everybody has a personal one. What somebody
//! may do in one is in `project/standing.rs`, programs that name themselves are in `project/application.rs`.

mod application;
mod standing;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, ProjectId, UserId},
    name::{Email, Label},
    time::Timestamp,
};

pub use application::{Application, ProjectApplication};
pub use standing::{InProject, ProjectKeeper, Standing};

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
