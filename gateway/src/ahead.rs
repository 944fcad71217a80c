//! Answers that left before their end was in the books: the database did not take it in time (`call::record`). Their rows are marked once they
//! are written, so that whoever reads them knows that the client may have had an answer for a while that no bill told of.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use domain::id::CallId;

use crate::{
    Inner,
    store::{StoreError, calls},
};

/// Calls whose rows are yet to be marked. Few, and no longer kept than the process lives: a row that it does not get to write is closed as lost.
#[derive(Debug, Default)]
pub(crate) struct Ahead(Mutex<BTreeSet<CallId>>);

impl Ahead {
    /// The answer of this call leaves now.
    pub fn note(&self, call: CallId) {
        self.calls().insert(call);
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, BTreeSet<CallId>> {
        // Nothing is left half done under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks those whose end is written by now. The others wait for the next time.
pub(crate) async fn flush(inner: &Inner) {
    let waiting: Vec<CallId> = inner.ahead.calls().iter().copied().collect();
    if waiting.is_empty() {
        return;
    }
    match mark(inner, &waiting).await {
        Ok(marked) => inner.ahead.calls().retain(|call| !marked.contains(call)),
        Err(error) => tracing::warn!(%error, "calls whose answer left before their end was booked could not be marked"),
    }
}

async fn mark(inner: &Inner, waiting: &[CallId]) -> Result<BTreeSet<CallId>, StoreError> {
    let mut tx = inner.store.begin().await?;
    let marked = calls::mark_ahead(&mut tx, waiting).await?;
    tx.commit().await?;
    Ok(marked)
}
