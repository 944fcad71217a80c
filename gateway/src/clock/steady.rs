//! How much time has really passed, whatever the time of day is set to.

use std::{sync::atomic::Ordering, time::Instant};

use super::Clock;

/// A beginning.
#[derive(Debug)]
pub(super) struct Steady {
    /// Microseconds since the machine has started. None where no clock counts those in which it sleeps.
    booted: Option<i64>,
    /// Stands still while the machine sleeps.
    awake: Instant,
    /// On clocks of tests.
    by_hand: i64,
}

impl Steady {
    /// Begins now.
    pub fn begin(clock: &Clock) -> Self {
        Self {
            booted: since_boot(),
            awake: Instant::now(),
            by_hand: by_hand(clock),
        }
    }

    /// Microseconds since then.
    pub fn passed(&self, clock: &Clock) -> i64 {
        if let Clock::Manual(_) | Clock::Apart { .. } = clock {
            return by_hand(clock).saturating_sub(self.by_hand);
        }
        match self.booted.zip(since_boot()) {
            Some((began, now)) => now.saturating_sub(began),
            None => i64::try_from(self.awake.elapsed().as_micros()).unwrap_or(i64::MAX),
        }
    }
}

/// Microseconds since this machine has started, those in which it slept among them. `Instant` leaves them out
/// (<https://man7.org/linux/man-pages/man2/clock_gettime.2.html>). Linux answers both without a call into the kernel.
#[cfg(target_os = "linux")]
fn since_boot() -> Option<i64> {
    use rustix::time::{DynamicClockId, clock_gettime_dynamic};
    let now = clock_gettime_dynamic(DynamicClockId::Boottime).ok()?;
    now.tv_sec.checked_mul(1_000_000)?.checked_add(now.tv_nsec / 1_000)
}

/// No clock of this system is known that counts sleep: after a longer one the time of day is doubted for an hour.
#[cfg(not(target_os = "linux"))]
fn since_boot() -> Option<i64> {
    None
}

/// The time that has really passed, on clocks of tests.
fn by_hand(clock: &Clock) -> i64 {
    match clock {
        Clock::Manual(both) => both.load(Ordering::Relaxed),
        Clock::Apart { steady, .. } => steady.load(Ordering::Relaxed),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn time_passes_on_the_systems_clock() {
        let (steady, began) = (Steady::begin(&Clock::System), Instant::now());
        tokio::time::sleep(Duration::from_millis(20)).await;
        let passed = steady.passed(&Clock::System);
        let most = began.elapsed() + Duration::from_secs(1);
        assert!(
            passed >= 20_000 && i128::from(passed) < most.as_micros() as i128,
            "{passed}"
        );
    }

    /// `/proc/uptime` counts the time in which the machine sleeps.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_time_in_which_the_machine_sleeps_is_counted() {
        let told = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = told.split(' ').next().unwrap().parse().unwrap();
        let counted = since_boot().unwrap() as f64 / 1e6;
        assert!((counted - uptime).abs() < 5.0, "{counted} and {uptime} seconds");
    }

    #[tokio::test]
    async fn where_no_clock_counts_sleep_the_other_one_does() {
        let steady = Steady {
            booted: None,
            ..Steady::begin(&Clock::System)
        };
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(steady.passed(&Clock::System) >= 2_000);
    }
}
