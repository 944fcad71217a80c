//! What becomes of somebody whom a provider has named: they come in as who they are here, or as somebody new where the hub
//! is open. An address of mail never makes one out of the other.

use domain::{
    access::{Actor, Capability, Role, Viewer},
    account::User,
    id::{IdentityId, UserId},
    identity::{IdentityDraft, IdentityRefusal, Profile, Registration, may_be_granted},
    mail::MailKind,
    setting::Setting,
};
use serde_json::json;

use super::{Identities, Outcome};
use crate::{
    Error, Origin, SignedIn,
    store::{
        Change, StoreError,
        change::Subject,
        identities::{self as table},
        people, projects, settings,
    },
    users::securing::Secured,
};

impl Identities<'_> {
    /// Lets somebody in. `meanwhile` is who has signed in at the browser since it began: they must not find themselves in the account of whoever
    /// began, so nobody else comes in, and nothing is done.
    pub(super) async fn admit(
        &self,
        origin: Origin<'_>,
        draft: &IdentityDraft,
        profile: &Profile,
        invitation: Option<&str>,
        meanwhile: Option<UserId>,
    ) -> Result<(SignedIn, Outcome), Error> {
        let known = table::owner(&self.0.store, &profile.issuer, &profile.subject).await?;
        if meanwhile.is_some() && known != meanwhile {
            return Err(IdentityRefusal::OtherPerson.into());
        }
        match (known, invitation) {
            (Some(person), _) => Ok((self.again(origin, draft, profile, person).await?, Outcome::SignedIn)),
            (None, Some(invitation)) => {
                let viewer = self.0.accept_by_provider(origin, invitation, draft, profile).await?;
                Ok((SignedIn::new(viewer), Outcome::Registered))
            }
            (None, None) => {
                let viewer = self.register(origin, draft, profile).await?;
                Ok((SignedIn::new(viewer), Outcome::Registered))
            }
        }
    }

    /// Somebody who was here before.
    async fn again(
        &self,
        origin: Origin<'_>,
        draft: &IdentityDraft,
        profile: &Profile,
        person: UserId,
    ) -> Result<SignedIn, Error> {
        let known = people::get(&self.0.store, person)
            .await?
            .ok_or(IdentityRefusal::State)?;
        let actor = viewer_of(&known).actor();
        let mut change = self.0.change(&actor, origin).await?;
        self.0.still_comes_by(&mut change.tx, draft).await?;
        // Looked at again under the change's lock: it may have been unlinked, or the person suspended.
        if table::owner_in(&mut change.tx, &profile.issuer, &profile.subject).await? != Some(person) {
            return Err(IdentityRefusal::State.into());
        }
        let mut user = people::get_in(&mut change.tx, person)
            .await?
            .ok_or(IdentityRefusal::State)?;
        if user.suspended {
            return Err(IdentityRefusal::Suspended.into());
        }
        let before = user.role;
        self.apply_role(&mut change, draft, profile, &mut user).await?;
        let moved = apply_projects(&mut change, draft, profile, &user).await?;
        enter(&mut change, draft, profile, &user).await?;
        let (_, secured) = people::standing_in(&mut change.tx, person).await?;
        if !moved && (before == Role::Auditor) == (user.role == Role::Auditor) {
            change.commit().await?;
        } else {
            // The snapshot knows that auditors have no keys, and who has keys in which project.
            self.0.finish(change).await?;
        }
        Ok(SignedIn {
            viewer: viewer_of(&user),
            secured: Secured(secured),
        })
    }

    /// Somebody new.
    async fn register(&self, origin: Origin<'_>, draft: &IdentityDraft, profile: &Profile) -> Result<Viewer, Error> {
        let mut change = self.0.change(&Actor::System, origin).await?;
        self.0.still_comes_by(&mut change.tx, draft).await?;
        let stored = settings::get_in(&mut change.tx, Setting::Registration.as_str()).await?;
        match stored.as_deref().and_then(Registration::parse).unwrap_or_default() {
            Registration::Open => {}
            Registration::Invitation => return Err(IdentityRefusal::InvitationOnly.into()),
            Registration::Closed => return Err(IdentityRefusal::Closed.into()),
        }
        // By their address admins know people: nobody gets one that is not theirs.
        let email = profile.verified_mail(draft)?;
        // Asked last: who is here is told to nobody but whose address it is.
        if people::find_in(&mut change.tx, email.as_str()).await?.is_some() {
            return Err(mail_taken(draft, email.as_str()));
        }
        let user = User {
            id: UserId::from_number(change.next_id()),
            email: email.clone(),
            name: profile.name.as_deref().and_then(|name| name.parse().ok()),
            role: profile
                .role
                .filter(|role| may_be_granted(*role))
                .unwrap_or(Role::Member),
            suspended: false,
            created_at: change.at,
            last_seen_at: None,
            deleted_at: None,
        };
        let inserted = people::insert(&mut change.tx, &user, None).await;
        inserted.map_err(|error| match error.is_unique_violation() {
            true => mail_taken(draft, email.as_str()),
            false => error.into(),
        })?;
        let id = IdentityId::from_number(change.next_id());
        let linked = table::insert(&mut change.tx, id, user.id, profile, change.at).await;
        linked.map_err(|error| refused_link(error, IdentityRefusal::State))?;
        let at = change.at;
        people::set_verified(&mut change.tx, user.id, email.as_str(), at).await?;
        self.0.welcome(&mut change, &user).await?;
        let subject = Subject {
            action: "user.register",
            id: user.id.to_string(),
            name: email.as_str(),
        };
        let after = json!({ "email": email, "role": user.role, "by": draft.slug, "issuer": profile.issuer, "subject": profile.subject });
        change.audit::<(), _>(subject, None, Some(&after)).await?;
        let moved = apply_projects(&mut change, draft, profile, &user).await?;
        enter(&mut change, draft, profile, &user).await?;
        match moved {
            true => self.0.finish(change).await?,
            false => change.commit().await?,
        }
        Ok(viewer_of(&user))
    }

    /// Gives somebody the role that their claims make, where claims may. The last admin stays one, and while passwords are off
    /// the last who can sign in. It is the provider that says so, not the person, whose sign-in this only is.
    async fn apply_role(
        &self,
        change: &mut Change<'_>,
        draft: &IdentityDraft,
        profile: &Profile,
        user: &mut User,
    ) -> Result<(), Error> {
        let wanted = profile.role.filter(|role| may_be_granted(*role) && *role != user.role);
        let Some(role) = wanted.filter(|_| may_be_granted(user.role)) else {
            return Ok(());
        };
        people::set_standing(&mut change.tx, user.id, role, false).await?;
        let kept = if role.may(Capability::Administer) || !user.role.may(Capability::Administer) {
            None
        } else if people::active_admins(&mut change.tx).await?.1 == 0 {
            Some("last_admin")
        } else {
            match self.0.keep_a_way_in(&mut change.tx).await {
                Ok(()) => None,
                Err(Error::Identity(refusal)) => Some(refusal.word()),
                Err(error) => return Err(error),
            }
        };
        let action = match kept {
            None => "user.set_role",
            Some(_) => "user.keep_role",
        };
        let subject = Subject {
            action,
            id: user.id.to_string(),
            name: user.email.as_str(),
        };
        let before = json!({ "role": user.role });
        if let Some(reason) = kept {
            tracing::warn!(provider = %draft.slug, user = %user.id, reason, "an admin stays an admin, whatever the claims say");
            people::set_standing(&mut change.tx, user.id, user.role, false).await?;
            let after = json!({ "role": user.role, "claimed": role, "by_claims_of": draft.slug, "reason": reason });
            return Ok(change
                .audit_by(&Actor::System, subject, Some(&before), Some(&after))
                .await?);
        }
        let after = json!({ "role": role, "by_claims_of": draft.slug });
        change
            .audit_by(&Actor::System, subject, Some(&before), Some(&after))
            .await?;
        user.role = role;
        Ok(())
    }

    /// Adds an identity to the account of somebody who is signed in to it, and tells them by mail. Not if they were secured since
    /// they began: by that identity whoever was locked out would come in again.
    pub(super) async fn link(
        &self,
        origin: Origin<'_>,
        draft: &IdentityDraft,
        (viewer, secured): (&Viewer, Secured),
        profile: &Profile,
    ) -> Result<SignedIn, Error> {
        let linked = SignedIn {
            viewer: viewer.clone(),
            secured,
        };
        let actor = viewer.actor();
        let told = self.0.tells(viewer.id).await?;
        let mut change = self.0.change(&actor, origin).await?;
        self.0.still_comes_by(&mut change.tx, draft).await?;
        if people::standing_in(&mut change.tx, viewer.id).await?.1 != secured.0 {
            return Err(IdentityRefusal::State.into());
        }
        match table::owner_in(&mut change.tx, &profile.issuer, &profile.subject).await? {
            Some(owner) if owner == viewer.id => return Ok(linked),
            Some(_) => return Err(IdentityRefusal::LinkedElsewhere.into()),
            None => {}
        }
        let id = IdentityId::from_number(change.next_id());
        let inserted = table::insert(&mut change.tx, id, viewer.id, profile, change.at).await;
        inserted.map_err(|error| refused_link(error, IdentityRefusal::LinkedElsewhere))?;
        let subject = Subject {
            action: "identity.link",
            id: id.to_string(),
            name: draft.title.as_str(),
        };
        let after =
            json!({ "issuer": profile.issuer, "subject": profile.subject, "email": profile.email, "by": draft.slug });
        change.audit::<(), _>(subject, None, Some(&after)).await?;
        // The address of now, which may have changed since the session was read.
        if let Some(user) = people::get_in(&mut change.tx, viewer.id).await? {
            let whom = (user.id, &user.email);
            self.0.tell(&mut change, origin, MailKind::Linked, whom, told).await?;
        }
        change.commit().await?;
        self.0.wake_post();
        Ok(linked)
    }
}

/// Notes that somebody has come in.
async fn enter(
    change: &mut Change<'_>,
    draft: &IdentityDraft,
    profile: &Profile,
    user: &User,
) -> Result<(), StoreError> {
    table::note_used(&mut change.tx, profile, change.at).await?;
    people::note_seen(&mut change.tx, user.id, change.at).await?;
    let subject = Subject {
        action: "user.sign_in",
        id: user.id.to_string(),
        name: user.email.as_str(),
    };
    let after = json!({ "by": draft.slug, "issuer": profile.issuer, "subject": profile.subject });
    change.audit::<(), _>(subject, None, Some(&after)).await
}

/// Gives somebody the places in projects that their claims make. Tells whether anything has changed.
async fn apply_projects(
    change: &mut Change<'_>,
    draft: &IdentityDraft,
    profile: &Profile,
    user: &User,
) -> Result<bool, StoreError> {
    let mut moved = false;
    for (id, role) in &profile.projects {
        let project = projects::get_in(&mut change.tx, *id).await?;
        let shared = project.filter(|project| !project.is_personal() && project.archived_at.is_none());
        let Some(project) = shared else {
            tracing::warn!(provider = %draft.slug, project = %id, "a rule names a project that nobody can join");
            continue;
        };
        let before = projects::role_in(&mut change.tx, *id, user.id).await?;
        if before == *role {
            continue;
        }
        match role {
            Some(role) => projects::set_member(&mut change.tx, *id, user.id, *role).await?,
            None => projects::remove_member(&mut change.tx, *id, user.id).await?,
        }
        let subject = Subject {
            action: "project.set_role",
            id: id.to_string(),
            name: project.name.as_str(),
        };
        let (before, after) = (
            json!({ "user": user.email, "role": before }),
            json!({ "user": user.email, "role": role, "by_claims_of": draft.slug }),
        );
        change
            .audit_by(&Actor::System, subject, Some(&before), Some(&after))
            .await?;
        moved = true;
    }
    Ok(moved)
}

fn viewer_of(user: &User) -> Viewer {
    Viewer {
        id: user.id,
        email: user.email.clone(),
        role: user.role,
        key: None,
    }
}

fn mail_taken(draft: &IdentityDraft, email: &str) -> Error {
    IdentityRefusal::MailTaken {
        title: draft.title.to_string(),
        email: email.to_owned(),
    }
    .into()
}

fn refused_link(error: StoreError, refusal: IdentityRefusal) -> Error {
    if error.is_unique_violation() {
        refusal.into()
    } else {
        error.into()
    }
}

#[cfg(test)]
mod tests;
