//! Processes that seem to be dead. The lock of an SQLite file says so for certain, and that of an owned ledger. Otherwise a process may only have lost
//! the connection that holds its lock: it connects again within seconds (`alive`), and its running calls go on. So it is
//! looked for twice.

use std::{
    collections::{HashMap, HashSet},
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
        let known = known.into_iter().map(|(id,)| id).collect();
        Ok(self.judge(processes, &living, &known, Instant::now()))
    }

    /// Those of these processes that are dead by now: no list knows them, or they stayed away.
    fn judge(&self, processes: Vec<i64>, living: &HashSet<i64>, known: &HashSet<i64>, now: Instant) -> Vec<i64> {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.retain(|process, _| processes.contains(process) && !living.contains(process));
        let is_dead = |process: &i64| {
            if living.contains(process) {
                return false;
            }
            // One that no list knows will not come back.
            let first = *since.entry(*process).or_insert(now);
            !known.contains(process) || now.duration_since(first) >= CONFIRMATION
        };
        processes.into_iter().filter(is_dead).collect()
    }

    /// Whether a process is to be looked for once more, soon.
    pub(crate) fn any(&self) -> bool {
        !self.since.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(super) fn forget(&self) {
        self.since.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_dead_when_it_stays_away() {
        let absent = Absent::default();
        let begin = Instant::now();
        let (alive, nobody) = (HashSet::from([1]), HashSet::new());
        let known = HashSet::from([1, 2, 3]);
        let dead =
            |living: &HashSet<i64>, after: Duration| absent.judge(vec![1, 2, 3, 4], living, &known, begin + after);
        let moment = Duration::from_millis(1);
        // 4 stands in no list. 2 and 3 may have lost their connection only.
        assert_eq!(dead(&alive, Duration::ZERO), [4]);
        assert!(absent.any());
        assert_eq!(dead(&alive, CONFIRMATION - moment), [4]);
        // 2 comes back, and 1 goes: its time begins now.
        assert_eq!(dead(&HashSet::from([2]), CONFIRMATION), [3, 4]);
        // What came back and went again was not away all the time.
        assert_eq!(dead(&nobody, CONFIRMATION + moment), [3, 4]);
        assert_eq!(dead(&nobody, CONFIRMATION * 2), [1, 3, 4]);
        assert_eq!(dead(&nobody, CONFIRMATION * 2 + moment), [1, 2, 3, 4]);
        absent.forget();
        assert!(!absent.any());
        assert_eq!(dead(&nobody, CONFIRMATION * 3), [4]);
    }

    #[test]
    fn who_has_no_open_calls_any_more_is_not_looked_for() {
        let absent = Absent::default();
        let (nobody, known) = (HashSet::new(), HashSet::from([1]));
        let begin = Instant::now();
        assert!(absent.judge(vec![1], &nobody, &known, begin).is_empty());
        assert!(
            absent
                .judge(Vec::new(), &nobody, &known, begin + CONFIRMATION)
                .is_empty()
        );
        assert!(!absent.any());
    }
}
