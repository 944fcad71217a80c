//! Limits on keys, projects, people, models and providers: seen with their state, set, removed. Which apply to a call the
//! snapshot knows (`snapshot::limits`), what a call takes of them is decided by `ledger`, in the same step as its hold.
//!
//! How a limit stands is read from the database, so that the command line sees the same as the console: what was used, and what
//! the calls that run have reserved, which stands in their rows.

mod change;
mod claim;
mod known;
mod standing;

use domain::{
    access::{Reader, Viewer},
    id::LimitId,
    limit::{Bucket, Counters, Limit, Measure, Ruled as _, Standing, Subject, SubjectKind, Window, standing},
    refusal::{Refusal, Thing},
    time::Timestamp,
};

pub(crate) use claim::{Applying, Claim, Had};
pub use known::KnownLimit;

use crate::{Error, Inner, call::Caller, keys::Hand, store::limits as table};

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
        let mut tx = self.0.store.begin_read().await?;
        let name = table::name_in(&mut tx, subject).await?;
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

/// A moment as `2027-01-31T12:00:00Z`.
pub(crate) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.microseconds())
        .unwrap_or_default()
        .to_string()
}
