//! The life of a process: whether it can do its work, whether another took its place, another master key for it, and its end.

use std::time::Duration;

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::time::timeout;

use crate::{Error, Gateway, Inner, MasterKey, Origin, ahead, alive, last_used, ledger::Books, store};

/// How long ended calls may still deliver their last bytes when the hub stops.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How long the last rows may take when the hub stops. Longer than it takes to find out that a connection is lost (`Settings::silence`).
const LAST_ROWS: Duration = Duration::from_secs(20);
/// How long each of the last words to the database may take.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// How long connections may take to close: SQLite then moves what is in its journal.
const CLOSE: Duration = Duration::from_secs(10);
/// How long it may take to give the lock back: to find out that nobody hears, and to connect anew for that.
const GIVE_BACK: Duration = Duration::from_secs(8);

/// A step of the end: how long it may take, and what is so when it takes longer.
type LastStep<'a> = (Duration, &'static str, BoxFuture<'a, ()>);

impl Gateway {
    /// Whether the hub can do its work: the database answers, and this process still holds its lock.
    ///
    /// # Errors
    /// The database's.
    pub async fn ready(&self) -> Result<bool, Error> {
        store::settings::versions(&self.0.store).await?;
        Ok(alive::is_proved(&self.0).await && self.0.is_open())
    }

    /// Ends when this process owned the ledger and another one keeps it now: what is in memory here is worth nothing any more.
    pub async fn deposed(&self) {
        self.0.deposed.cancelled().await;
    }

    /// Whether that has happened.
    #[must_use]
    pub fn is_deposed(&self) -> bool {
        self.0.deposed.is_cancelled()
    }

    /// Wraps the hub's own keys by another master key. Nothing else changes: keys, sessions and credentials live on, and a
    /// running server, which holds the opened keys, goes on. This engine cannot do it twice: the next change begins with the
    /// key that holds by then.
    ///
    /// # Errors
    /// [`Error::MasterKeyChanged`] when the key that this engine was opened with holds no more; the database's.
    pub async fn rotate_master_key(&self, admin: &domain::access::Admin, new: &MasterKey) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), Origin::default()).await?;
        // Looked at under the change's lock: of two who rotate at the same time, one is told to begin again.
        if !self.0.keys.open_alike(&store::hub_keys::all_in(&mut change.tx).await?) {
            return Err(Error::MasterKeyChanged);
        }
        for (label, sealed) in self.0.keys.rewrap(new)? {
            store::hub_keys::replace(&mut change.tx, label, &sealed, change.at).await?;
        }
        let subject = store::change::Subject {
            action: "secrets.rotate",
            id: "hub".to_owned(),
            name: "master key",
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(())
    }

    /// Stops taking calls, lets running ones end within `limit`, writes what is left and marks the process as ended. It ends at most 80 seconds
    /// after `limit`, whatever clients and the database do.
    pub async fn shutdown(&self, limit: Duration) {
        let inner = &*self.0;
        inner.calls.refuse_new();
        if timeout(limit, inner.calls.all_ended()).await.is_err() {
            tracing::warn!("calls were still running when the time to drain ended");
            inner.calls.stop_all();
            let _ = timeout(STOP_LIMIT, inner.calls.all_ended()).await;
        }
        in_turn(last_steps(inner)).await;
        inner.recorder.progress().tell("recorder");
        if let Some(progress) = inner.books.progress() {
            progress.tell("ledger");
        }
    }
}

/// Each in its time, whatever came of the one before.
async fn in_turn(steps: impl IntoIterator<Item = LastStep<'_>>) {
    for (limit, otherwise, step) in steps {
        if timeout(limit, step).await.is_err() {
            tracing::error!(seconds = limit.as_secs(), "{otherwise}");
        }
    }
}

/// In their order. The last lets another server take this one's place.
fn last_steps(inner: &Inner) -> [LastStep<'_>; 8] {
    [
        (
            // A client that does not read must not keep the next server from starting.
            STOP_LIMIT,
            "some tasks did not end in time and end with the process",
            inner.tasks.stop().boxed(),
        ),
        (
            LAST_ROWS,
            "the database does not take the last bookings; their calls are not charged",
            async {
                if let Books::Shared(shared) = &inner.books {
                    shared.finish().await;
                }
            }
            .boxed(),
        ),
        (
            LAST_ROWS,
            "the database does not take the last rows; the calls in them are not in the log",
            inner.recorder.finish().boxed(),
        ),
        (
            LAST_WORDS,
            "the database does not take when keys and providers were last used",
            last_used::flush(inner).boxed(),
        ),
        (
            LAST_WORDS,
            "the database does not take which answers left before their end was booked",
            ahead::flush(inner).boxed(),
        ),
        (
            LAST_WORDS,
            "the database does not take that this process has ended; the next one finds it out",
            note_end(inner).boxed(),
        ),
        (
            CLOSE,
            "connections to the database could not be closed and end with the process",
            inner.store.close().boxed(),
        ),
        (
            GIVE_BACK,
            "the proof that this process lives could not be given back; it ends with the process",
            give_lock_back(inner).boxed(),
        ),
    ]
}

async fn note_end(inner: &Inner) {
    if let Err(error) = store::process::end(&inner.store, inner.process, inner.clock.now()).await {
        tracing::warn!(%error, "the end of this process could not be written down");
    }
}

async fn give_lock_back(inner: &Inner) {
    if let Some(lock) = inner.lock.lock().await.take()
        && let Err(error) = lock.give_back(&inner.store, inner.process).await
    {
        tracing::warn!(%error, "the proof that this process lives could not be given back; it ends with the process");
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicBool, Ordering},
    };

    use super::*;
    use crate::scene;

    /// As a database that is silent on every connection lets none of them come to its end.
    #[tokio::test]
    async fn a_step_that_never_ends_keeps_the_process_for_no_longer_than_its_limit() {
        let reached = AtomicBool::new(false);
        let last = async { reached.store(true, Ordering::Relaxed) };
        let steps: [LastStep<'_>; 2] = [
            (Duration::from_millis(20), "it never ends", pending().boxed()),
            (LAST_WORDS, "it ends", last.boxed()),
        ];
        in_turn(steps).await;
        assert!(reached.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn a_hub_ends_within_the_time_that_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let hub = Gateway::open(scene::settings(&folder)).await.unwrap();
        let limits: Duration = last_steps(&hub.0).iter().map(|(limit, ..)| *limit).sum();
        // README tells 80 seconds. Calls that are stopped have a moment as well.
        assert!(limits + STOP_LIMIT <= Duration::from_secs(80), "{limits:?}");
    }
}
