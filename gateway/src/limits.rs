//! Limits on keys, projects, people, models and providers: seen with their state, set, removed. Which apply to a call the
//! snapshot knows (`snapshot::limits`), what a call takes of them is decided by `ledger`, in the same step as its hold.
//!
//! How a limit stands is read from the database, so that the command line sees the same as the console: what was used, and what
//! the calls that run have reserved, which stands in their rows.

mod claim;
mod known;

use domain::{
    access::{Actor, Admin, Owner, Reader, Role, Viewer},
    id::{KeyId, LimitId, ProjectId, UserId},
    limit::{Bucket, Counters, Limit, Measure, Ruled as _, Standing, Subject, SubjectKind, Window, standing},
    project::InProject,
    refusal::{Invalid, Refusal, Thing},
    time::Timestamp,
};
use serde_json::json;

pub(crate) use claim::{Applying, Claim, Had};
pub use known::KnownLimit;

use crate::{
    Error, Inner, Origin, Projects,
    call::Caller,
    keys::is_for_owners,
    store::{self, change::Subject as Told, limits as table},
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
}

impl Limits<'_> {
    /// The limits of something, for whoever may see it: one's own keys and oneself; people's for those who read what concerns
    /// money; everything for those who read everything.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what there is not, and for what is of others; the database's.
    pub async fn of(&self, viewer: &Viewer, subject: Subject) -> Result<LimitsOf, Error> {
        let reads = match subject.kind {
            SubjectKind::User => viewer.money_reader().is_ok(),
            SubjectKind::Key | SubjectKind::Project | SubjectKind::Model | SubjectKind::Provider => {
                viewer.reader().is_ok()
            }
        };
        if !reads && !self.is_own(viewer, subject).await? {
            return Err(missing(subject).into());
        }
        let mut limits = self.read(subject).await?;
        limits.changeable = self.may_change(viewer, subject).await.is_ok()
            && self.only_owners_for(subject, || viewer.owner()).await.is_ok();
        Ok(limits)
    }

    /// The limits of something, for those who read everything.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn of_any(&self, _: &Reader, subject: Subject) -> Result<LimitsOf, Error> {
        self.read(subject).await
    }

    /// The limits of a key, of the person whose it is and of its project, as whoever holds the key may know them.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_caller(&self, caller: Caller) -> Result<Vec<Standing>, Error> {
        let subjects = [
            caller.key.map(Subject::from),
            Some(caller.project.into()),
            Some(caller.user.into()),
        ];
        let mut standings = Vec::new();
        for subject in subjects.into_iter().flatten() {
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
        self.only_owners_for(draft.subject, || admin.owner()).await?;
        self.set_as(admin.actor(), origin, draft).await
    }

    /// Removes a limit.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::OwnersOnly`] for what is an owner's; the database's.
    pub async fn remove(&self, admin: &Admin, origin: Origin<'_>, id: LimitId) -> Result<Limit, Error> {
        let limit = table::get(&self.0.store, id).await?.ok_or(MISSING)?;
        self.only_owners_for(limit.subject, || admin.owner()).await?;
        self.remove_as(admin.actor(), origin, id).await
    }

    /// The same for whoever may change these limits: admins of the hub, and those of a project for its keys.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else; as [`Limits::set`].
    pub async fn set_by(&self, viewer: &Viewer, origin: Origin<'_>, draft: LimitDraft) -> Result<Limit, Error> {
        self.may_change(viewer, draft.subject).await?;
        self.only_owners_for(draft.subject, || viewer.owner()).await?;
        self.set_as(&viewer.actor(), origin, draft).await
    }

    /// The same for whoever may change these limits.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for everybody else; as [`Limits::remove`].
    pub async fn remove_by(&self, viewer: &Viewer, origin: Origin<'_>, id: LimitId) -> Result<Limit, Error> {
        let limit = table::get(&self.0.store, id).await?.ok_or(MISSING)?;
        self.may_change(viewer, limit.subject).await?;
        self.only_owners_for(limit.subject, || viewer.owner()).await?;
        self.remove_as(&viewer.actor(), origin, id).await
    }

    /// Admins of the hub change all of them, those of a shared project the limits of its keys. A person's own keys are bound by
    /// others, or they would be bound by nobody. What somebody may not see is not there.
    async fn may_change(&self, viewer: &Viewer, subject: Subject) -> Result<(), Error> {
        if viewer.admin().is_ok() {
            return Ok(());
        }
        if subject.kind != SubjectKind::Key {
            return Err(Refusal::NotAllowed.into());
        }
        let project = self.project_of_key(subject).await?.ok_or_else(|| missing(subject))?;
        let standing = Projects(self.0).standing(viewer, project).await?;
        if !standing.may(InProject::SeeKeys) {
            return Err(missing(subject).into());
        }
        if standing.project().is_personal() || !standing.may(InProject::Manage) {
            return Err(Refusal::NotAllowed.into());
        }
        Ok(())
    }

    /// The project of a key; none of what is no key.
    async fn project_of_key(&self, subject: Subject) -> Result<Option<ProjectId>, Error> {
        if subject.kind != SubjectKind::Key {
            return Ok(None);
        }
        let key = store::keys::get(&self.0.store, KeyId::from_number(subject.number)).await?;
        Ok(key.map(|key| key.project_id))
    }

    /// What limits an owner, a key of theirs or what is theirs alone, is for owners.
    async fn only_owners_for(
        &self,
        subject: Subject,
        owner: impl FnOnce() -> Result<Owner, Refusal>,
    ) -> Result<(), Error> {
        let of_owner = match subject.kind {
            // A personal project has the number of its person, and no other has that of one.
            SubjectKind::User | SubjectKind::Project => {
                self.role_of(UserId::from_number(subject.number)).await? == Some(Role::Owner)
            }
            SubjectKind::Key => match store::keys::get(&self.0.store, KeyId::from_number(subject.number)).await? {
                Some(key) => is_for_owners(&key, self.role_of(key.user_id).await?),
                None => false,
            },
            SubjectKind::Model | SubjectKind::Provider => false,
        };
        if of_owner {
            owner()?;
        }
        Ok(())
    }

    async fn role_of(&self, person: UserId) -> Result<Option<Role>, Error> {
        let found = store::people::get(&self.0.store, person).await?;
        Ok(found.map(|user| user.role))
    }

    async fn set_as(&self, actor: &Actor, origin: Origin<'_>, draft: LimitDraft) -> Result<Limit, Error> {
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
        let name = self.name_of(subject).await?;
        let mut change = self.0.change(actor, origin).await?;
        let before = table::alike(&mut change.tx, &limit(LimitId::from_number(0))).await?;
        let id = before.map_or_else(|| LimitId::from_number(change.next_id()), |limit| limit.id);
        let limit = limit(id);
        table::put(&mut change.tx, &limit, change.at).await?;
        let told = Told {
            action: if before.is_some() {
                "limit.change"
            } else {
                "limit.create"
            },
            id: subject.to_string(),
            name: &name,
        };
        let before = before.as_ref().map(in_words);
        change.audit(told, before.as_ref(), Some(&in_words(&limit))).await?;
        self.0.finish(change).await?;
        Ok(limit)
    }

    async fn remove_as(&self, actor: &Actor, origin: Origin<'_>, id: LimitId) -> Result<Limit, Error> {
        let limit = table::get(&self.0.store, id).await?.ok_or(MISSING)?;
        // What it was on may be gone by now.
        let name = table::name_of(&self.0.store, limit.subject).await?;
        let name = name.unwrap_or_else(|| limit.subject.to_string());
        let mut change = self.0.change(actor, origin).await?;
        if table::remove(&mut change.tx, id).await? > 0 {
            let told = Told {
                action: "limit.remove",
                id: limit.subject.to_string(),
                name: &name,
            };
            change.audit::<_, ()>(told, Some(&in_words(&limit)), None).await?;
        }
        self.0.finish(change).await?;
        Ok(limit)
    }

    async fn read(&self, subject: Subject) -> Result<LimitsOf, Error> {
        Ok(LimitsOf {
            subject,
            name: self.name_of(subject).await?,
            standings: self.standings(subject).await?,
            changeable: false,
        })
    }

    async fn name_of(&self, subject: Subject) -> Result<String, Error> {
        let name = table::name_of(&self.0.store, subject).await?;
        Ok(name.ok_or_else(|| missing(subject))?)
    }

    /// Whether it is the viewer, a project that they may see, or a key that they may see in one.
    async fn is_own(&self, viewer: &Viewer, subject: Subject) -> Result<bool, Error> {
        let (project, what) = match subject.kind {
            SubjectKind::User => return Ok(UserId::from_number(subject.number) == viewer.id),
            SubjectKind::Project => (Some(ProjectId::from_number(subject.number)), InProject::See),
            SubjectKind::Key => (self.project_of_key(subject).await?, InProject::SeeKeys),
            SubjectKind::Model | SubjectKind::Provider => return Ok(false),
        };
        match project {
            Some(project) => match Projects(self.0).standing(viewer, project).await {
                Ok(standing) => Ok(standing.may(what)),
                Err(Error::Refused(_)) => Ok(false),
                Err(error) => Err(error),
            },
            None => Ok(false),
        }
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
