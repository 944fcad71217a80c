//! Invitations: admins ask somebody to come, by a link that works once. It is mailed where mail is set up, and shown once to
//! the admin in any case. Nobody invites above themselves, and what they may give is looked at again when somebody accepts
//! (`invitations/accept`). It may name a project that they come into as well, which only admins of the hub decide.

mod accept;

use domain::{
    access::{Actor, Admin, Reader},
    door::DoorRefusal,
    id::{InvitationId, UserId},
    invitation::{INVITATION_DAYS, Invitation, InvitationState, InvitationTerms, InvitedInto},
    mail::{MailKind, MailLanguage},
    name::Email,
    refusal::{Refusal, Thing},
    time::{Micros, Timestamp},
};
use serde_json::json;

pub use accept::Invited;

use crate::{
    Error, Inner, Origin, SecretText,
    door::links::{self, LinkKind},
    mail::Wanted,
    projects::shared_in,
    store::{Change, change::Subject, invitations as table, links as link_table, people},
    users::only_owners_for,
};

/// Use-cases about who was asked to come.
pub struct Invitations<'a>(pub(crate) &'a Inner);

/// An invitation that was made or sent again.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// What it says.
    pub invitation: Invitation,
    /// Its link. A secret, and never known again.
    pub link: SecretText,
    /// A mail is on its way.
    pub mailed: bool,
}

/// Invitations that the page lists.
const LISTED: i64 = 200;
const MISSING: Refusal = Refusal::NotFound {
    what: Thing::Invitation,
};

impl Invitations<'_> {
    /// The newest; those that are open before the others.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, _: &Reader) -> Result<Vec<Invitation>, Error> {
        Ok(table::newest(&self.0.store, self.0.clock.now(), LISTED).await?)
    }

    /// One.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, _: &Reader, id: InvitationId) -> Result<Option<Invitation>, Error> {
        Ok(table::get(&self.0.store, id).await?)
    }

    /// Asks somebody to come.
    ///
    /// # Errors
    /// [`Refusal::Taken`] for an address that is here or is asked already; [`Refusal::OwnersOnly`]; [`DoorRefusal::Days`]; about the
    /// project [`Refusal::NotFound`], [`Refusal::PersonalProject`], [`Refusal::Archived`]; the database's.
    pub async fn create(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        email: &Email,
        terms: impl Into<InvitationTerms>,
        language: MailLanguage,
    ) -> Result<NewInvitation, Error> {
        let InvitationTerms { role, days, project } = terms.into();
        only_owners_for(admin, &[role])?;
        if !INVITATION_DAYS.contains(&days) {
            return Err(DoorRefusal::Days.into());
        }
        let mailed = self.0.mail_way().await?.is_some();
        let mut change = self.0.change(admin.actor(), origin).await?;
        let at = change.at;
        if people::find_in(&mut change.tx, email.as_str()).await?.is_some() {
            return Err(Refusal::Taken { what: Thing::User }.into());
        }
        if table::is_open(&mut change.tx, email.as_str(), at).await? {
            return Err(Refusal::Taken {
                what: Thing::Invitation,
            }
            .into());
        }
        let project = match project {
            Some((id, role)) => {
                let project = shared_in(&mut change, id).await?;
                Some(InvitedInto {
                    id,
                    name: project.name,
                    role,
                })
            }
            None => None,
        };
        let invitation = Invitation {
            id: InvitationId::from_number(change.next_id()),
            email: email.clone(),
            role,
            project,
            invited_by: inviter(admin),
            created_at: at,
            expires_at: at.plus(Micros::from_days(days)),
            ended_at: None,
            accepted_by: None,
        };
        table::insert(&mut change.tx, &invitation).await?;
        let made = self
            .send(&mut change, origin, invitation, mailed.then_some(language))
            .await?;
        let after = json!({ "email": email, "role": role, "project": made.invitation.project, "days": days, "mailed": made.mailed });
        change
            .audit::<(), _>(about("invitation.create", &made.invitation), None, Some(&after))
            .await?;
        change.commit().await?;
        self.0.wake_post();
        Ok(made)
    }

    /// Makes another link, which lasts as long as the first did; the ones before work no more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`DoorRefusal::Over`] when it was accepted or revoked; [`Refusal::OwnersOnly`].
    pub async fn send_again(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: InvitationId,
        language: MailLanguage,
    ) -> Result<NewInvitation, Error> {
        let mailed = self.0.mail_way().await?.is_some();
        let mut change = self.0.change(admin.actor(), origin).await?;
        let mut invitation = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        only_owners_for(admin, &[invitation.role])?;
        let lasted = invitation.expires_at.since(invitation.created_at).0;
        let until: Timestamp = change
            .at
            .plus(Micros(lasted.clamp(0, Micros::from_days(*INVITATION_DAYS.end()).0)));
        // By whoever sends it now: the first may be no admin any more, and then nobody could come by it.
        invitation.invited_by = inviter(admin);
        invitation.expires_at = until;
        if table::extend(&mut change.tx, &invitation).await? == 0 {
            return Err(DoorRefusal::Over.into());
        }
        link_table::delete_of_invitation(&mut change.tx, id).await?;
        let made = self
            .send(&mut change, origin, invitation, mailed.then_some(language))
            .await?;
        let after = json!({ "email": made.invitation.email, "mailed": made.mailed });
        change
            .audit::<(), _>(about("invitation.resend", &made.invitation), None, Some(&after))
            .await?;
        change.commit().await?;
        self.0.wake_post();
        Ok(made)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`DoorRefusal::Over`]; [`Refusal::OwnersOnly`].
    pub async fn revoke(&self, admin: &Admin, origin: Origin<'_>, id: InvitationId) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let invitation = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        only_owners_for(admin, &[invitation.role])?;
        let at = change.at;
        if invitation.state(at) != InvitationState::Open || table::end(&mut change.tx, id, None, at).await? == 0 {
            return Err(DoorRefusal::Over.into());
        }
        link_table::delete_of_invitation(&mut change.tx, id).await?;
        change
            .audit::<(), ()>(about("invitation.revoke", &invitation), None, None)
            .await?;
        change.commit().await?;
        Ok(())
    }

    /// A fresh link, and a mail with another one where a language is given.
    async fn send(
        &self,
        change: &mut Change<'_>,
        origin: Origin<'_>,
        invitation: Invitation,
        mail: Option<MailLanguage>,
    ) -> Result<NewInvitation, Error> {
        let link = links::fresh_in(self.0, change, LinkKind::Invite, links::For::Invited(&invitation)).await?;
        if let Some(language) = mail {
            let wanted = Wanted {
                kind: MailKind::Invite,
                recipient: &invitation.email,
                person: None,
                invitation: Some(invitation.id),
                language,
            };
            self.0.post_in(change, origin, wanted).await?;
        }
        Ok(NewInvitation {
            invitation,
            link,
            mailed: mail.is_some(),
        })
    }
}

/// How the list of changes names one.
fn about<'a>(action: &'a str, invitation: &'a Invitation) -> Subject<'a> {
    Subject {
        action,
        id: invitation.id.to_string(),
        name: invitation.email.as_str(),
    }
}

/// In whose name an invitation is given. None on the command line.
fn inviter(admin: &Admin) -> Option<UserId> {
    match admin.actor() {
        Actor::User { id, .. } => Some(*id),
        Actor::CommandLine | Actor::System => None,
    }
}
