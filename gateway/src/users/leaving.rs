//! How somebody leaves for good: nothing lets them in any more, and the books stay.

use domain::{
    access::{Actor, Admin},
    id::{KeyId, ProjectId, UserId},
    project::ProjectRole,
    refusal::Refusal,
};
use serde_json::{Value, json};

use super::{Users, about, edit::somebody_left, only_owners_for, present, securing::secure};
use crate::{
    Error, Limits, Origin,
    store::{Tx, identities, keys, people, projects},
};

impl Users<'_> {
    /// Deletes somebody: they cannot sign in, their sessions end, their keys are revoked, their identities unlinked, and their address is free for somebody
    /// else. Their row, their calls, their ledger and what the list of changes says of them stay. It cannot be undone.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::ConfirmationMismatch`] unless their address was typed; [`Refusal::Yourself`];
    /// [`Refusal::OwnersOnly`]; [`Refusal::LastOwner`] and [`Refusal::LastAdmin`] when nobody would be left.
    pub async fn delete(&self, admin: &Admin, origin: Origin<'_>, id: UserId, typed: &str) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let user = present(&mut change, id).await?;
        if matches!(admin.actor(), Actor::User { id: asker, .. } if *asker == id) {
            return Err(Refusal::Yourself.into());
        }
        only_owners_for(admin, &[user.role])?;
        if typed.trim().to_lowercase() != user.email.as_str() {
            return Err(Refusal::ConfirmationMismatch.into());
        }
        let gone = Gone::of(&mut change.tx, id).await?;
        let before = people::active_admins(&mut change.tx).await?;
        let at = change.at;
        people::delete(&mut change.tx, id, at).await?;
        somebody_left(before, people::active_admins(&mut change.tx).await?)?;
        identities::delete_of_person(&mut change.tx, id).await?;
        self.0.keep_a_way_in(&mut change.tx).await?;
        projects::leave_all(&mut change.tx, id).await?;
        let revoked = keys::revoke_of_person(&mut change.tx, id, at).await?;
        let ended = secure(&mut change, id, &user.email, None).await?;
        let before = json!({
            "email": user.email, "name": user.name, "role": user.role, "suspended": user.suspended,
            "projects": gone.projects, "identities": gone.identities, "keys": gone.keys, "limits": gone.limits,
        });
        let after = json!({ "keys_revoked": revoked, "sessions_ended": ended });
        change
            .audit(about("user.delete", &user), Some(&before), Some(&after))
            .await?;
        self.0.finish(change).await
    }
}

/// What goes with somebody, as the list of changes has it.
struct Gone {
    projects: Vec<Value>,
    identities: Vec<Value>,
    keys: Vec<Value>,
    limits: Vec<Value>,
}

impl Gone {
    /// Reads it, before it goes, and takes their limits along: unless keys of others count in these, which theirs have made.
    async fn of(tx: &mut Tx, id: UserId) -> Result<Self, Error> {
        let projects = projects::memberships(tx, id).await?;
        let identities = identities::of_person_in(tx, id).await?;
        let keys = keys::names_of_person(tx, id).await?;
        let mut limits = Vec::new();
        if !keys::made_for_others(tx, id).await? {
            for subject in [id.into(), ProjectId::personal_of(id).into()] {
                limits.extend(Limits::take_along(tx, subject).await?);
            }
            for (key, _) in &keys {
                limits.extend(Limits::take_along(tx, (*key).into()).await?);
            }
        }
        let project = |(name, role): (String, ProjectRole)| json!({ "project": name, "role": role });
        let identity = |row: identities::Row| json!({ "issuer": row.issuer, "subject": row.subject });
        let key = |(id, name): (KeyId, String)| json!({ "id": id, "name": name });
        Ok(Self {
            projects: projects.into_iter().map(project).collect(),
            identities: identities.into_iter().map(identity).collect(),
            keys: keys.into_iter().map(key).collect(),
            limits,
        })
    }
}
