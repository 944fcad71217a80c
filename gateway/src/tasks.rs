//! The only place that starts tasks, so that all of them can be ended and none is forgotten.

use std::future::Future;

use tokio::runtime::Handle;
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// The tasks of one hub.
#[derive(Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    /// Starts work that ends by itself, such as a call.
    pub fn spawn<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        drop(self.tracker.spawn(work));
    }

    /// For work that its caller carries along: a shutdown waits for it as for a task.
    pub fn token(&self) -> TaskTrackerToken {
        self.tracker.token()
    }

    /// Goes on with work that its caller has dropped. Without a runtime the process is at its end, and the work with it.
    pub fn adopt<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Ok(runtime) = Handle::try_current() {
            drop(self.tracker.spawn_on(work, &runtime));
        }
    }

    /// Starts work that goes on until the hub stops. It may be dropped at any of its waits.
    pub fn repeat<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stopping = self.stopping.clone();
        self.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = work => {}
            }
        });
    }

    /// How many there are.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.tracker.len()
    }

    /// Ends repeated work and waits for all tasks.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, pin::pin};

    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;

    /// Whatever is ready to run has run.
    async fn settle() {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_stop_ends_what_is_repeated_and_waits_for_everything_else() {
        let tasks = Tasks::default();
        let (end, ended) = oneshot::channel::<()>();
        let (leave, left) = oneshot::channel::<()>();
        // Dropped as soon as it stops.
        tasks.repeat(pending());
        tasks.spawn(async { drop(ended.await) });
        tasks.adopt(async { drop(left.await) });
        let carried = tasks.token();
        let mut stop = pin!(tasks.stop());
        let mut step = async || {
            settle().await;
            stop.as_mut().now_or_never().is_some()
        };
        assert!(!step().await, "three are there");
        drop(end);
        assert!(!step().await, "two are there");
        drop(leave);
        assert!(!step().await, "one is carried");
        drop(carried);
        assert!(step().await);
    }
}
