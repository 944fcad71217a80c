//! Pauses between tries of what has to succeed some time: each twice as long as the one before, up to a longest one. Called where something is
//! written that must not be lost.

use std::time::Duration;

use tokio::time::sleep;

/// The pauses of one undertaking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pause: Duration,
    longest: Duration,
}

impl Backoff {
    /// From so short a pause to so long a one, in milliseconds.
    pub const fn of_millis(first: u64, longest: u64) -> Self {
        Self {
            pause: Duration::from_millis(first),
            longest: Duration::from_millis(longest),
        }
    }

    /// The next pause.
    pub fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(self.longest);
        pause
    }

    /// Waits for it.
    pub async fn wait(&mut self) {
        sleep(self.pause()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::of_millis(20, 100);
        let pauses: Vec<u128> = (0..5).map(|_| backoff.pause().as_millis()).collect();
        assert_eq!(pauses, [20, 40, 80, 100, 100]);
    }
}
