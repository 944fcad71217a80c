//! Limits are set and removed: by admins of the hub, and by whoever may change those of a key.

use domain::{
    access::{Admin, Viewer},
    id::LimitId,
    limit::{Limit, Subject, Window},
    refusal::{Invalid, Refusal, Thing},
};
use serde_json::json;

use super::{LimitDraft, Limits, MISSING, missing};
use crate::{
    Error, Origin,
    keys::Hand,
    store::{Tx, change::Subject as Told, limits as table},
};

const CHANGED: Refusal = Refusal::Changed { what: Thing::Limit };

impl Limits<'_> {
    /// Sets a limit. One of the same measure and window on the same thing allows so much from now on, and keeps its count; a new
    /// one counts what calls use that begin from now on.
    ///
    /// # Errors
    /// [`Invalid::Limit`] for a limit that cannot be; [`Refusal::NotFound`]; [`Refusal::OwnersOnly`] for what is an owner's; the
    /// database's.
    pub async fn set(&self, admin: &Admin, origin: Origin<'_>, draft: LimitDraft) -> Result<Limit, Error> {
        self.set_as(Hand::Hub(admin), origin, draft, None).await
    }

    /// Removes a limit.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::OwnersOnly`] for what is an owner's; the database's.
    pub async fn remove(&self, admin: &Admin, origin: Origin<'_>, id: LimitId) -> Result<Limit, Error> {
        self.remove_as(Hand::Hub(admin), origin, id, None).await
    }

    /// The same for whoever may change these limits: admins of the hub, and those of keys as `domain::key::KeyStanding` has it. What
    /// somebody with more right has set is lowered, and neither raised nor removed.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else; [`Refusal::LimitByAdmin`]; [`Refusal::ByKey`] where a key would lift one of a key that
    /// manages, or one that it counts in itself; [`Refusal::TiedKey`] where one that is tied would lift any other; as [`Limits::set`].
    pub async fn set_by(&self, viewer: &Viewer, origin: Origin<'_>, draft: LimitDraft) -> Result<Limit, Error> {
        self.set_as(Hand::Person(viewer), origin, draft, None).await
    }

    /// The same for whoever may change these limits.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else; [`Refusal::LimitByAdmin`]; [`Refusal::ByKey`] as [`Limits::set_by`]; as
    /// [`Limits::remove`].
    pub async fn remove_by(&self, viewer: &Viewer, origin: Origin<'_>, id: LimitId) -> Result<Limit, Error> {
        self.remove_as(Hand::Person(viewer), origin, id, None).await
    }

    /// As [`Limits::set_by`] for somebody who has seen these limits, so that nothing which was changed since is undone unseen.
    ///
    /// # Errors
    /// [`Refusal::Changed`] when the one of this measure and window is another by now; as [`Limits::set_by`].
    pub async fn set_seen(
        &self,
        viewer: &Viewer,
        origin: Origin<'_>,
        draft: LimitDraft,
        seen: &[Limit],
    ) -> Result<Limit, Error> {
        self.set_as(Hand::Person(viewer), origin, draft, Some(seen)).await
    }

    /// As [`Limits::remove_by`] for somebody who has seen these limits.
    ///
    /// # Errors
    /// [`Refusal::Changed`] when it allows something else by now; as [`Limits::remove_by`].
    pub async fn remove_seen(
        &self,
        viewer: &Viewer,
        origin: Origin<'_>,
        id: LimitId,
        seen: &[Limit],
    ) -> Result<Limit, Error> {
        self.remove_as(Hand::Person(viewer), origin, id, Some(seen)).await
    }

    async fn set_as(
        &self,
        hand: Hand<'_>,
        origin: Origin<'_>,
        draft: LimitDraft,
        seen: Option<&[Limit]>,
    ) -> Result<Limit, Error> {
        let LimitDraft {
            subject,
            measure,
            window,
            most,
        } = draft;
        let limit = |id| Limit {
            id,
            subject,
            measure,
            window,
            most,
        };
        limit(LimitId::from_number(0)).check().map_err(Invalid::Limit)?;
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let standing = self.standing_in(hand, &mut change.tx, subject).await?;
        let right = standing.changes(subject)?;
        // Read with the change: what goes meanwhile would leave a limit behind that nobody takes along.
        let name = table::name_in(&mut change.tx, subject).await?;
        let name = name.ok_or_else(|| missing(subject))?;
        let before = table::alike(&mut change.tx, &limit(LimitId::from_number(0))).await?;
        if let Some(seen) = seen {
            let alike = |limit: &&Limit| (limit.measure, limit.window) == (measure, window);
            if seen.iter().find(alike) != before.as_ref().map(|(limit, _)| limit) {
                return Err(CHANGED.into());
            }
        }
        if before.is_some_and(|(before, _)| most > before.most) {
            standing.lifts(hand)?;
            self.key_lifts(hand, &mut change.tx, subject).await?;
        }
        let set_by = match before {
            Some((before, set_by)) if right.most < set_by => {
                if most > before.most {
                    return Err(Refusal::LimitByAdmin.into());
                }
                set_by
            }
            // Who tightens what somebody else has set, or sets the same, does not make it theirs to loosen.
            Some((before, set_by)) if most <= before.most => set_by.max(right.by),
            _ => right.by,
        };
        let id = before.map_or_else(|| LimitId::from_number(change.next_id()), |(limit, _)| limit.id);
        let limit = limit(id);
        table::put(&mut change.tx, &limit, set_by, change.at).await?;
        let told = Told {
            action: if before.is_some() {
                "limit.change"
            } else {
                "limit.create"
            },
            id: subject.to_string(),
            name: &name,
        };
        let before = before.map(|(limit, _)| in_words(&limit));
        change.audit(told, before.as_ref(), Some(&in_words(&limit))).await?;
        self.0.finish(change).await?;
        Ok(limit)
    }

    async fn remove_as(
        &self,
        hand: Hand<'_>,
        origin: Origin<'_>,
        id: LimitId,
        seen: Option<&[Limit]>,
    ) -> Result<Limit, Error> {
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let (limit, set_by) = table::get(&mut change.tx, id).await?.ok_or(MISSING)?;
        let standing = self.standing_in(hand, &mut change.tx, limit.subject).await?;
        // Whoever does not see what it is on is not told that there is a limit.
        standing.sees(limit.subject).map_err(|_| MISSING)?;
        if standing.changes(limit.subject)?.most < set_by {
            return Err(Refusal::LimitByAdmin.into());
        }
        standing.lifts(hand)?;
        self.key_lifts(hand, &mut change.tx, limit.subject).await?;
        if seen.is_some_and(|seen| !seen.contains(&limit)) {
            return Err(CHANGED.into());
        }
        // What it was on may be gone by now.
        let name = table::name_in(&mut change.tx, limit.subject).await?;
        let name = name.unwrap_or_else(|| limit.subject.to_string());
        table::remove(&mut change.tx, id).await?;
        let told = Told {
            action: "limit.remove",
            id: limit.subject.to_string(),
            name: &name,
        };
        change.audit::<_, ()>(told, Some(&in_words(&limit)), None).await?;
        self.0.finish(change).await?;
        Ok(limit)
    }
}

impl Limits<'_> {
    /// Takes the limits along of what goes for good, within its change, and gives them as the list of changes has them: with what each is
    /// on. To be called before it goes.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn take_along(tx: &mut Tx, subject: Subject) -> Result<Vec<serde_json::Value>, Error> {
        let mut told = Vec::new();
        for limit in table::take_along(tx, subject).await? {
            let name = table::name_in(tx, limit.subject).await?;
            let mut words = in_words(&limit);
            words["on"] = name.unwrap_or_else(|| limit.subject.to_string()).into();
            told.push(words);
        }
        Ok(told)
    }
}

/// A limit as the list of changes has it.
fn in_words(limit: &Limit) -> serde_json::Value {
    json!({ "limit": limit.words(), "rolling": matches!(limit.window, Window::Rolling(_)), "most": limit.told(limit.most) })
}
