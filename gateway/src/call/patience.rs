//! How long a call waits for the hub's own books before it is answered without them. Called by `record`, for calls that
//! wait to be admitted, and for those that end before anything was sent: an error promises nothing that has to be durable.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, timeout};

/// So long everybody waits.
const AT_LEAST: Duration = Duration::from_secs(1);
/// How often it is looked after that whether those who write get on (`progress` says what that means).
const LOOK: Duration = Duration::from_millis(250);

/// What comes of the work, unless it takes longer than `limit`, or longer than a second while those who do it stand
/// still: a database that stands still is not waited for by whoever can be told to come again.
pub(super) async fn while_it_gets_on<T>(
    limit: Duration,
    gets_on: impl Fn() -> bool,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    let began = Instant::now();
    let mut next = AT_LEAST;
    loop {
        let left = limit.saturating_sub(began.elapsed());
        if let Ok(done) = timeout(next.min(left), &mut work).await {
            return Some(done);
        }
        if next >= left || !gets_on() {
            return None;
        }
        next = LOOK;
    }
}
