//! Processes that seem to be dead. The lock of an SQLite file says so for certain, and that of an owned ledger. Otherwise a process may only have lost
//! the connection that holds its lock: it connects again within seconds (`alive`), and its running calls go on. So it is
//! looked for twice.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{Store, StoreError, lock};
use crate::store::fetch_all;

/// Longer than a process that lives takes to notice that its connection is gone and to connect again.
pub(crate) const CONFIRMATION: Duration = Duration::from_secs(8);

/// Since when processes have not been seen.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    since: Mutex<HashMap<i64, Instant>>,
    /// This process holds a lock that no other that lives can do without.
    alone: bool,
}

impl Absent {
    /// `alone`: this process owns the ledger, so that no other can live.
    pub(crate) fn new(alone: bool) -> Self {
        Self {
            alone,
            ..Self::default()
        }
    }

    /// Those of these processes that are dead for certain.
    pub(super) async fn dead(&self, store: &Store, processes: Vec<i64>) -> Result<Vec<i64>, StoreError> {
        if self.alone || matches!(store, Store::Sqlite(_)) {
            return Ok(processes);
        }
        let living = lock::living(store).await?;
        let known = fetch_all!(store, (i64,), "SELECT id FROM process")?;
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        since.retain(|process, _| processes.contains(process) && !living.contains(process));
        let is_dead = |process: &i64| {
            if living.contains(process) {
                return false;
            }
            // One that no list knows will not come back.
            let first = *since.entry(*process).or_insert(now);
            !known.contains(&(*process,)) || now.duration_since(first) >= CONFIRMATION
        };
        Ok(processes.into_iter().filter(is_dead).collect())
    }

    /// Whether a process is to be looked for once more, soon.
    pub(crate) fn any(&self) -> bool {
        !self.since.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(super) fn forget(&self) {
        self.since.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
