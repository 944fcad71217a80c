//! Connections that nobody asks anything on. hyper has an end for those of HTTP/1.1 (`accept`); one of h2 whose client answers pings would
//! keep its place for ever.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Knows what runs on one connection.
#[derive(Clone, Debug)]
pub struct Rest(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Requests whose answer has not ended.
    open: usize,
    /// Since when there has been none.
    since: Instant,
}

/// A request that runs until this is dropped.
#[derive(Debug)]
pub struct Running(Rest);

impl Rest {
    /// Of a connection that begins.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            open: 0,
            since: Instant::now(),
        })))
    }

    /// A request begins.
    pub fn begin(&self) -> Running {
        self.state().open += 1;
        Running(self.clone())
    }

    /// Ends once nothing has run for so long.
    pub async fn over(&self, patience: Duration) {
        loop {
            let end = {
                let state = self.state();
                let since = if state.open == 0 { state.since } else { Instant::now() };
                since + patience
            };
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open -= 1;
        state.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{sleep, timeout};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn a_connection_rests_from_the_end_of_its_last_request_on() {
        let rest = Rest::new();
        let (first, second) = (rest.begin(), rest.begin());
        drop(first);
        // However long it takes.
        assert!(timeout(4 * PATIENCE, rest.over(PATIENCE)).await.is_err());
        sleep(PATIENCE).await;
        let ended = Instant::now();
        drop(second);
        rest.over(PATIENCE).await;
        assert!(ended.elapsed() >= PATIENCE);
    }
}
