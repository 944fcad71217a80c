//! One visitor's session, with what the console may do to it: sign in, sign out, look as somebody else, leave a message for
//! the next page.

use std::sync::Arc;

use app::context::{SessionFailed, SessionStore};
use domain::{id::UserId, time::Timestamp};
use futures_util::future::BoxFuture;
use gateway::{Pace, Secured, network};
use serde_json::Value;
use tower_sessions::{Session, session::Error};

use crate::session::{SIGNED_IN, VISITING, key};

/// A session in use is written again after this many seconds, which moves its end and its time of last use.
const WRITE_INTERVAL: i64 = 600;
/// Visitors of one network to whom a sentence for the next page may begin a session, within a quarter of an hour. Each is a row that is written
/// to the disk, and whoever begins one need not be anybody; who comes later is told at once, by the page itself.
const VISITORS: u32 = 1_000;
/// Of the browser's description, in characters.
const AGENT_LENGTH: usize = 200;

/// The session of one request.
#[derive(Clone, Debug)]
pub struct Seat {
    session: Session,
    address: String,
    agent: String,
    now: Timestamp,
    visitors: Arc<Pace>,
}

impl Seat {
    /// The session that came with a request from `address` at `now`. Those that begin without anybody signing in are counted in `visitors`.
    pub fn new(session: Session, (address, agent): (String, &str), now: Timestamp, visitors: Arc<Pace>) -> Self {
        Self {
            session,
            address,
            agent: agent.chars().take(AGENT_LENGTH).collect(),
            now,
            visitors,
        }
    }

    /// The session itself.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Writes the session again when the last time is long enough ago.
    pub async fn keep_alive(&self) -> Result<(), Error> {
        let seen = self.session.get::<i64>(key::SEEN).await?.unwrap_or_default();
        if self.now.seconds() - seen >= WRITE_INTERVAL {
            self.stamp().await
        } else {
            Ok(())
        }
    }

    async fn stamp(&self) -> Result<(), Error> {
        self.session.insert(key::ADDRESS, &self.address).await?;
        self.session.insert(key::AGENT, &self.agent).await?;
        self.session.insert(key::SEEN, self.now.seconds()).await?;
        self.date().await
    }

    /// Dates the end of a session that is about to be written: days for a person, minutes for a visitor.
    async fn date(&self) -> Result<(), Error> {
        let person = self.session.get_value(key::USER).await?.is_some();
        self.session.set_expiry(Some(if person { SIGNED_IN } else { VISITING }));
        Ok(())
    }

    /// Counts the session that a visitor begins. A person's is none of those, nor is one that is there.
    async fn count(&self) -> Result<(), SessionFailed> {
        let person = self.session.get_value(key::USER).await.map_err(failed)?.is_some();
        if self.session.id().is_none() && !person {
            let counted = self.visitors.take(network(&self.address), VISITORS, self.now);
            counted.map_err(|_| SessionFailed("too many visitors of one network have begun one".to_owned()))?;
        }
        Ok(())
    }

    /// Leaves the old session behind and begins an empty one under a new token: nobody who knew the old one follows.
    async fn renew(&self) -> Result<(), Error> {
        self.session.clear().await;
        self.session.set_expiry(Some(VISITING));
        self.session.cycle_id().await
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn failed(error: Error) -> SessionFailed {
    SessionFailed(error.to_string())
}

impl SessionStore for Seat {
    fn sign_in(&self, user: UserId, secured: Secured) -> BoxFuture<'_, Result<(), SessionFailed>> {
        Box::pin(async move {
            self.renew().await.map_err(failed)?;
            self.session.insert(key::USER, user).await.map_err(failed)?;
            self.session.insert(key::SECURED, secured).await.map_err(failed)?;
            self.stamp().await.map_err(failed)
        })
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<(), SessionFailed>> {
        Box::pin(async move { self.renew().await.map_err(failed) })
    }

    fn look_as(&self, user: Option<UserId>) -> BoxFuture<'_, Result<(), SessionFailed>> {
        Box::pin(async move {
            match user {
                Some(user) => self.session.insert(key::VIEW, user).await.map_err(failed)?,
                None => drop(self.session.remove_value(key::VIEW).await.map_err(failed)?),
            }
            self.stamp().await.map_err(failed)
        })
    }

    fn put_flash(&self, json: String) -> BoxFuture<'_, Result<(), SessionFailed>> {
        Box::pin(async move {
            self.count().await?;
            self.stamp().await.map_err(failed)?;
            self.session.insert(key::FLASH, json).await.map_err(failed)
        })
    }

    fn take_flash(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move {
            // Looked at first, as taking out what is not there would write the session all the same.
            let waiting: Option<Value> = self.session.get_value(key::FLASH).await.ok()?;
            waiting.as_ref()?;
            let message = self.session.remove::<String>(key::FLASH).await.ok()?;
            self.date().await.ok()?;
            message
        })
    }

    fn keep_provider_sign_out(&self, address: String) -> BoxFuture<'_, Result<(), SessionFailed>> {
        Box::pin(async move {
            self.stamp().await.map_err(failed)?;
            self.session
                .insert(key::PROVIDER_SIGN_OUT, address)
                .await
                .map_err(failed)
        })
    }

    fn provider_sign_out(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move { self.session.get::<String>(key::PROVIDER_SIGN_OUT).await.ok()? })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use tower_sessions::{
        SessionStore as Storage,
        session::{Id, Record},
        session_store,
    };

    use super::*;

    /// Keeps one record in memory.
    #[derive(Clone, Debug, Default)]
    struct Memory(Arc<Mutex<Vec<Record>>>);

    #[async_trait]
    impl Storage for Memory {
        async fn save(&self, record: &Record) -> session_store::Result<()> {
            self.delete(&record.id).await?;
            self.0
                .lock()
                .map(|mut all| all.push(record.clone()))
                .map_err(|_| session_store::Error::Backend("lock".into()))
        }
        async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
            Ok(self
                .0
                .lock()
                .ok()
                .and_then(|all| all.iter().find(|record| record.id == *id).cloned()))
        }
        async fn delete(&self, id: &Id) -> session_store::Result<()> {
            self.0
                .lock()
                .map(|mut all| all.retain(|record| record.id != *id))
                .map_err(|_| session_store::Error::Backend("lock".into()))
        }
    }

    fn seat(store: &Memory, id: Option<Id>) -> Seat {
        Seat::new(
            Session::new(id, Arc::new(store.clone()), None),
            ("::1".into(), "test"),
            Timestamp(1_800_000_000_000_000),
            Arc::default(),
        )
    }

    #[tokio::test]
    async fn visitors_begin_so_many_sessions_and_who_has_one_goes_on() {
        let (store, visitors) = (Memory::default(), Arc::<Pace>::default());
        let seat = |address: &str, id| {
            let session = Session::new(id, Arc::new(store.clone()), None);
            let now = Timestamp(1_800_000_000_000_000);
            Seat::new(session, (address.to_owned(), "test"), now, Arc::clone(&visitors))
        };
        let first = seat("203.0.113.9", None);
        assert!(first.put_flash("{}".into()).await.is_ok() && first.session.save().await.is_ok());
        for _ in 1..VISITORS {
            assert!(seat("203.0.113.9", None).put_flash("{}".into()).await.is_ok());
        }
        let late = seat("203.0.113.9", None);
        assert!(late.put_flash("{}".into()).await.is_err());
        assert!(!late.session.is_modified());
        assert!(seat("203.0.113.10", None).put_flash("{}".into()).await.is_ok());
        assert!(
            seat("203.0.113.9", first.session.id())
                .put_flash("{}".into())
                .await
                .is_ok()
        );
        let person = seat("203.0.113.9", None);
        assert!(person.sign_in(UserId::from_number(7), Secured::NEVER).await.is_ok());
        assert!(person.put_flash("{}".into()).await.is_ok());
    }

    #[tokio::test]
    async fn signing_in_leaves_the_old_token_behind() {
        let store = Memory::default();
        let before = seat(&store, None);
        assert!(before.put_flash("{}".into()).await.is_ok() && before.session.save().await.is_ok());
        let token = before.session.id();
        let after = seat(&store, token);
        assert!(
            after.sign_in(UserId::from_number(7), Secured::NEVER).await.is_ok() && after.session.save().await.is_ok()
        );
        assert!(token.is_some() && after.session.id() != token);
        assert_eq!(store.0.lock().map(|all| all.len()).ok(), Some(1));
        assert_eq!(
            after.session.get::<UserId>(key::USER).await.ok().flatten(),
            Some(UserId::from_number(7))
        );
        assert_eq!(after.take_flash().await, None);
    }

    #[tokio::test]
    async fn a_visitor_has_minutes_and_a_person_days() {
        let store = Memory::default();
        let visitor = seat(&store, None);
        assert!(visitor.put_flash("{}".into()).await.is_ok());
        assert_eq!(visitor.session.expiry(), Some(VISITING));
        assert!(
            visitor.sign_in(UserId::from_number(7), Secured::NEVER).await.is_ok()
                && visitor.session.save().await.is_ok()
        );
        assert_eq!(visitor.session.expiry(), Some(SIGNED_IN));
        // A later request begins with the layer's own time; whatever writes the session gives a person theirs.
        let token = visitor.session.id();
        let stamped = seat(&store, token);
        assert!(stamped.keep_alive().await.is_ok());
        assert_ne!(stamped.session.expiry(), Some(SIGNED_IN), "nothing was written");
        assert!(stamped.put_flash("{}".into()).await.is_ok() && stamped.session.save().await.is_ok());
        assert_eq!(stamped.session.expiry(), Some(SIGNED_IN));
        let read = seat(&store, token);
        assert!(read.take_flash().await.is_some());
        assert_eq!(read.session.expiry(), Some(SIGNED_IN));
        assert!(read.sign_out().await.is_ok());
        assert_eq!(read.session.expiry(), Some(VISITING));
    }

    #[tokio::test]
    async fn a_message_is_read_once_and_reading_writes_nothing() {
        let store = Memory::default();
        let quiet = seat(&store, None);
        assert_eq!(quiet.take_flash().await, None);
        assert!(!quiet.session.is_modified() && quiet.session.is_empty().await);
        assert!(quiet.put_flash("hello".into()).await.is_ok());
        assert_eq!(quiet.take_flash().await.as_deref(), Some("hello"));
        assert_eq!(quiet.take_flash().await, None);
    }

    #[tokio::test]
    async fn signing_out_ends_the_row_and_the_token() {
        let store = Memory::default();
        let person = seat(&store, None);
        assert!(
            person.sign_in(UserId::from_number(7), Secured::NEVER).await.is_ok() && person.session.save().await.is_ok()
        );
        let token = person.session.id();
        let leaving = seat(&store, token);
        assert!(leaving.sign_out().await.is_ok());
        assert!(leaving.session.is_empty().await);
        assert_eq!(store.0.lock().map(|all| all.len()).ok(), Some(0));
    }
}
