//! That whoever asks may still ask when what they ask for is done. Between the look at them and the change lies what takes its time: a
//! body that comes slowly, a queue before passwords are hashed, another server's answer. Meanwhile they may have been suspended, given
//! another role, or signed out, or their key revoked, and nothing of theirs is done after that.
//!
//! A witness (`domain::access`) is a proof of the first look and of no later moment; this is the second, under the lock of the
//! change, which whoever takes a right away needs, too.

use domain::{
    access::{Actor, Role, Viewer},
    account::User,
    id::{SessionId, UserId},
    key::{KeyState, Scope},
    refusal::Refusal,
    time::Timestamp,
};

use crate::{
    Error, Inner, Origin,
    store::{Tx, keys, people, sessions},
};

/// As whom somebody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    person: UserId,
    role: Role,
    /// Their session, where they did not come by a key.
    session: Option<SessionId>,
}

impl Seen {
    /// This person, who came by the key that they bear, or by a session.
    #[must_use]
    pub const fn new(viewer: &Viewer, session: Option<SessionId>) -> Self {
        Self {
            person: viewer.id,
            role: viewer.role,
            session,
        }
    }

    /// Whether all of it is so still. What somebody else does, or the hub itself, is nothing to look at.
    pub(crate) async fn stands(self, tx: &mut Tx, actor: &Actor, now: Timestamp) -> Result<(), Error> {
        let Actor::User { id, key, .. } = actor else {
            return Ok(());
        };
        if *id != self.person {
            return Ok(());
        }
        let user = people::get_in(tx, self.person).await?.filter(User::is_active);
        let user = user.ok_or(Refusal::NotSignedIn)?;
        if user.role != self.role {
            return Err(Refusal::NotAllowed.into());
        }
        if let Some(key) = key {
            let key = keys::get_in(tx, *key).await?;
            let manages =
                key.is_some_and(|key| key.state(now) == KeyState::Active && key.rules.scopes.has(Scope::Manage));
            return if manages {
                Ok(())
            } else {
                Err(Refusal::NotAllowed.into())
            };
        }
        match self.session {
            Some(session) if !sessions::is_good(tx, self.person, session).await? => Err(Refusal::NotSignedIn.into()),
            _ => Ok(()),
        }
    }
}

impl Inner {
    /// The same for what is no change of rows, such as an order to the ledger.
    pub(crate) async fn still_may(&self, actor: &Actor, origin: Origin<'_>) -> Result<(), Error> {
        let Some(seen) = origin.seen else { return Ok(()) };
        let mut tx = self.store.begin_read().await?;
        seen.stands(&mut tx, actor, self.clock.now()).await
    }
}
