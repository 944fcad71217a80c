//! Sessions of the console: the cookie, and where tower-sessions keeps what belongs to it.
//!
//! The cookie holds a random token; `gateway` stores its HMAC and seals the rest. A session that was ended elsewhere is
//! never brought back by a request that was still under way.

use std::collections::HashMap;

use async_trait::async_trait;
use axum::response::Response;
use domain::{
    id::{SessionId, UserId},
    time::Timestamp,
};
use gateway::{Gateway, Secured, StoredSession};
use http::{HeaderValue, header};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The session of somebody who is signed in ends after this long without use.
pub const SIGNED_IN: Expiry = Expiry::OnInactivity(Duration::days(14));
/// That of a visitor, which carries a message from one page to the next: anybody can make any number of them.
pub const VISITING: Expiry = Expiry::OnInactivity(Duration::minutes(30));

/// What the record holds beside the pages' own values.
pub mod key {
    /// The signed-in person.
    pub const USER: &str = "user";
    /// How often their account had been secured when they signed in.
    pub const SECURED: &str = "secured";
    /// The session's public id, set when it was loaded.
    pub const ID: &str = "id";
    /// The address it was last used from.
    pub const ADDRESS: &str = "address";
    /// The browser's description.
    pub const AGENT: &str = "agent";
    /// When it was last written, in seconds since 1970.
    pub const SEEN: &str = "seen";
    /// As whom an admin looks at the console.
    pub const VIEW: &str = "view_as";
    /// The message for the next page.
    pub const FLASH: &str = "flash";
    /// Where the person's session at their identity provider ends.
    pub const PROVIDER_SIGN_OUT: &str = "provider_sign_out";
}

/// The name of the cookie. The prefix makes browsers insist on TLS, on our host alone, and on the path `/`.
#[must_use]
pub const fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-hub_session" } else { "hub_session" }
}

/// The layer that reads and writes the cookie.
#[must_use]
pub fn layer(gateway: Gateway, https: bool) -> SessionManagerLayer<Store> {
    SessionManagerLayer::new(Store::new(gateway))
        .with_name(cookie_name(https))
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(https)
        .with_path("/")
        .with_expiry(VISITING)
}

/// Completes the line that removes the cookie. Browsers ignore a `__Host-` cookie that does not say `Secure`, even one that
/// is only removed; and no line of ours is left open to scripts and other sites.
pub async fn complete_cookies(mut response: Response) -> Response {
    let http::header::Entry::Occupied(mut lines) = response.headers_mut().entry(header::SET_COOKIE) else {
        return response;
    };
    for line in lines.iter_mut() {
        let complete = line.to_str().ok().and_then(completed);
        if let Some(complete) = complete.and_then(|text| HeaderValue::try_from(text).ok()) {
            *line = complete;
        }
    }
    response
}

/// The line with all that a session's cookie must say; `None` for other cookies.
fn completed(line: &str) -> Option<String> {
    let https = [true, false].into_iter().find(|https| {
        line.strip_prefix(cookie_name(*https))
            .is_some_and(|rest| rest.starts_with('='))
    })?;
    let mut line = line.to_owned();
    for part in ["; HttpOnly", "; SameSite=Lax", "; Secure"] {
        if (https || part != "; Secure") && !line.contains(part) {
            line.push_str(part);
        }
    }
    Some(line)
}

/// Keeps records in the hub's database.
#[derive(Clone)]
pub struct Store(Gateway);

impl Store {
    /// Keeps records in the database of this hub.
    #[must_use]
    pub const fn new(gateway: Gateway) -> Self {
        Self(gateway)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Store")
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // A second token that is taken would need 2^64 sessions; the loop ends at once.
        while !self
            .0
            .sessions()
            .create(&token(record.id), &stored(record)?)
            .await
            .map_err(failed)?
        {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.0
            .sessions()
            .save(&token(record.id), &stored(record)?)
            .await
            .map(drop)
            .map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.0.sessions().load(&token(*id)).await.map_err(failed)?;
        found.map(|session| loaded(*id, &session)).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.sessions().delete(&token(*id)).await.map_err(failed)
    }
}

fn token(id: Id) -> String {
    id.to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn failed(error: gateway::Error) -> Error {
    Error::Backend(error.to_string())
}

/// Takes the columns out of the record; the rest is stored as sealed JSON.
fn stored(record: &Record) -> Result<StoredSession> {
    let text = |key: &str| {
        record
            .data
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let columns = [key::USER, key::SECURED, key::ID, key::ADDRESS, key::AGENT];
    let rest: HashMap<&String, &Value> = record
        .data
        .iter()
        .filter(|(key, _)| !columns.contains(&key.as_str()))
        .collect();
    Ok(StoredSession {
        id: text(key::ID).parse::<SessionId>().ok(),
        user: text(key::USER).parse::<UserId>().ok(),
        data: serde_json::to_string(&rest).map_err(|error| Error::Encode(error.to_string()))?,
        address: text(key::ADDRESS),
        agent: text(key::AGENT),
        expires_at: Timestamp(i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)),
        secured: Secured(
            record
                .data
                .get(key::SECURED)
                .and_then(Value::as_i64)
                .unwrap_or_default(),
        ),
    })
}

fn loaded(id: Id, session: &StoredSession) -> Result<Record> {
    let mut data: HashMap<String, Value> =
        serde_json::from_str(&session.data).map_err(|error| Error::Decode(error.to_string()))?;
    let columns = [
        (key::ID, session.id.map(|id| id.to_string())),
        (key::USER, session.user.map(|user| user.to_string())),
        (key::ADDRESS, Some(session.address.clone())),
        (key::AGENT, Some(session.agent.clone())),
    ];
    if session.user.is_some() {
        data.insert(key::SECURED.to_owned(), session.secured.0.into());
    }
    data.extend(
        columns
            .into_iter()
            .filter_map(|(key, text)| Some((key.to_owned(), Value::from(text?)))),
    );
    let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(session.expires_at.microseconds()) * 1000);
    let expiry_date = expiry_date.map_err(|error| Error::Decode(error.to_string()))?;
    Ok(Record { id, data, expiry_date })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_storage() {
        let texts = [
            (key::USER, UserId::from_number(7).to_string()),
            (key::ID, SessionId::from_number(9).to_string()),
            (key::ADDRESS, "::1".into()),
            (key::AGENT, "curl".into()),
        ];
        let mut data: HashMap<String, Value> = texts
            .into_iter()
            .map(|(key, text)| (key.to_owned(), Value::from(text)))
            .collect();
        data.insert(key::FLASH.to_owned(), serde_json::json!({ "kind": "saved" }));
        data.insert(key::SECURED.to_owned(), Value::from(3));
        let record = Record {
            id: Id::default(),
            data,
            expiry_date: OffsetDateTime::UNIX_EPOCH + Duration::days(1),
        };
        let Ok(session) = stored(&record) else {
            unreachable!("the record is plain JSON")
        };
        assert_eq!(
            (session.user, session.id),
            (Some(UserId::from_number(7)), Some(SessionId::from_number(9)))
        );
        assert_eq!(session.secured, Secured(3));
        assert_eq!(session.data, "{\"flash\":{\"kind\":\"saved\"}}");
        assert_eq!(loaded(record.id, &session).ok(), Some(record));
    }

    #[test]
    fn lines_are_completed_once() {
        assert_eq!(
            completed("__Host-hub_session=; Path=/; Max-Age=0").as_deref(),
            Some("__Host-hub_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure")
        );
        assert_eq!(
            completed("hub_session=x; HttpOnly; SameSite=Lax; Path=/").as_deref(),
            Some("hub_session=x; HttpOnly; SameSite=Lax; Path=/")
        );
        assert_eq!(completed("hub_session_other=x"), None);
    }

    #[test]
    fn the_cookie_demands_tls_where_there_is_tls() {
        assert_eq!(cookie_name(true), "__Host-hub_session");
        assert_eq!(cookie_name(false), "hub_session");
    }
}
