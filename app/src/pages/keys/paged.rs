//! The keys of a project or a person as a panel of their page: a page of them by keyset, and the way to the others.

use domain::{
    key::{ApiKey, KeyFilter},
    page::{Cursor, Page as Rows, PageSize},
};
use gateway::KeyListing;
use leptos::prelude::*;

use crate::{
    components::{Pager, format},
    error::AppError,
    form::Query,
    text::{Language, use_language},
};

/// Matches beyond this are not counted.
const CAP: i64 = 10_000;

/// A page of keys.
pub struct Paged {
    found: Rows<ApiKey>,
    matching: i64,
}

/// The place in a list that an address names as `before` or `after`.
pub fn place(query: &Query) -> Cursor {
    match (query.parsed("before"), query.parsed("after")) {
        (Some(before), _) => Cursor::Before(before),
        (None, Some(after)) => Cursor::After(after),
        (None, None) => Cursor::Newest,
    }
}

impl Paged {
    /// The page of a list that the address names.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(listing: KeyListing<'_>, query: &Query) -> Result<Self, AppError> {
        Self::narrowed(listing, &KeyFilter::default(), query).await
    }

    /// The same of those that match.
    ///
    /// # Errors
    /// The database's.
    pub async fn narrowed(listing: KeyListing<'_>, filter: &KeyFilter, query: &Query) -> Result<Self, AppError> {
        Ok(Self {
            found: listing.page(filter, place(query), PageSize::default()).await?,
            matching: listing.count(filter, CAP).await?,
        })
    }

    /// The keys, newest first.
    pub fn rows(&self) -> &[ApiKey] {
        &self.found.rows
    }

    /// The same for good.
    pub fn into_rows(self) -> impl Iterator<Item = ApiKey> {
        self.found.rows.into_iter()
    }

    /// How many match.
    pub const fn matching(&self) -> i64 {
        self.matching
    }

    /// The ways to newer and to older keys, on the page at `path`; nothing where all are shown.
    pub fn foot(&self, path: &str) -> Option<AnyView> {
        self.turned(|name, id| format!("{path}?{name}={id}#keys"))
    }

    /// The same, at the addresses that this makes of the value's name and the value.
    pub fn turned(&self, address: impl Fn(&str, &str) -> String) -> Option<AnyView> {
        let at = |name: &str, id: Option<&String>| id.map(|id| address(name, id));
        let (newer, older) = (
            at("after", self.found.newer.as_ref()),
            at("before", self.found.older.as_ref()),
        );
        let more = newer.is_some() || older.is_some();
        more.then(|| view! { <Pager newer=newer older=older note=self.note() /> }.into_any())
    }

    /// How many are shown of how many.
    pub fn note(&self) -> String {
        let more = if self.matching >= CAP { "+" } else { "" };
        let all = format!("{}{more}", format::count(self.matching.unsigned_abs()));
        match use_language() {
            Language::En => format!("{} of {all}", self.found.rows.len()),
            Language::Zh => format!("共 {all} 个，本页 {} 个", self.found.rows.len()),
        }
    }
}
