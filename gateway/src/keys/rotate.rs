//! Another secret for a key. The key stays the same: its id, its rules, its limits, its calls. The secret that it had goes on for a
//! while, so that programs can be changed one after the other; after a second rotation none goes on longer than that one lets it.
//!
//! A new secret is seen by the key's owner alone, and by whoever has a shell on the machine: who saw it could call, and with a key
//! that manages act, in the owner's name.

use domain::{
    access::{Admin, KeyHolder},
    id::KeyId,
    key::{ApiKey, KeyState, OnKey, Overlap, Scope},
    refusal::{Full, Refusal},
};
use serde_json::json;

use super::{Hand, Keys, NewKey, about, hint, new_secret};
use crate::{Error, Origin, store::keys as table};

impl Keys<'_> {
    /// Gives one of one's own keys another secret.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::NotAllowed`] for keys of others and for who has no keys in the project any more;
    /// [`Refusal::KeyEnded`]; [`Refusal::Full`]; [`Refusal::ByKey`] for another key that manages than the one by which it is asked, and
    /// [`Refusal::BeyondKey`], [`Refusal::OtherProject`] and [`Refusal::BeyondLimits`] for one that may do more.
    pub async fn rotate(
        &self,
        holder: &KeyHolder,
        origin: Origin<'_>,
        id: KeyId,
        overlap: Overlap,
    ) -> Result<NewKey, Error> {
        self.rotate_by(Hand::Person(holder.viewer()), origin, id, overlap).await
    }

    /// Gives any key another secret. For the command line.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else; [`Refusal::NotFound`]; [`Refusal::KeyEnded`]; [`Refusal::Full`].
    pub async fn rotate_any(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: KeyId,
        overlap: Overlap,
    ) -> Result<NewKey, Error> {
        self.rotate_by(Hand::Hub(admin), origin, id, overlap).await
    }

    async fn rotate_by(
        &self,
        hand: Hand<'_>,
        origin: Origin<'_>,
        id: KeyId,
        overlap: Overlap,
    ) -> Result<NewKey, Error> {
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let (before, _) = self.held(hand, &mut change.tx, id, OnKey::Rotate).await?;
        if let Hand::Person(viewer) = hand
            // A key that manages would get at one that is bound less than itself.
            && viewer.key.is_some_and(|key| key != id)
            && before.rules.scopes.has(Scope::Manage)
        {
            return Err(Refusal::ByKey.into());
        }
        if let Some(maker) = Self::maker(&mut change.tx, &actor).await? {
            maker.shows(&mut change.tx, &before).await?;
        }
        if matches!(before.state(change.at), KeyState::Revoked | KeyState::Expired) {
            return Err(Refusal::KeyEnded.into());
        }
        let until = change.at.plus(overlap.span());
        if until > change.at {
            Full::Secrets.room(table::living_earlier(&mut change.tx, id, change.at).await?)?;
        }
        let secret = new_secret()?;
        let hint = hint(secret.expose());
        let earlier = KeyId::from_number(change.next_id());
        let hash = self.hash(&secret);
        table::replace_secret(&mut change.tx, id, (&hash, &hint), earlier, until).await?;
        table::sweep_earlier(&mut change.tx, id, change.at, Full::Secrets.most()).await?;
        let (was, is) = (
            json!({ "hint": before.hint }),
            json!({ "hint": hint, "earlier_until": until }),
        );
        change
            .audit(about("key.rotate", &before), Some(&was), Some(&is))
            .await?;
        self.0.finish(change).await?;
        let key = ApiKey { hint, ..before };
        Ok(NewKey { key, secret })
    }
}
