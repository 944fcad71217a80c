//! How an admin signs somebody out everywhere, who may sign in again: a laptop was lost, a session was left open.

use domain::{access::Admin, id::UserId};
use serde_json::json;

use super::{Users, about, only_owners_for, present, securing::secure};
use crate::{Error, Origin};

impl Users<'_> {
    /// Ends all of somebody's sessions and links, and says how many there were. Their keys go on. An owner's only by an owner.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::OwnersOnly`].
    ///
    /// [`Refusal::NotFound`]: domain::refusal::Refusal::NotFound
    /// [`Refusal::OwnersOnly`]: domain::refusal::Refusal::OwnersOnly
    pub async fn sign_out(&self, admin: &Admin, origin: Origin<'_>, id: UserId) -> Result<u64, Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let user = present(&mut change, id).await?;
        only_owners_for(admin, &[user.role])?;
        let ended = secure(&mut change, id, &user.email, None).await?;
        let after = json!({ "sessions_ended": ended });
        change
            .audit::<(), _>(about("user.end_sessions", &user), None, Some(&after))
            .await?;
        change.commit().await?;
        Ok(ended)
    }
}
