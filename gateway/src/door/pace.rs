//! Counts requests by name within a window of time, in the memory of one process: of a network, and about an address.

use std::{collections::HashMap, sync::Mutex};

use domain::time::{Micros, Timestamp};

/// The window.
pub(super) const WINDOW: Micros = Micros::from_seconds(15 * 60);
/// Names remembered at the most, so that nobody can fill the memory.
const ROOM: usize = 20_000;

/// Counts by name.
#[derive(Debug, Default)]
pub struct Pace(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Pace {
    /// Counts one more.
    ///
    /// # Errors
    /// Beyond `most` within the window: how many seconds are left of it.
    pub fn take(&self, name: String, most: u32, now: Timestamp) -> Result<(), u32> {
        let Ok(mut known) = self.0.lock() else { return Ok(()) };
        if known.len() >= ROOM && !known.contains_key(&name) {
            known.retain(|_, (begun, _)| now.since(*begun) < WINDOW);
            // Whoever fills the memory does not thereby free those who are over their limit: nobody new comes in.
            if known.len() >= ROOM {
                return Err(seconds(WINDOW));
            }
        }
        let (begun, count) = known.entry(name).or_insert((now, 0));
        if now.since(*begun) >= WINDOW {
            (*begun, *count) = (now, 0);
        }
        if *count >= most {
            return Err(seconds(Micros(WINDOW.0 - now.since(*begun).0)));
        }
        *count += 1;
        Ok(())
    }
}

fn seconds(left: Micros) -> u32 {
    u32::try_from((left.0 + 999_999) / 1_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_window_and_then_again() {
        let (pace, start) = (Pace::default(), Timestamp(1_000_000_000));
        for _ in 0..3 {
            assert_eq!(pace.take("a".into(), 3, start), Ok(()));
        }
        assert_eq!(pace.take("a".into(), 3, start.plus(Micros::from_seconds(1))), Err(899));
        assert_eq!(pace.take("b".into(), 3, start), Ok(()), "others are not concerned");
        assert_eq!(pace.take("a".into(), 3, start.plus(WINDOW)), Ok(()));
    }

    #[test]
    fn the_memory_is_bounded_and_frees_itself() {
        let (pace, start) = (Pace::default(), Timestamp(1_000_000_000));
        for name in 0..ROOM {
            assert_eq!(pace.take(name.to_string(), 1, start), Ok(()));
        }
        assert_eq!(pace.take("new".into(), 1, start), Err(900));
        assert_eq!(
            pace.take("0".into(), 1, start),
            Err(900),
            "who is over the limit stays so"
        );
        assert_eq!(pace.take("new".into(), 1, start.plus(WINDOW)), Ok(()));
    }
}
