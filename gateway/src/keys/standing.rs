//! Finds out where somebody stands towards a key. What that lets them do is one table, `domain::key::KeyStanding`; keys, their secrets
//! and their limits are changed by it.

use domain::{
    access::{Actor, Admin, Viewer},
    id::KeyId,
    key::{ApiKey, KeyStanding, OnKey},
};

use super::{Keys, MISSING};
use crate::{
    Error, Projects,
    store::{Tx, keys as table, people},
};

/// Who changes something.
#[derive(Clone, Copy)]
pub(crate) enum Hand<'a> {
    /// Somebody who is signed in, or asks by a key that manages.
    Person(&'a Viewer),
    /// An admin, by their proof alone: whoever has a shell on the machine, and the hub itself.
    Hub(&'a Admin),
}

impl Hand<'_> {
    /// How the list of changes names them.
    pub(crate) fn actor(self) -> Actor {
        match self {
            Self::Person(viewer) => viewer.actor(),
            Self::Hub(admin) => admin.actor().clone(),
        }
    }
}

impl Keys<'_> {
    /// Where somebody stands towards a key: what pages leave out.
    ///
    /// # Errors
    /// The database's.
    pub async fn standing(&self, viewer: &Viewer, key: &ApiKey) -> Result<KeyStanding, Error> {
        let mut tx = self.0.store.begin_read().await?;
        self.standing_in(Hand::Person(viewer), &mut tx, key).await
    }

    async fn standing_in(&self, hand: Hand<'_>, tx: &mut Tx, key: &ApiKey) -> Result<KeyStanding, Error> {
        let owner = people::get_in(tx, key.user_id).await?.map(|owner| owner.role);
        Ok(match hand {
            Hand::Hub(admin) => KeyStanding::of_hub(admin, owner),
            Hand::Person(viewer) => {
                let standing = Projects(self.0).standing_in(tx, viewer, key.project_id).await?;
                KeyStanding::of(&standing, key, owner)
            }
        })
    }

    /// A key that was not deleted, and where somebody stands towards it.
    pub(crate) async fn found(
        &self,
        hand: Hand<'_>,
        tx: &mut Tx,
        id: KeyId,
    ) -> Result<Option<(ApiKey, KeyStanding)>, Error> {
        let Some(key) = table::get_in(tx, id).await? else {
            return Ok(None);
        };
        let standing = self.standing_in(hand, tx, &key).await?;
        Ok(Some((key, standing)))
    }

    /// A key with which somebody may do something.
    ///
    /// # Errors
    /// As [`KeyStanding::has`].
    pub(super) async fn held(
        &self,
        hand: Hand<'_>,
        tx: &mut Tx,
        id: KeyId,
        what: OnKey,
    ) -> Result<(ApiKey, KeyStanding), Error> {
        let (key, standing) = self.found(hand, tx, id).await?.ok_or(MISSING)?;
        Ok((key, standing.has(what)?))
    }
}
