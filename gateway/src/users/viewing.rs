//! Looking at the console as somebody else: who may, and that it is written down when it begins and ends. That nothing can be
//! changed meanwhile is kept by whoever serves the console.

use domain::{access::Viewer, account::User, id::UserId, refusal::Refusal};

use super::{MISSING, Users, about};
use crate::{Error, Origin, store::people};

impl Users<'_> {
    /// Somebody begins to look as another. It is for admins and owners, as whoever stands below them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for who is suspended or deleted; [`Refusal::NotAllowed`].
    pub async fn begin_viewing(&self, viewer: &Viewer, origin: Origin<'_>, as_whom: UserId) -> Result<User, Error> {
        viewer.admin()?;
        let user = people::get(&self.0.store, as_whom)
            .await?
            .filter(User::is_active)
            .ok_or(MISSING)?;
        if user.id == viewer.id {
            return Err(Refusal::Yourself.into());
        }
        if !viewer.may_view_as(user.role) {
            return Err(Refusal::NotBelow.into());
        }
        self.note_viewing(viewer, origin, "user.view_as", &user).await?;
        Ok(user)
    }

    /// They leave that view, or may not look that way any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_viewing(&self, viewer: &Viewer, origin: Origin<'_>, as_whom: UserId) -> Result<(), Error> {
        let user = people::get(&self.0.store, as_whom).await?.ok_or(MISSING)?;
        self.note_viewing(viewer, origin, "user.view_as_end", &user).await
    }

    /// As whom they look, if they still may: asked with each request.
    ///
    /// # Errors
    /// The database's.
    pub async fn viewed(&self, viewer: &Viewer, as_whom: UserId) -> Result<Option<Viewer>, Error> {
        let found = people::get(&self.0.store, as_whom).await?;
        let user = found.filter(|user| user.is_active() && user.id != viewer.id && viewer.may_view_as(user.role));
        Ok(user.map(|user| Viewer {
            id: user.id,
            email: user.email,
            role: user.role,
            key: None,
        }))
    }

    async fn note_viewing(&self, viewer: &Viewer, origin: Origin<'_>, action: &str, user: &User) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        change.audit::<(), ()>(about(action, user), None, None).await?;
        change.commit().await?;
        Ok(())
    }
}
