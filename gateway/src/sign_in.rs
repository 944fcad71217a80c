//! Signing in with e-mail and password: the same answer and time for unknown people, and growing delays after failures.

mod throttle;

use domain::{access::Viewer, id::UserId, identity::IdentityRefusal, name::Email, refusal::Refusal};

use crate::{
    Error, Inner, Origin, Sessions, identity, passwords,
    store::{change::Subject, people},
};
pub use throttle::{Throttle, account_name, network};

impl Inner {
    /// Checks a password, with delays by account and by address.
    pub(crate) async fn check_password(
        &self,
        origin: Origin<'_>,
        email: &str,
        user: Option<UserId>,
        password: &str,
    ) -> Result<(), Error> {
        let names = throttle::names(email, origin.address);
        self.throttle.check(&names, self.clock.now())?;
        // Counted as failed until proven otherwise: guesses made at the same time must not all pass the check above.
        self.throttle.fail(names.clone(), self.clock.now());
        // Nobody has this id: who is unknown costs a look into the database like everybody else.
        let id = user.unwrap_or(UserId::from_number(0));
        let hash = people::password_hash(&self.store, id).await?;
        if !passwords::verify(password, hash).await? {
            return Err(Refusal::WrongCredentials.into());
        }
        self.throttle.succeed(&names);
        Ok(())
    }
}

impl Sessions<'_> {
    /// Checks e-mail and password and notes the sign-in.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`], also for unknown and suspended people; [`Refusal::TryLater`] after many failures;
    /// [`IdentityRefusal::PasswordsOff`].
    pub async fn sign_in(&self, origin: Origin<'_>, email: &str, password: &str) -> Result<Viewer, Error> {
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
        self.0
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
        self.record_sign_in(&viewer, origin).await?;
        Ok(viewer)
    }

    pub(crate) async fn record_sign_in(&self, viewer: &Viewer, origin: Origin<'_>) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        people::note_seen(&mut change.tx, viewer.id, change.at).await?;
        let subject = Subject {
            action: "user.sign_in",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(())
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
