//! What the address of the list says: range, filters, place in the list, open call. Whatever makes no sense counts as absent.

use domain::{
    call::{CallFilter, CallState, Endpoint},
    id::{CallId, KeyId, ProviderId, UserId},
    page::{Cursor, PageSize},
    time::{Micros, Timestamp},
};
use jiff::{civil::DateTime, tz::TimeZone};

use crate::form::Query;

/// The values that stay when one of them changes. The place in the list is not among them.
pub const KEPT: [&str; 10] = [
    "range", "from", "until", "state", "endpoint", "model", "provider", "user", "key", "size",
];

/// The word for a range by `from` and `until`.
pub const CUSTOM: &str = "custom";

/// How far back the list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// An hour.
    Hour,
    /// A day: what is shown when nothing is said.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
    /// Everything.
    All,
}

impl Range {
    /// Every range, the shortest first.
    pub const EACH: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::All];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::All => "all",
        }
    }

    const fn span(self) -> Option<Micros> {
        match self {
            Self::Hour => Some(Micros::from_seconds(3600)),
            Self::Day => Some(Micros::from_days(1)),
            Self::Week => Some(Micros::from_days(7)),
            Self::Month => Some(Micros::from_days(30)),
            Self::All => None,
        }
    }
}

/// The address of the list, understood.
#[derive(Clone, Debug)]
pub struct Filters {
    /// How far back, unless `from` or `until` say.
    pub range: Range,
    /// `from` and `until` count instead of the range, and their fields are shown.
    pub custom: bool,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Only in this state.
    pub state: Option<CallState>,
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
        let range = query
            .get("range")
            .and_then(|word| Range::EACH.into_iter().find(|range| range.word() == word));
        let cursor = match (query.parsed::<i64>("before"), query.parsed::<i64>("after")) {
            (Some(id), _) => Cursor::Before(id),
            (None, Some(id)) => Cursor::After(id),
            (None, None) => Cursor::Newest,
        };
        let [from, until] = ["from", "until"].map(|name| query.get(name).and_then(|text| moment(&text)));
        Self {
            range: range.unwrap_or(Range::Day),
            custom: query.get("range").as_deref() == Some(CUSTOM) || from.is_some() || until.is_some(),
            from,
            until,
            state: query.get("state").and_then(|word| CallState::parse(&word)),
            endpoint: query.get("endpoint").and_then(|word| Endpoint::parse(&word)),
            model: query.get("model").map(|text| text.chars().take(200).collect()),
            provider: query.parsed("provider"),
            user: query.get("user").map(|text| text.chars().take(254).collect()),
            key: query.parsed("key"),
            size: query.parsed("size").map(PageSize::nearest).unwrap_or_default(),
            cursor,
            open: query.parsed("open"),
        }
    }

    /// The word for the present range in addresses.
    pub const fn range_word(&self) -> &'static str {
        if self.custom { CUSTOM } else { self.range.word() }
    }

    /// Something other than time narrows the list.
    pub const fn narrows(&self) -> bool {
        self.state.is_some()
            || self.endpoint.is_some()
            || self.model.is_some()
            || self.provider.is_some()
            || self.user.is_some()
            || self.key.is_some()
    }

    /// What the engine is asked for. `user` is who has the typed address.
    pub fn resolve(&self, user: Option<UserId>, now: Timestamp) -> CallFilter {
        let since = self.range.span().map(|span| now.plus(Micros(-span.0)));
        CallFilter {
            user,
            key: self.key,
            provider: self.provider,
            state: self.state,
            endpoint: self.endpoint,
            model: self.model.clone(),
            from: if self.custom { self.from } else { since },
            until: self.until,
        }
    }
}

/// Reads `2026-11-23T14:02`, as date fields send it, in UTC; a date alone is its midnight.
fn moment(text: &str) -> Option<Timestamp> {
    let local: DateTime = text.parse().ok()?;
    let zoned = local.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp(zoned.timestamp().as_microsecond()))
}

/// Writes a moment as date fields read it.
pub fn field_value(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.microseconds())
        .map(|moment| moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_fields_are_read_as_they_are_written() {
        let at = moment("2026-11-23T14:02").expect("a moment");
        assert_eq!(at, Timestamp(1_795_442_520_000_000));
        assert_eq!(field_value(at), "2026-11-23T14:02");
        assert_eq!(moment("2026-11-23"), Some(Timestamp(1_795_392_000_000_000)));
        for wrong in ["", "yesterday", "2026-13-01T00:00", "9999999-01-01"] {
            assert_eq!(moment(wrong), None, "{wrong:?}");
        }
    }
}
