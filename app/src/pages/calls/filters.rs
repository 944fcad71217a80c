//! What the address of the list says: period, filters, place in the list, open call. Whatever makes no sense counts as absent.

use domain::{
    call::{CallFilter, CallState, Concern, Endpoint},
    id::{CallId, KeyId, ProjectId, ProviderId, UserId},
    page::{Cursor, PageSize},
    time::Timestamp,
};

use crate::form::{
    Query,
    period::{Period, Range},
};

/// The values that stay when one of them changes. The place in the list is not among them.
pub const KEPT: [&str; 12] = [
    "range", "from", "until", "state", "concern", "endpoint", "model", "provider", "user", "key", "project", "size",
];

/// Everything that the address may hold.
pub const KNOWN: [&str; 15] = [
    "range", "from", "until", "state", "concern", "endpoint", "model", "provider", "user", "key", "project", "size",
    "before", "after", "open",
];

/// Whether a value of this name can be understood.
pub fn means(name: &str, value: &str) -> bool {
    match name {
        "range" | "from" | "until" => Period::means(name, value),
        "state" => CallState::parse(value).is_some(),
        "concern" => Concern::parse(value).is_some(),
        "endpoint" => Endpoint::parse(value).is_some(),
        "provider" => value.parse::<ProviderId>().is_ok(),
        "key" => value.parse::<KeyId>().is_ok(),
        "project" => value.parse::<ProjectId>().is_ok(),
        "open" => value.parse::<CallId>().is_ok(),
        "size" => value.parse::<u32>().is_ok(),
        "before" | "after" => value.parse::<i64>().is_ok(),
        _ => true,
    }
}

/// The address of the list, understood.
#[derive(Clone, Debug)]
pub struct Filters {
    /// How far back.
    pub period: Period,
    /// Only in this state.
    pub state: Option<CallState>,
    /// Only what should be looked at for this reason.
    pub concern: Option<Concern>,
    /// Only this endpoint.
    pub endpoint: Option<Endpoint>,
    /// Part of a model's name.
    pub model: Option<String>,
    /// Only this provider's.
    pub provider: Option<ProviderId>,
    /// A person's address as typed.
    pub user: Option<String>,
    /// Only this key's.
    pub key: Option<KeyId>,
    /// Only this project's.
    pub project: Option<ProjectId>,
    /// Rows on a page.
    pub size: PageSize,
    /// Where the page begins.
    pub cursor: Cursor,
    /// The call beside the list.
    pub open: Option<CallId>,
}

impl Filters {
    /// Reads the present address.
    pub fn read(query: &Query) -> Self {
        let cursor = match (query.parsed::<i64>("before"), query.parsed::<i64>("after")) {
            (Some(id), _) => Cursor::Before(id),
            (None, Some(id)) => Cursor::After(id),
            (None, None) => Cursor::Newest,
        };
        Self {
            period: Period::read(query, Range::Day),
            state: query.get("state").and_then(|word| CallState::parse(&word)),
            concern: query.get("concern").and_then(|word| Concern::parse(&word)),
            endpoint: query.get("endpoint").and_then(|word| Endpoint::parse(&word)),
            model: query.get("model").map(|text| text.chars().take(200).collect()),
            provider: query.parsed("provider"),
            user: query.get("user").map(|text| text.chars().take(254).collect()),
            key: query.parsed("key"),
            project: query.parsed("project"),
            size: query.parsed("size").map(PageSize::nearest).unwrap_or_default(),
            cursor,
            open: query.parsed("open"),
        }
    }

    /// Something other than time narrows the list.
    pub const fn narrows(&self) -> bool {
        self.state.is_some()
            || self.concern.is_some()
            || self.endpoint.is_some()
            || self.model.is_some()
            || self.provider.is_some()
            || self.user.is_some()
            || self.key.is_some()
            || self.project.is_some()
    }

    /// One of the filters that are folded away counts.
    pub const fn narrows_further(&self) -> bool {
        self.endpoint.is_some()
            || self.provider.is_some()
            || self.key.is_some()
            || self.project.is_some()
            || self.concern.is_some()
    }

    /// What the engine is asked for. `user` is who has the typed address.
    pub fn resolve(&self, user: Option<UserId>, now: Timestamp) -> CallFilter {
        let (from, until) = self.period.bounds(now);
        CallFilter {
            user,
            key: self.key,
            project: self.project,
            provider: self.provider,
            state: self.state,
            endpoint: self.endpoint,
            concern: self.concern,
            model: self.model.clone(),
            from,
            until,
        }
    }
}
