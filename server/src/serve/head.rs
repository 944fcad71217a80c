//! Heads of requests that never become whole. A connection may rest between two requests for a while, but of a head that has
//! begun the rest is waited for only shortly: half of one would hold a place for as long as a rest may take.
//!
//! What a client sends ahead, behind a whole request, is not told apart from that: half a head there is waited for as long as a rest.
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

    fn wait_until(&self, deadline: Instant) -> Waiting {
        // The first head has begun when hyper is told of the connection. What came before a later one was of another request.
        if self.again.swap(true, Ordering::Relaxed) {
            self.heard.0.store(false, Ordering::Relaxed);
        }
        Waiting {
            end: Box::pin(tokio::time::sleep_until(deadline.into())),
            heard: self.heard.clone(),
            patience: Some(self.patience),
        }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(self.wait_until(deadline))
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
    use std::task::Waker;

    use super::*;

    const REST: Duration = Duration::from_secs(7500);
    const PATIENCE: Duration = Duration::from_secs(1500);

    /// In how long the wait for a head ends, after hyper has asked.
    fn left(timer: &HeadTimer, wait: &mut Waiting) -> Duration {
        let asked = Pin::new(&mut *wait).poll(&mut Context::from_waker(Waker::noop()));
        assert!(asked.is_pending());
        wait.end.deadline().into_std() - timer.now()
    }

    #[tokio::test]
    async fn a_head_that_has_begun_is_waited_for_shortly_and_a_rest_is_long() {
        // However slow the machine is.
        let near = |one: Duration, other: Duration| one <= other && other - one < Duration::from_secs(500);
        let timer = HeadTimer::new(Heard::default(), PATIENCE);
        let wait = |rest| timer.wait_until(timer.now() + rest);
        // What has come before hyper was told of the connection begins the first head.
        timer.heard.note();
        assert!(near(left(&timer, &mut wait(REST)), PATIENCE));
        // And ended with it.
        let mut next = wait(REST);
        assert!(near(left(&timer, &mut next), REST));
        timer.heard.note();
        assert!(near(left(&timer, &mut next), PATIENCE));
        // Said again is not begun again.
        let before = next.end.deadline();
        timer.heard.note();
        left(&timer, &mut next);
        assert_eq!(next.end.deadline(), before);
        let mut last = wait(PATIENCE / 2);
        timer.heard.note();
        assert!(near(left(&timer, &mut last), PATIENCE / 2), "no later than without");
    }
}
