//! How somebody comes who was invited: with a password, or by an identity provider, whom the invitation opens the door to
//! wherever registration is not open. The account gets the address that was invited and the role that was given.

use domain::{
    access::{Actor, Capability, Role, Viewer},
    account::User,
    door::DoorRefusal,
    id::{IdentityId, InvitationId, UserId},
    identity::{IdentityDraft, IdentityRefusal, Profile},
    invitation::{Invitation, InvitationState},
    name::Label,
    project::Project,
};
use serde_json::{Value, json};

use super::{Invitations, about};
use crate::{
    Error, Inner, Origin,
    door::links::{self, LinkKind},
    identity::{passwords_are_on, passwords_are_still_on},
    passwords,
    store::{Change, Tx, change::Subject, identities, invitations as table, links as link_table, people, projects},
};

/// An invitation as the one sees it who was invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Whom it names.
    pub email: String,
    /// As what.
    pub role: Role,
    /// The project that they come into, where one was named that goes on.
    pub project: Option<Label>,
    /// Who asked, by their address.
    pub by: Option<String>,
}

impl Invitations<'_> {
    /// What the link says. Nothing of it is used up.
    ///
    /// # Errors
    /// [`DoorRefusal::Link`]; the database's.
    pub async fn look(&self, token: &str) -> Result<Invited, Error> {
        let link = links::look(self.0, LinkKind::Invite, token).await?;
        let id = InvitationId::from_number(link.invitation_id.ok_or(DoorRefusal::Link)?);
        let found = table::get(&self.0.store, id).await?;
        let now = self.0.clock.now();
        let invitation = found
            .filter(|one| one.state(now) == InvitationState::Open)
            .ok_or(DoorRefusal::Link)?;
        let by = match invitation.invited_by {
            Some(by) => people::get(&self.0.store, by).await?,
            None => None,
        };
        if invitation.invited_by.is_some() && !by.as_ref().is_some_and(|by| may_give(by, invitation.role)) {
            return Err(DoorRefusal::Link.into());
        }
        let project = match &invitation.project {
            Some(into) => projects::get(&self.0.store, into.id).await?,
            None => None,
        };
        Ok(Invited {
            email: invitation.email.to_string(),
            role: invitation.role,
            project: project.filter(goes_on).map(|project| project.name),
            by: by.map(|by| by.email.to_string()),
        })
    }

    /// Makes the account with a password, and uses the invitation up.
    ///
    /// # Errors
    /// [`DoorRefusal::Link`], [`DoorRefusal::Known`], [`IdentityRefusal::PasswordsOff`],
    /// [`domain::refusal::Invalid::PasswordLength`]; the database's.
    pub async fn accept(
        &self,
        origin: Origin<'_>,
        token: &str,
        name: Option<&Label>,
        password: &str,
    ) -> Result<Viewer, Error> {
        self.look(token).await?;
        if !passwords_are_on(&self.0.store).await? {
            return Err(IdentityRefusal::PasswordsOff.into());
        }
        let hash = passwords::hash(password).await?;
        let mut change = self.0.change(&Actor::System, origin).await?;
        passwords_are_still_on(&mut change.tx).await?;
        let token_hash = links::hash_of(self.0, LinkKind::Invite, token);
        let by = json!("password");
        let (user, joined) = self.0.come(&mut change, &token_hash, (name, Some(&hash)), by).await?;
        self.0.come_in(change, joined).await?;
        Ok(viewer_of(user))
    }
}

impl Inner {
    /// What stands for an invitation while its guest is away at an identity provider.
    pub(crate) fn invitation_hash(&self, token: &str) -> String {
        links::hash_of(self, LinkKind::Invite, token)
    }

    /// Makes the account of somebody who was invited and whom a provider has named.
    pub(crate) async fn accept_by_provider(
        &self,
        origin: Origin<'_>,
        token_hash: &str,
        draft: &IdentityDraft,
        profile: &Profile,
    ) -> Result<Viewer, Error> {
        let mut change = self.change(&Actor::System, origin).await?;
        self.still_comes_by(&mut change.tx, draft).await?;
        let name: Option<Label> = profile.name.as_deref().and_then(|name| name.parse().ok());
        let by = json!({ "provider": draft.slug, "issuer": profile.issuer, "subject": profile.subject });
        let (user, joined) = self.come(&mut change, token_hash, (name.as_ref(), None), by).await?;
        let id = IdentityId::from_number(change.next_id());
        let at = change.at;
        let linked = identities::insert(&mut change.tx, id, user.id, profile, at).await;
        linked.map_err(|error| match error.is_unique_violation() {
            true => Error::from(IdentityRefusal::State),
            false => error.into(),
        })?;
        identities::note_used(&mut change.tx, profile, at).await?;
        self.come_in(change, joined).await?;
        Ok(viewer_of(user))
    }

    /// The request path knows who may call by the applications of a project.
    async fn come_in(&self, change: Change<'_>, joined: bool) -> Result<(), Error> {
        match joined {
            true => self.finish(change).await,
            false => Ok(change.commit().await?),
        }
    }

    /// The account of a guest, and whether they came into a project as well: link and invitation are used up, of two who come one
    /// does. A project that was archived meanwhile keeps nobody out.
    async fn come(
        &self,
        change: &mut Change<'_>,
        token_hash: &str,
        (name, hash): (Option<&Label>, Option<&str>),
        by: Value,
    ) -> Result<(User, bool), Error> {
        let link = links::take_hash(change, LinkKind::Invite, token_hash).await?;
        let id = InvitationId::from_number(link.invitation_id.ok_or(DoorRefusal::Link)?);
        let at = change.at;
        let found = table::get_in(&mut change.tx, id).await?;
        let invitation = found
            .filter(|one| one.state(at) == InvitationState::Open)
            .ok_or(DoorRefusal::Link)?;
        still_given(&mut change.tx, &invitation).await?;
        let user = User {
            id: UserId::from_number(change.next_id()),
            email: invitation.email.clone(),
            name: name.cloned(),
            role: invitation.role,
            suspended: false,
            created_at: at,
            last_seen_at: None,
            deleted_at: None,
        };
        self.enroll(change, &user, hash).await?;
        if table::end(&mut change.tx, id, Some(user.id), at).await? == 0 {
            return Err(DoorRefusal::Link.into());
        }
        link_table::delete_of_invitation(&mut change.tx, id).await?;
        let joined = join(change, &invitation, &user).await?;
        let project = invitation.project.as_ref().filter(|_| joined);
        let after = json!({ "user": user.id, "role": user.role, "project": project, "by": by });
        change
            .audit::<(), _>(about("invitation.accept", &invitation), None, Some(&after))
            .await?;
        let subject = Subject {
            action: "user.sign_in",
            id: user.id.to_string(),
            name: user.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        Ok((user, joined))
    }
}

/// A project that people share and that was not archived.
const fn goes_on(project: &Project) -> bool {
    !project.is_personal() && project.archived_at.is_none()
}

/// Takes a guest into the project that their invitation names. Tells whether it did.
async fn join(change: &mut Change<'_>, invitation: &Invitation, user: &User) -> Result<bool, Error> {
    let Some(into) = &invitation.project else {
        return Ok(false);
    };
    let project = projects::get_in(&mut change.tx, into.id).await?.filter(goes_on);
    let Some(project) = project else {
        return Ok(false);
    };
    projects::set_member(&mut change.tx, project.id, user.id, into.role).await?;
    let subject = Subject {
        action: "project.add_member",
        id: project.id.to_string(),
        name: project.name.as_str(),
    };
    let told = json!({ "user": user.email, "role": into.role, "by_invitation": invitation.id });
    change.audit::<(), _>(subject, None, Some(&told)).await?;
    Ok(true)
}

/// Whoever invited could still give that role: what an admin may no more, their invitation may neither.
async fn still_given(tx: &mut Tx, invitation: &Invitation) -> Result<(), Error> {
    let Some(by) = invitation.invited_by else {
        return Ok(());
    };
    let found = people::get_in(tx, by).await?;
    if found.is_some_and(|by| may_give(&by, invitation.role)) {
        Ok(())
    } else {
        Err(DoorRefusal::Link.into())
    }
}

fn may_give(by: &User, role: Role) -> bool {
    let wanted = if role == Role::Owner {
        Capability::Own
    } else {
        Capability::Administer
    };
    by.is_active() && by.role.may(wanted)
}

fn viewer_of(user: User) -> Viewer {
    Viewer {
        id: user.id,
        email: user.email,
        role: user.role,
        key: None,
    }
}
