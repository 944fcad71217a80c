//! Sessions: their storage for the server's session layer, and what people see of them.

use domain::{
    access::Viewer,
    account::SessionView,
    id::{SessionId, UserId},
    refusal::{Refusal, Thing},
    time::Timestamp,
};
use serde_json::json;

use crate::{
    Error, Inner, Origin,
    store::{
        change::Subject,
        people,
        sessions::{self as table, Row},
    },
    users::securing::{Secured, secure},
};

/// Use-cases about sign-ins that have not ended.
pub struct Sessions<'a>(pub(crate) &'a Inner);

/// A session as the server's session layer stores it. What it carries is sealed, so the database alone opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Its id; made when it is stored first.
    pub id: Option<SessionId>,
    /// Whose it is; absent before signing in.
    pub user: Option<UserId>,
    /// What the layer wants to find again, as JSON.
    pub data: String,
    /// Where it came from when it was made.
    pub address: String,
    /// The browser's description when it was made, cut to 200 characters.
    pub agent: String,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// As how often secured its person signed in. Written once, when it is stored first.
    pub secured: Secured,
}

impl Sessions<'_> {
    /// The person behind a session, unless suspended or gone.
    ///
    /// # Errors
    /// The database's.
    pub async fn viewer(&self, id: UserId) -> Result<Option<Viewer>, Error> {
        let user = people::get(&self.0.store, id).await?.filter(|user| !user.suspended);
        Ok(user.map(|user| Viewer {
            id: user.id,
            email: user.email,
            role: user.role,
            key: None,
        }))
    }

    /// One's own sessions, last used first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, viewer: &Viewer, current: Option<SessionId>) -> Result<Vec<SessionView>, Error> {
        let rows = table::of_person(&self.0.store, viewer.id, self.0.clock.now()).await?;
        let view = |row: Row| {
            let id = SessionId::from_number(row.id);
            SessionView {
                id,
                created_at: Timestamp(row.created_at),
                last_seen_at: Timestamp(row.seen_at),
                address: row.address,
                agent: row.agent,
                current: current == Some(id),
            }
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for sessions of others.
    pub async fn end(&self, viewer: &Viewer, origin: Origin<'_>, id: SessionId) -> Result<(), Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        if table::delete_one(&mut change.tx, viewer.id, id).await? == 0 {
            return Err(Refusal::NotFound { what: Thing::Session }.into());
        }
        let subject = Subject {
            action: "session.end",
            id: id.to_string(),
            name: viewer.email.as_str(),
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(())
    }

    /// Ends all of one's own sessions, and links that wait to be used; with `keep`, all but that one.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_all(&self, viewer: &Viewer, origin: Origin<'_>, keep: Option<SessionId>) -> Result<u64, Error> {
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let ended = secure(&mut change, viewer.id, &viewer.email, keep).await?;
        let subject = Subject {
            action: "session.end_all",
            id: viewer.id.to_string(),
            name: viewer.email.as_str(),
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "ended": ended })))
            .await?;
        change.commit().await?;
        Ok(ended)
    }

    /// The session that a cookie names.
    ///
    /// # Errors
    /// The database's. A session that cannot be opened counts as missing.
    pub async fn load(&self, token: &str) -> Result<Option<StoredSession>, Error> {
        let hash = self.0.keys.session_hash(token);
        let Some(row) = table::load(&self.0.store, &hash, self.0.clock.now()).await? else {
            return Ok(None);
        };
        let Ok(data) = self.0.keys.session_data.open(&row.data, &binding(&hash)) else {
            return Ok(None);
        };
        Ok(Some(StoredSession {
            id: Some(SessionId::from_number(row.id)),
            user: row.person_id.map(UserId::from_number),
            data: String::from_utf8_lossy(&data).into_owned(),
            address: row.address,
            agent: row.agent,
            expires_at: Timestamp(row.expires_at),
            secured: Secured(row.secured),
        }))
    }

    /// Stores a new session. False when the token is taken.
    ///
    /// # Errors
    /// The database's.
    pub async fn create(&self, token: &str, session: &StoredSession) -> Result<bool, Error> {
        let hash = self.0.keys.session_hash(token);
        Ok(table::insert(&self.0.store, &hash, &self.row(&hash, session)?).await?)
    }

    /// Changes a stored session. False when there is none: whoever ended it, ended it.
    ///
    /// # Errors
    /// The database's.
    pub async fn save(&self, token: &str, session: &StoredSession) -> Result<bool, Error> {
        let hash = self.0.keys.session_hash(token);
        Ok(table::update(&self.0.store, &hash, &self.row(&hash, session)?).await?)
    }

    /// Ends the session that a cookie names.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete(&self, token: &str) -> Result<(), Error> {
        Ok(table::delete(&self.0.store, &self.0.keys.session_hash(token)).await?)
    }

    fn row(&self, hash: &str, session: &StoredSession) -> Result<Row, Error> {
        let now = self.0.clock.now();
        Ok(Row {
            id: session.id.map_or_else(|| self.0.ids.next(now), SessionId::number),
            person_id: session.user.map(UserId::number),
            data: self.0.keys.session_data.seal(session.data.as_bytes(), &binding(hash))?,
            address: session.address.chars().take(100).collect(),
            agent: session.agent.chars().take(200).collect(),
            created_at: now.microseconds(),
            seen_at: now.microseconds(),
            expires_at: session.expires_at.microseconds(),
            secured: session.secured.0,
        })
    }
}

fn binding(hash: &str) -> String {
    format!("session:{hash}")
}
