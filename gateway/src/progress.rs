//! Whether those who write rows and bookings get on: what decides how long calls wait for them, and whether new ones are let in.
//!
//! A database that is slow is waited for, one that stands still is not. It gets on as long as statements of a batch are answered.
//! One that waits for locks shows nothing of that, though those that hold them may be at work; so a server on PostgreSQL asks
//! once in a while which transactions write in its database (`watch`): others than before are a sign that it gets on.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};

use crate::{Inner, store};

/// Nothing has moved for so long: it stands still.
const STILL: Duration = Duration::from_secs(3);
/// What has waited so long for its turn, or in it, keeps new calls from waiting behind it.
const LATE: Duration = Duration::from_secs(5);
/// How often it is looked for signs of others, and how long nothing has moved when that begins.
const LOOK: Duration = Duration::from_millis(400);
/// No batch should take longer: everybody waits for it.
const LONG: Duration = Duration::from_millis(50);

/// One writer's progress: one batch at a time.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    /// Microseconds after `started` at which the oldest of the present batch was asked for; 0 when there is none.
    oldest: AtomicU64,
    /// Microseconds after `started` at which something moved.
    moved: AtomicU64,
    /// Microseconds after `started` at which the present batch began.
    began: AtomicU64,
    spans: Spans,
}

/// How long its batches took, from the first statement to the answer to the last, for whoever measures.
#[derive(Debug, Default)]
struct Spans {
    batches: AtomicU64,
    long: AtomicU64,
    /// Microseconds.
    longest: AtomicU64,
}

impl Progress {
    /// With nothing to do.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            oldest: AtomicU64::new(0),
            moved: AtomicU64::new(0),
            began: AtomicU64::new(0),
            spans: Spans::default(),
        }
    }

    /// A batch begins, the oldest of which was asked for then.
    pub fn begin(&self, oldest: Instant) {
        self.moved();
        self.began.store(self.now(), Ordering::Relaxed);
        let oldest = oldest.saturating_duration_since(self.started);
        self.oldest.store(micros(oldest).max(1), Ordering::Relaxed);
    }

    /// The database has answered, or others have got on.
    pub fn moved(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }

    /// The batch is written.
    pub fn end(&self) {
        self.oldest.store(0, Ordering::Relaxed);
        let took = self.now().saturating_sub(self.began.load(Ordering::Relaxed));
        self.spans.batches.fetch_add(1, Ordering::Relaxed);
        self.spans.longest.fetch_max(took, Ordering::Relaxed);
        if took > micros(LONG) {
            self.spans.long.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells the log how long its batches took; nothing when there were none.
    pub fn tell(&self, writer: &'static str) {
        let [batches, long, longest_us] =
            [&self.spans.batches, &self.spans.long, &self.spans.longest].map(|one| one.load(Ordering::Relaxed));
        if batches > 0 {
            tracing::info!(
                writer,
                batches,
                longest_us,
                long,
                "batches that were written; {} ms are long",
                LONG.as_millis()
            );
        }
    }

    /// There is work, and nothing has moved for longer than usual.
    fn is_quiet(&self) -> bool {
        self.has_not_moved_for(LOOK)
    }

    /// Whoever waits has reason to.
    pub fn gets_on(&self) -> bool {
        !self.has_not_moved_for(STILL)
    }

    /// Whoever comes now will have their turn soon.
    pub fn is_open(&self) -> bool {
        let oldest = self.oldest.load(Ordering::Relaxed);
        let waited = self.now().saturating_sub(oldest);
        oldest == 0 || self.gets_on() && waited <= micros(LATE)
    }

    fn has_not_moved_for(&self, span: Duration) -> bool {
        let quiet = self.now().saturating_sub(self.moved.load(Ordering::Relaxed));
        self.oldest.load(Ordering::Relaxed) != 0 && quiet > micros(span)
    }

    fn now(&self) -> u64 {
        micros(self.started.elapsed())
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// Looks for ever whether others get on, while some writer of this server hears nothing.
pub(crate) async fn watch(inner: &Inner) {
    let mut seen = None;
    loop {
        sleep(LOOK).await;
        let quiet: Vec<&Progress> = writers(inner).filter(|writer| writer.is_quiet()).collect();
        if quiet.is_empty() {
            seen = None;
            continue;
        }
        // No answer is an answer.
        let Ok(Ok(found)) = timeout(STILL, store::writers::at_work(&inner.store)).await else {
            continue;
        };
        if seen.as_ref().is_some_and(|seen| *seen != found) {
            quiet.iter().for_each(|writer| writer.moved());
        }
        seen = Some(found);
    }
}

fn writers(inner: &Inner) -> impl Iterator<Item = &Progress> {
    std::iter::once(inner.recorder.progress()).chain(inner.books.progress())
}

impl Inner {
    /// Whether whoever waits for rows and bookings has reason to.
    pub(crate) fn gets_on(&self) -> bool {
        writers(self).all(Progress::gets_on)
    }

    /// Whether rows and bookings are written as fast as they come. If not, new calls must be refused.
    pub(crate) fn is_open(&self) -> bool {
        self.recorder.accepts() && self.books.accept()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if it had been made so long ago.
    fn of_age(age: Duration) -> Progress {
        Progress {
            started: Instant::now().checked_sub(age).unwrap(),
            ..Progress::new()
        }
    }

    #[test]
    fn nothing_to_do_is_no_standstill() {
        let idle = of_age(10 * LATE);
        assert!(idle.gets_on() && idle.is_open() && !idle.is_quiet());
    }

    #[test]
    fn what_moves_is_waited_for_and_keeps_others_out_when_it_is_late() {
        let progress = of_age(10 * LATE);
        progress.begin(Instant::now());
        assert!(progress.gets_on() && progress.is_open());
        progress.begin(Instant::now().checked_sub(2 * LATE).unwrap());
        assert!(progress.gets_on() && !progress.is_open());
        progress.end();
        assert!(progress.is_open());
    }

    #[test]
    fn what_does_not_move_stands_still_until_it_does() {
        let progress = of_age(10 * LATE);
        progress.begin(Instant::now());
        progress.moved.store(micros(9 * LATE), Ordering::Relaxed);
        assert!(progress.is_quiet() && !progress.gets_on() && !progress.is_open());
        progress.moved();
        assert!(!progress.is_quiet() && progress.gets_on() && progress.is_open());
    }
}
