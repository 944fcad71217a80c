//! The life of a process: whether it can do its work, whether another took its place, another master key for it, and its end.

use std::time::Duration;

use crate::{Error, Gateway, MasterKey, Origin, ahead, alive, last_used, ledger::Books, store};

/// How long ended calls may still deliver their last bytes when the hub stops.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How long the last rows may take when the hub stops.
const LAST_ROWS: Duration = Duration::from_secs(20);

impl Gateway {
    /// Whether the hub can do its work: the database answers, and this process still holds its lock.
    ///
    /// # Errors
    /// The database's.
    pub async fn ready(&self) -> Result<bool, Error> {
        store::settings::snapshot_version(&self.0.store).await?;
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

    /// Stops taking calls, lets running ones end within `limit`, writes what is left and marks the process as ended.
    pub async fn shutdown(&self, limit: Duration) {
        self.0.calls.refuse_new();
        if tokio::time::timeout(limit, self.0.calls.all_ended()).await.is_err() {
            tracing::warn!("calls were still running when the time to drain ended");
            self.0.calls.stop_all();
            let _ = tokio::time::timeout(Duration::from_secs(5), self.0.calls.all_ended()).await;
        }
        // A client that does not read must not keep the next server from starting.
        if tokio::time::timeout(STOP_LIMIT, self.0.tasks.stop()).await.is_err() {
            tracing::warn!("some tasks did not end in time and end with the process");
        }
        if let Books::Shared(shared) = &self.0.books
            && tokio::time::timeout(LAST_ROWS, shared.finish()).await.is_err()
        {
            tracing::error!("the database does not take the last bookings; their calls are not charged");
        }
        if tokio::time::timeout(LAST_ROWS, self.0.recorder.finish()).await.is_err() {
            tracing::error!("the database does not take the last rows; the calls in them are not in the log");
        }
        self.0.recorder.progress().tell("recorder");
        if let Some(progress) = self.0.books.progress() {
            progress.tell("ledger");
        }
        last_used::flush(&self.0).await;
        ahead::flush(&self.0).await;
        if let Err(error) = store::process::end(&self.0.store, self.0.process, self.0.clock.now()).await {
            tracing::warn!(%error, "the end of this process could not be written down");
        }
        self.0.store.close().await;
        // Only now may another server take this one's place.
        drop(self.0.lock.lock().await.take());
    }
}
