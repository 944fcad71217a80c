//! Lists of API keys a page at a time: one's own, those of a project, everybody's. Whoever may see one gets a [`KeyListing`], which is asked for pages and
//! never gives a key outside its bounds, whatever else the filter says.

use domain::{
    access::{Reader, Viewer},
    id::{ProjectId, UserId},
    key::{ApiKey, KeyFilter, KeyState},
    page::{Cursor, Page, PageSize},
    project::InProject,
};

use super::Keys;
use crate::{Error, Inner, Projects, call_log::page_of, store::keys as table};

/// Keys that somebody may list, newest first.
pub struct KeyListing<'a> {
    inner: &'a Inner,
    bounds: KeyFilter,
}

impl<'a> Keys<'a> {
    /// One's own keys.
    #[must_use]
    pub fn own(&self, viewer: &Viewer) -> KeyListing<'a> {
        self.listing(KeyFilter {
            user: Some(viewer.id),
            ..KeyFilter::default()
        })
    }

    /// Somebody's keys.
    #[must_use]
    pub fn of_person(&self, _: &Reader, user: UserId) -> KeyListing<'a> {
        self.listing(KeyFilter {
            user: Some(user),
            ..KeyFilter::default()
        })
    }

    /// Everybody's keys.
    #[must_use]
    pub fn everybodys(&self, _: &Reader) -> KeyListing<'a> {
        self.listing(KeyFilter::default())
    }

    /// The keys of a project, for whoever is in it or reads everything.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::NotFound`]; the database's.
    pub async fn of_project(&self, viewer: &Viewer, project: ProjectId) -> Result<KeyListing<'a>, Error> {
        let standing = Projects(self.0).standing(viewer, project).await?;
        standing.has(InProject::SeeKeys)?;
        Ok(self.listing(KeyFilter {
            project: Some(project),
            ..KeyFilter::default()
        }))
    }

    const fn listing(&self, bounds: KeyFilter) -> KeyListing<'a> {
        KeyListing { inner: self.0, bounds }
    }
}

impl KeyListing<'_> {
    /// One page of those that match.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(&self, filter: &KeyFilter, cursor: Cursor, size: PageSize) -> Result<Page<ApiKey>, Error> {
        let Some(filter) = filter.within(&self.bounds) else {
            return Ok(page_of(Vec::new(), cursor, size, |key: &ApiKey| key.id.number()));
        };
        let rows = table::page(&self.inner.store, (&filter, self.inner.clock.now()), cursor, size).await?;
        Ok(page_of(rows, cursor, size, |key| key.id.number()))
    }

    /// How many match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(&self, filter: &KeyFilter, cap: i64) -> Result<i64, Error> {
        match filter.within(&self.bounds) {
            Some(filter) => Ok(table::count(&self.inner.store, (&filter, self.inner.clock.now()), cap).await?),
            None => Ok(0),
        }
    }

    /// How many there are that were not revoked.
    ///
    /// # Errors
    /// The database's.
    pub async fn unrevoked(&self) -> Result<i64, Error> {
        let revoked = KeyFilter {
            state: Some(KeyState::Revoked),
            ..KeyFilter::default()
        };
        let all = self.count(&KeyFilter::default(), i64::MAX).await?;
        Ok(all - self.count(&revoked, i64::MAX).await?)
    }

    /// Whether there is any.
    ///
    /// # Errors
    /// The database's.
    pub async fn any(&self) -> Result<bool, Error> {
        Ok(self.count(&KeyFilter::default(), 1).await? > 0)
    }
}
