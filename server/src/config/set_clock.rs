//! By how many seconds a test of this repository has set the time of day of a running server: what stands in a file, looked at again and
//! again. It is no setting, as `last_step` is none: only builds with debug assertions have this file, and only the variable below,
//! written out in full, makes it do anything. `tools/build-release.sh` looks for that name in the binary that it has made.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread,
    time::Duration,
};

use gateway::clock::Clock;

/// The variable that names the file.
const NAME: &str = "AIGNE_HUB_TEST_CLOCK_FILE";
/// The file is looked at so often.
const PAUSE: Duration = Duration::from_millis(10);

/// The system's clock, or one that follows that file.
pub fn clock() -> Clock {
    let Some((_, path)) = std::env::vars_os().find(|(name, _)| name == NAME) else {
        return Clock::System;
    };
    let path = PathBuf::from(path);
    let by = Arc::new(AtomicI64::new(read(&path).unwrap_or_default()));
    let followed = Arc::clone(&by);
    thread::spawn(move || {
        loop {
            if let Some(new) = read(&path)
                && followed.swap(new, Ordering::Relaxed) != new
            {
                tracing::warn!("{NAME}: the time of day is set by {} s now", new / 1_000_000);
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "this thread has nothing else to do, and nobody waits for it"
            )]
            thread::sleep(PAUSE);
        }
    });
    Clock::Set(by)
}

/// Microseconds. None while the file is being written.
fn read(path: &PathBuf) -> Option<i64> {
    let seconds: i64 = std::fs::read_to_string(path).ok()?.trim().parse().ok()?;
    seconds.checked_mul(1_000_000)
}
