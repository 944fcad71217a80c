//! Registering by oneself with an address of mail and a password, where registration is open. The account is made when the
//! link of the mail is used and not before: so every such account has an address that was proved, nobody can take another's,
//! and the starter credit comes with the account, in one transaction.

use domain::{
    access::{Actor, Role, Viewer},
    account::User,
    door::DoorRefusal,
    id::UserId,
    identity::{IdentityRefusal, Registration},
    mail::{MailKind, MailLanguage},
    name::{Email, Label},
    setting::Setting,
};
use serde_json::json;

use super::{
    Door,
    links::{self, LinkKind},
};
use crate::{
    Error, Origin,
    identity::{passwords_are_on, passwords_are_still_on},
    passwords,
    store::{change::Subject, links as table, people, settings},
};

impl Door<'_> {
    /// Whether people can register by themselves here.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_open(&self) -> Result<bool, Error> {
        Ok(self.registration().await? == Registration::Open
            && passwords_are_on(&self.0.store).await?
            && self.0.mail_way().await?.is_some())
    }

    async fn registration(&self) -> Result<Registration, Error> {
        let stored = settings::get(&self.0.store, Setting::Registration.as_str()).await?;
        Ok(stored.as_deref().and_then(Registration::parse).unwrap_or_default())
    }

    /// Has a link sent by which the account is made; to who has one already, a mail that says so.
    ///
    /// # Errors
    /// [`DoorRefusal::Closed`], [`DoorRefusal::Domain`], [`DoorRefusal::TooMany`], [`IdentityRefusal::PasswordsOff`],
    /// [`MailRefusal`]; the database's.
    ///
    /// [`MailRefusal`]: domain::mail::MailRefusal
    pub async fn ask_register(&self, origin: Origin<'_>, email: &Email, language: MailLanguage) -> Result<(), Error> {
        self.may_register(email).await?;
        self.by_password_and_mail().await?;
        self.ask(origin, MailKind::Register, email, language).await
    }

    /// Whether a link still works, and for which address.
    ///
    /// # Errors
    /// [`DoorRefusal::Link`], and as [`Self::ask_register`].
    pub async fn check_register(&self, token: &str) -> Result<Email, Error> {
        let link = links::look(self.0, LinkKind::Register, token).await?;
        let email: Email = link.email.parse().map_err(|_| DoorRefusal::Link)?;
        self.may_register(&email).await?;
        if !passwords_are_on(&self.0.store).await? {
            return Err(IdentityRefusal::PasswordsOff.into());
        }
        Ok(email)
    }

    /// Makes the account, and uses the link up.
    ///
    /// # Errors
    /// As [`Self::check_register`]; [`DoorRefusal::Known`]; [`domain::refusal::Invalid::PasswordLength`].
    pub async fn register(
        &self,
        origin: Origin<'_>,
        token: &str,
        name: Option<&Label>,
        password: &str,
    ) -> Result<Viewer, Error> {
        self.check_register(token).await?;
        let hash = passwords::hash(password).await?;
        let mut change = self.0.change(&Actor::System, origin).await?;
        passwords_are_still_on(&mut change.tx).await?;
        let link = links::take(self.0, &mut change, LinkKind::Register, token).await?;
        let email: Email = link.email.parse().map_err(|_| DoorRefusal::Link)?;
        // Looked at again under the change's lock: to hash a password takes its time, and the door may have been closed meanwhile.
        let (registration, domains) = (Setting::Registration, Setting::RegistrationDomains);
        let registration = settings::get_in(&mut change.tx, registration.as_str()).await?;
        let domains = settings::get_in(&mut change.tx, domains.as_str()).await?;
        is_open_to(&email, registration.as_deref(), domains.as_deref())?;
        let user = User {
            id: UserId::from_number(change.next_id()),
            email,
            name: name.cloned(),
            role: Role::Member,
            suspended: false,
            created_at: change.at,
            last_seen_at: None,
            deleted_at: None,
        };
        self.0.enroll(&mut change, &user, Some(&hash)).await?;
        table::delete_of_stranger(&mut change.tx, user.email.as_str()).await?;
        let after = json!({ "email": user.email, "name": user.name, "role": user.role, "by": "mail" });
        change
            .audit::<(), _>(subject("user.register", &user), None, Some(&after))
            .await?;
        change
            .audit::<(), ()>(subject("user.sign_in", &user), None, None)
            .await?;
        change.commit().await?;
        Ok(Viewer {
            id: user.id,
            email: user.email,
            role: user.role,
            key: None,
        })
    }

    /// Whether people with this address may register by themselves.
    async fn may_register(&self, email: &Email) -> Result<(), Error> {
        let registration = settings::get(&self.0.store, Setting::Registration.as_str()).await?;
        let domains = settings::get(&self.0.store, Setting::RegistrationDomains.as_str()).await?;
        Ok(is_open_to(email, registration.as_deref(), domains.as_deref())?)
    }
}

/// Whether somebody with this address may register by themselves, as the settings are stored.
fn is_open_to(email: &Email, registration: Option<&str>, domains: Option<&str>) -> Result<(), DoorRefusal> {
    if registration.and_then(Registration::parse).unwrap_or_default() != Registration::Open {
        return Err(DoorRefusal::Closed);
    }
    let listed = domains.unwrap_or_default();
    let domain = email.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
    if listed.is_empty() || listed.split(' ').any(|allowed| allowed == domain) {
        return Ok(());
    }
    Err(DoorRefusal::Domain {
        domain: domain.to_owned(),
    })
}

fn subject<'a>(action: &'a str, user: &'a User) -> Subject<'a> {
    Subject {
        action,
        id: user.id.to_string(),
        name: user.email.as_str(),
    }
}

impl crate::Inner {
    /// Adds somebody whose address is proved by the link that they came by, and who is signed in at once.
    pub(crate) async fn enroll(
        &self,
        change: &mut crate::store::Change<'_>,
        user: &User,
        hash: Option<&str>,
    ) -> Result<(), Error> {
        let at = change.at;
        let inserted = people::insert(&mut change.tx, user, hash).await;
        inserted.map_err(|error| match error.is_unique_violation() {
            true => Error::from(DoorRefusal::Known),
            false => error.into(),
        })?;
        people::set_verified(&mut change.tx, user.id, user.email.as_str(), at).await?;
        people::note_seen(&mut change.tx, user.id, at).await?;
        self.welcome(change, user).await
    }
}
