//! The only place that reads the time of day. Everything else is handed a clock or a moment.

mod steady;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use domain::time::Timestamp;

use self::steady::Steady;

/// Where moments come from: the system, or a hand that tests move.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// Stands still until it is set; microseconds since 1970.
    Manual(Arc<AtomicI64>),
    /// The same, but somebody may have set the time of day wrongly.
    Apart {
        /// The time of day.
        wall: Arc<AtomicI64>,
        /// The time that has really passed, from any beginning.
        steady: Arc<AtomicI64>,
    },
    /// The system's, set by so many microseconds by a test of the whole server: the time that really passes stays the system's.
    #[cfg(debug_assertions)]
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The present moment. A system clock before 1970 counts as 1970.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => system(),
            #[cfg(debug_assertions)]
            Self::Set(by) => Timestamp(system().0.saturating_add(by.load(Ordering::Relaxed))),
            Self::Manual(wall) | Self::Apart { wall, .. } => Timestamp(wall.load(Ordering::Relaxed)),
        }
    }
}

fn system() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    let now = SystemTime::now();
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The time by which a whole hub goes: calls, credit, prices, sessions. It is the time of day, unless somebody sets that while the hub runs: then
/// it is how much time has really passed since, until the new time has stood for an hour. So a clock that is wrong for a while leaves no mark
/// on an account, and one that is put right is followed. Small steps, as a clock is kept right by, are followed as they come: what is judged is a
/// jump, and not what all steps of a long life come to.
#[derive(Debug)]
pub(crate) struct HubClock {
    clock: Clock,
    began: Steady,
    /// What the time of day was when the hub began, or would have been by the time that it follows now.
    wall: AtomicI64,
    doubt: Mutex<Option<Doubt>>,
}

/// A time of day that is not believed.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    /// By how many microseconds it is ahead of the hub's own time.
    ahead: i64,
    /// Microseconds from the hub's beginning to when that was seen first.
    since: i64,
}

/// What a look at the time of day finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeOfDay {
    /// It is the hub's time.
    Believed,
    /// It was set by more than five minutes.
    Doubted,
    /// It was, and has stood for an hour: the hub follows it from now on.
    BelievedAgain,
}

impl HubClock {
    /// The time of day may be so many microseconds off before it is not believed: five minutes.
    const TOLERANCE: u64 = 300_000_000;
    /// It is believed again when it has stood for so many: an hour.
    const STANDS: i64 = 3_600_000_000;
    /// So many microseconds it is followed by at each look while it is believed: two seconds. Looks are half a minute apart, so a clock may
    /// run wrong by a fifteenth, and jumps that follow each other within an hour are judged together.
    const FOLLOWED: i64 = 2_000_000;

    /// Begins now, by this clock.
    pub fn begin(clock: Clock) -> Self {
        Self {
            began: Steady::begin(&clock),
            wall: AtomicI64::new(clock.now().0),
            doubt: Mutex::default(),
            clock,
        }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        let (told, own) = (self.clock.now(), self.own());
        if told.0.abs_diff(own) <= Self::TOLERANCE {
            told
        } else {
            Timestamp(own)
        }
    }

    /// Whether that is the time of day. By no other credit expires for good.
    pub fn is_believed(&self) -> bool {
        self.clock.now().0.abs_diff(self.own()) <= Self::TOLERANCE
    }

    /// Compares with the time of day. To be called every now and then.
    pub fn look(&self) -> TimeOfDay {
        // A poisoned lock guards nothing that is half done. One look after the other, or two would follow the same step.
        let mut doubt = self.doubt.lock().unwrap_or_else(PoisonError::into_inner);
        let (told, own, passed) = (self.clock.now().0, self.own(), self.passed());
        let ahead = told.saturating_sub(own);
        if ahead.unsigned_abs() <= Self::TOLERANCE {
            *doubt = None;
            // The hub's time is the time of day now, and stays it: only what a later jump is measured from moves.
            let step = ahead.clamp(-Self::FOLLOWED, Self::FOLLOWED);
            self.wall.fetch_add(step, Ordering::Relaxed);
            return TimeOfDay::Believed;
        }
        let stands = doubt.filter(|doubt| doubt.ahead.abs_diff(ahead) <= Self::TOLERANCE);
        let begun = stands.unwrap_or(Doubt { ahead, since: passed });
        if passed.saturating_sub(begun.since) < Self::STANDS {
            *doubt = Some(begun);
            return TimeOfDay::Doubted;
        }
        *doubt = None;
        self.wall.store(told.saturating_sub(passed), Ordering::Relaxed);
        TimeOfDay::BelievedAgain
    }

    /// The time by what has really passed.
    fn own(&self) -> i64 {
        self.wall.load(Ordering::Relaxed).saturating_add(self.passed())
    }

    /// Microseconds since this hub began.
    fn passed(&self) -> i64 {
        self.began.passed(&self.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = HubClock::STANDS;

    struct Hands {
        wall: Arc<AtomicI64>,
        steady: Arc<AtomicI64>,
        clock: HubClock,
    }

    impl Hands {
        fn new() -> Self {
            let (wall, steady) = (Arc::new(AtomicI64::new(100 * HOUR)), Arc::new(AtomicI64::new(0)));
            let clock = HubClock::begin(Clock::Apart {
                wall: Arc::clone(&wall),
                steady: Arc::clone(&steady),
            });
            Self { wall, steady, clock }
        }

        /// Time passes, and the time of day with it.
        fn pass(&self, by: i64) {
            self.steady.fetch_add(by, Ordering::Relaxed);
            self.set(by);
        }

        fn set(&self, by: i64) {
            self.wall.fetch_add(by, Ordering::Relaxed);
        }

        fn hours(&self) -> i64 {
            self.clock.now().0 / HOUR - 100
        }
    }

    #[test]
    fn a_time_of_day_that_is_set_is_followed_once_it_has_stood_for_an_hour() {
        for by in [24, -24] {
            let hands = Hands::new();
            hands.pass(HOUR);
            assert_eq!((hands.hours(), hands.clock.look()), (1, TimeOfDay::Believed));
            hands.set(by * HOUR);
            assert_eq!((hands.hours(), hands.clock.look()), (1, TimeOfDay::Doubted));
            assert!(!hands.clock.is_believed());
            hands.pass(HOUR - 1);
            assert_eq!(hands.clock.look(), TimeOfDay::Doubted);
            hands.pass(1);
            assert_eq!((hands.hours(), hands.clock.look()), (2, TimeOfDay::BelievedAgain));
            assert_eq!((hands.hours(), hands.clock.look()), (2 + by, TimeOfDay::Believed));
            assert!(hands.clock.is_believed());
        }
    }

    #[test]
    fn a_time_of_day_that_does_not_stand_is_not_followed() {
        let hands = Hands::new();
        for by in [24, 1, -30, 4] {
            hands.set(by * HOUR);
            assert_eq!(hands.clock.look(), TimeOfDay::Doubted, "{by}");
            hands.pass(HOUR / 2);
            assert_eq!(hands.clock.look(), TimeOfDay::Doubted, "{by}");
        }
        // Put right again, it is the hub's own at once; what it was before is forgotten.
        hands.set(HOUR);
        assert_eq!((hands.hours(), hands.clock.look()), (2, TimeOfDay::Believed));
        hands.set(24 * HOUR);
        assert_eq!((hands.hours(), hands.clock.look()), (2, TimeOfDay::Doubted));
    }

    /// A clock that is kept right by small steps has moved by far more than five minutes in the end.
    #[test]
    fn small_steps_do_not_add_up() {
        for by in [1, -1] {
            let (step, hands) = (by * 2_000_000, Hands::new());
            for _ in 0..1_000 {
                hands.pass(60_000_000);
                hands.set(step);
                assert_eq!(hands.clock.look(), TimeOfDay::Believed);
                assert_eq!(hands.clock.now(), hands.clock.clock.now());
            }
            // A jump is measured from there.
            let before = hands.clock.now();
            hands.set(24 * HOUR);
            assert_eq!(hands.clock.look(), TimeOfDay::Doubted);
            assert_eq!(hands.clock.now(), before);
        }
    }

    #[test]
    fn jumps_of_some_minutes_one_after_the_other_are_one() {
        let hands = Hands::new();
        for (by, found) in [(240, TimeOfDay::Believed), (240, TimeOfDay::Doubted)] {
            hands.pass(60_000_000);
            hands.set(by * 1_000_000);
            assert_eq!(hands.clock.look(), found);
        }
        // Two hours later the second would have been believed.
        let hands = Hands::new();
        hands.set(240_000_000);
        for _ in 0..120 {
            hands.pass(60_000_000);
            assert_eq!(hands.clock.look(), TimeOfDay::Believed);
        }
        hands.set(240_000_000);
        assert_eq!(hands.clock.look(), TimeOfDay::Believed);
    }

    #[test]
    fn a_few_minutes_are_believed() {
        let hands = Hands::new();
        for by in [HOUR / 13, -HOUR / 13] {
            hands.set(by);
            assert_eq!(hands.clock.now(), hands.clock.clock.now());
            assert_eq!(hands.clock.look(), TimeOfDay::Believed);
        }
    }
}
