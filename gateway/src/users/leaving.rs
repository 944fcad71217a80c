//! How somebody leaves for good: nothing lets them in any more, and the books stay.

use domain::{
    access::{Actor, Admin},
    id::UserId,
    refusal::Refusal,
};
use serde_json::json;

use super::{Users, about, edit::somebody_left, only_owners_for, present, securing::secure};
use crate::{
    Error, Origin,
    store::{identities, keys, people, projects},
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
        let before = people::active_admins(&mut change.tx).await?;
        let at = change.at;
        people::delete(&mut change.tx, id, at).await?;
        somebody_left(before, people::active_admins(&mut change.tx).await?)?;
        identities::delete_of_person(&mut change.tx, id).await?;
        self.0.keep_a_way_in(&mut change.tx).await?;
        projects::leave_all(&mut change.tx, id).await?;
        let revoked = keys::revoke_of_person(&mut change.tx, id, at).await?;
        let ended = secure(&mut change, id, &user.email, None).await?;
        let before = json!({ "email": user.email, "name": user.name, "role": user.role, "suspended": user.suspended });
        let after = json!({ "keys_revoked": revoked, "sessions_ended": ended });
        change
            .audit(about("user.delete", &user), Some(&before), Some(&after))
            .await?;
        self.0.finish(change).await
    }
}
