//! The use-cases of the engine, each by the name that edges call it by.

use crate::{
    AuditLog, BookChecks, Calls, Connections, Credits, Door, Gateway, Identities, IdentityProviders, Invitations, Keys,
    Ledger, Limits, Mail, Models, Options, Prices, Projects, Providers, Search, Sessions, Setup, UsageSums, Users,
};

impl Gateway {
    /// People.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users(&self.0)
    }

    /// API keys.
    #[must_use]
    pub fn keys(&self) -> Keys<'_> {
        Keys(&self.0)
    }

    /// People and keys together.
    #[must_use]
    pub fn projects(&self) -> Projects<'_> {
        Projects(&self.0)
    }

    /// Programs that ask for a key.
    #[must_use]
    pub fn connections(&self) -> Connections<'_> {
        Connections(&self.0)
    }

    /// Upstreams and their credentials.
    #[must_use]
    pub fn providers(&self) -> Providers<'_> {
        Providers(&self.0)
    }

    /// What the upstreams offer.
    #[must_use]
    pub fn models(&self) -> Models<'_> {
        Models(&self.0)
    }

    /// How much somebody may use.
    #[must_use]
    pub fn limits(&self) -> Limits<'_> {
        Limits(&self.0)
    }

    /// What calls cost.
    #[must_use]
    pub fn prices(&self) -> Prices<'_> {
        Prices(&self.0)
    }

    /// The log of calls.
    #[must_use]
    pub fn calls(&self) -> Calls<'_> {
        Calls(&self.0)
    }

    /// What people have, and changes of it.
    #[must_use]
    pub fn credits(&self) -> Credits<'_> {
        Credits::new(&self.0)
    }

    /// The proof of the books.
    #[must_use]
    pub fn book_checks(&self) -> BookChecks<'_> {
        BookChecks(&self.0)
    }

    /// The ledger, for whoever runs calls.
    #[must_use]
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger(&self.0)
    }

    /// What calls came to.
    #[must_use]
    pub fn usage(&self) -> UsageSums<'_> {
        UsageSums(&self.0)
    }

    /// Finding things by what they are called.
    #[must_use]
    pub fn search(&self) -> Search<'_> {
        Search(&self.0)
    }

    /// Settings that change while the hub runs.
    #[must_use]
    pub fn options(&self) -> Options<'_> {
        Options(&self.0)
    }

    /// Changes, written down.
    #[must_use]
    pub fn audit(&self) -> AuditLog<'_> {
        AuditLog(&self.0)
    }

    /// Signing in, and the storage of sessions.
    #[must_use]
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(&self.0)
    }

    /// Signing in by identity providers.
    #[must_use]
    pub fn identities(&self) -> Identities<'_> {
        Identities(&self.0)
    }

    /// The identity providers themselves.
    #[must_use]
    pub fn identity_providers(&self) -> IdentityProviders<'_> {
        IdentityProviders(&self.0)
    }

    /// Coming in without an account, or without its password.
    #[must_use]
    pub fn door(&self) -> Door<'_> {
        Door(&self.0)
    }

    /// Who was asked to come.
    #[must_use]
    pub fn invitations(&self) -> Invitations<'_> {
        Invitations(&self.0)
    }

    /// How mail is sent, and what waits.
    #[must_use]
    pub fn mail(&self) -> Mail<'_> {
        Mail(&self.0)
    }

    /// The first admin.
    #[must_use]
    pub fn setup(&self) -> Setup<'_> {
        Setup(&self.0)
    }
}
