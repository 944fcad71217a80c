//! What the fake saw: every request with its headers, body and times, and how its answer ended. Suites read and await
//! it; nothing here sends anything.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::sync::watch;

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was handed to the connection.
    Answered,
    /// The fake broke it off itself, as a fault told it.
    BrokenOff,
    /// The caller was gone before the end.
    Disconnected,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Record {
    /// Counts from 1 in order of arrival.
    pub serial: u64,
    /// Which connection it came on, counted from 1: shows whether connections are reused.
    pub connection: u64,
    /// The method.
    pub method: Method,
    /// The path without the query.
    pub path: String,
    /// The query, without `?`.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
    /// When the body was complete.
    pub at: Instant,
    /// How and when the answer ended; `None` while it is under way.
    pub ended: Option<(Outcome, Instant)>,
    /// What arrived that must never reach a provider.
    pub violations: Vec<String>,
}

impl Record {
    /// The body as JSON; `Null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The value of a header, when it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the caller left before the answer was complete.
    #[must_use]
    pub fn disconnected(&self) -> bool {
        matches!(self.ended, Some((Outcome::Disconnected, _)))
    }
}

/// What a wait waited for did not happen in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it did not happen at the fake provider within {0:?}")]
pub struct TooLate(pub Duration);

/// The list of requests, and a bell that rings at each change.
#[derive(Debug)]
pub(crate) struct Recorder {
    records: Mutex<Vec<Record>>,
    /// How many there ever were.
    count: AtomicU64,
    bell: watch::Sender<()>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            records: Mutex::default(),
            count: AtomicU64::new(0),
            bell: watch::channel(()).0,
        }
    }
}

impl Recorder {
    /// Enters a request and gives it its number.
    pub(crate) fn enter(&self, mut record: Record) -> u64 {
        let serial = {
            let mut records = lock(&self.records);
            record.serial = self.count.fetch_add(1, Ordering::Relaxed) + 1;
            let serial = record.serial;
            records.push(record);
            serial
        };
        self.bell.send_replace(());
        serial
    }

    /// Notes how the answer to `serial` ended; the first note stands.
    pub(crate) fn end(&self, serial: u64, outcome: Outcome) {
        if let Some(record) = lock(&self.records)
            .iter_mut()
            .rev()
            .find(|record| record.serial == serial)
        {
            record.ended.get_or_insert((outcome, Instant::now()));
        }
        self.bell.send_replace(());
    }

    /// Forgets what has ended.
    pub(crate) fn forget_ended(&self) {
        lock(&self.records).retain(|record| record.ended.is_none());
    }

    pub(crate) fn all(&self) -> Vec<Record> {
        lock(&self.records).clone()
    }

    pub(crate) async fn wait<T>(
        &self,
        limit: Duration,
        mut find: impl FnMut(&[Record]) -> Option<T>,
    ) -> Result<T, TooLate> {
        let mut bell = self.bell.subscribe();
        let search = async {
            loop {
                bell.mark_unchanged();
                if let Some(found) = find(&lock(&self.records)) {
                    return found;
                }
                // The sender lives as long as `self`, so this only ever returns on a change.
                if bell.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(limit, search).await.map_err(|_| TooLate(limit))
    }
}

/// Locks; a panic elsewhere does not hide what was recorded.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
