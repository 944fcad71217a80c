//! The witnesses: one type per capability. A use-case names the one it needs in its signature; only [`Viewer`] makes them, by
//! the table of [`Role::may`], and the few constructors for the command line and the hub itself.
//!
//! A mightier witness gives a lesser one by a method; the way up (`Admin::owner`) asks the table again.

use super::{Actor, Capability, Role, Viewer};
use crate::refusal::Refusal;

/// Who holds a witness.
#[derive(Clone, Debug)]
struct Holder {
    actor: Actor,
    role: Role,
}

impl Holder {
    fn of(viewer: &Viewer, what: Capability) -> Result<Self, Refusal> {
        let actor = viewer.actor();
        Self {
            actor,
            role: viewer.role,
        }
        .having(what)
    }

    fn having(self, what: Capability) -> Result<Self, Refusal> {
        if self.role.may(what) {
            Ok(self)
        } else {
            Err(match what {
                Capability::Own => Refusal::OwnersOnly,
                Capability::Administer
                | Capability::KeepMoney
                | Capability::ReadAll
                | Capability::ReadMoney
                | Capability::Call => Refusal::NotAllowed,
            })
        }
    }
}

macro_rules! witness {
    ($(#[$doc:meta])* $name:ident: $needs:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Holder);

        impl $name {
            /// What a role must let somebody do who holds it.
            pub const NEEDS: Capability = Capability::$needs;

            /// Who it is.
            #[must_use]
            pub const fn actor(&self) -> &Actor {
                &self.0.actor
            }
        }
    };
}

witness!(
    /// The proof that an owner asks.
    Owner: Own
);
witness!(
    /// The proof that an admin asks, or an owner.
    Admin: Administer
);
witness!(
    /// The proof that somebody asks who may change what concerns money: owner, admin, billing.
    Money: KeepMoney
);
witness!(
    /// The proof that somebody asks who may read everything: owner, admin, auditor.
    Reader: ReadAll
);
witness!(
    /// The proof that somebody asks who may read what concerns money: everybody but members.
    MoneyReader: ReadMoney
);

/// The proof that somebody asks who may have keys and ask models: everybody but auditors.
#[derive(Clone, Debug)]
pub struct KeyHolder(Viewer);

impl Viewer {
    /// The proof that this person is an owner.
    ///
    /// # Errors
    /// [`Refusal::OwnersOnly`] for everybody else.
    pub fn owner(&self) -> Result<Owner, Refusal> {
        Holder::of(self, Owner::NEEDS).map(Owner)
    }

    /// The proof that this person is an admin, or an owner.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else.
    pub fn admin(&self) -> Result<Admin, Refusal> {
        Holder::of(self, Admin::NEEDS).map(Admin)
    }

    /// The proof that this person may change what concerns money.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else.
    pub fn money(&self) -> Result<Money, Refusal> {
        Holder::of(self, Money::NEEDS).map(Money)
    }

    /// The proof that this person may read everything.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else.
    pub fn reader(&self) -> Result<Reader, Refusal> {
        Holder::of(self, Reader::NEEDS).map(Reader)
    }

    /// The proof that this person may read what concerns money.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else.
    pub fn money_reader(&self) -> Result<MoneyReader, Refusal> {
        Holder::of(self, MoneyReader::NEEDS).map(MoneyReader)
    }

    /// The proof that this person may have keys and ask models.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else.
    pub fn key_holder(&self) -> Result<KeyHolder, Refusal> {
        if self.may(Capability::Call) {
            Ok(KeyHolder(self.clone()))
        } else {
            Err(Refusal::NotAllowed)
        }
    }
}

impl Admin {
    /// Whoever can read the master key on the machine itself owns the hub.
    #[must_use]
    pub const fn command_line() -> Self {
        Self(Holder {
            actor: Actor::CommandLine,
            role: Role::Owner,
        })
    }

    /// The hub acting for itself, as when it sets up the demo.
    #[must_use]
    pub const fn system() -> Self {
        Self(Holder {
            actor: Actor::System,
            role: Role::Owner,
        })
    }

    /// The proof that this admin is an owner.
    ///
    /// # Errors
    /// [`Refusal::OwnersOnly`] for admins who are none.
    pub fn owner(&self) -> Result<Owner, Refusal> {
        self.0.clone().having(Capability::Own).map(Owner)
    }

    /// An admin may change what concerns money.
    #[must_use]
    pub fn money(&self) -> Money {
        Money(self.0.clone())
    }

    /// An admin may read everything.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader(self.0.clone())
    }

    /// An admin may read what concerns money.
    #[must_use]
    pub fn money_reader(&self) -> MoneyReader {
        MoneyReader(self.0.clone())
    }
}

impl Owner {
    /// An owner is an admin.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin(self.0.clone())
    }
}

impl Money {
    /// The proof that whoever keeps money is an admin too.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for those who keep money only.
    pub fn admin(&self) -> Result<Admin, Refusal> {
        self.0.clone().having(Capability::Administer).map(Admin)
    }

    /// The proof that whoever keeps money is an owner.
    ///
    /// # Errors
    /// [`Refusal::OwnersOnly`] for everybody else.
    pub fn owner(&self) -> Result<Owner, Refusal> {
        self.0.clone().having(Capability::Own).map(Owner)
    }

    /// Whoever changes what concerns money may read it.
    #[must_use]
    pub fn reader(&self) -> MoneyReader {
        MoneyReader(self.0.clone())
    }
}

impl Reader {
    /// Whoever reads everything may read what concerns money.
    #[must_use]
    pub fn money(&self) -> MoneyReader {
        MoneyReader(self.0.clone())
    }
}

impl KeyHolder {
    /// The person.
    #[must_use]
    pub const fn viewer(&self) -> &Viewer {
        &self.0
    }
}
