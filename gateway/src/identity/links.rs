//! One's own identities: which there are, and taking one away.

use domain::{
    access::Viewer,
    id::IdentityId,
    identity::{IdentityRefusal, LinkedIdentity},
    refusal::{Refusal, Thing},
    time::Timestamp,
};
use serde_json::json;

use super::{Identities, passwords_are_on_in};
use crate::{
    Error, Origin,
    store::{change::Subject, identities as table, identity_providers, people},
};

impl Identities<'_> {
    /// By what this person signs in beside a password, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<LinkedIdentity>, Error> {
        let enabled = self.0.enabled_drafts(identity_providers::all(&self.0.store).await?);
        let rows = table::of_person(&self.0.store, viewer.id).await?;
        let view = |row: table::Row| {
            let provider = enabled.iter().find(|draft| draft.way.issuer() == row.issuer);
            LinkedIdentity {
                id: IdentityId::from_number(row.id),
                provider: provider.map(|draft| draft.title.clone()),
                issuer: row.issuer,
                subject: row.subject,
                email: row.email,
                created_at: Timestamp(row.created_at),
                last_used_at: row.last_used_at.map(Timestamp),
            }
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Whether this person can sign in by a password.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_password(&self, viewer: &Viewer) -> Result<bool, Error> {
        Ok(people::password_hash(&self.0.store, viewer.id).await?.is_some())
    }

    /// Takes one of one's own identities away.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for those of others; [`IdentityRefusal::OnlyWayIn`], [`IdentityRefusal::LastWayIn`].
    pub async fn unlink(&self, viewer: &Viewer, origin: Origin<'_>, id: IdentityId) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let rows = table::of_person_in(&mut change.tx, viewer.id).await?;
        let found = rows.iter().find(|row| row.id == id.number());
        let found = found.ok_or(Refusal::NotFound { what: Thing::Identity })?;
        let (password, _) = people::standing_in(&mut change.tx, viewer.id).await?;
        let by_password = password.is_some() && passwords_are_on_in(&mut change.tx).await?;
        let enabled = self.0.enabled_drafts(identity_providers::all_in(&mut change.tx).await?);
        let works =
            |row: &&table::Row| row.id != found.id && enabled.iter().any(|draft| draft.way.issuer() == row.issuer);
        if !by_password && rows.iter().find(works).is_none() {
            return Err(IdentityRefusal::OnlyWayIn.into());
        }
        table::delete(&mut change.tx, found.id).await?;
        self.0.keep_a_way_in(&mut change.tx).await?;
        let subject = Subject {
            action: "identity.unlink",
            id: id.to_string(),
            name: viewer.email.as_str(),
        };
        let before = json!({ "issuer": found.issuer, "subject": found.subject, "email": found.email });
        change.audit::<_, ()>(subject, Some(&before), None).await?;
        change.commit().await?;
        Ok(())
    }
}
