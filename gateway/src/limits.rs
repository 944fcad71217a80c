//! Limits on keys, projects, people, models and providers: seen with their state, set, removed. Which apply to a call the
//! snapshot knows (`snapshot::limits`), what a call takes of them is decided by `ledger`, in the same step as its hold.
//!
//! How a limit stands is read from the database, so that the command line sees the same as the console: what was used, and what
//! the calls that run have reserved, which stands in their rows.

mod claim;
mod known;
mod standing;

use domain::{
    access::{Admin, Reader, Viewer},
    id::LimitId,
    limit::{Bucket, Counters, Limit, Measure, Ruled as _, Standing, Subject, SubjectKind, Window, standing},
    refusal::{Invalid, Refusal, Thing},
    time::Timestamp,
};
use serde_json::json;

pub(crate) use claim::{Applying, Claim, Had};
pub use known::KnownLimit;

use crate::{
    Error, Inner, Origin,
    call::Caller,
    keys::Hand,
    store::{change::Subject as Told, limits as table},
};

/// Use-cases about limits.
pub struct Limits<'a>(pub(crate) &'a Inner);

/// What a limit is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitDraft {
    /// What it is on.
    pub subject: Subject,
    /// What it counts.
    pub measure: Measure,
    /// Within which time.
    pub window: Window,
    /// So much, in the unit of its measure.
    pub most: i64,
}

/// The limits of one thing.
#[derive(Clone, Debug)]
pub struct LimitsOf {
    /// The thing.
    pub subject: Subject,
    /// What people call it.
    pub name: String,
    /// Its limits as they stand, in the order in which they were made.
    pub standings: Vec<Standing>,
    /// Whoever asked may change them.
    pub changeable: bool,
    /// Those of them that somebody with more right has set: whoever asked may only lower them.
    pub held: Vec<LimitId>,
}

impl Limits<'_> {
    /// The limits of something, for whoever may see it: one's own keys, those of one's projects, one's projects and oneself; people's
    /// for those who read what concerns money; everything for those who read everything.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what there is not, and for what is of others; the database's.
    pub async fn of(&self, viewer: &Viewer, subject: Subject) -> Result<LimitsOf, Error> {
        let mut tx = self.0.store.begin_read().await?;
        let standing = self.standing_in(Hand::Person(viewer), &mut tx, subject).await?;
        standing.sees(subject)?;
        let rights = table::rights_of(&mut tx, subject).await?;
        drop(tx);
        let right = standing.changes(subject);
        let held = rights
            .into_iter()
            .filter(|(_, set_by)| right.as_ref().is_ok_and(|right| right.most < *set_by));
        Ok(LimitsOf {
            changeable: right.is_ok(),
            held: held.map(|(id, _)| id).collect(),
            ..self.read(subject).await?
        })
    }

    /// The limits of something, for those who read everything.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn of_any(&self, _: &Reader, subject: Subject) -> Result<LimitsOf, Error> {
        self.read(subject).await
    }

    /// The limits of a key and of those by which it was made, of the person whose it is and of its project, as whoever holds the key may know
    /// them. Those of the people and projects of the keys by which it was made are made of the calls of others.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_caller(&self, caller: Caller) -> Result<Vec<Standing>, Error> {
        let snapshot = self.0.snapshot.load();
        let mut standings = Vec::new();
        let subjects = snapshot.limits().subjects(caller).into_iter();
        for subject in subjects.filter(|subject| caller.may_know(*subject)) {
            standings.extend(self.standings(subject).await?);
        }
        Ok(standings)
    }

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
    /// manages, or one that it counts in itself; [`Refusal::TiedKey`] where one that is tied would lift one of a model or a provider; as [`Limits::set`].
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
        let name = table::name_of(&self.0.store, subject).await?;
        let actor = hand.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let standing = self.standing_in(hand, &mut change.tx, subject).await?;
        let right = standing.changes(subject)?;
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
            self.frees_itself(hand, &mut change.tx, subject).await?;
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
        let mut tx = self.0.store.begin_read().await?;
        let (known, _) = table::get(&mut tx, id).await?.ok_or(MISSING)?;
        drop(tx);
        // What it was on may be gone by now.
        let name = table::name_of(&self.0.store, known.subject).await?;
        let name = name.unwrap_or_else(|| known.subject.to_string());
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
        self.frees_itself(hand, &mut change.tx, limit.subject).await?;
        if seen.is_some_and(|seen| !seen.contains(&limit)) {
            return Err(CHANGED.into());
        }
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

    async fn read(&self, subject: Subject) -> Result<LimitsOf, Error> {
        Ok(LimitsOf {
            subject,
            name: self.name_of(subject).await?,
            standings: self.standings(subject).await?,
            changeable: false,
            held: Vec::new(),
        })
    }

    async fn name_of(&self, subject: Subject) -> Result<String, Error> {
        let name = table::name_of(&self.0.store, subject).await?;
        Ok(name.ok_or_else(|| missing(subject))?)
    }

    /// How the limits of something stand at this moment.
    async fn standings(&self, subject: Subject) -> Result<Vec<Standing>, Error> {
        let limits = table::of_subject(&self.0.store, subject).await?;
        if limits.is_empty() {
            return Ok(Vec::new());
        }
        let mut counters = Counters::default();
        for limit in &limits {
            table::counts_of(&self.0.store, &mut counters, limit.id).await?;
        }
        for taking in table::open(&self.0.store).await? {
            let counts = Bucket {
                used: 0,
                reserved: taking.reserved,
            };
            counters.of(taking.limit).load(taking.bucket, counts);
        }
        let (snapshot, now) = (self.0.snapshot.load(), self.0.clock.now());
        let stands = |limit: &Limit| match snapshot.limits().get(limit.id).filter(|known| known.limit() == limit) {
            Some(known) => standing(&**known, &counters, now),
            // Made by somebody else a moment ago.
            None => standing(&KnownLimit::new(*limit, "UTC"), &counters, now),
        };
        Ok(limits.iter().map(stands).collect())
    }
}

const MISSING: Refusal = Refusal::NotFound { what: Thing::Limit };
const CHANGED: Refusal = Refusal::Changed { what: Thing::Limit };

fn missing(subject: Subject) -> Refusal {
    let what = match subject.kind {
        SubjectKind::Key => Thing::Key,
        SubjectKind::User => Thing::User,
        SubjectKind::Model => Thing::Model,
        SubjectKind::Provider => Thing::Provider,
        SubjectKind::Project => Thing::Project,
    };
    Refusal::NotFound { what }
}

/// A limit as the list of changes has it.
fn in_words(limit: &Limit) -> serde_json::Value {
    json!({ "limit": limit.words(), "rolling": matches!(limit.window, Window::Rolling(_)), "most": limit.told(limit.most) })
}

/// A moment as `2027-01-31T12:00:00Z`.
pub(crate) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.microseconds())
        .unwrap_or_default()
        .to_string()
}
