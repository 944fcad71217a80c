//! The way in for those who have no account yet, or have lost the way into theirs: a new password (`door/reset`), registering
//! by themselves (`door/register`), proving an address (`door/confirm`). Each goes by a link in a mail (`door/links`), so each
//! needs mail to be set up; who was invited comes by `invitations`.
//!
//! What is asked for here is answered alike whoever is known, and in the same time: all that happens before the answer is one
//! row for `mail::outbox`, which finds out later whether there is anybody to write to.

mod confirm;
pub(crate) mod links;
pub(crate) mod pace;
mod register;
mod reset;

use domain::{
    door::DoorRefusal,
    identity::IdentityRefusal,
    mail::{MailKind, MailLanguage, MailRefusal},
    name::Email,
};

pub use confirm::Proved;
pub use pace::Pace;

use crate::{Error, Inner, Origin, identity::passwords_are_on, mail::Wanted, sign_in::network};

/// Use-cases of people who are not signed in.
pub struct Door<'a>(pub(crate) &'a Inner);

/// Requests from one network within [`pace::WINDOW`].
const OF_NETWORK: u32 = 30;
/// Requests about one address within that; more are answered like the others, and nothing is sent.
const OF_ADDRESS: u32 = 3;

impl Door<'_> {
    /// Leaves a mail for an address that a stranger has typed.
    async fn ask(
        &self,
        origin: Origin<'_>,
        kind: MailKind,
        email: &Email,
        language: MailLanguage,
    ) -> Result<(), Error> {
        let now = self.0.clock.now();
        let from = format!("network {}", network(origin.address.unwrap_or_default()));
        if let Err(seconds) = self.0.pace.take(from, OF_NETWORK, now) {
            return Err(DoorRefusal::TooMany { seconds }.into());
        }
        let about = format!("{} {email}", kind.as_str());
        if self.0.pace.take(about, OF_ADDRESS, now).is_err() {
            return Ok(());
        }
        let wanted = Wanted {
            kind,
            recipient: email,
            person: None,
            invitation: None,
            language,
        };
        self.0.post(origin, wanted).await
    }

    /// Refuses where nothing can be done by mail.
    async fn by_password_and_mail(&self) -> Result<(), Error> {
        if !passwords_are_on(&self.0.store).await? {
            return Err(IdentityRefusal::PasswordsOff.into());
        }
        if self.0.mail_way().await?.is_none() {
            return Err(MailRefusal::NotSetUp.into());
        }
        Ok(())
    }
}
