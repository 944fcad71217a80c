//! A key that manages gives no other key more models, addresses or time than it has itself: what is made, changed or given another secret by it may ask no other
//! models, from no other addresses and no longer than it may; and of its own owner it reaches keys of its own project alone.
//! Else a key that is bound would make an unbound one, and whoever has found it would call with that.
//!
//! What it makes counts in all limits that it counts in itself, for good (`snapshot::limits`): its own, its owner's and its project's, and the
//! same of the keys by which it was made. However many it makes, and for whomever, all of them together use no more than it may. Of one that
//! counts elsewhere a key that is limited shows no secret. What else such a key may not do says `domain::key::Tie`. Of scopes the only one that it does not give is `manage` ([`Refusal::ByKey`]): to make keys that call is what it is for.

use domain::{
    access::Actor,
    id::KeyId,
    key::{ApiKey, Bound, KeyRules, Tie},
    limit::Subject,
    refusal::Refusal,
};

use super::Keys;
use crate::{
    Error,
    store::{Tx, keys as table, limits},
};

/// What one key may give to others.
pub(super) struct Maker(ApiKey);

/// The bounds that it hands on.
const HANDED_ON: [Bound; 3] = [Bound::Allowed, Bound::Addresses, Bound::ExpiresAt];

impl Keys<'_> {
    /// The key by which somebody asks, as it is now; none where they ask by none.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] when it was deleted or revoked a moment ago; the database's.
    pub(super) async fn maker(tx: &mut Tx, actor: &Actor) -> Result<Option<Maker>, Error> {
        let Some(id) = Self::asked_by(actor) else {
            return Ok(None);
        };
        let key = table::get_in(tx, id).await?.filter(|key| key.revoked_at.is_none());
        Ok(Some(Maker(key.ok_or(Refusal::NotAllowed)?)))
    }

    /// What ties a key that manages: a limit that it counts in, or a rule of its own beside its end.
    ///
    /// # Errors
    /// The database's.
    pub async fn tie(&self, id: KeyId) -> Result<Option<Tie>, Error> {
        let mut tx = self.0.store.begin_read().await?;
        Self::tie_in(&mut tx, id).await
    }

    async fn tie_in(tx: &mut Tx, id: KeyId) -> Result<Option<Tie>, Error> {
        if let Some(tie) = limited(tx, id, &[]).await? {
            return Ok(Some(tie));
        }
        let key = table::get_in(tx, id).await?;
        Ok(key.as_ref().and_then(|key| Tie::of_rules(&key.rules)))
    }

    /// Whether nothing ties a key.
    ///
    /// # Errors
    /// [`Refusal::TiedKey`]; the database's.
    pub(crate) async fn is_untied(tx: &mut Tx, id: KeyId) -> Result<(), Error> {
        match Self::tie_in(tx, id).await? {
            Some(tie) => Err(Refusal::TiedKey { tie }.into()),
            None => Ok(()),
        }
    }
}

/// What ties a key by a limit that it counts in, and another key, which counts in these, does not.
async fn limited(tx: &mut Tx, key: KeyId, others: &[Subject]) -> Result<Option<Tie>, Error> {
    for subject in table::counted(tx, key).await? {
        if !others.contains(&subject) && !limits::rights_of(tx, subject).await?.is_empty() {
            return Ok(Tie::of_limit(subject));
        }
    }
    Ok(None)
}

impl Maker {
    /// Whether a key may come into hands that have only this one.
    ///
    /// # Errors
    /// [`Refusal::OtherProject`]; [`Refusal::BeyondKey`] for the first bound that is wider.
    pub(super) fn gives(&self, key: &ApiKey) -> Result<(), Refusal> {
        self.reaches(key)?;
        self.covers(&key.rules, None)
    }

    /// Whether the new secret of a key that is there may come into hands that have only this one.
    ///
    /// # Errors
    /// As [`Maker::gives`]; [`Refusal::BeyondLimits`] where this one is limited and that one does not count in its limits.
    pub(super) async fn shows(&self, tx: &mut Tx, key: &ApiKey) -> Result<(), Error> {
        self.gives(key)?;
        let shown = table::counted(tx, key.id).await?;
        match limited(tx, self.0.id, &shown).await? {
            Some(_) => Err(Refusal::BeyondLimits.into()),
            None => Ok(()),
        }
    }

    /// Whether a key that is there may become this one. What is tightened, or stays, asks nobody.
    ///
    /// # Errors
    /// As [`Maker::gives`].
    pub(super) fn changes(&self, before: &ApiKey, after: &KeyRules) -> Result<(), Refusal> {
        if after.are_within(&before.rules) {
            return Ok(());
        }
        self.reaches(before)?;
        self.covers(after, Some(&before.rules))
    }

    /// Whether a key may be switched on or ask for more: one that was made by this one counts wherever this one does; any other is for keys
    /// that count in no limit, or who is limited would let somebody else call instead.
    ///
    /// # Errors
    /// [`Refusal::TiedKey`]; the database's.
    pub(super) async fn opens(&self, tx: &mut Tx, key: &ApiKey) -> Result<(), Error> {
        if table::counted(tx, key.id).await?.contains(&Subject::from(self.0.id)) {
            return Ok(());
        }
        match limited(tx, self.0.id, &[]).await? {
            Some(tie) => Err(Refusal::TiedKey { tie }.into()),
            None => Ok(()),
        }
    }

    fn reaches(&self, key: &ApiKey) -> Result<(), Refusal> {
        if key.user_id == self.0.user_id && key.project_id != self.0.project_id {
            return Err(Refusal::OtherProject);
        }
        Ok(())
    }

    fn covers(&self, rules: &KeyRules, before: Option<&KeyRules>) -> Result<(), Refusal> {
        let beyond = |bound: &Bound| {
            !bound.is_within(rules, &self.0.rules) && before.is_none_or(|before| !bound.is_within(rules, before))
        };
        match HANDED_ON.into_iter().find(beyond) {
            Some(bound) => Err(Refusal::BeyondKey { bound }),
            None => Ok(()),
        }
    }
}
