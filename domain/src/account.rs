//! People and their sessions, as pages show them.

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    id::{AccountId, SessionId, UserId},
    name::{Email, Label},
    time::Timestamp,
};

impl AccountId {
    /// Somebody's own account, which has their number.
    #[must_use]
    pub const fn of_person(user: UserId) -> Self {
        Self::from_number(user.number())
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// How they sign in.
    pub email: Email,
    /// What people call them, when somebody has said so.
    pub name: Option<Label>,
    /// What they may do.
    pub role: Role,
    /// Suspended people cannot sign in, and their keys are refused.
    pub suspended: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_seen_at: Option<Timestamp>,
    /// When they were deleted. Their calls and their books stay.
    pub deleted_at: Option<Timestamp>,
}

impl User {
    /// Signs in, and has keys that work.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.suspended && self.deleted_at.is_none()
    }

    /// The address that takes the place of a deleted person's own, which is free for somebody else. Nobody has it:
    /// `.invalid` is reserved (RFC 2606).
    #[must_use]
    pub fn freed_address(id: UserId) -> String {
        format!("{id}@deleted.invalid")
    }
}

/// Which people to list. Absent means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Whose address or name contains this text, or whose id it is. Every character stands for itself.
    pub search: Option<String>,
    /// Only with this role.
    pub role: Option<Role>,
    /// Only in this state; without one everybody who was not deleted.
    pub state: Option<UserState>,
}

/// How somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// Signs in.
    Active,
    /// Is kept out for now.
    Suspended,
    /// Is gone for good.
    Deleted,
}

impl UserState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Deleted];

    /// The word in an address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }
}

/// A sign-in that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Its id; not the secret in the cookie.
    pub id: SessionId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used; written in intervals.
    pub last_seen_at: Timestamp,
    /// The address it came from, as far as trusted proxies tell.
    pub address: String,
    /// The browser's own description, cut to 200 characters.
    pub agent: String,
    /// The session that asks.
    pub current: bool,
}

/// Whose key `serve --demo` hands out. Nobody can sign in as them: they have no password.
pub const DEMO_EMAIL: &str = "demo@localhost";

/// The length of passwords, in characters.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=200;
