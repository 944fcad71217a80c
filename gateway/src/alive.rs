//! Keeps the proof that this process lives (`store::lock`). PostgreSQL forgets it when the connection that holds it breaks:
//! then it is taken again, and until that is done the process is not ready.
//!
//! Another replica takes this process for dead only when it is gone for longer than this takes (`store::process::Absent`). Should
//! it have done so all the same, after a pause of the whole machine for instance, then the calls that were closed as
//! interrupted go on here and their own end replaces that. What they held was given back, so they are charged late, out of what can
//! be spent (`ledger::again`).

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::{
    Inner,
    store::{self, StoreError},
};

/// How often the lock is looked after.
const PAUSE: Duration = Duration::from_secs(2);
/// The pause after an attempt that failed.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// Who asks whether the process is ready waits no longer than this for the lock's connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether this process holds its lock at this moment.
pub(crate) async fn is_proved(inner: &Inner) -> bool {
    let held = async {
        match inner.lock.lock().await.as_mut() {
            Some(lock) => lock.is_held().await,
            None => true,
        }
    };
    timeout(PATIENCE, held).await.unwrap_or_default()
}

/// Looks after the lock for ever.
pub(crate) async fn keep(inner: &Inner) {
    loop {
        sleep(PAUSE).await;
        while !look_after(inner).await {
            sleep(RETRY_PAUSE).await;
        }
    }
}

/// Takes the lock again when it was lost. False while that fails.
async fn look_after(inner: &Inner) -> bool {
    let mut place = inner.lock.lock().await;
    let Some(lock) = place.as_mut() else { return true };
    if lock.is_held().await {
        return true;
    }
    tracing::warn!("the connection that proves this process alive was lost; connecting again");
    match lock.take_again(&inner.store, inner.process).await {
        Ok(true) => {}
        Ok(false) => return false,
        Err(StoreError::Deposed) => {
            tracing::error!("another process keeps the ledger that this one owned; this one ends");
            inner.deposed.cancel();
            // Never ready again.
            return false;
        }
        Err(error) => {
            tracing::error!(%error, "this process cannot prove that it lives, so it is not ready");
            return false;
        }
    }
    if let Err(error) = store::process::reopen(&inner.store, inner.process, inner.clock.now()).await {
        // Only a date in a table: calls are told apart by the lock.
        tracing::warn!(%error, "this process may stand as ended although it lives");
    }
    tracing::info!("this process is proved alive again");
    true
}
