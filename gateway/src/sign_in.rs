//! Signing in with e-mail and password: the same answer and time for unknown people, and growing delays after failures.

mod throttle;

use domain::{access::Viewer, id::UserId, identity::IdentityRefusal, name::Email, refusal::Refusal};

use crate::{
    Error, Inner, Origin, Sessions, identity, passwords,
    store::{Tx, change::Subject, people},
    users::securing::Secured,
};
pub use throttle::{Throttle, account_name, network};

impl Inner {
    /// Checks a password, with delays by account and by address. That takes a while, so what is done by it asks once more within
    /// its change ([`Verified::holds`]).
    pub(crate) async fn check_password(
        &self,
        origin: Origin<'_>,
        email: &str,
        user: Option<UserId>,
        password: &str,
    ) -> Result<Verified, Error> {
        let names = throttle::names(email, origin.address);
        self.throttle.check(&names, self.clock.now())?;
        // Counted as failed until proven otherwise: guesses made at the same time must not all pass the check above.
        self.throttle.fail(names.clone(), self.clock.now());
        // Nobody has this id: who is unknown costs a look into the database like everybody else.
        let id = user.unwrap_or(UserId::from_number(0));
        let (hash, secured) = people::standing(&self.store, id).await?;
        let verified = passwords::verify(password, hash.clone()).await?;
        let hash = hash.filter(|_| verified).ok_or(Refusal::WrongCredentials)?;
        self.throttle.succeed(&names);
        Ok(Verified {
            hash,
            secured: Secured(secured),
        })
    }
}

/// A password that was right when it was looked at.
pub(crate) struct Verified {
    /// What it was held against.
    pub(crate) hash: String,
    /// How often the account had been secured then.
    pub(crate) secured: Secured,
}

impl Verified {
    /// Whether it still is the password, and how often the account was secured by now.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`]; the database's.
    pub(crate) async fn holds(&self, tx: &mut Tx, id: UserId) -> Result<Secured, Error> {
        let (hash, secured) = people::standing_in(tx, id).await?;
        if hash.as_ref() != Some(&self.hash) {
            return Err(Refusal::WrongCredentials.into());
        }
        Ok(Secured(secured))
    }
}

/// Somebody who has signed in, and what their session is to carry.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub viewer: Viewer,
    /// For [`crate::StoredSession`].
    pub secured: Secured,
}

impl SignedIn {
    /// Somebody whose account was just made.
    pub(crate) const fn new(viewer: Viewer) -> Self {
        Self {
            viewer,
            secured: Secured::NEVER,
        }
    }
}

impl Sessions<'_> {
    /// Checks e-mail and password and notes the sign-in.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], also for unknown and suspended people; [`Refusal::TryLater`] after many failures;
    /// [`IdentityRefusal::PasswordsOff`].
    pub async fn sign_in(&self, origin: Origin<'_>, email: &str, password: &str) -> Result<SignedIn, Error> {
        if !identity::passwords_are_on(&self.0.store).await? {
            return Err(IdentityRefusal::PasswordsOff.into());
        }
        let email: Option<Email> = email.parse().ok();
        let known = match &email {
            Some(email) => people::find(&self.0.store, email.as_str())
                .await?
                .filter(|user| !user.suspended),
            None => None,
        };
        let name = email.as_ref().map_or("-", Email::as_str);
        let verified = self
            .0
            .check_password(origin, name, known.as_ref().map(|user| user.id), password)
            .await?;
        let Some(user) = known else {
            return Err(Refusal::WrongCredentials.into());
        };
        let viewer = Viewer {
            id: user.id,
            email: user.email,
            role: user.role,
            key: None,
        };
        let secured = self.record_sign_in(&viewer, origin, &verified).await?;
        Ok(SignedIn { viewer, secured })
    }

    async fn record_sign_in(&self, viewer: &Viewer, origin: Origin<'_>, by: &Verified) -> Result<Secured, Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        identity::passwords_are_still_on(&mut change.tx).await?;
        // Under the change's lock: who was suspended, or has another password, by now is not let in by the old one.
        let secured = by.holds(&mut change.tx, viewer.id).await?;
        let user = people::get_in(&mut change.tx, viewer.id).await?;
        if !user.is_some_and(|user| user.is_active()) {
            return Err(Refusal::WrongCredentials.into());
        }
        people::note_seen(&mut change.tx, viewer.id, change.at).await?;
        let subject = Subject {
            action: "user.sign_in",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(secured)
    }

    /// Notes that somebody signed out.
    ///
    /// # Errors
    /// The database's.
    pub async fn record_sign_out(&self, viewer: &Viewer, origin: Origin<'_>) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let subject = Subject {
            action: "user.sign_out",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(())
    }
}
