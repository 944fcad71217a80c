//! Invitations: who was asked to come, as what, and what became of it.

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    id::{InvitationId, ProjectId, UserId},
    name::{Email, Label},
    project::ProjectRole,
    time::Timestamp,
};

/// What is wished of an invitation that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationTerms {
    /// What whoever comes may do.
    pub role: Role,
    /// For how many days its link works: [`INVITATION_DAYS`].
    pub days: i64,
    /// A project that they come into, and as what.
    pub project: Option<(ProjectId, ProjectRole)>,
}

impl From<(Role, i64)> for InvitationTerms {
    /// Into no project.
    fn from((role, days): (Role, i64)) -> Self {
        Self {
            role,
            days,
            project: None,
        }
    }
}

/// A project that somebody is asked to come into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedInto {
    /// Which.
    pub id: ProjectId,
    /// What it is called.
    pub name: Label,
    /// As what.
    pub role: ProjectRole,
}

/// Somebody who was asked to come. The secret of the link is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is asked.
    pub email: Email,
    /// What they may do once they are here.
    pub role: Role,
    /// Where else they come in.
    pub project: Option<InvitedInto>,
    /// Who asked; absent for the command line.
    pub invited_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when its link works.
    pub expires_at: Timestamp,
    /// When it was accepted or revoked.
    pub ended_at: Option<Timestamp>,
    /// Who came of it.
    pub accepted_by: Option<UserId>,
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InvitationState {
    /// Its link works.
    Open,
    /// Somebody came.
    Accepted,
    /// An admin has taken it back.
    Revoked,
    /// Nobody came in time.
    Expired,
}

impl InvitationState {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl Invitation {
    /// How it stands at this moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> InvitationState {
        match (self.accepted_by, self.ended_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Revoked,
            (None, None) if now < self.expires_at => InvitationState::Open,
            (None, None) => InvitationState::Expired,
        }
    }
}

/// Days for which an invitation can be made.
pub const INVITATION_DAYS: std::ops::RangeInclusive<i64> = 1..=30;
/// Days for which one is made unless somebody says otherwise.
pub const USUAL_INVITATION_DAYS: i64 = 7;
