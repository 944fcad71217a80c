//! Proving that an address is one's own: the present one, or another that takes its place only then.

use domain::{
    access::{Actor, Viewer},
    door::DoorRefusal,
    id::UserId,
    mail::{MailKind, MailLanguage, MailRefusal},
    name::Email,
    time::Micros,
};
use serde_json::json;

use super::{
    Door,
    links::{self, LinkKind},
};
use crate::{
    Error, Origin,
    identity::passwords_are_on,
    mail::Wanted,
    store::{change::Subject, mails, people},
    users::securing::end_links,
};

/// Seconds between two mails.
const PAUSE: i64 = 60;
/// Mails within a day.
const A_DAY: i64 = 5;

/// What came of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The address, which is proved now.
    pub email: Email,
    /// Another one before; none when it is the same.
    pub instead_of: Option<Email>,
}

impl Door<'_> {
    /// Has a link sent to an address that somebody says is theirs. Another address than the present one wants the password,
    /// where there is one. Whose the address is, should it be somebody else's, the answer does not tell.
    ///
    /// # Errors
    /// [`DoorRefusal::Same`], [`MailRefusal::JustSent`], [`MailRefusal::NotSetUp`], [`MailRefusal::Full`];
    /// [`domain::refusal::Refusal::WrongCredentials`] and [`domain::refusal::Refusal::TryLater`] about the password.
    pub async fn ask_confirm(
        &self,
        viewer: &Viewer,
        origin: Origin<'_>,
        email: &Email,
        password: &str,
        language: MailLanguage,
    ) -> Result<(), Error> {
        if self.0.mail_way().await?.is_none() {
            return Err(MailRefusal::NotSetUp.into());
        }
        let same = *email == viewer.email;
        if same && self.is_verified(viewer).await? {
            return Err(DoorRefusal::Same.into());
        }
        let now = self.0.clock.now();
        let (count, last) = mails::of_person(
            &self.0.store,
            viewer.id,
            MailKind::Confirm,
            now.plus(Micros(-Micros::from_days(1).0)),
        )
        .await?;
        let passed = last.map_or(i64::MAX, |last| now.since(last).0 / 1_000_000);
        if passed < PAUSE || count >= A_DAY {
            let seconds = if passed < PAUSE { PAUSE - passed } else { 3600 };
            return Err(MailRefusal::JustSent {
                seconds: u32::try_from(seconds).unwrap_or_default(),
            }
            .into());
        }
        let has_password = people::password_hash(&self.0.store, viewer.id).await?.is_some();
        let verified = if !same && has_password && passwords_are_on(&self.0.store).await? {
            let checked = self
                .0
                .check_password(origin, viewer.email.as_str(), Some(viewer.id), password);
            Some(checked.await?)
        } else {
            None
        };
        let wanted = Wanted {
            kind: MailKind::Confirm,
            recipient: email,
            person: Some(viewer.id),
            invitation: None,
            language,
        };
        let Some(verified) = verified else {
            return self.0.post(origin, wanted).await;
        };
        self.0.room().await?;
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        // A password that was replaced meanwhile asks for no mail: the new one has just ended those.
        verified.holds(&mut change.tx, viewer.id).await?;
        self.0.post_in(&mut change, origin, wanted).await?;
        change.commit().await?;
        self.0.wake_post();
        Ok(())
    }

    /// Whether a link still works, and for which address.
    ///
    /// # Errors
    /// [`DoorRefusal::Link`]; the database's.
    pub async fn check_confirm(&self, token: &str) -> Result<String, Error> {
        Ok(links::look(self.0, LinkKind::Confirm, token).await?.email)
    }

    /// The address is theirs: it is theirs here from now on.
    ///
    /// # Errors
    /// [`DoorRefusal::Link`]; [`DoorRefusal::Known`] when somebody else has got it since.
    pub async fn confirm(&self, origin: Origin<'_>, token: &str) -> Result<Proved, Error> {
        // Read before the change begins, which would hold a connection meanwhile.
        let looked = links::look(self.0, LinkKind::Confirm, token).await?;
        let id = UserId::from_number(looked.person_id.ok_or(DoorRefusal::Link)?);
        let (chosen, _) = people::preferences(&self.0.store, id).await?;
        let mut change = self.0.change(&Actor::System, origin).await?;
        let link = links::take(self.0, &mut change, LinkKind::Confirm, token).await?;
        let email: Email = link.email.parse().map_err(|_| DoorRefusal::Link)?;
        let found = people::get_in(&mut change.tx, id).await?;
        let user = found
            .filter(domain::account::User::is_active)
            .ok_or(DoorRefusal::Link)?;
        let at = change.at;
        let set = people::set_verified(&mut change.tx, id, email.as_str(), at).await;
        set.map_err(|error| match error.is_unique_violation() {
            true => Error::from(DoorRefusal::Known),
            false => error.into(),
        })?;
        let moved = user.email != email;
        let subject = Subject {
            action: if moved {
                "user.change_email"
            } else {
                "user.verify_email"
            },
            id: id.to_string(),
            name: user.email.as_str(),
        };
        let (before, after) = (
            json!({ "email": user.email }),
            json!({ "email": email, "verified": true }),
        );
        change.audit(subject, Some(&before), Some(&after)).await?;
        if moved {
            end_links(&mut change, id, &user.email).await?;
            let wanted = Wanted {
                kind: MailKind::Moved,
                recipient: &user.email,
                person: Some(id),
                invitation: None,
                language: MailLanguage::of_tag(chosen.as_deref().unwrap_or_default()),
            };
            self.0.post_in(&mut change, origin, wanted).await?;
        }
        change.commit().await?;
        self.0.wake_post();
        Ok(Proved {
            email,
            instead_of: moved.then_some(user.email),
        })
    }
}
