//! A new password for who has lost theirs.

use domain::{
    access::Viewer,
    door::DoorRefusal,
    id::UserId,
    identity::IdentityRefusal,
    mail::{MailKind, MailLanguage},
    name::Email,
};
use serde_json::json;

use super::{
    Door,
    links::{self, LinkKind},
};
use crate::{
    Error, Origin,
    identity::{passwords_are_on, passwords_are_still_on},
    passwords, sign_in,
    store::{change::Subject, people},
    users::securing::secure,
};

impl Door<'_> {
    /// Whether somebody who has lost their password gets a mail here.
    ///
    /// # Errors
    /// The database's.
    pub async fn resets_passwords(&self) -> Result<bool, Error> {
        Ok(passwords_are_on(&self.0.store).await? && self.0.mail_way().await?.is_some())
    }

    /// Has a link sent to the address, if somebody has a password here under it. Whether that is so, the answer does not tell.
    ///
    /// # Errors
    /// [`IdentityRefusal::PasswordsOff`], [`MailRefusal::NotSetUp`], [`MailRefusal::Full`], [`DoorRefusal::TooMany`]; the
    /// database's.
    ///
    /// [`MailRefusal::NotSetUp`]: domain::mail::MailRefusal::NotSetUp
    /// [`MailRefusal::Full`]: domain::mail::MailRefusal::Full
    pub async fn ask_reset(&self, origin: Origin<'_>, email: &Email, language: MailLanguage) -> Result<(), Error> {
        self.by_password_and_mail().await?;
        self.ask(origin, MailKind::Reset, email, language).await
    }

    /// Whether a link still works, and for which address.
    ///
    /// # Errors
    /// [`DoorRefusal::Link`], [`IdentityRefusal::PasswordsOff`]; the database's.
    pub async fn check_reset(&self, token: &str) -> Result<String, Error> {
        if !passwords_are_on(&self.0.store).await? {
            return Err(IdentityRefusal::PasswordsOff.into());
        }
        Ok(links::look(self.0, LinkKind::Reset, token).await?.email)
    }

    /// Sets the password, uses the link up, ends all sessions and all other links, and says so by mail.
    ///
    /// # Errors
    /// [`DoorRefusal::Link`]; [`domain::refusal::Invalid::PasswordLength`]; as [`Self::check_reset`].
    pub async fn reset(&self, origin: Origin<'_>, token: &str, password: &str) -> Result<(), Error> {
        // Looked at before the password is hashed, which is work.
        self.check_reset(token).await?;
        let looked = links::look(self.0, LinkKind::Reset, token).await?;
        let whose = UserId::from_number(looked.person_id.ok_or(DoorRefusal::Link)?);
        let hash = passwords::hash(password).await?;
        let told = self.0.tells(whose).await?;
        let actor = domain::access::Actor::System;
        let mut change = self.0.change(&actor, origin).await?;
        passwords_are_still_on(&mut change.tx).await?;
        let link = links::take(self.0, &mut change, LinkKind::Reset, token).await?;
        let id = UserId::from_number(link.person_id.ok_or(DoorRefusal::Link)?);
        let found = people::get_in(&mut change.tx, id).await?;
        // Of somebody who was suspended or has another address since.
        let user = found
            .filter(|user| user.is_active() && user.email.as_str() == link.email)
            .ok_or(DoorRefusal::Link)?;
        let at = change.at;
        people::set_password_hash(&mut change.tx, id, &hash).await?;
        // The link came by mail, so the address is theirs.
        people::set_verified(&mut change.tx, id, user.email.as_str(), at).await?;
        let ended = secure(&mut change, id, &user.email, None).await?;
        self.0
            .tell(&mut change, origin, MailKind::Password, (id, &user.email), told)
            .await?;
        let subject = Subject {
            action: "user.reset_password",
            id: id.to_string(),
            name: user.email.as_str(),
        };
        let after = json!({ "sessions_ended": ended });
        change.audit::<(), _>(subject, None, Some(&after)).await?;
        change.commit().await?;
        self.0.wake_post();
        self.0.throttle.forget(&sign_in::account_name(user.email.as_str()));
        Ok(())
    }

    /// Whether somebody has proved that their address is theirs.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_verified(&self, viewer: &Viewer) -> Result<bool, Error> {
        Ok(people::verified_at(&self.0.store, viewer.id).await?.is_some())
    }
}
