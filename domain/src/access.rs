//! Who asks, and what that lets them do. A use-case that only admins may run takes an [`Admin`]: holding one is the proof.

use serde::{Deserialize, Serialize};

use crate::{id::UserId, name::Email, refusal::Refusal};

/// What a person may do. More roles (owner, billing, auditor) are added as variants; `match` names every place to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Connects providers, manages people, sees every call.
    Admin,
    /// Makes keys and sees their own calls.
    Member,
}

impl Role {
    /// Every role, in the order in which a form offers them.
    pub const ALL: [Self; 2] = [Self::Admin, Self::Member];

    /// The word in storage, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// The role that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// Who is behind a change, as the audit list names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    User {
        /// Their id; stays when the person is deleted.
        id: UserId,
        /// Their address at the time.
        email: Email,
    },
    /// Somebody with a shell on the machine.
    CommandLine,
    /// The hub itself.
    System,
}

/// A signed-in person, as a session resolves to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The person.
    pub id: UserId,
    /// How they sign in.
    pub email: Email,
    /// What they may do.
    pub role: Role,
}

impl Viewer {
    /// How the audit list names this person.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::User {
            id: self.id,
            email: self.email.clone(),
        }
    }

    /// The proof that this person is an admin.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else.
    pub fn admin(&self) -> Result<Admin, Refusal> {
        match self.role {
            Role::Admin => Ok(Admin { actor: self.actor() }),
            Role::Member => Err(Refusal::NotAllowed),
        }
    }
}

/// The proof that an admin asks. Only [`Viewer::admin`] and [`Admin::command_line`] make one.
#[derive(Clone, Debug)]
pub struct Admin {
    actor: Actor,
}

impl Admin {
    /// Whoever can read the master key on the machine itself is an admin.
    #[must_use]
    pub const fn command_line() -> Self {
        Self {
            actor: Actor::CommandLine,
        }
    }

    /// The hub acting for itself, as when it sets up the demo.
    #[must_use]
    pub const fn system() -> Self {
        Self { actor: Actor::System }
    }

    /// Who it is.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}
