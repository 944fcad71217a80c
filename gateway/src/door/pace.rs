//! Counts by name within a window of time, in the memory of one process: requests of a network, or about an address.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::time::{Micros, Timestamp};

/// The window.
pub(super) const WINDOW: Micros = Micros::from_seconds(15 * 60);
/// Names remembered at the most, so that nobody can fill the memory.
const ROOM: usize = 20_000;

/// The name of all who come when there is no room for theirs.
const OTHERS: &str = "others";

/// Counts by name.
#[derive(Debug, Default)]
pub struct Pace(Mutex<Names>);

/// Of each name when its window began, and how often it came within.
type Names = HashMap<String, (Timestamp, u32)>;

impl Pace {
    /// Counts one more.
    ///
    /// # Errors
    /// Beyond `most` within the window: how many seconds are left of it.
    pub fn take(&self, name: String, most: u32, now: Timestamp) -> Result<(), u32> {
        let Ok(mut known) = self.0.lock() else { return Ok(()) };
        // Whoever fills the memory does not thereby free those who are over their limit: nobody new comes in.
        if !has_room(&mut known, &name, now) {
            return Err(seconds(WINDOW));
        }
        let (nth, left) = count(&mut known, name, now);
        if nth > most { Err(left) } else { Ok(()) }
    }

    /// Counts one more, and tells which one of its name it is within the window, from 1 on, and how many seconds are left of it. Those for whose names there is no room count
    /// as one.
    pub(crate) fn nth(&self, name: String, now: Timestamp) -> (u32, u32) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = match has_room(&mut known, &name, now) {
            true => name,
            false => OTHERS.to_owned(),
        };
        count(&mut known, name, now)
    }
}

/// Whether this name is known, or can be.
fn has_room(known: &mut Names, name: &str, now: Timestamp) -> bool {
    if known.len() >= ROOM && !known.contains_key(name) {
        known.retain(|_, (begun, _)| !is_over(*begun, now));
    }
    known.len() < ROOM || known.contains_key(name)
}

/// Which one it is now, and how many seconds are left.
fn count(known: &mut Names, name: String, now: Timestamp) -> (u32, u32) {
    let (begun, count) = known.entry(name).or_insert((now, 0));
    if is_over(*begun, now) {
        (*begun, *count) = (now, 0);
    }
    *count = count.saturating_add(1);
    (*count, seconds(Micros(WINDOW.0 - now.since(*begun).0)))
}

/// A window that begins in the future was begun before the clock was set back, and would be as long as that.
fn is_over(begun: Timestamp, now: Timestamp) -> bool {
    let age = now.since(begun);
    age >= WINDOW || age.0 < 0
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
    fn a_clock_that_is_set_back_keeps_nobody_out() {
        let (pace, start) = (Pace::default(), Timestamp(100_000_000_000));
        assert_eq!(pace.take("a".into(), 1, start), Ok(()));
        assert_eq!(pace.take("a".into(), 1, start), Err(900));
        let back = start.plus(Micros::from_seconds(-3600));
        assert_eq!(pace.take("a".into(), 1, back), Ok(()));
        assert_eq!(pace.take("a".into(), 1, back), Err(900));
        for name in 0..ROOM {
            let _ = pace.take(name.to_string(), 1, start);
        }
        assert_eq!(
            pace.take("new".into(), 1, back),
            Ok(()),
            "names of the future make room"
        );
    }

    #[test]
    fn those_without_room_count_as_one() {
        let (pace, start) = (Pace::default(), Timestamp(1_000_000_000));
        assert_eq!(pace.nth("a".into(), start), (1, 900));
        for name in 0..ROOM {
            pace.nth(name.to_string(), start);
        }
        let later = start.plus(Micros::from_seconds(1));
        assert_eq!(pace.nth("a".into(), later), (2, 899));
        // The last of those above was the first.
        assert_eq!(pace.nth("b".into(), later), (2, 899));
        assert_eq!(pace.nth("c".into(), later), (3, 899));
        assert_eq!(pace.nth("c".into(), start.plus(WINDOW)).0, 1);
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
