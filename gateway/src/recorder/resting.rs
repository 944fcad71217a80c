//! Beginnings of calls that nobody waits for. They rest for a moment: most calls end before it is over, and the row of the
//! end holds all that the row of the beginning would, so one write does for both.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use domain::id::CallId;
use tokio::time::Instant;

use crate::store::calls::CallRow;

/// How long a beginning rests. A call that lasts longer stands in the log while it runs.
const REST: Duration = Duration::from_millis(25);

/// What rests.
#[derive(Default)]
pub(super) struct Resting {
    rows: HashMap<CallId, Box<CallRow>>,
    /// Oldest first. Names calls that have ended meanwhile, too.
    order: VecDeque<(Instant, CallId)>,
    /// The writer sleeps until it is woken, as nothing rested when it looked.
    asleep: bool,
}

impl Resting {
    /// Lays a beginning down. `true` when the writer has to be woken for it.
    pub fn lay(&mut self, row: Box<CallRow>, now: Instant) -> bool {
        self.order.push_back((now + REST, row.id));
        self.rows.insert(row.id, row);
        std::mem::take(&mut self.asleep)
    }

    /// Nothing rests: no call began a moment ago that has not ended.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The writer goes to sleep: until then, or until it is woken.
    pub fn sleep(&mut self) -> Option<Instant> {
        let until = self.next();
        self.asleep = until.is_none();
        until
    }

    /// The call has ended: its beginning need not be written. `false` when it has been.
    pub fn forget(&mut self, call: CallId) -> bool {
        self.rows.remove(&call).is_some()
    }

    /// When the next beginning has rested.
    fn next(&mut self) -> Option<Instant> {
        while let Some((until, call)) = self.order.front() {
            if self.rows.contains_key(call) {
                return Some(*until);
            }
            self.order.pop_front();
        }
        None
    }

    /// Hands out what has rested by `now`; everything when there is no `now`.
    pub fn take(&mut self, now: Option<Instant>) -> impl Iterator<Item = Box<CallRow>> {
        std::iter::from_fn(move || {
            let until = self.next()?;
            if now.is_some_and(|now| until > now) {
                return None;
            }
            self.order.pop_front().and_then(|(_, call)| self.rows.remove(&call))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(id: i64) -> Box<CallRow> {
        Box::new(CallRow::sample(CallId::from_number(id)))
    }

    fn numbers(rows: impl Iterator<Item = Box<CallRow>>) -> Vec<i64> {
        rows.map(|row| row.id.number()).collect()
    }

    proptest! {
        /// Every beginning is written once, when its time has come, unless its call has ended before.
        #[test]
        fn each_beginning_is_written_or_forgotten(ends in proptest::collection::vec(proptest::option::of(0_u64..60), 1..40)) {
            let start = Instant::now();
            let at = |millisecond: u64| start + Duration::from_millis(millisecond);
            let mut resting = Resting::default();
            let mut written = Vec::new();
            let mut forgotten = Vec::new();
            for time in 0..200 {
                if let Some(end) = ends.get(time as usize) {
                    resting.lay(row(time as i64), at(time));
                    prop_assert!(resting.next().is_some(), "{end:?}");
                }
                for (began, end) in ends.iter().enumerate() {
                    let began = began as u64;
                    if end.is_some_and(|span| began + span == time) && resting.forget(CallId::from_number(began as i64)) {
                        forgotten.push(began as i64);
                    }
                }
                written.extend(numbers(resting.take(Some(at(time)))));
            }
            let long = |span: &Option<u64>| span.is_none_or(|span| Duration::from_millis(span) > REST);
            let expected: Vec<i64> = (0..).zip(&ends).filter(|(_, span)| long(span)).map(|(began, _)| began).collect();
            prop_assert_eq!(&written, &expected);
            prop_assert_eq!(written.len() + forgotten.len(), ends.len());
            prop_assert!(resting.take(None).next().is_none());
        }
    }

    #[test]
    fn nothing_rests_when_the_hub_stops() {
        let mut resting = Resting::default();
        let now = Instant::now();
        for id in 0..3 {
            resting.lay(row(id), now);
        }
        assert!(resting.take(Some(now)).next().is_none());
        assert_eq!(numbers(resting.take(None)), [0, 1, 2]);
    }
}
