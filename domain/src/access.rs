//! Who asks, and what that lets them do. A use-case takes a witness of what it needs (`access/witness.rs`): holding one is the
//! proof, and which role holds which stands in one table, [`Role::may`].

mod witness;

use serde::{Deserialize, Serialize};

use crate::{
    id::{KeyId, UserId},
    name::Email,
};

pub use witness::{Admin, KeyHolder, Money, MoneyReader, Owner, Reader};

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, and who else owns the hub.
    Owner,
    /// Connects providers, manages people, sees every call: everything but owners.
    Admin,
    /// Prices, credit, books and the settings of money. No credentials, no keys of others.
    Billing,
    /// Sees all of it and changes nothing but their own password, language, theme and sessions.
    Auditor,
    /// Makes keys and sees their own calls.
    Member,
}

/// Something that a role lets somebody do. Each has a witness of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Say who owns the hub.
    Own,
    /// Change everything but owners.
    Administer,
    /// Change prices, credit and the settings of money.
    KeepMoney,
    /// Read everything.
    ReadAll,
    /// Read what concerns money: prices, credit, books, people, everybody's calls.
    ReadMoney,
    /// Have keys and ask models.
    Call,
}

impl Capability {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Administer => "administer",
            Self::KeepMoney => "keep_money",
            Self::ReadAll => "read_all",
            Self::ReadMoney => "read_money",
            Self::Call => "call",
        }
    }
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Billing, Self::Auditor, Self::Member];

    /// The word in storage, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Billing => "billing",
            Self::Auditor => "auditor",
            Self::Member => "member",
        }
    }

    /// The role that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether this role has a capability: the one table of who may do what.
    #[must_use]
    pub const fn may(self, what: Capability) -> bool {
        use Capability::{Administer, Call, KeepMoney, Own, ReadAll, ReadMoney};
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(what, Own),
            Self::Billing => matches!(what, KeepMoney | ReadMoney | Call),
            Self::Auditor => matches!(what, ReadAll | ReadMoney),
            Self::Member => match what {
                Call => true,
                Own | Administer | KeepMoney | ReadAll | ReadMoney => false,
            },
        }
    }

    /// How far up it stands: who administers may look as somebody below, never as an equal.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Owner => 3,
            Self::Admin => 2,
            Self::Billing | Self::Auditor => 1,
            Self::Member => 0,
        }
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
        /// The key by which they asked, where it was no session.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<KeyId>,
    },
    /// Somebody with a shell on the machine.
    CommandLine,
    /// The hub itself.
    System,
}

/// Somebody who asks, as a session resolves to, or a key that may manage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The person.
    pub id: UserId,
    /// How they sign in.
    pub email: Email,
    /// What they may do.
    pub role: Role,
    /// The key by which they ask, where it is no session: the list of changes names it beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
}

impl Viewer {
    /// How the audit list names this person.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::User {
            id: self.id,
            email: self.email.clone(),
            key: self.key,
        }
    }

    /// Whether their role has a capability.
    #[must_use]
    pub const fn may(&self, what: Capability) -> bool {
        self.role.may(what)
    }

    /// Whether they may look at the console as somebody of that role: admins and owners, as whoever stands below them.
    #[must_use]
    pub const fn may_view_as(&self, role: Role) -> bool {
        self.may(Capability::Administer) && role.rank() < self.role.rank()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_roles() {
        use Capability::{Administer, Call, KeepMoney, Own, ReadAll, ReadMoney};
        let all = [Own, Administer, KeepMoney, ReadAll, ReadMoney, Call];
        let expected = [
            (Role::Owner, [true, true, true, true, true, true]),
            (Role::Admin, [false, true, true, true, true, true]),
            (Role::Billing, [false, false, true, false, true, true]),
            (Role::Auditor, [false, false, false, true, true, false]),
            (Role::Member, [false, false, false, false, false, true]),
        ];
        for (role, row) in expected {
            assert_eq!(all.map(|what| role.may(what)), row, "{role:?}");
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
    }

    #[test]
    fn nobody_looks_as_an_equal() {
        let viewer = |role| Viewer {
            id: UserId::from_number(1),
            email: "a@x.y".parse().expect("an address"),
            role,
            key: None,
        };
        let below = |role| Role::ALL.map(|other| viewer(role).may_view_as(other));
        assert_eq!(below(Role::Owner), [false, true, true, true, true]);
        assert_eq!(below(Role::Admin), [false, false, true, true, true]);
        for role in [Role::Billing, Role::Auditor, Role::Member] {
            assert_eq!(below(role), [false; 5], "{role:?}");
        }
    }
}
