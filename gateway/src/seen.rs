//! That whoever asks may still ask when what they ask for is done. Between the look at them and the change lies what takes its time: a
//! body that comes slowly, a queue before passwords are hashed, another server's answer. Meanwhile they may have been suspended, given
//! another role, or signed out, or their key revoked, and nothing of theirs is done after that.
//!
//! A witness (`domain::access`) is a proof of the first look and of no later moment; this is the second, under the lock of the
//! change, which whoever takes a right away needs, too.

use std::net::IpAddr;

use domain::{
    access::{Actor, Role, Viewer},
    account::User,
    id::{KeyId, SessionId, UserId},
    key::Scope,
    refusal::Refusal,
    time::Timestamp,
};

use crate::{
    Error, Gateway, Inner, KeyEntry, Origin,
    call::KeyProblem,
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

    /// Whether all of it is so still, of `actor`, who asks from `address`. What somebody else does, or the hub itself, is nothing to look at.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::NotAllowed`], [`Error::Key`]; the database's.
    pub(crate) async fn stands(
        self,
        tx: &mut Tx,
        (actor, address): (&Actor, Option<&str>),
        now: Timestamp,
    ) -> Result<(), Error> {
        match actor {
            Actor::User { id, key, .. } if *id == self.person => match self.present(tx, (*key, address), now).await? {
                user if user.role == self.role => Ok(()),
                _ => Err(Refusal::NotAllowed.into()),
            },
            _ => Ok(()),
        }
    }

    /// The person as they are now, who came by this key or by their session, from there.
    async fn present(
        self,
        tx: &mut Tx,
        (key, address): (Option<KeyId>, Option<&str>),
        now: Timestamp,
    ) -> Result<User, Error> {
        let user = people::get_in(tx, self.person).await?.filter(User::is_active);
        let user = user.ok_or(Refusal::NotSignedIn)?;
        match (key, self.session) {
            (Some(key), _) => {
                let from = address.and_then(|address| address.parse::<IpAddr>().ok());
                let from = from.ok_or(KeyProblem::WrongAddress)?;
                let access = keys::access_of(tx, key).await?.ok_or(KeyProblem::Revoked)?;
                KeyEntry::of(&access).admits(Scope::Manage, from, now)?;
            }
            (None, Some(session)) if !sessions::is_good(tx, self.person, session).await? => {
                return Err(Refusal::NotSignedIn.into());
            }
            (None, _) => {}
        }
        Ok(user)
    }
}

impl Inner {
    /// The same for what this process has somebody else do.
    pub(crate) async fn still_may(&self, seen: Option<Seen>, who: (&Actor, Option<&str>)) -> Result<(), Error> {
        let Some(seen) = seen else { return Ok(()) };
        let mut tx = self.store.begin_read().await?;
        seen.stands(&mut tx, who, self.clock.now()).await
    }
}

impl Gateway {
    /// Somebody as they are now, for what goes on long after they were let in, such as a file that is read page by page. What their role
    /// lets them do is to be asked of this viewer.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`] when they were suspended or signed out, [`Error::Key`] when their key does not manage any more; the
    /// database's.
    pub async fn look_again(&self, viewer: &Viewer, origin: Origin<'_>) -> Result<Viewer, Error> {
        let Some(seen) = origin.seen.filter(|seen| seen.person == viewer.id) else {
            return Err(Refusal::NotSignedIn.into());
        };
        let mut tx = self.0.store.begin_read().await?;
        let user = seen
            .present(&mut tx, (viewer.key, origin.address), self.0.clock.now())
            .await?;
        Ok(Viewer {
            role: user.role,
            ..viewer.clone()
        })
    }
}
