//! Invitations: who was asked to come, as what, and what became of it.

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    id::{InvitationId, UserId},
    name::Email,
    time::Timestamp,
};

/// Somebody who was asked to come. The secret of the link is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is asked.
    pub email: Email,
    /// What they may do once they are here.
    pub role: Role,
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
