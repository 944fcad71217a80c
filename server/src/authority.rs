//! What a route demands of whoever comes. `routes` says it for machines, `console::authority` for pages and functions.

use domain::{
    access::{Capability, Viewer},
    key::Scope,
};

/// What a route demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Anybody.
    Public,
    /// An API key that may be used for this. The handler asks for it (`v1::extract`), as it wants to know whose it is.
    Key(Scope),
    /// A signed-in person.
    SignedIn,
    /// Somebody who may have keys and ask models.
    Caller,
    /// Somebody who may read what concerns money, and everybody's calls.
    MoneyReader,
    /// Somebody who may change what concerns money.
    Money,
    /// Somebody who may read everything.
    Reader,
    /// An admin, or an owner.
    Admin,
    /// An owner.
    Owner,
    /// A key that may manage, of somebody who has this. The handler asks for it (`admin::By`).
    Manager(Capability),
    /// The same, and nothing ties that key (`domain::key::Tie`). The handler asks for it (`admin::Freely`).
    FreeManager(Capability),
}

impl Authority {
    /// Of a key that may manage, of somebody who has this; `freely`: that nothing ties.
    #[must_use]
    pub const fn of_manager(needs: Capability, freely: bool) -> Self {
        if freely {
            Self::FreeManager(needs)
        } else {
            Self::Manager(needs)
        }
    }

    /// Whether this person has it. Nobody has a key's authority by being signed in.
    #[must_use]
    pub fn is_granted(self, viewer: Option<&Viewer>) -> bool {
        let may = |what| viewer.is_some_and(|viewer| viewer.may(what));
        match self {
            Self::Public => true,
            Self::Key(_) | Self::Manager(_) | Self::FreeManager(_) => false,
            Self::SignedIn => viewer.is_some(),
            Self::Caller => may(Capability::Call),
            Self::MoneyReader => may(Capability::ReadMoney),
            Self::Money => may(Capability::KeepMoney),
            Self::Reader => may(Capability::ReadAll),
            Self::Admin => may(Capability::Administer),
            Self::Owner => may(Capability::Own),
        }
    }
}
