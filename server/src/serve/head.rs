//! Heads of requests that never become whole. A connection may rest between two requests for a while, but of a head that has
//! begun the rest is waited for only shortly: half of one would hold a place for as long as a rest may take.
//!
//! hyper has one limit for both, which begins when it waits for a head. So it gets a timer whose end comes closer once the
//! client has said something ([`Heard`], which [`super::patience::Patient`] tells).

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};
use hyper_util::rt::TokioTimer;

/// Whether a client has said anything since a head was waited for.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<AtomicBool>);

impl Heard {
    /// The client said something.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The timer of one HTTP/1.1 connection.
#[derive(Debug)]
pub struct HeadTimer {
    heard: Heard,
    patience: Duration,
    /// A head was waited for before.
    again: AtomicBool,
}

impl HeadTimer {
    /// Waits this long for the rest of a head.
    pub const fn new(heard: Heard, patience: Duration) -> Self {
        Self {
            heard,
            patience,
            again: AtomicBool::new(false),
        }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        // The first head has begun when hyper is told of the connection. What came before a later one was of another request.
        if self.again.swap(true, Ordering::Relaxed) {
            self.heard.0.store(false, Ordering::Relaxed);
        }
        Box::pin(Waiting {
            end: Box::pin(tokio::time::sleep_until(deadline.into())),
            heard: self.heard.clone(),
            patience: Some(self.patience),
        })
    }

    fn now(&self) -> Instant {
        TokioTimer::new().now()
    }
}

/// Ends when the head is late.
struct Waiting {
    end: Pin<Box<tokio::time::Sleep>>,
    heard: Heard,
    /// For the rest of the head, until it has begun.
    patience: Option<Duration>,
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Polled whenever hyper has read what came and it was not all of the head.
        if self.heard.0.load(Ordering::Relaxed)
            && let Some(patience) = self.patience.take()
        {
            let soon = tokio::time::Instant::now() + patience;
            if soon < self.end.deadline() {
                self.end.as_mut().reset(soon);
            }
        }
        self.end.as_mut().poll(context)
    }
}

impl Sleep for Waiting {}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(600);
    /// Short, as nothing but its passing is waited for.
    const PATIENCE: Duration = Duration::from_millis(20);
    const SOON: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_head_that_has_begun_is_waited_for_shortly_and_a_rest_is_long() {
        let timer = HeadTimer::new(Heard::default(), PATIENCE);
        let wait = || timer.sleep_until(timer.now() + REST);
        // What has come before hyper was told of the connection begins the first head.
        timer.heard.note();
        assert!(tokio::time::timeout(SOON, wait()).await.is_ok());
        // And ended with it: now the connection rests, until the next one begins.
        let mut next = wait();
        assert!(tokio::time::timeout(PATIENCE * 5, next.as_mut()).await.is_err());
        timer.heard.note();
        assert!(tokio::time::timeout(SOON, next).await.is_ok());
    }

    #[tokio::test]
    async fn a_head_that_begins_late_gets_no_more_than_the_rest() {
        let timer = HeadTimer::new(Heard::default(), REST);
        timer.heard.note();
        let wait = timer.sleep_until(timer.now() + PATIENCE);
        assert!(tokio::time::timeout(SOON, wait).await.is_ok());
    }
}
